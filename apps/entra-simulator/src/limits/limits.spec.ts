import { Limits, resourceUnits } from './limits.js';

const charge = (changes: object = {}) => ({
  tenantId: 't',
  appId: 'a',
  users: 10,
  resourceUnits: 1,
  writes: 0,
  now: 0,
  ...changes,
});

describe('Throttling', () => {
  it('S088: a small tenant has 3,500 resource units in ten seconds, refilled evenly', () => {
    const limits = new Limits();

    expect(limits.charge(charge({ resourceUnits: 3_500 })).refusal).toBeUndefined();
    expect(limits.charge(charge()).refusal).toEqual({
      scope: 'Tenant_Application/ReadWrite/a/t',
      information: 'ResourceUnitLimitExceeded',
      retryAfterSeconds: 1,
    });
    expect(limits.charge(charge({ now: 1_000, resourceUnits: 300 })).refusal).toBeUndefined();
  });

  it.each([
    [49, 3_500],
    [50, 5_000],
    [500, 5_000],
    [501, 8_000],
  ])('a tenant of %i users has %i units', (users, units) => {
    const limits = new Limits();

    expect(limits.charge(charge({ users, resourceUnits: units })).refusal).toBeUndefined();
    expect(limits.charge(charge({ users })).refusal).toBeDefined();
  });

  it('S089: 3,000 writes in 150 seconds, told from four fifths on', () => {
    const limits = new Limits();

    expect(limits.charge(charge({ writes: 2_400 })).percentage).toBeCloseTo(0.8);
    expect(limits.charge(charge({ writes: 601 })).refusal?.information).toBe('WriteLimitExceeded');
  });

  it('requests that are sent while throttled count, so hammering prolongs the wait', () => {
    const limits = new Limits();
    limits.charge(charge({ writes: 3_000 }));

    const first = limits.charge(charge({ writes: 20 })).refusal?.retryAfterSeconds ?? 0;
    for (let i = 0; i < 50; i++) limits.charge(charge({ writes: 20 }));
    const later = limits.charge(charge({ writes: 20 })).refusal?.retryAfterSeconds ?? 0;

    expect(later).toBeGreaterThan(first);
  });

  it('one tenant that is throttled does not hold up another, until the app as a whole is', () => {
    const limits = new Limits();
    limits.charge(charge({ writes: 3_001 }));

    expect(limits.charge(charge({ tenantId: 'u', writes: 1 })).refusal).toBeUndefined();
    for (let i = 0; i < 11; i++) limits.charge(charge({ tenantId: `t${i}`, writes: 3_000 }));
    expect(limits.charge(charge({ tenantId: 'v', writes: 1 })).refusal?.scope).toBe(
      'Application/ReadWrite/a',
    );
  });

  it('$select and a small $top make a request cheaper, $expand dearer, never below one', () => {
    const cost = (base: number, query: Record<string, string>) =>
      resourceUnits(base, new Map(Object.entries(query)));

    expect(cost(2, {})).toBe(2);
    expect(cost(2, { $select: 'id' })).toBe(1);
    expect(cost(1, { $select: 'id', $top: '5' })).toBe(1);
    expect(cost(3, { $expand: 'x' })).toBe(4);
  });
});
