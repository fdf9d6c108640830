import { Allowances, type Charge, type Heard } from './allowances.js';
import type { GraphLimits } from './graph-limits.js';

const LIMITS: GraphLimits = {
  // Two writes a second.
  appInTenant: { writes: { capacity: 20, windowMs: 10_000 }, units: { capacity: 1_000, windowMs: 10_000 } },
  app: { writes: { capacity: 30, windowMs: 10_000 }, units: { capacity: 9_000, windowMs: 10_000 } },
  kept: 0.2,
};
const ACME = { app: 'global app', appInTenant: 'global app acme' };
const OTHER = { app: 'global app', appInTenant: 'global app other' };
const WRITE = { writes: 1, units: 1 };
const taking: Charge = { workload: 'directory', rank: 2, cost: WRITE };
const giving: Charge = { workload: 'directory', rank: 1, cost: WRITE };
const reading: Charge = { workload: 'directory', rank: 1, cost: { writes: 0, units: 1 } };
const pass: Charge = { workload: 'authentication-methods', rank: 1, cost: WRITE };

const NOTHING: Heard = {
  throttled: false,
  passed: false,
  retryAfterMs: null,
  scope: null,
  information: null,
  percentage: null,
};
const PASSED: Heard = { ...NOTHING, passed: true };
const refused = (retryAfterMs: number | null, more: Partial<Heard> = {}): Heard => ({
  ...NOTHING,
  throttled: true,
  retryAfterMs,
  ...more,
});

const setUp = () => {
  const time = { now: 0 };
  return { time, allowances: new Allowances(() => time.now, LIMITS) };
};
/** How many fit at once. */
const fitting = (allowances: Allowances, charge: Charge, caller = ACME): number => {
  let count = 0;
  while (count < 1_000 && allowances.spend(caller, charge) === 0) count += 1;
  return count;
};

describe('Allowances', () => {
  it('lets what gives use all but a fifth, and what takes away the rest', () => {
    const { allowances } = setUp();
    expect(fitting(allowances, giving)).toBe(16);
    expect(fitting(allowances, taking)).toBe(4);
  });

  it('tells how long it is too early, behind those who wait already', () => {
    const { allowances, time } = setUp();
    fitting(allowances, taking);
    expect(allowances.spend(ACME, taking)).toBe(500);
    expect(allowances.spend(ACME, taking, { writes: 3, units: 3 })).toBe(2_000);
    expect(allowances.spend(ACME, giving)).toBe(2_500);
    time.now = 500;
    expect(allowances.spend(ACME, taking)).toBe(0);
  });

  it('counts readings as no writes', () => {
    const { allowances } = setUp();
    fitting(allowances, taking);
    expect(allowances.spend(ACME, reading)).toBe(0);
  });

  it('counts one tenant apart from another, and all of an app together', () => {
    const { allowances } = setUp();
    expect(fitting(allowances, taking)).toBe(20);
    expect(fitting(allowances, taking, OTHER)).toBe(10);
  });

  it('gets back what never left', () => {
    const { allowances } = setUp();
    fitting(allowances, taking);
    allowances.giveBack(ACME, taking);
    expect(fitting(allowances, taking)).toBe(1);
  });

  it('counts nothing of services whose limits nobody publishes', () => {
    const { allowances } = setUp();
    expect(fitting(allowances, pass)).toBe(1_000);
  });

  it('keeps to what Graph asks for, for what was refused and what is throttled before it', () => {
    const { allowances, time } = setUp();
    allowances.heard(ACME, giving, refused(3_000));
    expect([giving, reading, taking].map((charge) => allowances.heldMs(ACME, charge))).toEqual([
      3_000, 3_000, 0,
    ]);
    allowances.heard(ACME, taking, refused(2_000));
    expect(allowances.spend(ACME, taking)).toBe(3_000);
    time.now = 3_000;
    expect([giving, taking].map((charge) => allowances.heldMs(ACME, charge))).toEqual([0, 0]);
    expect(allowances.heldMs(OTHER, taking)).toBe(0);
  });

  it('waits with writes only when only writes are used up, and with one service only when it was that', () => {
    const { allowances } = setUp();
    allowances.heard(ACME, taking, refused(3_000, { information: 'WriteLimitExceeded' }));
    expect([giving, reading].map((charge) => allowances.heldMs(ACME, charge))).toEqual([3_000, 0]);
    allowances.heard(OTHER, pass, refused(3_000));
    expect([pass, taking].map((charge) => allowances.heldMs(OTHER, charge))).toEqual([3_000, 0]);
  });

  it('waits in all tenants of an app when it was the app', () => {
    const { allowances } = setUp();
    allowances.heard(ACME, taking, refused(3_000, { scope: 'Application/ReadWrite/app' }));
    expect(allowances.heldMs(OTHER, giving)).toBe(3_000);
    expect(allowances.heldMs({ app: 'global own', appInTenant: 'global own acme' }, giving)).toBe(0);
  });

  it('waits longer each time that Graph refuses without a word, up to a minute, until something passes', () => {
    const { allowances, time } = setUp();
    const waits = Array.from({ length: 6 }, () => {
      for (let together = 0; together < 3; together += 1) allowances.heard(ACME, taking, refused(null));
      const wait = allowances.heldMs(ACME, taking);
      time.now += wait;
      return wait / 1_000;
    });
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    allowances.heard(ACME, taking, PASSED);
    allowances.heard(ACME, taking, refused(null));
    expect(allowances.heldMs(ACME, taking)).toBe(5_000);
  });

  it('believes no answer that was under way when it was refused', () => {
    const { allowances } = setUp();
    allowances.heard(ACME, taking, refused(3_000));
    allowances.heard(ACME, taking, PASSED);
    expect(allowances.heldMs(ACME, taking)).toBe(3_000);
  });

  it('stops giving when Graph says that a limit is near, and leaves what is kept to those who take away', () => {
    const { allowances } = setUp();
    allowances.heard(ACME, giving, { ...PASSED, percentage: 1.1 });
    expect(fitting(allowances, giving)).toBe(0);
    expect(fitting(allowances, taking)).toBe(4);
    allowances.heard(OTHER, taking, refused(0, { percentage: 1.1 }));
    expect(fitting(allowances, taking, OTHER)).toBe(0);
  });

  it('knows a try: after a refusal, and of somebody who was not heard of for a while', () => {
    const { allowances, time } = setUp();
    expect(allowances.isTry(ACME, taking)).toBe(true);
    allowances.heard(ACME, taking, PASSED);
    expect(allowances.isTry(ACME, taking)).toBe(false);
    allowances.heard(ACME, giving, refused(1_000));
    time.now = 1_000;
    expect([giving, taking].map((charge) => allowances.isTry(ACME, charge))).toEqual([true, false]);
    allowances.heard(ACME, giving, PASSED);
    expect(allowances.isTry(ACME, giving)).toBe(false);
    time.now = 31_001;
    expect(allowances.isTry(ACME, giving)).toBe(true);
  });

  it('forgets those who have asked for nothing lately, and nobody who has to wait', () => {
    const { allowances, time } = setUp();
    const many = (from: number): void => {
      for (let at = from; at < from + 990; at += 1)
        allowances.spend({ app: 'global app', appInTenant: `global app ${at}` }, reading);
    };
    allowances.heard(ACME, taking, refused(600_000));
    many(0);
    time.now = 120_000;
    many(1_000);
    expect(allowances.size).toBeLessThan(1_010);
    expect(allowances.heldMs(ACME, taking)).toBe(480_000);
  });
});
