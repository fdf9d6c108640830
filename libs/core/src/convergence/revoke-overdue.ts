import { MINUTE, SECOND, type AccountId, type Claim, type CustomerId, type CustomerRef } from '#core/shared';
import { isAway, isContended } from './away.js';
import { BareDisable } from './bare-disable.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';
import { Resting } from './resting.js';

/** Whoever else works on ends gets this much time: the revoker is the last of the bells, and doubles nobody's work. */
const GRACE_MS = 2 * SECOND;
const CUSTOMERS_AT_ONCE = 64;
/** Of which those come first that have waited longest for their turn; more than are overdue at once anywhere. */
const CUSTOMERS_SEEN = 5_000;
/** Accounts under one claim: five full batches of disables. */
const CLAIM_LIMIT = 100;
const LONGEST_REST_MS = 10 * SECOND;
/** One that can't be planned has no next try in its row. */
const LONGEST_POISONED_REST_MS = MINUTE;
/** Nothing is asked in the name of a customer whose credentials were all refused; a minute has room for the next look. */
const REFUSED_MS = 50 * SECOND;
/** What others disturb under one claim after the other is not disturbed: it can't be planned. */
const CONTENDED_CLAIMS = 2;

/** Told of each customer, or account, on which the look failed. */
export type RevokeFailed = (customer: CustomerRef, error: unknown) => void;

/**
 * The third bell, for a process of its own: takes away what should be gone, whatever became of queue, workers and API.
 * It gives nothing, ever, and leaves everything else due as it was. When an account can't even be planned, it is
 * disabled and its sessions are revoked on nothing but its object id.
 */
export class RevokeOverdue {
  readonly #resting = new Resting();
  /** Of those under work. */
  readonly #poisoned = new Set<AccountId>();
  readonly #works = new Map<CustomerId, Promise<void>>();
  readonly #bare: BareDisable;
  /** Whose rows could not be had when they were claimed already: nothing more is claimed until they can. */
  #unreached: CustomerRef | null = null;

  /** `graceMs`: how long an end must have been owed. */
  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
    private readonly graceMs = GRACE_MS,
  ) {
    this.#bare = new BareDisable(ports);
  }

  /**
   * Looks once, and starts to take away what is overdue, without waiting for it: a customer whose Graph is slow holds up
   * only itself, and one at which nothing can be done has its turn after all others. Answers how many accounts it took up
   * that it had not tried before. Throws when the database is away.
   */
  async execute(failed: RevokeFailed): Promise<number> {
    const { clock, unitOfWork } = this.ports;
    if (this.#unreached !== null) await this.reach(this.#unreached);
    const now = clock.now();
    const asked = { now, owedBefore: now - this.graceMs, except: [] };
    return this.take(await unitOfWork.clockwork.overdueCustomers(asked, CUSTOMERS_SEEN), failed);
  }

  /** The same for these customers, whoever else has something overdue. Of one that has nothing, nothing is taken up. */
  async take(customers: readonly CustomerRef[], failed: RevokeFailed): Promise<number> {
    const chosen = this.#resting
      .inTurn(customers, this.ports.clock.now())
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
    try {
      await this.ports.unitOfWork.inOrganization(customer.organizationId, ({ connections }) =>
        connections.ofCustomer(customer.customerId),
      );
    } catch (error) {
      // A row that can't be read was reached all the same: whoever works on it will tell.
      if (isAway(error)) throw error;
    }
    this.#unreached = null;
  }

  private async takeUp(customer: CustomerRef, failed: RevokeFailed): Promise<number> {
    const { clock, unitOfWork } = this.ports;
    const { customerId } = customer;
    const now = clock.now();
    this.#resting.turn(customerId, now);
    const except = this.#resting.ofCustomer(customerId, now);
    try {
      const overdue = { now, owedBefore: now - this.graceMs, except };
      const claims = await unitOfWork.clockwork.claimOverdue(customer, overdue, CLAIM_LIMIT);
      const isNew = ({ accountId }: Claim) => this.#resting.tries(customerId, accountId, now) === 0;
      const count = claims.filter(isNew).length;
      if (claims.length > 0) this.#works.set(customerId, this.work(customer, claims, failed));
      return count;
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
      for (const claim of claims) this.rest(claim);
      this.#works.delete(customer.customerId);
    }
  }

  /** All together; when that fails, each alone, so that one poisoned row harms nobody else. */
  private async takeAway(claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    const [claim] = claims;
    if (claim === undefined) return;
    try {
      const { failures } = await this.converge.execute(claims, { only: 'taking' });
      if (failures.some(({ error }) => error.reason === 'credential_bad'))
        this.#resting.refuse(claim.customerId, this.ports.clock.now() + REFUSED_MS);
    } catch (error) {
      if (isAway(error)) throw error;
      failed(claim, error);
      if (claims.length > 1) await Promise.all(claims.map((each) => this.alone(each, failed)));
      else if (!isContended(error) || this.tries(claim) + 1 >= CONTENDED_CLAIMS) await this.bare(claim);
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

  private tries({ customerId, accountId }: Claim): number {
    return this.#resting.tries(customerId, accountId, this.ports.clock.now());
  }

  private rest({ customerId, accountId }: Claim): void {
    const longestMs = this.#poisoned.delete(accountId) ? LONGEST_POISONED_REST_MS : LONGEST_REST_MS;
    this.#resting.rest(customerId, accountId, { now: this.ports.clock.now(), longestMs });
  }
}
