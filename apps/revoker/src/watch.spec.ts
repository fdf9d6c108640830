import type { ReachHolds } from '#core/grants';
import { idOf, type CustomerId } from '#core/shared';
import { createLogger } from '#platform';
import { Watch } from './watch.js';

const EVERY_MS = 2;

/** Calls that the test answers one by one, and can wait for. */
class Calls<T> {
  readonly open: { readonly answer: (value: T) => void; readonly fail: (error: Error) => void }[] = [];
  count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly call = (): Promise<T> => {
    this.count += 1;
    for (const { count, resolve } of this.#waiting) if (this.count >= count) resolve();
    return new Promise((answer, fail) => this.open.push({ answer, fail }));
  };

  reached(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

const setUp = () => {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'revoker',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const [reaches, looks, refreshes, takes] = [
    new Calls<void>(),
    new Calls<number>(),
    new Calls<{ readonly done: Promise<unknown> }>(),
    new Calls<number>(),
  ];
  const failedHolds: Parameters<ReachHolds['execute']>[0][] = [];
  const time = { elapsed: 0, looks: 0 };
  const slow = new Set<CustomerId>();
  const asked: (ReadonlySet<CustomerId> | null | undefined)[] = [];
  const watch = new Watch({
    revoker: { execute: looks.call, slow: () => slow, idle: () => Promise.resolve() },
    mirror: {
      refresh: refreshes.call,
      takeAway: (_, of) => {
        asked.push(of);
        return takes.call();
      },
      idle: () => Promise.resolve(),
    },
    holds: {
      execute: (failed) => {
        failedHolds.push(failed);
        return reaches.call();
      },
    },
    logger,
    lookEveryMs: EVERY_MS,
    mirrorEveryMs: EVERY_MS,
    elapsed: () => time.elapsed,
    onLook: () => void (time.looks += 1),
  });
  const letGo = (): void => {
    for (const { answer } of reaches.open) answer();
    for (const { answer } of looks.open) answer(0);
    for (const { answer } of takes.open) answer(0);
    for (const { answer } of refreshes.open) answer({ done: Promise.resolve() });
  };
  return { watch, reaches, failedHolds, looks, refreshes, takes, time, slow, asked, lines, letGo };
};

describe('Watch', () => {
  it('looks and mirrors at once, and again after each, one at a time', async () => {
    const { watch, looks, refreshes, letGo } = setUp();
    watch.start();
    expect([looks.count, refreshes.count]).toEqual([1, 1]);

    looks.open[0]?.answer(0);
    await looks.reached(2);
    expect(refreshes.count).toBe(1);

    letGo();
    await watch.stop();
  });

  it('outlives a look that failed, and tells of it and of what it took up', async () => {
    const { watch, looks, lines, letGo } = setUp();
    watch.start();
    looks.open[0]?.fail(new Error('the database is away'));
    await looks.reached(2);
    looks.open[1]?.answer(3);
    await looks.reached(3);

    letGo();
    await watch.stop();
    expect(lines.join()).toContain('the revoker could not look');
    expect(lines.join()).toContain('the revoker took up overdue ends');
  });

  it('reaches again and again what holds have yet to reach, whatever becomes of the looks', async () => {
    const { watch, reaches, failedHolds, looks, lines, letGo } = setUp();
    const holdId = idOf<'hold'>('a hold');
    const hold = { organizationId: idOf<'organization'>('msp'), holdId, accountId: null };

    watch.start();
    failedHolds[0]?.(hold, new Error('somebody holds its rows'));
    reaches.open[0]?.answer();
    await reaches.reached(2);
    reaches.open[1]?.fail(new Error('the database is away'));
    await reaches.reached(3);
    reaches.open[2]?.fail(new Error('the database is away'));
    await reaches.reached(4);
    expect(looks.count).toBe(1);
    letGo();
    await watch.stop();

    const about = (text: string) => lines.filter((line) => line.includes(text));
    expect(about('a hold could not reach its accounts').join()).toContain('"holdId":"a hold"');
    expect(about('holds could not be looked for')).toHaveLength(1);
  });

  it('goes by the mirror when no look has succeeded for five seconds, be it that one hangs', async () => {
    const { watch, looks, takes, time, letGo } = setUp();
    watch.start();
    looks.open[0]?.answer(0);
    await looks.reached(2);
    expect(takes.count).toBe(0);

    time.elapsed = 5_000;
    await takes.reached(1);

    letGo();
    await watch.stop();
  });

  it('goes by the mirror for those customers alone of whom a look that succeeded could have nothing in time', async () => {
    const { watch, looks, takes, slow, asked, letGo } = setUp();
    watch.start();
    looks.open[0]?.answer(0);
    await looks.reached(2);
    expect(takes.count).toBe(0);

    slow.add(idOf('a customer'));
    await takes.reached(1);
    expect(asked[0]).toEqual(new Set(['a customer']));

    letGo();
    await watch.stop();
  });

  it('leaves the mirror alone again once a look has succeeded', async () => {
    const { watch, looks, takes, time, letGo } = setUp();
    time.elapsed = 60_000;
    watch.start();
    await takes.reached(1);
    looks.open[0]?.answer(0);
    takes.open[0]?.answer(1);
    await looks.reached(2);
    const before = takes.count;
    looks.open[1]?.answer(0);
    await looks.reached(3);

    expect(takes.count).toBeLessThanOrEqual(before + 1);
    letGo();
    await watch.stop();
  });

  it('waits for what is being done when it stops, and begins nothing else', async () => {
    const { watch, looks, letGo } = setUp();
    watch.start();
    let stopped = false;

    const stopping = watch.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    letGo();
    await stopping;

    expect(looks.count).toBe(1);
  });
});
