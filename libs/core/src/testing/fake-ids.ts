import type { Ids } from '../shared/index.js';

const FIRST_MILLISECOND = Date.UTC(2026, 0, 5);

/** Ids that are the same in each run with the same seed: uuids of version 7 in order, bytes from a small generator. */
export class FakeIds implements Ids {
  #state: number;
  #count = 0;

  constructor(seed = 1) {
    this.#state = seed | 0;
  }

  uuid(): string {
    // One millisecond apart, so that they sort in the order in which they were asked for.
    const time = (FIRST_MILLISECOND + this.#count++).toString(16).padStart(12, '0');
    const random = hex(this.randomBytes(10));
    const version = `7${random.slice(1, 4)}`;
    const variant = `8${random.slice(5, 8)}`;
    return [time.slice(0, 8), time.slice(8), version, variant, random.slice(8)].join('-');
  }

  randomBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#next() & 0xff);
  }

  /** Mulberry32: enough to look random, short enough to read. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
