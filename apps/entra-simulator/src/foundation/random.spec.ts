import { hashUnit, lognormalMs, Random } from './random.js';

describe('Seeded randomness', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 5 }, () => random.next());
    };

    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 20 }, (_, i) => i);

    const shuffled = new Random(3).shuffled(items);

    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('draws latencies with the median and the 99th percentile that were asked for', () => {
    const random = new Random(5);
    const drawn = Array.from({ length: 20_000 }, () => lognormalMs(random, { medianMs: 120, p99Ms: 400 }));
    const sorted = drawn.sort((a, b) => a - b);

    expect(sorted[10_000]).toBeGreaterThan(115);
    expect(sorted[10_000]).toBeLessThan(125);
    expect(sorted[19_800]).toBeGreaterThan(370);
    expect(sorted[19_800]).toBeLessThan(430);
  });

  it('hashes pairs evenly over the unit interval', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => hashUnit(i, 7));

    expect(Math.min(...values)).toBeLessThan(0.01);
    expect(Math.max(...values)).toBeGreaterThan(0.99);
    expect(Math.max(...values)).toBeLessThan(1);
  });
});
