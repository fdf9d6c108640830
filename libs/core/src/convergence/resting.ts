import { SECOND, type AccountId, type CustomerId, type CustomerRef, type Instant } from '#core/shared';

/**
 * An account that stays overdue is left alone for so long, doubled with each try. How often Graph is asked stands in its
 * row; it is looked at more often than that, so that no try is missed by a moment and made a minute late.
 */
const FIRST_REST_MS = 2 * SECOND;
/** What was left alone for so long beyond its rest begins anew. */
const FORGOTTEN_AFTER_MS = 60 * SECOND;
/** A hundred accounts are tried together: as many as there are must all have their turn before one has it again. */
const REST_FOR_EACH_MS = 15;
/** Beyond these the longest-resting are forgotten, and merely looked at once too often. */
const MOST_OF_CUSTOMER = 2_000;
const MOST_CUSTOMERS = 5_000;
const MOST_ACCOUNTS = 20_000;

interface Rest {
  readonly until: Instant;
  readonly tries: number;
}

interface Customer {
  /** When it last had its turn. */
  triedAt: Instant;
  /** Its credential was refused: nothing is asked in its name before. */
  refusedUntil: Instant;
  readonly accounts: Map<AccountId, Rest>;
}

/**
 * Who was tried in vain, and is left alone for a while: so that a thousand accounts at which nothing can be done keep
 * nobody else waiting. In memory only; what is forgotten is tried once too often.
 */
export class Resting {
  readonly #customers = new Map<CustomerId, Customer>();
  #count = 0;

  /** Those that may have a turn, whoever waits longest for one first. */
  inTurn(customers: readonly CustomerRef[], now: Instant): readonly CustomerRef[] {
    const since = (each: CustomerRef): Instant => this.#customers.get(each.customerId)?.triedAt ?? -Infinity;
    return customers
      .filter(({ customerId }) => (this.#customers.get(customerId)?.refusedUntil ?? 0) <= now)
      .sort((a, b) => compare(since(a), since(b)));
  }

  /** Accounts of a customer that rest at that moment. */
  ofCustomer(customerId: CustomerId, now: Instant): readonly AccountId[] {
    const accounts = this.#customers.get(customerId)?.accounts ?? new Map<AccountId, Rest>();
    return [...accounts].filter(([, { until }]) => until > now).map(([id]) => id);
  }

  /** How often it was tried in vain, one try after the other. */
  tries(customerId: CustomerId, accountId: AccountId, now: Instant): number {
    const rest = this.#customers.get(customerId)?.accounts.get(accountId);
    return rest === undefined || now > rest.until + FORGOTTEN_AFTER_MS ? 0 : rest.tries;
  }

  /** It has its turn at that moment. */
  turn(customerId: CustomerId, now: Instant): void {
    const known = this.#customers.get(customerId);
    this.#customers.delete(customerId);
    this.#customers.set(customerId, known ?? { triedAt: now, refusedUntil: 0, accounts: new Map() });
    this.#of(customerId).triedAt = now;
    const [oldest] = this.#customers.keys();
    if (this.#customers.size > MOST_CUSTOMERS && oldest !== undefined) this.#drop(oldest);
  }

  refuse(customerId: CustomerId, until: Instant): void {
    this.#of(customerId).refusedUntil = until;
  }

  /** What was taken away is overdue no more; what was not rests a little longer each time, up to `longestMs`. */
  rest(
    customerId: CustomerId,
    accountId: AccountId,
    by: { readonly now: Instant; readonly longestMs: number },
  ): void {
    const { accounts } = this.#of(customerId);
    const tries = this.tries(customerId, accountId, by.now);
    const longestMs = Math.max(by.longestMs, accounts.size * REST_FOR_EACH_MS);
    const until = by.now + Math.min(longestMs, FIRST_REST_MS * 2 ** Math.min(tries, 20));
    if (!accounts.delete(accountId)) this.#count += 1;
    accounts.set(accountId, { until, tries: tries + 1 });
    if (accounts.size > MOST_OF_CUSTOMER) this.#forgetOne(accounts);
    if (this.#count > MOST_ACCOUNTS) this.#forgetOne(this.#fullest());
  }

  #of(customerId: CustomerId): Customer {
    const known = this.#customers.get(customerId);
    if (known !== undefined) return known;
    const fresh: Customer = { triedAt: -Infinity, refusedUntil: 0, accounts: new Map() };
    this.#customers.set(customerId, fresh);
    return fresh;
  }

  #drop(customerId: CustomerId): void {
    this.#count -= this.#customers.get(customerId)?.accounts.size ?? 0;
    this.#customers.delete(customerId);
  }

  #forgetOne(accounts: Map<AccountId, Rest>): void {
    const [oldest] = accounts.keys();
    if (oldest !== undefined && accounts.delete(oldest)) this.#count -= 1;
  }

  #fullest(): Map<AccountId, Rest> {
    const all = [...this.#customers.values()].map(({ accounts }) => accounts);
    return all.reduce((most, each) => (each.size > most.size ? each : most), new Map<AccountId, Rest>());
  }
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
