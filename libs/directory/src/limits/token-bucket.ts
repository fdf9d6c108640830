import type { Limit } from './graph-limits.js';

/** What one limit still lets pass. Full at first; refills evenly; time is handed in and must not go backwards. */
export class TokenBucket {
  readonly #limit: Limit;
  #level: number;
  #at: number;

  constructor(limit: Limit, now: number) {
    this.#limit = limit;
    this.#level = limit.capacity;
    this.#at = now;
  }

  /** Milliseconds until so much can be taken and this part of all is still left; 0: now. */
  waitMs(amount: number, kept: number, now: number): number {
    const { capacity, windowMs } = this.#limit;
    // What is more than the whole bucket would wait for ever.
    const wanted = Math.min(amount + kept * capacity, capacity);
    const missing = wanted - this.#refilled(now);
    // A few millionths less are as good as there, and no reason to wait a millisecond more.
    return Math.max(0, Math.ceil((missing * windowMs) / capacity - 1e-6));
  }

  /** Goes below nothing when more is taken than there is. */
  take(amount: number, now: number): void {
    this.#level = this.#refilled(now) - amount;
  }

  giveBack(amount: number, now: number): void {
    this.#level = Math.min(this.#limit.capacity, this.#refilled(now) + amount);
  }

  /** Somebody knows better that no more than this part is left. Never more than there was. */
  lowerTo(part: number, now: number): void {
    this.#level = Math.min(this.#refilled(now), Math.max(0, part) * this.#limit.capacity);
  }

  /** As good as a new one. */
  isFull(now: number): boolean {
    return this.#refilled(now) >= this.#limit.capacity;
  }

  #refilled(now: number): number {
    const { capacity, windowMs } = this.#limit;
    this.#level = Math.min(capacity, this.#level + (Math.max(0, now - this.#at) * capacity) / windowMs);
    this.#at = Math.max(now, this.#at);
    return this.#level;
  }
}
