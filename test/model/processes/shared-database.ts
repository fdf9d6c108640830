import { sharedErrors, UNREAD_MS, type DomainError, type Instant } from '#core/shared';
import { InMemoryUnitOfWork, type InMemoryRows } from '#core/testing';

// Looked up once: Jest's sandbox makes each look at a global dear.
const { max, min } = Math;

/** When something falls due next, as whoever sweeps would find it. Infinity: nothing does. */
export interface DueBoard {
  readonly due: Instant;
  readonly owed: Instant;
  readonly drift: Instant;
  readonly holds: Instant;
}

/** The one database of all processes, and when it is away. */
export class SharedDatabase {
  readonly inner = new InMemoryUnitOfWork();
  awayUntil: Instant = 0;
  awaySince: Instant = 0;
  #rows: InMemoryRows | null = null;
  #board: DueBoard | null = null;

  constructor(
    private readonly now: () => Instant,
    private readonly touched: () => void,
  ) {}

  get isAway(): boolean {
    return this.awayUntil > this.now();
  }

  goAway(until: Instant): void {
    if (!this.isAway) this.awaySince = this.now();
    this.awayUntil = max(this.awayUntil, until);
    this.touched();
  }

  /** As they are after the last commit. */
  rows(): InMemoryRows {
    this.#rows ??= this.inner.peek();
    return this.#rows;
  }

  board(): DueBoard {
    this.#board ??= boardOf(this.rows());
    return this.#board;
  }

  /** Something may have been written. */
  changed(): void {
    this.#rows = null;
    this.#board = null;
    this.touched();
  }

  static away(): DomainError {
    return sharedErrors.refuse('database.unavailable');
  }
}

const boardOf = ({ accounts, drifts, holds, reachedHolds, throttles }: InMemoryRows): DueBoard => {
  const throttled = (customerId: string): Instant =>
    max(
      0,
      ...throttles
        .filter((row) => row.customerId === customerId && ['directory', 'sign-in'].includes(row.workload))
        .map(({ until }) => until),
    );
  const free = accounts.map(({ customerId, claimedUntil, dueAt, takeAt, verification }) => ({
    ...{ claimedUntil, dueAt },
    // What was taken and is not read back in time is owed again.
    takeAt: min(takeAt ?? Infinity, verification === null ? Infinity : verification.nextAt + UNREAD_MS),
    from: max(claimedUntil ?? 0, throttled(customerId)),
  }));
  return {
    due: min(Infinity, ...free.map(({ dueAt, from }) => max(dueAt ?? Infinity, from))),
    owed: min(Infinity, ...free.map(({ takeAt, claimedUntil }) => max(takeAt, claimedUntil ?? 0))),
    drift: min(
      Infinity,
      ...drifts.map((row) => max(row.dueAt, row.claimedUntil ?? 0, throttled(row.customerId))),
    ),
    holds: holds.every(({ id }) => reachedHolds.includes(id)) ? Infinity : 0,
  };
};
