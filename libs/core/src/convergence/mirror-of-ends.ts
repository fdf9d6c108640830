import type { ManagedAccount, MayHold } from '#core/accounts';
import { CURFEW, type AuditEvent } from '#core/audit';
import type { GrantInForce } from '#core/grants';
import {
  CLAIM_MS,
  MINUTE,
  SECOND,
  type AccountId,
  type Claim,
  type Instant,
  type OrganizationId,
  type UpcomingEnd,
} from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import { isAway } from './away.js';
import { CustomerWaits } from './customer-waits.js';
import type { Converge } from './converge.js';
import { desiredAccount } from './desired-account.js';
import { doubted } from './doubted.js';
import { draftRound, type Draft } from './draft.js';
import { worstUnder } from './held.js';
import type { ConvergencePorts } from './ports.js';
import type { RevokeFailed } from './revoke-overdue.js';
import type { Work } from './round.js';
import { throttlesIn } from './throttles.js';

const HORIZON_MS = 15 * MINUTE;
/** More than fall due in a quarter of an hour anywhere; the nearest count. */
const MOST_ENDS = 5_000;
/** An extension that nobody has converged yet shows in no column of the clockwork: everything is read anew this often. */
const RELOAD_MS = 30 * SECOND;
const GRACE_MS = 2 * SECOND;
/** Accounts read in one transaction: the rows of a whole organization would not fit into its time. */
const READ_TOGETHER = 100;
const MAX_ROUNDS = 8;
const MOST_UNRECORDED = 5_000;

interface MirroredEnd {
  readonly end: UpcomingEnd;
  readonly loadedAt: Instant;
  readonly account: ManagedAccount;
  readonly open: readonly GrantInForce[];
  readonly connection: EntraConnection;
  /** What the last round brought; null before the first. */
  readonly work: Work | null;
  readonly taken: boolean;
}

/** What was done without the database, and is told to it when it is back. */
interface Unrecorded extends UpcomingEnd {
  readonly at: Instant;
  readonly left: MayHold;
}

/**
 * The ends of the next quarter of an hour, kept in memory, so that they are kept while the database is away. It plans
 * and calls as every converge does, but writes no row: once the database is back the same ends are found overdue, taken
 * once more (which changes nothing) and proven. What it has done meanwhile is told to the audit log then, and its rows are
 * made to doubt what they say is held: an end that was put off without the mirror's knowing is given back. What Graph asked
 * of a customer is kept in memory too, and kept to.
 */
export class MirrorOfEnds {
  readonly #ends = new Map<AccountId, MirroredEnd>();
  readonly #waits = new CustomerWaits();
  #unrecorded: Unrecorded[] = [];

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {}

