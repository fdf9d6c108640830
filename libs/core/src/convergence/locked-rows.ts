import {
  SECOND,
  type AccountId,
  type CustomerId,
  type CustomerRef,
  type Instant,
  type Overdue,
} from '#core/shared';
import type { ConvergencePorts } from './ports.js';

/** No transaction of ours lasts so long: whoever still holds a row may do so for ever. */
const LOCKED_MS = 16 * SECOND;
/** However seldom it was looked: what others lock for a moment, again and again, is not locked at each of so many looks. */
const LOOKS = 4;
/** Of one customer, at one look. */
const MOST_ROWS = 100;
/** Beyond these those that were looked at longest ago are forgotten, and begin anew. */
const MOST_CUSTOMERS = 1_000;

interface Seen {
  readonly since: Instant;
  readonly looks: number;
}

/**
 * Overdue rows that somebody holds, look after look. One glance tells nothing: whoever claims or plans a row locks it for a
 * moment. Only what was locked at every look, for longer than a transaction of ours may last, is held by somebody else.
 */
export class LockedRows {
  readonly #customers = new Map<CustomerId, ReadonlyMap<AccountId, Seen>>();

  constructor(private readonly ports: Pick<ConvergencePorts, 'unitOfWork'>) {}

  /** Whether rows of this customer were locked at the last look. */
  knows(customerId: CustomerId): boolean {
    return this.#customers.has(customerId);
  }

  /** Looks at one customer once more; answers what has been locked for so long. */
  async look(customer: CustomerRef, overdue: Overdue): Promise<readonly AccountId[]> {
    const locked = await this.ports.unitOfWork.clockwork.lockedOverdue(customer, overdue, MOST_ROWS);
    const { now } = overdue;
    const seen = this.#see(customer.customerId, locked, now);
    return locked.filter((id) => {
      const { since, looks } = seen.get(id) ?? { since: now, looks: 0 };
      return looks >= LOOKS && now - since >= LOCKED_MS;
    });
  }

  /** Nothing is overdue at any other customer, or somebody has claimed it. */
  forgetAllBut(customers: readonly CustomerRef[]): void {
    if (this.#customers.size === 0) return;
    const ids = new Set(customers.map(({ customerId }) => customerId));
    for (const id of this.#customers.keys()) if (!ids.has(id)) this.#customers.delete(id);
  }

  /** What is not locked now is forgotten. */
  #see(customerId: CustomerId, locked: readonly AccountId[], now: Instant): ReadonlyMap<AccountId, Seen> {
    const before = this.#customers.get(customerId);
    const seen = new Map(
      locked.map((id): [AccountId, Seen] => {
        const { since, looks } = before?.get(id) ?? { since: now, looks: 0 };
        return [id, { since, looks: looks + 1 }];
      }),
    );
    this.#customers.delete(customerId);
    if (seen.size > 0) this.#customers.set(customerId, seen);
    const [oldest] = this.#customers.keys();
    if (this.#customers.size > MOST_CUSTOMERS && oldest !== undefined) this.#customers.delete(oldest);
    return seen;
  }
}
