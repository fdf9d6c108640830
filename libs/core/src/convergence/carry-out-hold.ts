import {
  CLOSING_STATES,
  HoldReach,
  UNFINISHED,
  type AccountPage,
  type ClosingAccount,
  type GrantedAccount,
  type Hold,
  type Tally,
} from '#core/grants';
import {
  SECOND,
  type AccountId,
  type Claim,
  type CustomerId,
  type CustomerRef,
  type HoldId,
  type HoldRef,
  type Instant,
} from '#core/shared';
import { isAway } from './away.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';
import { RevokeOverdue, type RevokeFailed } from './revoke-overdue.js';
import { Unreturned } from './unreturned.js';

/** Accounts read at once. */
const PAGE = 1_000;
/** Five full batches, as under any claim. */
const CLAIM_LIMIT = 100;
/** What it reaches keeps a look from taking away for no longer; the next one goes on with it. */
const REACHES_MS = 3 * SECOND;
/** What can't be seen is tried so often. */
const UNSEEN_MS = 5 * SECOND;
/** What is owed since this very moment counts too. */
const NO_GRACE_MS = -1;
/** Every account that isn't closed. */
const NOT_CLOSED = CLOSING_STATES.filter((state) => state !== 'closed');

/** What a look has seen. */
export interface HoldLook {
  readonly tally: Tally;
  /** All that are not closed. */
  readonly left: readonly ClosingAccount[];
}

/** Told of each customer, or account, on which the look failed, and of the hold when it can't reach all. */
type LookFailed = (of: CustomerRef | HoldRef, error: unknown) => void;

/**
 * Carries out a kill switch from wherever it is called, beside workers and revoker or instead of them: claims decide who
 * does what. It takes away and reads back, and gives nothing; what is throttled waits, as it does for everybody.
 */
export class CarryOutHold {
  readonly #revoker: RevokeOverdue;
  readonly #unreturned: Unreturned;
  readonly #reach: HoldReach;
  readonly #reached = new Set<HoldId>();
  /** When those come next of whom nobody can tell how far they are. */
  readonly #unseenAt = new Map<CustomerId, Instant>();
  readonly #proving = new Map<CustomerId, Promise<void>>();

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {
    this.#reach = new HoldReach(ports);
    this.#revoker = new RevokeOverdue(ports, converge, NO_GRACE_MS);
    this.#unreturned = new Unreturned(ports);
  }

  /**
   * Looks once, and starts what can be done, without waiting for it. What can't be reached is handed to `failed`, and keeps nothing
   * else from being taken away; nor does it that nobody can tell how far it is. Throws for that, and when the database is away.
   */
  async look(hold: Hold, failed: LookFailed): Promise<HoldLook> {
    await this.reach(hold, failed);
    const seen = await this.see(hold).catch(async (error: unknown) => {
      if (!isAway(error)) await this.takeUnseen(hold, failed);
      throw error;
    });
    await this.#revoker.take(customersOf(hold, seen.left.filter(isUnfinished)), failed);
    await this.prove(hold, seen.left, failed);
    return seen;
  }

