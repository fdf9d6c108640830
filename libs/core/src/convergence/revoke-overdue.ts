import {
  MINUTE,
  SECOND,
  sharedErrors,
  type AccountId,
  type Claim,
  type CustomerId,
  type CustomerRef,
  type Instant,
  type Overdue,
} from '#core/shared';
import { codeOf, isAway, isContended, isSlow } from './away.js';
import { BareDisable } from './bare-disable.js';
import type { Converge } from './converge.js';
import { LockedRows } from './locked-rows.js';
import type { ConvergencePorts } from './ports.js';
import { Resting } from './resting.js';
import { Setbacks } from './setbacks.js';
import { Unreturned } from './unreturned.js';

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
/** A customer whose rows can't be claimed, or read, in time is gone by without them until this much later. */
const SLOW_MS = 30 * SECOND;
const MOST_SLOW = 1_000;
/** What others disturb under one claim after the other is not disturbed: it can't be planned. */
const CONTENDED_CLAIMS = 2;

/** Who is worked on; a claim, where there is one. */
type Account = CustomerRef & Pick<Claim, 'accountId'>;

/** What is done at one customer, and with which accounts. */
interface Undertaking {
  readonly accounts: readonly Account[];
  readonly work: () => Promise<unknown>;
}

/** Told of each customer, or account, on which the look failed. */
export type RevokeFailed = (customer: CustomerRef, error: unknown) => void;

/**
 * The third bell, for a process of its own: takes away what should be gone, whatever became of queue, workers and API.
 * It gives nothing, ever, and leaves everything else due as it was. When an account can't even be planned, it is
 * disabled and its sessions are revoked on nothing but its object id; so is one that can't even be claimed, because somebody
 * holds its row.
 */
export class RevokeOverdue {
  readonly #resting = new Resting();
  /** Of those under work. */
  readonly #poisoned = new Set<AccountId>();
  /** Tried apart from others, so that they wait for nothing that is known to fail. */
  readonly #odd = new Setbacks();
  readonly #works = new Map<CustomerId, Promise<void>>();
  /** Without a claim, beside whatever is done under one. */
  readonly #unclaimed = new Map<CustomerId, Promise<void>>();
  readonly #locked: LockedRows;
  readonly #bare: BareDisable;
  /** Until when. */
  readonly #slow = new Map<CustomerId, Instant>();
  readonly #unreturned: Unreturned;
  /** Whose rows could not be had when they were claimed already: nothing more is claimed until they can. */
  #unreached: CustomerRef | null = null;

