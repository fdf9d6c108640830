import { idOf, SECOND, sharedErrors, type WorkLimits } from '#core/shared';
import { FakeClock } from '#core/testing';
import { Jointly } from './jointly.js';

interface Call {
  readonly asked: readonly string[];
  readonly limits: WorkLimits | undefined;
  readonly answer: (wrong?: Error) => void;
}

interface Wish {
  readonly rank?: number;
  readonly customer?: string;
  readonly group?: string;
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
  const ask = (name: string, { rank = 0, customer = name, group = 'acme' }: Wish = {}) =>
    jointly.ask({ customerId: idOf(customer), group, rank }, name);
  return {
    clock,
    calls,
    ask,
    /** Nobody is told what becomes of it. */
    askIdly: (...names: readonly string[]): void => {
      for (const name of names) ask(name).catch(() => undefined);
    },
    /** Who is in which, from one call on. */
    asked: (from = 0) => calls.slice(from).map((call) => call.asked),
  };
};

/** Until whatever can go on without anybody has. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const broken = new Error('somebody has an odd row');

describe('What is asked for jointly', () => {
  it('is done at once where nobody else asks', async () => {
    const { calls, ask, asked } = setUp();
    const done = ask('acme');
    await settled();

    expect(asked()).toEqual([['acme']]);
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

  it('waits while others are under way, and goes together then: the lowest rank first, as many as there is room for', async () => {
    const { calls, ask, asked } = setUp({ most: 2 });
    const all = [ask('first')];
    await settled();
    all.push(ask('late', { rank: 9 }), ask('later', { rank: 10 }), ask('urgent', { rank: -5 }));
    await settled();
    expect(calls).toHaveLength(1);

    calls[0]?.answer();
    await settled();
    calls[1]?.answer();
    await settled();
    calls[2]?.answer();
    expect(asked(1)).toEqual([['late', 'urgent'], ['later']]);
    expect(await Promise.all(all)).toEqual(['first done', 'late done', 'later done', 'urgent done']);
  });

  it('shares what waits between the lanes that are free', async () => {
    const { askIdly, asked } = setUp({ lanes: 2, most: 9 });
    askIdly('a', 'b', 'c', 'd');
    await settled();

    expect(asked()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('goes together with its own group alone, and groups have their turn by who has waited longest', async () => {
    const { calls, ask, asked } = setUp({ most: 9 });
    const all = [
      ask('one', { group: 'acme', rank: 2 }),
      ask('two', { group: 'beta', rank: 1 }),
      ask('three', { group: 'acme', rank: 3 }),
    ];
    await settled();
    calls[0]?.answer();
    await settled();
    calls[1]?.answer();

    await Promise.all(all);
    expect(asked()).toEqual([['two'], ['one', 'three']]);
  });

  it('has nobody in it twice', async () => {
    const { calls, ask, asked } = setUp();
    const both = [ask('one', { customer: 'acme' }), ask('two', { customer: 'acme', rank: 1 })];
    await settled();
    expect(asked()).toEqual([['one']]);

    calls[0]?.answer();
    await settled();
    calls[1]?.answer();
    expect(await Promise.all(both)).toEqual(['one done', 'two done']);
  });
});

describe('What fails jointly', () => {
  it('is done again one by one, without a limit: only those fail at whom something is wrong', async () => {
    const { calls, ask, asked } = setUp();
    const outcomes = Promise.allSettled([ask('acme'), ask('odd')]);
    await settled();
    calls[0]?.answer(broken);
    await settled();

    expect(asked(1)).toEqual([['acme'], ['odd']]);
    expect(calls[2]?.limits).toBeUndefined();
    calls[1]?.answer();
    calls[2]?.answer(broken);
    expect(await outcomes).toEqual([
      { status: 'fulfilled', value: 'acme done' },
      { status: 'rejected', reason: broken },
    ]);
  });

  it('keeps nobody waiting who asks meanwhile', async () => {
    const { calls, ask, askIdly } = setUp();
    askIdly('acme', 'odd');
    await settled();
    calls[0]?.answer(broken);
    await settled();
    const done = ask('other');
    await settled();

    calls.find(({ asked }) => asked[0] === 'other')?.answer();
    expect(await done).toBe('other done');
  });

  it('is kept apart for a minute, where it failed by itself or took too long', async () => {
    const { calls, askIdly, asked, clock } = setUp();
    askIdly('acme', 'odd', 'slow');
    await settled();
    calls[0]?.answer(broken);
    await settled();
    calls[1]?.answer();
    calls[2]?.answer(broken);
    await settled();
    clock.advance(3 * SECOND);
    calls[3]?.answer();
    await settled();

    askIdly('acme', 'odd', 'slow');
    await settled();
    expect(asked(4)).toEqual([['odd'], ['slow'], ['acme']]);

    for (const call of calls.slice(4)) call.answer();
    await settled();
    clock.advance(60 * SECOND);
    askIdly('acme', 'odd', 'slow');
    await settled();
    expect(asked(7)).toEqual([['acme', 'odd', 'slow']]);
  });

  it('is kept apart from where it waits already, and two of one customer at a time', async () => {
    const { calls, ask, askIdly, asked } = setUp();
    const rest = Promise.allSettled(['b', 'c', 'd', 'e'].map((name) => ask(name, { customer: 'odd' })));
    await settled();
    calls[0]?.answer(broken);
    await settled();
    calls[1]?.answer();
    await settled();
    // The first of them is done again, the second has its first try.
    calls[2]?.answer(broken);
    calls[3]?.answer(broken);
    await settled();
    askIdly('acme');
    await settled();

    expect(asked().filter((each) => each.length > 1)).toEqual([]);
    for (let at = 0; at < 9; at += 1) {
      calls[at]?.answer();
      await settled();
    }
    expect((await rest).filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(1);
    expect(asked().flat()).toContain('acme');
  });

  it('is not tried one by one where the database is away, and nobody is kept apart for that', async () => {
    const { calls, ask, askIdly, asked } = setUp();
    const outcomes = Promise.allSettled([ask('acme'), ask('beta')]);
    await settled();
    const away = sharedErrors.refuse('database.unavailable');
    calls[0]?.answer(away);

    expect(await outcomes).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    askIdly('acme', 'beta');
    await settled();
    calls[1]?.answer(broken);
    await settled();
    calls[2]?.answer(away);
    calls[3]?.answer(away);
    await settled();
    askIdly('acme', 'beta');
    await settled();
    expect(asked(4)).toEqual([['acme', 'beta']]);
  });
});
