import fc from 'fast-check';
import { earliest, HOUR, MINUTE, SECOND } from './clock.js';

describe('earliest', () => {
  it('is the first of the given instants, and null counts as never', () => {
    expect(earliest(3, null, 1, 2)).toBe(1);
    expect(earliest(null, 5)).toBe(5);
  });

  it('is never when there is nothing to come', () => {
    expect(earliest()).toBeNull();
    expect(earliest(null, null)).toBeNull();
  });

  it('takes the beginning of 1970 for an instant, not for never', () => {
    expect(earliest(null, 0, 1)).toBe(0);
  });

  it('is one of the instants, and none of them comes before it', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer()), { minLength: 1 }), (instants) => {
        const first = earliest(...instants);
        expect(instants).toContain(first ?? null);
        for (const at of instants) expect(first ?? Infinity).toBeLessThanOrEqual(at ?? Infinity);
      }),
    );
  });
});

describe('units of time', () => {
  it('are milliseconds', () => {
    expect([SECOND, MINUTE, HOUR]).toEqual([1_000, 60_000, 3_600_000]);
  });
});
