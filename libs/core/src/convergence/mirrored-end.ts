import type { ManagedAccount } from '#core/accounts';
import { grantsByAccount, type GrantInForce } from '#core/grants';
import {
  MINUTE,
  SECOND,
  type AccountId,
  type Instant,
  type OrganizationId,
  type UpcomingEnd,
} from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import { isAway, isSlow } from './away.js';
import { BareDisable, type BareAccount } from './bare-disable.js';
import type { CustomerWaits } from './customer-waits.js';
import type { ConvergencePorts } from './ports.js';
import type { RevokeFailed } from './revoke-overdue.js';
import type { Work } from './round.js';
import { Setbacks } from './setbacks.js';
import { NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';

const FIRST_REST_MS = 5 * SECOND;
/** Of one organization, each time: so many statements that run out of their time, one after the other. */
const MOST_SLOW = 3;

interface Mirrored {
  readonly end: UpcomingEnd;
  readonly loadedAt: Instant;
  /** Its row could not be had in time when it was to be read anew: it is gone by as it was. */
  readonly stale: boolean;
  readonly taken: boolean;
}

/** An end in memory, with everything that it takes to plan it. */
export interface PlannedEnd extends Mirrored {
  readonly how: 'planned';
  readonly account: ManagedAccount;
  readonly open: readonly GrantInForce[];
  readonly connection: EntraConnection;
  /** Of Graph there. */
  readonly clock: KnownClock;
  /** A kill switch stood for the customer. */
  readonly held: boolean;
  /** What the last round brought; null before the first. */
  readonly work: Work | null;
}

/** One whose row can't be understood, or planned: a bare disable is left of it. */
export interface BareEnd extends Mirrored {
  readonly how: 'bare';
  readonly bare: BareAccount;
  readonly tries: number;
  readonly restsUntil: Instant;
}

export type MirroredEnd = PlannedEnd | BareEnd;

/** The bare end of one that turned out to be impossible to plan; null where there is no object to disable. */
export const bareOf = ({ end, loadedAt, account, connection }: PlannedEnd): BareEnd | null =>
  account.objectId === null ? null : bareEnd(end, { loadedAt, bare: { user: account.objectId, connection } });

const bareEnd = (end: UpcomingEnd, of: Pick<BareEnd, 'loadedAt' | 'bare'>): BareEnd => ({
  ...of,
  how: 'bare',
  end,
  stale: false,
  taken: false,
  tries: 0,
  restsUntil: 0,
});

/**
 * What was mirrored, for an end whose row can't be had in time. An end that has come nearer since (somebody pulled the kill
 * switch) is in no grant that was read: a bare disable is left of it.
 */
const staleOf = (known: MirroredEnd, end: UpcomingEnd): MirroredEnd | null => {
  const taken = known.taken && known.end.takeAt === end.takeAt;
  if (known.how === 'bare' || known.end.takeAt <= end.takeAt) return { ...known, end, taken, stale: true };
  const bare = bareOf(known);
  return bare === null ? null : { ...bare, end, stale: true };
};

/** Reads the rows behind upcoming ends, as far as they can be read. */
export class MirrorReader {
  readonly #bare: BareDisable;
  readonly #slow = new Setbacks();

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly waits: CustomerWaits,
    private readonly known: (id: AccountId) => MirroredEnd | undefined,
  ) {
    this.#bare = new BareDisable(ports);
  }

  /**
   * Of one organization, together; when that fails, each alone, and so is what took too long before. What can't be had in
   * time rests, and is what it was. Throws only when the database is away.
   */
  async read(ends: readonly UpcomingEnd[], failed: RevokeFailed): Promise<readonly MirroredEnd[]> {
    const now = this.ports.clock.now();
    const well = ends.filter(({ accountId }) => !this.#slow.has(accountId));
    const slow = ends.filter(({ accountId }) => this.#slow.has(accountId));
    const again = slow.filter(({ accountId }) => !this.#slow.rests(accountId, now));
    const read = [...(await this.together(well, failed)), ...(await this.eachAlone(again, failed))];
    return [...this.stale(slow.filter((end) => !again.includes(end))), ...read];
  }

  /** As they were, where they were known. */
  stale(ends: readonly UpcomingEnd[]): readonly MirroredEnd[] {
    return ends.flatMap((end) => {
      const known = this.known(end.accountId);
      const stale = known === undefined ? null : staleOf(known, end);
      return stale === null ? [] : [stale];
    });
  }

  forgetAllBut(ids: ReadonlySet<AccountId>): void {
    this.#slow.forgetAllBut(ids);
  }

  private async together(
    ends: readonly UpcomingEnd[],
    failed: RevokeFailed,
  ): Promise<readonly MirroredEnd[]> {
    const [first] = ends;
    if (first === undefined) return [];
    try {
      return await this.load(first.organizationId, ends);
    } catch (error) {
      if (isAway(error)) throw error;
      return this.eachAlone(ends, failed);
    }
  }

  /** Where nearly everything is slow nobody waits for all of it: the rest has its turn the next time. */
  private async eachAlone(
    ends: readonly UpcomingEnd[],
    failed: RevokeFailed,
  ): Promise<readonly MirroredEnd[]> {
    const read: MirroredEnd[] = [];
    let slow = 0;
    for (const [index, end] of ends.entries()) {
      if (slow === MOST_SLOW) return [...read, ...this.stale(ends.slice(index))];
      const { found, isLate } = await this.alone(end, failed);
      if (isLate) slow += 1;
      read.push(...found);
    }
    return read;
  }

  private async alone(
    end: UpcomingEnd,
    failed: RevokeFailed,
  ): Promise<{ readonly found: readonly MirroredEnd[]; readonly isLate: boolean }> {
    try {
      const found = await this.load(end.organizationId, [end]);
      this.#slow.clear(end.accountId);
      return { found, isLate: false };
    } catch (error) {
      if (isAway(error)) throw error;
      failed(end, error);
      const isLate = isSlow(error);
      const by = { now: this.ports.clock.now(), firstMs: FIRST_REST_MS, longestMs: MINUTE };
      if (isLate) this.#slow.add(end.accountId, by);
      const stale = isLate ? this.stale([end]) : [];
      return { found: stale.length > 0 ? stale : await this.bare(end, failed), isLate };
    }
  }

  private async bare(end: UpcomingEnd, failed: RevokeFailed): Promise<readonly MirroredEnd[]> {
    const loadedAt = this.ports.clock.now();
    try {
      const bare = await this.#bare.read(end);
      return bare === null ? [] : [bareEnd(end, { loadedAt, bare })];
    } catch (error) {
      if (isAway(error)) throw error;
      failed(end, error);
      return [];
    }
  }

  private load(
    organizationId: OrganizationId,
    ends: readonly UpcomingEnd[],
  ): Promise<readonly MirroredEnd[]> {
    const loadedAt = this.ports.clock.now();
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const ids = ends.map(({ accountId }) => accountId);
      const accounts = new Map((await stores.accounts.ofIds(ids)).map((account) => [account.id, account]));
      const open = grantsByAccount(await stores.grants.openOf(ids));
      const customers = [...new Set(ends.map(({ customerId }) => customerId))];
      const connections = await stores.connections.ofCustomers(customers);
      const conditions = await stores.customers.conditions(customers);
      for (const [customer, { throttles }] of conditions) {
        // That the credential of those who give is refused says nothing of our own.
        const hasOwn = connections.get(customer)?.second !== undefined;
        this.waits.learn(
          customer,
          throttles.filter(({ workload }) => !(workload === 'sign-in' && hasOwn)),
        );
      }
      return ends.flatMap((end): readonly MirroredEnd[] => {
        const connection = connections.get(end.customerId);
        const account = accounts.get(end.accountId);
        if (account === undefined || connection === undefined) return [];
        const own = open.get(account.id) ?? [];
        const known = conditions.get(end.customerId);
        const [clock, held] = [known?.clock ?? NO_DIFFERENCE, known?.held ?? false];
        const rest = { how: 'planned' as const, loadedAt, clock, work: null, stale: false, taken: false };
        return [{ ...rest, end, account, open: own, connection, held }];
      });
    });
  }
}
