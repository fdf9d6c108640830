/** More come back at once only when somebody plays. */
const MOST_AT_ONCE = 50;
const PER_SECOND = 10;

/**
 * Lets so many pass and no more, whoever they are: for what anybody on the network may ask, so that the database is asked by
 * strangers no more often than it can bear. Kept in memory, one for each process.
 */
export class Turnstile {
  #left = MOST_AT_ONCE;
  #at: number;

  /** `nowMs` never goes backwards: not the wall clock. */
  constructor(private readonly nowMs: () => number) {
    this.#at = nowMs();
  }

  /** Whether one more may pass now. */
  pass(): boolean {
    const now = this.nowMs();
    this.#left = Math.min(MOST_AT_ONCE, this.#left + ((now - this.#at) / 1_000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
