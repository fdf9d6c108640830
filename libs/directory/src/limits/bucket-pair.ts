import type { Limit } from './graph-limits.js';
import { TokenBucket } from './token-bucket.js';

/** What a call counts for at Graph. */
export interface Cost {
  readonly writes: number;
  readonly units: number;
}

/** The two limits under which one app's calls stand, in one tenant or in all. */
export class BucketPair {
  readonly #writes: TokenBucket;
  readonly #units: TokenBucket;

  constructor(limits: { readonly writes: Limit; readonly units: Limit }, now: number) {
    this.#writes = new TokenBucket(limits.writes, now);
    this.#units = new TokenBucket(limits.units, now);
  }

  /** What costs nothing of a kind waits for none of it. */
  waitMs({ writes, units }: Cost, kept: number, now: number): number {
    return Math.max(
      writes === 0 ? 0 : this.#writes.waitMs(writes, kept, now),
      units === 0 ? 0 : this.#units.waitMs(units, kept, now),
    );
  }

  take({ writes, units }: Cost, now: number): void {
    this.#writes.take(writes, now);
    this.#units.take(units, now);
  }

  giveBack({ writes, units }: Cost, now: number): void {
    this.#writes.giveBack(writes, now);
    this.#units.giveBack(units, now);
  }

  /** Graph tells of one limit only, and not of which: of the one that a call of this kind meets first. */
  lowerTo(part: number, kind: 'write' | 'read', now: number): void {
    (kind === 'write' ? this.#writes : this.#units).lowerTo(part, now);
  }

  isFull(now: number): boolean {
    return this.#writes.isFull(now) && this.#units.isFull(now);
  }
}