  /** `graceMs`: how long an end must have been owed. */
  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
    private readonly graceMs = GRACE_MS,
  ) {
    this.#locked = new LockedRows(ports);
    this.#bare = new BareDisable(ports);
    this.#unreturned = new Unreturned(ports);
  }

  /**
   * Looks once, and starts to take away what is overdue, without waiting for it: a customer whose Graph is slow holds up
   * only itself, and one at which nothing can be done has its turn after all others. Answers how many accounts it took up
   * that it had not tried before. Throws when the database is away.
   */
  async execute(failed: RevokeFailed): Promise<number> {
    const { clock, unitOfWork } = this.ports;
    if (this.#unreached !== null) await this.reach(this.#unreached);
    await this.#unreturned.settle();
    const now = clock.now();
    const asked = { now, owedBefore: now - this.graceMs, except: [] };
    const customers = await unitOfWork.clockwork.overdueCustomers(asked, CUSTOMERS_SEEN);
    for (const customer of customers) if (customer.isHeld) this.#locked.watch(customer);
    return this.take(customers, failed);
  }

  /** The same for these customers, whoever else has something overdue. Of one that has nothing, nothing is taken up. */
  async take(customers: readonly CustomerRef[], failed: RevokeFailed): Promise<number> {
    await this.#unreturned.settle();
    // Not waited for: a row that is slow holds up no look.
    this.#bare.unsure.settle().catch(() => undefined);
    const turns = this.#resting.inTurn(customers, this.ports.clock.now());
    const chosen = turns
      .filter(({ customerId }) => !this.#works.has(customerId))
      .slice(0, Math.max(0, CUSTOMERS_AT_ONCE - this.#works.size));
    const takenUp = await Promise.all([
      ...chosen.map((customer) => this.takeUp(customer, failed)),
      ...this.watch({ turns, chosen }, failed),
    ]);
    return takenUp.reduce((sum, count) => sum + count, 0);
  }

  /**
   * What is locked is looked at each time, whatever else is under way there, or keeps it from its turn (a throttle, say): else
   * nobody knows that it was locked all the time. Done is something only where it has its turn.
   */
  private watch(
    { turns, chosen }: Record<'turns' | 'chosen', readonly CustomerRef[]>,
    failed: RevokeFailed,
  ): readonly Promise<number>[] {
    const [mayAct, besides] = [idsOf(turns), idsOf(chosen)];
    const watched = this.#locked.watched().filter(({ customerId }) => !besides.has(customerId));
    return watched.slice(0, CUSTOMERS_AT_ONCE).map((customer) => {
      const has = mayAct.has(customer.customerId);
      return this.unlessAway(customer, () => this.takeUpLocked(customer, failed, has), failed);
    });
  }

  /**
   * Customers of whom nothing could be claimed in time lately, or of whom it could not even be read what a bare disable takes:
   * whoever knows their ends from elsewhere is to keep them.
   */
  slow(): ReadonlySet<CustomerId> {
    const now = this.ports.clock.now();
    for (const [id, until] of this.#slow) if (until <= now) this.#slow.delete(id);
    return new Set(this.#slow.keys());
  }

  /** Until nothing that a look started is under way. */
  async idle(): Promise<void> {
    while (this.#works.size + this.#unclaimed.size > 0)
      await Promise.all([...this.#works.values(), ...this.#unclaimed.values()]);
    await this.#bare.unsure.settle();
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

  private takeUp(customer: CustomerRef, failed: RevokeFailed): Promise<number> {
    this.#resting.turn(customer.customerId, this.ports.clock.now());
    return this.unlessAway(
      customer,
      async () => {
        const takenUp = await this.takeUpFree(customer, failed);
        return takenUp + (await this.takeUpLocked(customer, failed));
      },
      failed,
    );
  }

  private async unlessAway(
    customer: CustomerRef,
    work: () => Promise<number>,
    failed: RevokeFailed,
  ): Promise<number> {
    try {
      return await work();
    } catch (error) {
      if (isAway(error)) throw error;
      failed(customer, error);
      return 0;
    }
  }

  private async takeUpFree(customer: CustomerRef, failed: RevokeFailed): Promise<number> {
    const { clockwork } = this.ports.unitOfWork;
    const claims = await this.unlessSlow(customer, () =>
      clockwork.claimOverdue(customer, this.overdueOf(customer), CLAIM_LIMIT),
    );
    if (claims.length === 0) return 0;
    const work = () => this.takeAllAway(claims, failed);
    return this.begin(this.#works, { accounts: claims, work }, failed);
  }

  /** A disable needs no claim: it takes nothing from whoever has one. */
  private async takeUpLocked(customer: CustomerRef, failed: RevokeFailed, mayAct = true): Promise<number> {
    const ids = await this.#locked.look(customer, this.overdueOf(customer));
    if (!mayAct || this.#unclaimed.has(customer.customerId)) return 0;
    const accounts = ids.map((accountId) => ({ ...customer, accountId }));
    const work = () => Promise.all(accounts.map((each) => this.unclaimed(each, failed)));
    return this.begin(this.#unclaimed, { accounts, work }, failed);
  }

  private async unlessSlow<T>({ customerId }: CustomerRef, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const mayKeep = this.#slow.size < MOST_SLOW || this.#slow.has(customerId);
      if (isSlow(error) && mayKeep) this.#slow.set(customerId, this.ports.clock.now() + SLOW_MS);
      throw error;
    }
  }

  private overdueOf({ customerId }: CustomerRef): Overdue {
    const now = this.ports.clock.now();
    return { now, owedBefore: now - this.graceMs, except: this.#resting.ofCustomer(customerId, now) };
  }

  private async unclaimed(account: Account, failed: RevokeFailed): Promise<void> {
    const locked = sharedErrors.refuse('database.locked');
    failed(account, locked);
    await this.bare(account, locked).catch((error: unknown) => failed(account, error));
  }

  /** Answers how many of the accounts were not tried before. */
  private begin(works: Map<CustomerId, Promise<void>>, what: Undertaking, failed: RevokeFailed): number {
    const [first] = what.accounts;
    if (first === undefined) return 0;
    const { customerId } = first;
    const count = what.accounts.filter((account) => this.tries(account) === 0).length;
    works.set(
      customerId,
      this.carryOut(what, failed).finally(() => works.delete(customerId)),
    );
    return count;
  }

  private async carryOut({ accounts, work }: Undertaking, failed: RevokeFailed): Promise<void> {
    const [first] = accounts;
    try {
      await work();
    } catch (error) {
      if (first === undefined) return;
      if (isAway(error)) this.#unreached = first;
      failed({ organizationId: first.organizationId, customerId: first.customerId }, error);
    } finally {
      for (const account of accounts) this.rest(account);
    }
  }

  private async takeAllAway(claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    const odd = claims.filter(({ accountId }) => this.#odd.has(accountId));
    const others = claims.filter(({ accountId }) => !this.#odd.has(accountId));
    await Promise.all([this.takeAway(others, failed), ...odd.map((claim) => this.alone(claim, failed))]);
  }

  /** Where the database is away, somebody else may be as far as it again before we are. */
  private async takeAway(claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    try {
      await this.takeTogether(claims, failed);
    } catch (error) {
      if (isAway(error)) await this.#unreturned.giveBack(claims);
      throw error;
    }
  }

  /** All together; when that fails, each alone, so that one poisoned row harms nobody else. */
  private async takeTogether(claims: readonly Claim[], failed: RevokeFailed): Promise<void> {
    const [claim] = claims;
    if (claim === undefined) return;
    try {
      const { failures } = await this.converge.execute(claims, { only: 'taking' });
      if (claims.length === 1) this.#odd.clear(claim.accountId);
      if (failures.some(({ error }) => error.reason === 'credential_bad'))
        this.#resting.refuse(claim.customerId, this.ports.clock.now() + REFUSED_MS);
    } catch (error) {
      if (isAway(error)) throw error;
      failed(claim, error);
      if (claims.length > 1) await Promise.all(claims.map((each) => this.alone(each, failed)));
      else await this.leaveUnplanned(claim, error);
    }
  }

  /** What others disturb has another chance first; else a bare disable is left of it. */
  private async leaveUnplanned(claim: Claim, error: unknown): Promise<void> {
    this.#odd.add(claim.accountId);
    if (codeOf(error) === 'database.locked') this.#locked.watch(claim);
    const mayDo = isContended(error) && this.tries(claim) + 1 < CONTENDED_CLAIMS;
    if (!mayDo) return this.bare(claim, error);
    // So that its next try is not half a minute away.
    await this.#unreturned.giveBack([claim]);
  }

  private async alone(claim: Claim, failed: RevokeFailed): Promise<void> {
    try {
      await this.takeAway([claim], failed);
    } catch (error) {
      failed(claim, error);
    }
  }

  private bare(account: Account, why: unknown): Promise<void> {
    this.#poisoned.add(account.accountId);
    return this.unlessSlow(account, () => this.#bare.execute(account, why));
  }

  private tries({ customerId, accountId }: Account): number {
    return this.#resting.tries(customerId, accountId, this.ports.clock.now());
  }

  private rest({ customerId, accountId }: Account): void {
    const longestMs = this.#poisoned.delete(accountId) ? LONGEST_POISONED_REST_MS : LONGEST_REST_MS;
    this.#resting.rest(customerId, accountId, { now: this.ports.clock.now(), longestMs });
  }
}

const idsOf = (customers: readonly CustomerRef[]): ReadonlySet<CustomerId> =>
  new Set(customers.map(({ customerId }) => customerId));
