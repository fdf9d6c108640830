import { DomainError, MINUTE, SECOND, type AccountId, type Claim, type CustomerRef } from '#core/shared';
import { BareDisable } from './bare-disable.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';

/** Whoever else works on ends gets this much time: the revoker is the last of the bells, and doubles nobody's work. */
const GRACE_MS = 2 * SECOND;
const CUSTOMERS_AT_ONCE = 64;
/** Accounts under one claim: five full batches of disables. */
const CLAIM_LIMIT = 100;
/** An account that stays overdue is left alone for so long, doubled with each try: no more than once a minute. */
const FIRST_REST_MS = 2 * SECOND;
const LONGEST_REST_MS = MINUTE;
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
  readonly #bare: BareDisable;

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {
    this.#bare = new BareDisable(ports);
  }

  /** Looks once and takes away what is overdue; answers how many accounts it took up. Throws when it can't look. */
  async execute(failed: RevokeFailed): Promise<number> {
    const customers = await this.ports.unitOfWork.clockwork.overdueCustomers(
      this.overdue(),
      CUSTOMERS_AT_ONCE,
    );
    const worked = await Promise.all(customers.map((customer) => this.revoke(customer, failed)));
    return worked.reduce((sum, count) => sum + count, 0);
  }

  private async revoke(customer: CustomerRef, failed: RevokeFailed): Promise<number> {
    const { clockwork } = this.ports.unitOfWork;
    try {
      const claims = await clockwork.claimOverdue(customer, this.overdue(), CLAIM_LIMIT);
      for (const { accountId } of claims) this.rest(accountId);
      await this.takeAway(claims, failed);
      return claims.length;
    } catch (error) {
      failed(customer, error);
      return 0;
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
      if (claims.length === 1) return this.#bare.execute(claim);
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

  private overdue() {
    const now = this.ports.clock.now();
    const except = [...this.#resting].filter(([, { until }]) => until > now).map(([id]) => id);
    return { now, owedBefore: now - GRACE_MS, except };
  }

  /** What is taken away is overdue no more; what is not rests a little longer each time. */
  private rest(accountId: AccountId): void {
    const now = this.ports.clock.now();
    const before = this.#resting.get(accountId);
    const isFresh = before === undefined || now > before.until + LONGEST_REST_MS;
    const tries = isFresh ? 0 : before.tries + 1;
    const until = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** tries);
    this.#resting.delete(accountId);
    this.#resting.set(accountId, { until, tries });
    const [oldest] = this.#resting.keys();
    if (this.#resting.size > MOST_RESTING && oldest !== undefined) this.#resting.delete(oldest);
  }
}

/** Without the database nothing is known of the row: that is no poison. */
const isAway = (error: unknown): boolean => error instanceof DomainError && error.kind === 'unavailable';
