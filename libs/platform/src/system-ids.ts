import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '#core/shared';

const MAX_COUNT = 0xfff;

/** Ids of the operating system's randomness: uuids of version 7 whose order is the order in which they were made. */
export class SystemIds implements Ids {
  readonly #clock: Clock;
  #lastMs = 0;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  uuid(): string {
    this.#step();
    const bytes = randomBytes(16);
    bytes.writeUIntBE(this.#lastMs, 0, 6);
    bytes.writeUInt16BE(0x7000 | this.#count, 6);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  randomBytes(count: number): Uint8Array {
    return randomBytes(count);
  }

  /** Counts within a millisecond (RFC 9562, 6.2, method 1); a full count borrows the next millisecond. */
  #step(): void {
    const now = this.#clock.now();
    if (now > this.#lastMs) {
      this.#lastMs = now;
      // Starts in the lower half, so that there is room to count.
      this.#count = randomBytes(2).readUInt16BE() & (MAX_COUNT >> 1);
    } else if (this.#count < MAX_COUNT) {
      this.#count += 1;
    } else {
      this.#lastMs += 1;
      this.#count = 0;
    }
  }
}
