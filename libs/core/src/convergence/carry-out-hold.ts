import {
  CLOSING_STATES,
  reachOut,
  UNFINISHED,
  type ClosingAccount,
  type Hold,
  type Tally,
} from '#core/grants';
import type { AccountId, Claim, CustomerId, CustomerRef, HoldId } from '#core/shared';
import { isAway } from './away.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';
import { RevokeOverdue, type RevokeFailed } from './revoke-overdue.js';
import { Unreturned } from './unreturned.js';

/** Accounts read at once. */
const PAGE = 1_000;
/** Five full batches, as under any claim. */
const CLAIM_LIMIT = 100;
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

/**
 * Carries out a kill switch from wherever it is called, beside workers and revoker or instead of them: claims decide who
 * does what. It takes away and reads back, and gives nothing; what is throttled waits, as it does for everybody.
 */
export class CarryOutHold {
  readonly #revoker: RevokeOverdue;
  readonly #unreturned: Unreturned;
  readonly #reached = new Set<HoldId>();
  readonly #proving = new Map<CustomerId, Promise<void>>();

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {
    this.#revoker = new RevokeOverdue(ports, converge, NO_GRACE_MS);
    this.#unreturned = new Unreturned(ports);
  }

  /** Looks once, and starts what can be done, without waiting for it. Throws when the database is away. */
  async look(hold: Hold, failed: RevokeFailed): Promise<HoldLook> {
    if (!this.#reached.has(hold.id) && (await reachOut(this.ports, hold))) this.#reached.add(hold.id);
    const seen = await this.see(hold);
    await this.#revoker.take(customersOf(hold, seen.left.filter(isUnfinished)), failed);
    await this.prove(hold, seen.left, failed);
    return seen;
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
      const { customerId } = customer;
      if (this.#proving.has(customerId)) continue;
      const claims = await this.claim(
        customer,
        due.filter((account) => account.customer.id === customerId).slice(0, CLAIM_LIMIT),
      );
      if (claims.length > 0) this.#proving.set(customerId, this.readBack(customer, claims, failed));
    }
  }

  private async claim(customer: CustomerRef, accounts: readonly ClosingAccount[]): Promise<readonly Claim[]> {
    const { clock, unitOfWork } = this.ports;
    const claims: Claim[] = [];
    try {
      for (const { accountId } of accounts) {
        const claim = await unitOfWork.clockwork.claimAccount(customer, accountId, clock.now());
        if (claim !== null) claims.push(claim);
      }
    } catch (error) {
      // Nobody will work on those that it had already.
      await this.#unreturned.giveBack(claims);
      throw error;
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
      // Without a database nobody reads them back: workers that have it again must not wait for our claims.
      if (isAway(error)) await this.#unreturned.giveBack(claims);
      // One odd row must not keep the others from being read.
      else if (claims.length > 1) await Promise.all(claims.map((claim) => this.readBackAlone(claim, failed)));
    } finally {
      this.#proving.delete(customer.customerId);
    }
  }

  private async readBackAlone(claim: Claim, failed: RevokeFailed): Promise<void> {
    try {
      await this.converge.execute([claim], { only: 'taking' });
    } catch (error) {
      failed(claim, error);
      if (isAway(error)) await this.#unreturned.giveBack([claim]);
    }
  }
}

const isUnfinished = ({ state }: ClosingAccount): boolean => UNFINISHED.some((each) => each === state);

const customersOf = ({ organizationId }: Hold, accounts: readonly ClosingAccount[]): readonly CustomerRef[] =>
  [...new Set(accounts.map(({ customer }) => customer.id))].map((customerId) => ({
    organizationId,
    customerId,
  }));
