import type { Lane } from './lane.js';
import { Lanes, NoTurn, type LaneSettings } from './lanes.js';

/** Calls that go when their turn comes, and end when they are told to. */
const setUp = (settings: Partial<LaneSettings> = {}) => {
  const time = { now: 0 };
  const lanes = new Lanes(() => time.now, settings);
  const gone: string[] = [];
  const ends = new Map<string, () => void>();
  const tries = new Set<string>();
  const call = (name: string, lane: Lane, signal = new AbortController().signal): Promise<void> => {
    const [customer = ''] = name.split(' ');
    return lanes.run({ customer, lane, signal, isTry: () => tries.has(customer) }, () => {
      gone.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  };
  const settled = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
  };
  /** What goes until nothing goes any more, each call ending as soon as it has gone. */
  const drained = async (): Promise<readonly string[]> => {
    await settled();
    for (let next = [...ends.keys()][0]; next !== undefined; next = [...ends.keys()][0]) {
      ends.get(next)?.();
      ends.delete(next);
      await settled();
    }
    return gone;
  };
  const start = (name: string, lane: Lane): void => void call(name, lane).catch(() => undefined);
  return { time, lanes, gone, ends, tries, call, start, settled, drained };
};
const times = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

describe('Lanes', () => {
  it('lets four calls of one customer go at a time, the fourth only for what is urgent', async () => {
    const { start, gone, settled } = setUp();
    for (const at of times(5)) start(`acme ${at}`, 'giving');
    await settled();
    expect(gone).toHaveLength(3);
    for (const at of times(3)) start(`acme urgent ${at}`, 'urgent');
    await settled();
    expect(gone.slice(3)).toEqual(['acme urgent 0']);
  });

  it('lets 64 go in all, the last eight only for what is urgent', async () => {
    const { start, gone, settled } = setUp();
    for (const at of times(100)) start(`customer${at} x`, 'reading');
    await settled();
    expect(gone).toHaveLength(56);
    for (const at of times(20)) start(`other${at} y`, 'urgent');
    await settled();
    expect(gone).toHaveLength(64);
  });

  it('lets what is urgent go before anything else of anybody, and so on, whoever came first', async () => {
    const { start, drained, gone } = setUp({ inAll: 2, keptInAll: 1 });
    start('first 0', 'giving');
    for (const lane of ['background', 'giving', 'reading', 'taking', 'urgent'] as const)
      start(`c ${lane}`, lane);
    expect(await drained()).toEqual([
      'first 0',
      'c urgent',
      'c taking',
      'c reading',
      'c giving',
      'c background',
    ]);
    expect(gone).toHaveLength(6);
  });

  it('lets customers take turns, and of each the first to come go first', async () => {
    const { start, drained } = setUp({ inAll: 1, keptInAll: 0 });
    for (const at of times(4)) start(`herd ${at}`, 'taking');
    start('lone 0', 'taking');
    start('pair 0', 'taking');
    start('pair 1', 'taking');
    expect(await drained()).toEqual(['herd 0', 'herd 1', 'lone 0', 'pair 0', 'herd 2', 'pair 1', 'herd 3']);
  });

  it('gives up a wait when its time is over, and loses no place by it', async () => {
    const { call, start, gone, ends, settled } = setUp({ inAll: 1, keptInAll: 0 });
    start('acme 0', 'taking');
    const late = new AbortController();
    const waiting = call('late 0', 'taking', late.signal);
    start('last 0', 'taking');
    late.abort(new Error('over'));
    await expect(waiting).rejects.toThrow(NoTurn);
    await expect(call('never 0', 'taking', late.signal)).rejects.toThrow(NoTurn);

    ends.get('acme 0')?.();
    await settled();
    expect(gone).toEqual(['acme 0', 'last 0']);
  });

  it('passes on a turn that came in the moment in which the time was over', async () => {
    const { call, start, gone, ends, settled } = setUp({ inAll: 1, keptInAll: 0 });
    start('acme 0', 'taking');
    const late = new AbortController();
    const waiting = call('late 0', 'taking', late.signal).catch((error: unknown) => error);
    start('last 0', 'taking');
    await settled();
    late.abort(new Error('over'));
    ends.get('acme 0')?.();
    expect(await waiting).toBeInstanceOf(NoTurn);
    await settled();
    expect(gone).toEqual(['acme 0', 'last 0']);
  });

  it('turns away what is too much, of one customer alone', async () => {
    const { call, start, settled, gone } = setUp({ mostWaiting: 2 });
    for (const at of times(5)) start(`acme ${at}`, 'giving');
    await expect(call('acme 5', 'giving')).rejects.toThrow(NoTurn);
    start('other 0', 'giving');
    await settled();
    expect(gone).toContain('other 0');
  });

  it('lets what is under way and urgent be answered before anything less urgent takes away', async () => {
    const { lanes, start, gone, settled } = setUp();
    const answered = lanes.announce();
    start('other 0', 'taking');
    start('other 1', 'giving');
    start('acme 0', 'urgent');
    await settled();
    expect(gone).toEqual(['other 1', 'acme 0']);

    lanes.announce();
    answered();
    await settled();
    expect(gone).toEqual(['other 1', 'acme 0', 'other 0']);
  });

  it('waits for what is urgent no longer than it usually needs', async () => {
    const { lanes, start, gone, time, settled } = setUp();
    lanes.announce();
    time.now = 500;
    start('other 0', 'taking');
    await settled();
    expect(gone).toEqual(['other 0']);
  });

  it('comes back by itself when that time is over, though nothing is answered', async () => {
    const lanes = new Lanes(() => performance.now(), { deferenceMs: 20 });
    lanes.announce();
    const { signal } = new AbortController();
    const turn = { customer: 'acme', lane: 'taking', signal, isTry: () => false } as const;
    await expect(lanes.run(turn, () => Promise.resolve('gone'))).resolves.toBe('gone');
  });

  it('tries a throttled customer with one call of each kind, until it answers or should have', async () => {
    const { start, gone, ends, tries, time, settled } = setUp();
    tries.add('acme');
    for (const at of times(3)) start(`acme ${at}`, 'giving');
    start('acme off', 'urgent');
    await settled();
    expect(gone).toEqual(['acme 0', 'acme off']);

    time.now = 1_000;
    ends.get('acme off')?.();
    await settled();
    expect(gone).toEqual(['acme 0', 'acme off', 'acme 1']);
    tries.clear();
    ends.get('acme 0')?.();
    await settled();
    expect(gone).toEqual(['acme 0', 'acme off', 'acme 1', 'acme 2']);
  });
});
