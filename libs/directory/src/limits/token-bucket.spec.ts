import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

/** Ten a second. */
const LIMIT = { capacity: 100, windowMs: 10_000 };

describe('TokenBucket', () => {
  it('lets its capacity pass at once, and then as much as comes back', () => {
    const bucket = new TokenBucket(LIMIT, 0);
    expect(bucket.waitMs(100, 0, 0)).toBe(0);
    bucket.take(100, 0);
    expect(bucket.waitMs(1, 0, 0)).toBe(100);
    expect(bucket.waitMs(1, 0, 99)).toBe(1);
    expect(bucket.waitMs(1, 0, 100)).toBe(0);
    expect(bucket.waitMs(20, 0, 100)).toBe(1_900);
  });

  it('keeps a part for those who may use all', () => {
    const bucket = new TokenBucket(LIMIT, 0);
    bucket.take(80, 0);
    expect(bucket.waitMs(1, 0.2, 0)).toBe(100);
    expect(bucket.waitMs(20, 0, 0)).toBe(0);
  });

  it('never holds more than its capacity, and waits for no more than that', () => {
    const bucket = new TokenBucket(LIMIT, 0);
    bucket.giveBack(50, 5_000);
    bucket.take(100, 5_000);
    expect(bucket.waitMs(1, 0, 5_000)).toBe(100);
    expect(bucket.waitMs(500, 0.2, 5_000)).toBe(10_000);
  });

  it('is lowered by those who know better, and never raised', () => {
    const bucket = new TokenBucket(LIMIT, 0);
    bucket.lowerTo(0.1, 0);
    expect(bucket.waitMs(20, 0, 0)).toBe(1_000);
    bucket.lowerTo(0.9, 0);
    expect(bucket.waitMs(20, 0, 0)).toBe(1_000);
    bucket.lowerTo(-0.8, 0);
    expect(bucket.waitMs(10, 0, 0)).toBe(1_000);
  });

  it('is full again when its stretch of time is over', () => {
    const bucket = new TokenBucket(LIMIT, 0);
    bucket.take(100, 0);
    expect([9_999, 10_000].map((now) => bucket.isFull(now))).toEqual([false, true]);
  });

  it('lets never more pass in any stretch of time than its capacity and what comes back in it', () => {
    const ask = fc.record({ amount: fc.integer({ min: 1, max: 60 }), pauseMs: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 60 }), (asks) => {
        const bucket = new TokenBucket(LIMIT, 0);
        let now = 0;
        let passed = 0;
        for (const { amount, pauseMs } of asks) {
          now += pauseMs;
          if (bucket.waitMs(amount, 0, now) > 0) continue;
          bucket.take(amount, now);
          passed += amount;
        }
        expect(passed).toBeLessThanOrEqual(LIMIT.capacity + (now * LIMIT.capacity) / LIMIT.windowMs + 1e-3);
      }),
    );
  });

  it('tells a wait after which it does fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 80 }), (spent, amount) => {
        const bucket = new TokenBucket(LIMIT, 0);
        bucket.take(spent, 0);
        const wait = bucket.waitMs(amount, 0.2, 0);
        expect(bucket.waitMs(amount, 0.2, wait)).toBe(0);
      }),
    );
  });
});
