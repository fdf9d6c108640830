/** When silence counts. Milliseconds. */
export interface PulseLimits {
  /** How often a canary is sent. */
  readonly everyMs: number;
  /** A canary unanswered for this long: the BullMQ worker is rebuilt. */
  readonly rebuildMs: number;
  /** A canary unanswered for this long in spite of that: the process had better be started again. */
  readonly stuckMs: number;
}

export const PULSE_LIMITS: PulseLimits = { everyMs: 5_000, rebuildMs: 15_000, stuckMs: 60_000 };

/**
 * Judges whether a worker still takes jobs. Blame needs a canary that the server took and nobody consumed: while the
 * server is away nobody is to blame, and rebuilding or restarting would change nothing.
 */
export class Pulse {
  readonly #limits: PulseLimits;
  #askedAt: number | null = null;
  #builtAt: number;
  #tookAt: number;
  #judgedAt: number;

  constructor(limits: PulseLimits, now: number) {
    this.#limits = limits;
    this.#builtAt = now;
    this.#tookAt = now;
    this.#judgedAt = now;
  }

  /** A canary waits in the queue. */
  asked(now: number): void {
    this.#askedAt ??= now;
  }

  /** Some worker consumed our canary. */
  answered(): void {
    this.#askedAt = null;
  }

  /** This worker took a job, or has its hands full. */
  took(now: number): void {
    this.#tookAt = now;
    this.#askedAt = null;
  }

  /** The server can't be asked. */
  unreachable(now: number): void {
    this.took(now);
  }

  rebuilt(now: number): void {
    this.#builtAt = now;
  }

  verdict(now: number): 'well' | 'rebuild' | 'stuck' {
    const { rebuildMs, stuckMs } = this.#limits;
    if (now - this.#judgedAt >= rebuildMs) this.#woke(now);
    this.#judgedAt = now;
    const waitedMs = this.#askedAt === null ? 0 : now - this.#askedAt;
    if (waitedMs >= stuckMs) return 'stuck';
    const sinceBuiltMs = now - this.#builtAt;
    if (waitedMs >= rebuildMs && sinceBuiltMs >= rebuildMs) return 'rebuild';
    // Other processes answer all canaries and this one takes nothing: by chance that is next to impossible.
    return Math.min(now - this.#tookAt, sinceBuiltMs) >= stuckMs ? 'rebuild' : 'well';
  }

  /** Nobody has judged for so long: our own process did not run, and has heard nothing for that alone. */
  #woke(now: number): void {
    this.#tookAt = now;
    if (this.#askedAt !== null) this.#askedAt = now;
  }
}
