import type { Clock, Instant } from '../shared/index.js';

/** A Clock that stands still until it is told otherwise. Like the real one it never goes backwards. */
export class FakeClock implements Clock {
  #now: Instant;

  constructor(startAt: Instant = Date.UTC(2026, 0, 5, 9)) {
    this.#now = startAt;
  }

  now(): Instant {
    return this.#now;
  }

  /** Lets that much time pass. */
  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  /** Jumps forward to an instant. */
  set(at: Instant): void {
    if (at < this.#now) throw new Error('A clock never goes backwards: start another FakeClock instead.');
    this.#now = at;
  }
}
