import type { AccountId, Instant } from '#core/shared';

/** Beyond these the oldest are forgotten: such an account is tried together with others once more. */
const MOST = 5_000;

/** It is tried apart, and by somebody else's times. */
const ANY_TIME = { now: 0, firstMs: 0, longestMs: 0 };

interface Setback {
  readonly tries: number;
  readonly until: Instant;
}

/**
 * Accounts that failed by themselves, one try after the other: to be tried later each time, and apart from those at which
 * nothing is wrong. In memory only; what is forgotten is tried once too often.
 */
export class Setbacks {
  readonly #setbacks = new Map<AccountId, Setback>();

  has(id: AccountId): boolean {
    return this.#setbacks.has(id);
  }

  /** Whether its next try is still to come. */
  rests(id: AccountId, now: Instant): boolean {
    return (this.#setbacks.get(id)?.until ?? 0) > now;
  }

  /** One more; answers when it is to be tried again: `firstMs` from now, doubled each time, `longestMs` at the most. */
  add(
    id: AccountId,
    by: { readonly now: Instant; readonly firstMs: number; readonly longestMs: number } = ANY_TIME,
  ): Instant {
    const tries = this.#setbacks.get(id)?.tries ?? 0;
    const until = by.now + Math.min(by.longestMs, by.firstMs * 2 ** Math.min(tries, 20));
    this.#setbacks.delete(id);
    this.#setbacks.set(id, { tries: tries + 1, until });
    const [oldest] = this.#setbacks.keys();
    if (this.#setbacks.size > MOST && oldest !== undefined) this.#setbacks.delete(oldest);
    return until;
  }

  /** It went well. */
  clear(id: AccountId): void {
    this.#setbacks.delete(id);
  }

  forgetAllBut(ids: ReadonlySet<AccountId>): void {
    for (const id of this.#setbacks.keys()) if (!ids.has(id)) this.#setbacks.delete(id);
  }
}
