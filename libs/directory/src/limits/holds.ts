import { FIRST_UNTOLD_WAIT_MS, LONGEST_UNTOLD_WAIT_MS } from './graph-limits.js';

/** How late Graph throttles a call, by its x-ms-throttle-priority: the lowest first. */
export type Rank = 0 | 1 | 2;

interface Hold {
  readonly until: number;
  /** The highest rank that was refused; what is above it may still pass. */
  readonly rank: Rank;
  /** Throttles in a row that said nothing of how long. */
  readonly untold: number;
}

/**
 * What Graph asked of one app in one tenant: to leave one thing be for so long. A refusal of one rank speaks for all
 * below it. Kept until a call gets through, so that the first one after the wait is known to be a try.
 */
export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** Milliseconds to wait; 0: none. */
  waitMs(what: string, rank: Rank, now: number): number {
    const hold = this.#holds.get(what);
    return hold === undefined || rank > hold.rank ? 0 : Math.max(0, hold.until - now);
  }

  /** Graph refused; `told` is for how many milliseconds, null when it didn't say. */
  refused(
    what: string,
    { rank, told }: { readonly rank: Rank; readonly told: number | null },
    now: number,
  ): void {
    const old = this.#holds.get(what);
    // Several calls that were under way together are refused for one reason, and count once.
    const isSame = old !== undefined && now < old.until;
    const untold = told !== null ? 0 : isSame ? Math.max(1, old.untold) : (old?.untold ?? 0) + 1;
    const wait = told ?? Math.min(LONGEST_UNTOLD_WAIT_MS, FIRST_UNTOLD_WAIT_MS * 2 ** (untold - 1));
    const until = now + wait;
    this.#holds.set(what, {
      until: isSame ? Math.max(old.until, until) : until,
      rank: isSame ? (Math.max(old.rank, rank) as Rank) : rank,
      untold,
    });
  }

  /** Graph let one pass: what was asked of that rank, and of those above, is over. */
  passed(what: string, rank: Rank, now: number): void {
    const hold = this.#holds.get(what);
    if (hold !== undefined && now >= hold.until && rank <= hold.rank) this.#holds.delete(what);
  }

  /** Somebody was refused, and nobody has got through since. */
  isOpen(what: string, rank: Rank): boolean {
    return rank <= (this.#holds.get(what)?.rank ?? -1);
  }

  /** Nothing that will matter: forgotten after the longest of waits without a call. */
  isOver(now: number): boolean {
    return [...this.#holds.values()].every(({ until }) => until + LONGEST_UNTOLD_WAIT_MS < now);
  }
}
