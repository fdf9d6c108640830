/** Seeded randomness (mulberry32): the same seed gives the same lags, faults, latencies and orders. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    return scramble(this.state);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = result[i] as T;
      result[i] = result[j] as T;
      result[j] = held;
    }
    return result;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** A fixed pseudo-random number in [0, 1) for a pair of numbers. */
export const hashUnit = (a: number, b: number): number =>
  scramble((Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b)) >>> 0);

function scramble(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const normalAt99Percent = 2.3263;

/** A lognormal latency in whole milliseconds, given by its median and 99th percentile. */
export function lognormalMs(random: Random, shape: { medianMs: number; p99Ms: number }): number {
  if (shape.medianMs <= 0) return 0;
  const sigma = Math.log(Math.max(shape.p99Ms, shape.medianMs) / shape.medianMs) / normalAt99Percent;
  return Math.round(shape.medianMs * Math.exp(sigma * random.normal()));
}
