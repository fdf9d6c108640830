import { MINUTE, SECOND, type AccountId, type Claim, type CustomerId, type CustomerRef } from '#core/shared';
import { isAway } from './away.js';
import { BareDisable } from './bare-disable.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';

/** Whoever else works on ends gets this much time: the revoker is the last of the bells, and doubles nobody's work. */
const GRACE_MS = 2 * SECOND;
const CUSTOMERS_AT_ONCE = 64;
/** Accounts under one claim: five full batches of disables. */
const CLAIM_LIMIT = 100;
/**
 * An account that stays overdue is left alone for so long, doubled with each try. How often Graph is asked stands in its
 * row; it is looked at more often than that, so that no try is missed by a moment and made a minute late.
 */
const FIRST_REST_MS = 2 * SECOND;
const LONGEST_REST_MS = 10 * SECOND;
/** One that can't be planned has no next try in its row. */
const LONGEST_POISONED_REST_MS = MINUTE;
/** Beyond this many resting accounts the longest-resting are forgotten, and merely looked at once too often. */
const MOST_RESTING = 500;

/** Told of each customer, or account, on which the look failed. */
export type RevokeFailed = (customer: CustomerRef, error: unknown) => void;

/**
 * The third bell, for a process of its own: takes away what should be gone, whatever became of queue, workers and API.
 * It gives nothing, ever, and leaves everything else due as it was. When an account can't even be planned, it is
 * disabled and its sessions are revoked on nothing but its object id.
 */
export class RevokeOverdue {
  readonly #resting = new Map<AccountId, { readonly until: number; readonly tries: number }>();
  /** Of those under work. */
  readonly #poisoned = new Set<AccountId>();
  readonly #works = new Map<CustomerId, Promise<void>>();
  readonly #bare: BareDisable;
  /** Whose rows could not be had when they were claimed already: nothing more is claimed until they can. */
  #unreached: CustomerRef | null = null;

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {
    this.#bare = new BareDisable(ports);
  }

  /**
   * Looks once, and starts to take away what is overdue, without waiting for it: a customer whose Graph is slow holds up
   * only itself. Answers how many accounts it took up. Throws when the database is away.
   */
  async execute(failed: RevokeFailed): Promise<number> {
    const { unitOfWork } = this.ports;
    if (this.#unreached !== null) await this.reach(this.#unreached);
    const overdue = await unitOfWork.clockwork.overdueCustomers(this.overdue(), CUSTOMERS_AT_ONCE);
    const chosen = overdue
      .filter(({ customerId }) => !this.#works.has(customerId))
      .slice(0, Math.max(0, CUSTOMERS_AT_ONCE - this.#works.size));
    const takenUp = await Promise.all(chosen.map((customer) => this.takeUp(customer, failed)));
    return takenUp.reduce((sum, count) => sum + count, 0);
  }

  /** Until nothing that a look started is under way. */
  async idle(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works.values());
  }

  private async reach(customer: CustomerRef): Promise<void> {
    await this.ports.unitOfWork.inOrganization(customer.organizationId, ({ connections }) =>
      connections.ofCustomer(customer.customerId),
    );
    this.#unreached = null;
  }

  private async takeUp(customer: CustomerRef, failed: RevokeFailed): Promise<number> {
    const { clockwork } = this.ports.unitOfWork;
    try {
      const claims = await clockwork.claimOverdue(customer, this.overdue(), CLAIM_LIMIT);
      if (claims.length > 0) this.#works.set(customer.customerId, this.work(customer, claims, failed));
      return claims.length;
    } catch (error) {
      if (isAway(error)) throw error;
      failed(customer, error);
      return 0;
    }
  }

  private async work(customer: CustomerRef, claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    try {
      await this.takeAway(claims, failed);
    } catch (error) {
      if (isAway(error)) this.#unreached = customer;
      failed(customer, error);
    } finally {
      for (const { accountId } of claims) this.rest(accountId);
      this.#works.delete(customer.customerId);
    }
  }

  /** All together; when that fails, each alone, so that one poisoned row harms nobody else. */
  private async takeAway(claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    if (claims.length === 0) return;
    try {
      await this.converge.execute(claims, { only: 'taking' });
    } catch (error) {
      const [claim] = claims;
      if (claim === undefined || isAway(error)) throw error;
      failed(claim, error);
      if (claims.length === 1) return this.bare(claim);
      await Promise.all(claims.map((each) => this.alone(each, failed)));
    }
  }

  private async alone(claim: Claim, failed: RevokeFailed): Promise<void> {
    try {
      await this.takeAway([claim], failed);
    } catch (error) {
      failed(claim, error);
    }
  }

  private bare(claim: Claim): Promise<void> {
    this.#poisoned.add(claim.accountId);
    return this.#bare.execute(claim);
  }

  private overdue() {
    const now = this.ports.clock.now();
    const except = [...this.#resting].filter(([, { until }]) => until > now).map(([id]) => id);
    return { now, owedBefore: now - GRACE_MS, except };
  }

  /** What is taken away is overdue no more; what is not rests a little longer each time. */
  private rest(accountId: AccountId): void {
    const now = this.ports.clock.now();
    const before = this.#resting.get(accountId);
    const isFresh = before === undefined || now > before.until + LONGEST_POISONED_REST_MS;
    const tries = isFresh ? 0 : before.tries + 1;
    const longest = this.#poisoned.delete(accountId) ? LONGEST_POISONED_REST_MS : LONGEST_REST_MS;
    const until = now + Math.min(longest, FIRST_REST_MS * 2 ** tries);
    this.#resting.delete(accountId);
    this.#resting.set(accountId, { until, tries });
    const [oldest] = this.#resting.keys();
    if (this.#resting.size > MOST_RESTING && oldest !== undefined) this.#resting.delete(oldest);
  }
}
