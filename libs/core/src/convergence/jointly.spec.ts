import { idOf, SECOND, sharedErrors, type WorkLimits } from '#core/shared';
import { FakeClock } from '#core/testing';
import { Jointly } from './jointly.js';

interface Call {
  readonly asked: readonly string[];
  readonly limits: WorkLimits | undefined;
  readonly answer: (wrong?: Error) => void;
}

/** Work that the test lets go, one by one. Each is answered with its own name. */
const setUp = ({ lanes = 1, most = 3 } = {}) => {
  const clock = new FakeClock(0);
  const calls: Call[] = [];
  const jointly = new Jointly<string, string>({
    ...{ clock, lanes, most },
    work: (asked, limits) =>
      new Promise((resolve, reject) => {
        const answer = (wrong?: Error): void =>
          wrong === undefined ? resolve(asked.map((name) => `${name} done`)) : reject(wrong);
        calls.push({ asked, limits, answer });
      }),
  });
  const ask = (name: string, rank = 0, customer = name) => jointly.ask(idOf(customer), name, rank);
  /** Who is not asked what becomes of it. */
  const askIdly = (...asked: Parameters<typeof ask>): void => {
    ask(...asked).catch(() => undefined);
  };
  return { clock, calls, ask, askIdly };
};

/** Until whatever can go on without anybody has. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const broken = new Error('somebody has an odd row');

describe('What is asked for jointly', () => {
  it('is done at once where nobody else asks, and with no limit of its own', async () => {
    const { calls, ask } = setUp();
    const done = ask('acme');
    await settled();

    expect(calls).toMatchObject([{ asked: ['acme'], limits: undefined }]);
    calls[0]?.answer();
    expect(await done).toBe('acme done');
  });

  it('goes together when it is asked for in the same breath, and each is told its own', async () => {
    const { calls, ask } = setUp();
    const done = Promise.all([ask('zeta'), ask('acme')]);
    await settled();

    expect(calls).toMatchObject([{ asked: ['acme', 'zeta'], limits: { statementMs: 2 * SECOND } }]);
    calls[0]?.answer();
    expect(await done).toEqual(['zeta done', 'acme done']);
  });

  it('waits while others are under way, and goes together then: the lowest rank first, no more than there is room for', async () => {
    const { calls, askIdly } = setUp({ most: 2 });
    askIdly('first');
    await settled();
    askIdly('late', 9);
    askIdly('later', 10);
    askIdly('urgent', -5);
    await settled();
    expect(calls).toHaveLength(1);

    calls[0]?.answer();
    await settled();
    expect(calls[1]?.asked).toEqual(['late', 'urgent']);
    calls[1]?.answer();
    await settled();
    expect(calls[2]?.asked).toEqual(['later']);
  });

  it('shares what waits between the lanes that are free', async () => {
    const { calls, askIdly } = setUp({ lanes: 2, most: 9 });
    for (const name of ['a', 'b', 'c', 'd']) askIdly(name);
    await settled();

    expect(calls.map(({ asked }) => asked)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('has nobody in it twice', async () => {
    const { calls, askIdly } = setUp();
    askIdly('one', 0, 'acme');
    askIdly('two', 1, 'acme');
    await settled();
    expect(calls[0]?.asked).toEqual(['one']);

    calls[0]?.answer();
    await settled();
    expect(calls[1]?.asked).toEqual(['two']);
  });

  it('is done again one by one when it fails: only those fail at whom something is wrong', async () => {
    const { calls, ask } = setUp();
    const outcomes = Promise.allSettled([ask('acme'), ask('odd')]);
    await settled();
    calls[0]?.answer(broken);
    await settled();

    expect(calls.slice(1).map(({ asked }) => asked)).toEqual([['acme'], ['odd']]);
    calls[1]?.answer();
    calls[2]?.answer(broken);
    expect(await outcomes).toEqual([
      { status: 'fulfilled', value: 'acme done' },
      { status: 'rejected', reason: broken },
    ]);
  });

  it('keeps who failed by himself, or took too long, apart for a minute', async () => {
    const { calls, askIdly, clock } = setUp();
    askIdly('acme');
    askIdly('odd');
    askIdly('slow');
    await settled();
    calls[0]?.answer(broken);
    await settled();
    calls[1]?.answer();
    calls[2]?.answer(broken);
    await settled();
    clock.advance(3 * SECOND);
    calls[3]?.answer();
    await settled();

    for (const name of ['acme', 'odd', 'slow']) askIdly(name);
    await settled();
    expect(calls.slice(4).map(({ asked }) => asked)).toEqual([['odd'], ['slow'], ['acme']]);

    clock.advance(60 * SECOND);
    for (const call of calls.slice(4)) call.answer();
    await settled();
    for (const name of ['acme', 'odd', 'slow']) askIdly(name);
    await settled();
    expect(calls.at(-1)?.asked).toEqual(['acme', 'odd', 'slow']);
  });

  it('is not tried one by one where the database is away', async () => {
    const { calls, ask } = setUp();
    const outcomes = Promise.allSettled([ask('acme'), ask('beta')]);
    await settled();
    const away = sharedErrors.refuse('database.unavailable');
    calls[0]?.answer(away);

    expect(await outcomes).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    expect(calls).toHaveLength(1);
  });
});