  private async reach(hold: Hold, failed: LookFailed): Promise<void> {
    if (this.#reached.has(hold.id)) return;
    const { organizationId } = hold;
    const isAll = await this.#reach.execute(hold, {
      withinMs: REACHES_MS,
      failed: (_, error) => failed({ organizationId, holdId: hold.id }, error),
    });
    if (isAll) this.#reached.add(hold.id);
  }

  /**
   * One account whose row can't be read is enough that nobody can tell how far it is. Which others there are is known by the
   * grants too: they are taken one by one, each customer's at intervals, since what they wait for is not known either.
   */
  private async takeUnseen(hold: Hold, failed: RevokeFailed): Promise<void> {
    const now = this.ports.clock.now();
    await this.#unreturned.settle();
    const accounts = await this.granted(hold);
    for (const { customerId } of new Map(accounts.map((each) => [each.customerId, each])).values()) {
      if ((this.#unseenAt.get(customerId) ?? now) > now) continue;
      this.#unseenAt.set(customerId, now + UNSEEN_MS);
      const ids = accounts.filter((each) => each.customerId === customerId).map(({ accountId }) => accountId);
      await this.begin({ organizationId: hold.organizationId, customerId }, ids, failed);
    }
  }

  private async granted(hold: Hold): Promise<readonly GrantedAccount[]> {
    const all: GrantedAccount[] = [];
    for (let after: AccountId | null = null; ;) {
      const page: AccountPage = { after, limit: PAGE };
      const found: readonly GrantedAccount[] = await this.ports.unitOfWork.inOrganization(
        hold.organizationId,
        ({ holds }) => holds.granted(hold.scope, page),
      );
      all.push(...found);
      after = found.at(-1)?.accountId ?? null;
      if (found.length < PAGE) return all;
    }
  }

  /** How far it is. */
  async see(hold: Hold): Promise<HoldLook> {
    return this.ports.unitOfWork.inOrganization(hold.organizationId, async ({ holds }) => {
      const left: ClosingAccount[] = [];
      const now = this.ports.clock.now();
      for (let after: AccountId | null = null; ;) {
        const page = await holds.closing(hold, { states: NOT_CLOSED, after, limit: PAGE, now });
        left.push(...page);
        after = page.at(-1)?.accountId ?? null;
        if (page.length < PAGE) return { tally: await holds.tally(hold), left };
      }
    });
  }

  /** Until nothing that a look started is under way. */
  async idle(): Promise<void> {
    await this.#revoker.idle();
    while (this.#proving.size > 0) await Promise.all(this.#proving.values());
  }

  /** A 204 is no evidence: what was taken is read back as soon as it is due. */
  private async prove(hold: Hold, left: readonly ClosingAccount[], failed: RevokeFailed): Promise<void> {
    const now = this.ports.clock.now();
    const due = left.filter(
      ({ state, throttle, readBackAt }) =>
        state === 'taken' && throttle === null && readBackAt !== null && readBackAt <= now,
    );
    await this.#unreturned.settle();
    for (const customer of customersOf(hold, due)) {
      const accounts = due.filter((account) => account.customer.id === customer.customerId);
      await this.begin(
        customer,
        accounts.map(({ accountId }) => accountId),
        failed,
      );
    }
  }

  /** One work at a time of each customer. */
  private async begin(
    customer: CustomerRef,
    accounts: readonly AccountId[],
    failed: RevokeFailed,
  ): Promise<void> {
    if (this.#proving.has(customer.customerId)) return;
    const claims = await this.claim(customer, accounts.slice(0, CLAIM_LIMIT), failed);
    if (claims.length > 0) this.#proving.set(customer.customerId, this.readBack(customer, claims, failed));
  }

  private async claim(
    customer: CustomerRef,
    accounts: readonly AccountId[],
    failed: RevokeFailed,
  ): Promise<readonly Claim[]> {
    const { clock, unitOfWork } = this.ports;
    const claims: Claim[] = [];
    for (const accountId of accounts) {
      try {
        const claim = await unitOfWork.clockwork.claimAccount(customer, accountId, clock.now());
        if (claim !== null) claims.push(claim);
      } catch (error) {
        if (isAway(error)) {
          // Nobody will work on those that it had already.
          await this.#unreturned.giveBack(claims);
          throw error;
        }
        failed(customer, error);
      }
    }
    return claims;
  }

  private async readBack(
    customer: CustomerRef,
    claims: readonly Claim[],
    failed: RevokeFailed,
  ): Promise<void> {
    try {
      await this.converge.execute(claims, { only: 'taking' });
    } catch (error) {
      failed(customer, error);
      // One odd row must not keep the others from being read.
      if (!isAway(error) && claims.length > 1)
        await Promise.all(claims.map((claim) => this.readBackAlone(claim, failed)));
      // Nobody reads them back any more: workers must not wait for our claims.
      else await this.#unreturned.giveBack(claims);
    } finally {
      this.#proving.delete(customer.customerId);
    }
  }

  private async readBackAlone(claim: Claim, failed: RevokeFailed): Promise<void> {
    try {
      await this.converge.execute([claim], { only: 'taking' });
    } catch (error) {
      failed(claim, error);
      await this.#unreturned.giveBack([claim]);
    }
  }
}

const isUnfinished = ({ state }: ClosingAccount): boolean => UNFINISHED.some((each) => each === state);

const customersOf = ({ organizationId }: Hold, accounts: readonly ClosingAccount[]): readonly CustomerRef[] =>
  [...new Set(accounts.map(({ customer }) => customer.id))].map((customerId) => ({
    organizationId,
    customerId,
  }));
