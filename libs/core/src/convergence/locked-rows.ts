import {
  MINUTE,
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
/** Two looks that are further apart say nothing of what was in between. */
const LONGEST_GAP_MS = MINUTE;
/** Of one customer, at one look. */
const MOST_ROWS = 100;
/** Beyond these those that were looked at longest ago are forgotten, and begin anew. */
const MOST_CUSTOMERS = 1_000;

interface Seen {
  readonly since: Instant;
  readonly looks: number;
}

interface Watched {
  readonly customer: CustomerRef;
  readonly at: Instant;
  readonly rows: ReadonlyMap<AccountId, Seen>;
}

/**
 * Overdue rows that somebody holds, look after look, whether they are claimed or not. One glance tells nothing: whoever claims
 * or plans a row locks it for a moment. Only what was locked at every look, for longer than a transaction of ours may last, is
 * held by somebody else. A look at which a row was left out is none: it neither counts nor has anything forgotten.
 */
export class LockedRows {
  readonly #customers = new Map<CustomerId, Watched>();

  constructor(private readonly ports: Pick<ConvergencePorts, 'unitOfWork'>) {}

  /** Customers to look at each time, whatever else is or is not done there; those that were looked at longest ago first. */
  watched(): readonly CustomerRef[] {
    return [...this.#customers.values()].map(({ customer }) => customer);
  }

  /** Somebody holds, or held, a row of this customer: it is to be looked at until none is locked. */
  watch({ organizationId, customerId }: CustomerRef): void {
    if (this.#customers.has(customerId)) return;
    this.#keep({ customer: { organizationId, customerId }, at: 0, rows: new Map() });
  }

  /**
   * Looks at one customer once more; answers what has been locked for so long, without `overdue.except`: what rests is
   * watched all the same, once it was seen.
   */
  async look(customer: CustomerRef, overdue: Overdue): Promise<readonly AccountId[]> {
    const { now } = overdue;
    const before = this.#seenBefore(customer, now);
    const except = overdue.except.filter((id) => !before.has(id));
    const { clockwork } = this.ports.unitOfWork;
    const locked = await clockwork.lockedOverdue(customer, { ...overdue, except }, MOST_ROWS);
    const rows = new Map(
      locked.map((id): [AccountId, Seen] => {
        const { since, looks } = before.get(id) ?? { since: now, looks: 0 };
        return [id, { since, looks: looks + 1 }];
      }),
    );
    this.#customers.delete(customer.customerId);
    const { organizationId, customerId } = customer;
    if (rows.size > 0) this.#keep({ customer: { organizationId, customerId }, at: now, rows });
    const long = [...rows].filter(([, { since, looks }]) => looks >= LOOKS && now - since >= LOCKED_MS);
    return long.map(([id]) => id).filter((id) => !overdue.except.includes(id));
  }

  #seenBefore({ customerId }: CustomerRef, now: Instant): Watched['rows'] {
    const watched = this.#customers.get(customerId);
    return watched === undefined || now - watched.at > LONGEST_GAP_MS ? new Map() : watched.rows;
  }

  #keep(watched: Watched): void {
    this.#customers.set(watched.customer.customerId, watched);
    const [oldest] = this.#customers.keys();
    if (this.#customers.size > MOST_CUSTOMERS && oldest !== undefined) this.#customers.delete(oldest);
  }
}
