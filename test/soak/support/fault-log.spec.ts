import { FaultLog, type Condition } from './fault-log.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const SECOND = 1_000;
const HERE = 'here';

/** A log of faults from second to second after noon. */
const logOf = (
  ...spans: readonly {
    readonly from: number;
    readonly to: number;
    readonly breaks: readonly Condition[];
    readonly tenants?: readonly string[];
  }[]
): FaultLog => {
  const log = new FaultLog();
  for (const { from, to, breaks, tenants } of spans) {
    jest.setSystemTime(NOON + from * SECOND);
    const healed = log.begin({ kind: 'a fault', breaks, tenants: tenants ? new Set(tenants) : null });
    jest.setSystemTime(NOON + to * SECOND);
    healed();
  }
  return log;
};

const brokenSeconds = (log: FaultLog, { from = 20, to = 60, knownAt = 0 } = {}): number =>
  log.brokenMs({
    tenantId: HERE,
    knownAt: NOON + knownAt * SECOND,
    from: NOON + from * SECOND,
    to: NOON + to * SECOND,
  }) / SECOND;

describe('FaultLog', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('excuses what Graph did not accept, and only there', () => {
    const storm = { from: 15, to: 30, breaks: ['graph'] } as const;
    expect(brokenSeconds(logOf({ ...storm, tenants: [HERE] }))).toBeCloseTo(10, 0);
    expect(brokenSeconds(logOf({ ...storm, tenants: ['elsewhere'] }))).toBe(0);
    expect(brokenSeconds(logOf(storm))).toBeCloseTo(10, 0);
  });

  it('excuses nobody while one of the two that take away runs', () => {
    const worker = { from: 10, to: 40, breaks: ['worker'] } as const;
    expect(brokenSeconds(logOf(worker))).toBe(0);
    expect(brokenSeconds(logOf(worker, { from: 30, to: 50, breaks: ['revoker'] }))).toBeCloseTo(10, 0);
  });

  it('excuses a database that is away for ends that the revoker could not have read before', () => {
    const away = { from: 25, to: 45, breaks: ['database'] } as const;
    expect(brokenSeconds(logOf(away), { knownAt: 0 })).toBe(0);
    expect(brokenSeconds(logOf(away), { knownAt: 20 })).toBeCloseTo(20, 0);
  });

  it('excuses a database that is away while the revoker reads nothing, or has not read since it began', () => {
    const away = { from: 25, to: 45, breaks: ['database'] } as const;
    expect(brokenSeconds(logOf({ from: 5, to: 20, breaks: ['revoker'] }, away))).toBeCloseTo(20, 0);
    expect(brokenSeconds(logOf({ from: 35, to: 40, breaks: ['revoker'] }, away))).toBeCloseTo(10, 0);
    expect(brokenSeconds(logOf({ from: 5, to: 10, breaks: ['revoker'] }, away))).toBe(0);
  });
});
