import { DomainError, MINUTE, type Clock, type Instant } from '#core/shared';

/** What was refused is tried again within a minute, as long as it is wanted. */
const FORGET_MS = 2 * MINUTE;

/** Who writes: a layer that says it lives, or anything else. */
type Writer = 'beat' | 'work';

/**
 * Since when the database takes no writes, as far as one process has met it. A beat writes over a row of a small table, for
 * which there may be room on a disk that is full: it says nothing of what others were refused. That is over when work that
 * writes to the audit log is done, which grows with all of it; or when nobody has been refused for two minutes, and beats are
 * taken.
 */
export class RefusedWrites {
  readonly #refused = new Set<Writer>();
  #since: Instant | null = null;
  #lastAt: Instant = 0;

  constructor(private readonly clock: Clock) {}

  /** Null: it takes them, or is away altogether. */
  get since(): Instant | null {
    return this.#since;
  }

  /** Somebody's statement failed, for whatever reason. */
  met(error: unknown, writer: Writer = 'work'): void {
    if (!(error instanceof DomainError) || error.code !== 'database.unwritable') return;
    this.#lastAt = this.clock.now();
    this.#since ??= this.#lastAt;
    this.#refused.add(writer);
  }

  /** A beat; or work that wrote to the audit log. */
  taken(writer: Writer): void {
    if (this.#since === null) return;
    this.#refused.delete(writer);
    if (this.clock.now() - this.#lastAt > FORGET_MS) this.#refused.clear();
    if (this.#refused.size === 0) this.#since = null;
  }
}