  /**
   * Reads what ends soon, and tells what was done without the database. A row that can't be read is handed to `failed`,
   * and keeps nobody else's out. Throws when the database is away; nothing is lost then.
   */
  async refresh(failed: RevokeFailed): Promise<void> {
    const { clock, unitOfWork } = this.ports;
    const now = clock.now();
    const ends = await unitOfWork.clockwork.endsBefore(now + HORIZON_MS, MOST_ENDS);
    const ending = new Set(ends.map(({ accountId }) => accountId));
    for (const id of this.#ends.keys()) if (!ending.has(id)) this.#ends.delete(id);
    const stale = ends.filter((end) => !this.isFresh(end, now));
    for (const group of byOrganization(stale).values()) {
      for (let from = 0; from < group.length; from += READ_TOGETHER)
        await this.read(group.slice(from, from + READ_TOGETHER), failed);
    }
    await this.record();
  }

  /** Takes away what is overdue by the mirror; answers how many accounts were done with. Never throws. */
  async takeAway(failed: RevokeFailed): Promise<number> {
    const now = this.ports.clock.now();
    this.#waits.forgetPast(now);
    const owed = [...this.#ends.values()].filter(
      ({ end, taken }) =>
        !taken && end.takeAt < now - GRACE_MS && !this.#waits.isWaiting(end.customerId, now),
    );
    const customers = new Map<string, MirroredEnd[]>();
    for (const each of owed) {
      const { customerId } = each.end;
      customers.set(customerId, [...(customers.get(customerId) ?? []), each]);
    }
    const done = await Promise.all([...customers.values()].map((ends) => this.takeFrom(ends, failed)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  private isFresh(end: UpcomingEnd, now: Instant): boolean {
    const known = this.#ends.get(end.accountId);
    if (known === undefined || now - known.loadedAt >= RELOAD_MS) return false;
    return known.end.epoch === end.epoch && known.end.takeAt === end.takeAt;
  }

  /** Of one organization, together; when that fails, each alone. */
  private async read(ends: readonly UpcomingEnd[], failed: RevokeFailed): Promise<void> {
    const [first] = ends;
    if (first === undefined) return;
    try {
      await this.load(first.organizationId, ends);
    } catch (error) {
      if (isAway(error)) throw error;
      if (ends.length === 1) failed(first, error);
      else for (const end of ends) await this.read([end], failed);
    }
  }

  private async load(organizationId: OrganizationId, ends: readonly UpcomingEnd[]): Promise<void> {
    const now = this.ports.clock.now();
    const loaded = await this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const open = await stores.grants.openOf(ends.map(({ accountId }) => accountId));
      const connections = new Map<string, EntraConnection | null>();
      const found: MirroredEnd[] = [];
      for (const end of ends) {
        if (!connections.has(end.customerId)) {
          const connection = await stores.connections.ofCustomer(end.customerId);
          connections.set(end.customerId, connection);
          const told = await stores.customers.throttles(end.customerId);
          // That the credential of those who give is refused says nothing of our own.
          const ours = told.filter(({ workload }) => !(workload === 'sign-in' && connection?.second));
          this.#waits.learn(end.customerId, ours);
        }
        const connection = connections.get(end.customerId) ?? null;
        const account = await stores.accounts.get(end.accountId);
        if (account === null || connection === null) continue;
        const own = open.filter(({ grant }) => grant.accountId === account.id);
        found.push({ end, loadedAt: now, account, open: own, connection, work: null, taken: false });
      }
      return found;
    });
    for (const each of loaded) this.#ends.set(each.account.id, each);
  }

  /** Rounds as under a claim, of one customer's accounts together. */
  private async takeFrom(ends: readonly MirroredEnd[], failed: RevokeFailed): Promise<number> {
    const [first] = ends;
    let left = ends;
    let done = 0;
    try {
      for (let round = 1; round <= MAX_ROUNDS && left.length > 0; round += 1) {
        const drafts = left.map((each) => ({ each, draft: this.draft(each) }));
        done += drafts.filter(({ each, draft }) => this.settle(each, draft)).length;
        // What Graph has just asked for counts for the other accounts too.
        if (first === undefined || this.#waits.isWaiting(first.end.customerId, this.ports.clock.now())) break;
        left = await this.carryOut(drafts.filter(({ draft }) => draft.settled === null));
      }
    } catch (error) {
      if (first !== undefined) failed(first.end, error);
      if (ends.length > 1) done += await this.eachAlone(ends, failed);
    }
    return done;
  }

  /** One that can't be planned harms nobody else. */
  private async eachAlone(ends: readonly MirroredEnd[], failed: RevokeFailed): Promise<number> {
    const left = ends.map((each) => this.#ends.get(each.account.id) ?? each).filter(({ taken }) => !taken);
    const done = await Promise.all(left.map((each) => this.takeFrom([each], failed)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  private draft({ end, account: read, open, connection, work }: MirroredEnd): Draft {
    const now = this.ports.clock.now();
    const claim: Claim = { ...end, claimedUntil: now + CLAIM_MS };
    // What a worker gave after the row was read, just before the database went away, shows in no memory of ours.
    const isDoubtful = work === null && !desiredAccount(open, now, read).enabled;
    const account = isDoubtful ? { ...read, mayHold: worstUnder(read.mayHold, open) } : read;
    const of = { throttles: this.#waits.of(end.customerId) };
    return draftRound(
      { ...of, claim, account, open, connection, work, mint: null, now, stop: false, takingOnly: true },
      this.ports,
    );
  }

  private async carryOut(
    drafts: readonly { readonly each: MirroredEnd; readonly draft: Draft }[],
  ): Promise<readonly MirroredEnd[]> {
    const [first] = drafts;
    if (first === undefined) return [];
    const works = await this.converge.carryOut(
      drafts.map(({ draft }) => draft.work),
      first.each.connection,
    );
    const failures = works.flatMap((work) => work.failures);
    this.#waits.learn(first.each.end.customerId, throttlesIn(failures, this.ports.clock.now()));
    return drafts.map(({ each }, index) => {
      const work = works[index] ?? null;
      // Under its name there is somebody else's user: nothing of ours was made.
      const taken = work?.foreign === true;
      const next = { ...each, work, account: work?.account ?? each.account, taken };
      this.#ends.set(each.account.id, next);
      return next;
    });
  }

  /**
   * Nothing is left to send: either what is owed is taken away, or something failed and waits for its next try. What ends
   * later on the same account is owed then, and not looked at before: no proof is sought here.
   */
  private settle(each: MirroredEnd, { settled }: Draft): boolean {
    if (settled === null) return false;
    const { takeAt } = settled;
    if (takeAt !== null && takeAt <= this.ports.clock.now()) return false;
    this.#ends.set(
      each.account.id,
      takeAt === null ? { ...each, taken: true } : { ...each, end: { ...each.end, takeAt }, work: null },
    );
    if (each.work === null || this.#unrecorded.length >= MOST_UNRECORDED) return true;
    const { mayHold: left } = each.account;
    this.#unrecorded.push({ ...each.end, at: this.ports.clock.now(), left });
    return true;
  }

  private async record(): Promise<void> {
    const unrecorded = this.#unrecorded;
    this.#unrecorded = [];
    const failures: unknown[] = [];
    for (const group of byOrganization(unrecorded).values()) {
      try {
        await this.tell(group);
      } catch (error) {
        this.#unrecorded.push(...group);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Of one organization. An end that was put off without our knowing was kept too early: its row is made to doubt it. */
  private async tell(unrecorded: readonly Unrecorded[]): Promise<void> {
    const [first] = unrecorded;
    if (first === undefined) return;
    const now = this.ports.clock.now();
    const inOrder = [...unrecorded].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
    await this.ports.unitOfWork.inOrganization(first.organizationId, async (stores) => {
      for (const { accountId, left } of inOrder)
        await stores.accounts.suspect(accountId, (held) => doubted(held, left), now);
      await stores.audit.append(unrecorded.map(eventOf));
    });
  }
}

const eventOf = ({ organizationId, customerId, accountId, takeAt, at }: Unrecorded): AuditEvent => ({
  organizationId,
  at,
  actor: CURFEW,
  action: 'account.taken_from_memory',
  subject: { kind: 'managed_account', id: accountId },
  customerId,
  details: { endedAt: new Date(takeAt).toISOString() },
});

const byOrganization = <Row extends { readonly organizationId: OrganizationId }>(
  rows: readonly Row[],
): ReadonlyMap<OrganizationId, readonly Row[]> => {
  const groups = new Map<OrganizationId, Row[]>();
  for (const row of rows) groups.set(row.organizationId, [...(groups.get(row.organizationId) ?? []), row]);
  return groups;
};
