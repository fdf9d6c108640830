import { accessErrors } from '#core/access';
import type { AuditActor } from '#core/audit';
import { holdsAnything, type ManagedAccount } from '#core/accounts';
import {
  CLOCKS_DIFFER_MS,
  closingState,
  concerns,
  owesEnd,
  type AccountPage,
  type ClosingAccount,
  type ClosingFilter,
  type GrantedAccount,
  type Hold,
  type HoldFilter,
  type HoldScope,
  type HoldStore,
  type HoldToReach,
  type Reach,
  type Reached,
  type Tally,
  type ToReach,
} from '#core/grants';
import { identityErrors } from '#core/identity';
import {
  earliest,
  type AccountId,
  type CustomerId,
  type GroupId,
  type HoldId,
  type Instant,
  type RoleId,
  type TechnicianId,
} from '#core/shared';
import type { Throttle } from '#core/tenancy';
import { compare, pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryHoldStore implements HoldStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(hold: Hold): Promise<void> {
    return this.tx.run(() => {
      const { customers, technicians, holds } = this.tx.database;
      const { scope } = hold;
      if (scope.kind === 'technician')
        this.tx.mustExist(technicians, scope.technicianId, identityErrors.refuse('technician.not_found'));
      if (scope.kind === 'customer')
        this.tx.mustExist(customers, scope.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.insert(holds, hold);
    });
  }

  get(id: HoldId): Promise<Hold | null> {
    return this.tx.run(() => this.tx.database.holds.get(this.tx.organizationId, id) ?? null);
  }

  async toReach(id: HoldId): Promise<HoldToReach | null> {
    const hold = await this.get(id);
    if (hold === null) return null;
    const { organizationId, scope, placedAt, liftedAt } = hold;
    return { id, organizationId, scope, placedAt, liftedAt };
  }

  standing(): Promise<readonly Hold[]> {
    return this.tx.run(() =>
      this.tx.database.holds
        .of(this.tx.organizationId)
        .filter(({ liftedAt }) => liftedAt === null)
        .sort((a, b) => b.placedAt - a.placedAt),
    );
  }

  lift(id: HoldId, by: { readonly at: Instant; readonly actor: AuditActor }): Promise<boolean> {
    return this.tx.run(() => {
      const hold = this.tx.database.holds.get(this.tx.organizationId, id);
      if (hold === undefined || hold.liftedAt !== null) return false;
      this.tx.database.holds.put(this.tx.organizationId, id, {
        ...hold,
        liftedAt: by.at,
        liftedBy: by.actor,
      });
      return true;
    });
  }

  list({ which, placedBy, after, limit }: HoldFilter): Promise<readonly Hold[]> {
    return this.tx.run(() => {
      const listed = this.#rows()
        .filter(({ liftedAt }) => which === 'all' || liftedAt === null)
        .filter(({ placedBy: by }) => placedBy === undefined || ('id' in by && by.id === placedBy));
      return pageOf(listed, { after, limit }, 'newest');
    });
  }

  async concerning(of: {
    readonly technicianId: TechnicianId | null;
    readonly customerId: CustomerId;
  }): Promise<Hold | null> {
    return (await this.standing()).find((hold) => concerns(hold, of)) ?? null;
  }

  restoringSince(): Promise<Instant | null> {
    return this.tx.run(() => this.tx.database.deployment.restoringSince);
  }

  /** Transactions come one after the other here anyway. */
  shareWithGiving(): Promise<void> {
    return this.tx.run(() => undefined);
  }

  excludeGiving(): Promise<void> {
    return this.tx.run(() => undefined);
  }

  latestGrantIn(scope: HoldScope): Promise<Instant | null> {
    return this.tx.run(() => {
      const times = this.tx.database.grants
        .of(this.tx.organizationId)
        .filter((grant) => grant.state !== 'ended' && concerns({ scope }, grant))
        .map(({ createdAt }) => createdAt);
      return times.length === 0 ? null : Math.max(...times);
    });
  }

  inReach(hold: HoldToReach, at: Instant): Promise<Reach> {
    return this.tx.run(() => reachOf(this.#wanted(hold, at)));
  }

  wanted(
    hold: HoldToReach,
    { at, after, limit }: AccountPage & { readonly at: Instant },
  ): Promise<readonly AccountId[]> {
    return this.tx.run(() => pageOf(this.#wanted(hold, at), { after, limit }, 'oldest').map(({ id }) => id));
  }

  granted(scope: HoldScope, { after, limit }: AccountPage): Promise<readonly GrantedAccount[]> {
    return this.tx.run(() => {
      const open = this.tx.database.grants
        .of(this.tx.organizationId)
        .filter((grant) => owesEnd(grant) && concerns({ scope }, grant));
      return [...new Map(open.map((grant) => [grant.accountId, grant])).values()]
        .filter(({ accountId }) => after === null || accountId > after)
        .sort((a, b) => compare(a.accountId, b.accountId))
        .slice(0, limit)
        .map(({ accountId, customerId }) => ({ accountId, customerId }));
    });
  }

  reach(hold: HoldToReach, { at, accounts }: ToReach): Promise<Reached> {
    return this.tx.run(() => {
      const { organizationId, database } = this.tx;
      const asked = new Set(accounts);
      const wanted = this.#wanted(hold, at).filter(({ id }) => asked.has(id));
      const found = wanted.filter(({ id }) => !database.heldRows.has(id));
      for (const account of found) {
        const { version, dueAt, takeAt } = account;
        database.accounts.put(organizationId, account.id, {
          ...account,
          version: version + 1,
          dueAt: earliest(dueAt, at),
          takeAt: earliest(takeAt, at),
        });
        const row = { holdId: hold.id, accountId: account.id };
        database.heldAccounts.put(organizationId, `${hold.id} ${account.id}`, row);
      }
      return { ...reachOf(found), skipped: wanted.length - found.length };
    });
  }

  settle(hold: HoldToReach, at: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const { organizationId, database } = this.tx;
      const isThere = database.holds.get(organizationId, hold.id) !== undefined;
      if (!isThere || this.#wanted(hold, at).length > 0) return false;
      database.reachedHolds.put(organizationId, hold.id, { id: hold.id, at });
      return true;
    });
  }

  reachAgain(hold: HoldToReach, at: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const { organizationId, database } = this.tx;
      const { id } = hold;
      const stands = database.holds.get(organizationId, id)?.liftedAt === null;
      const hasReachedAll = database.reachedHolds.get(organizationId, id) !== undefined;
      if (!stands || !hasReachedAll || this.#wanted(hold, at + CLOCKS_DIFFER_MS).length === 0) return false;
      database.reachedHolds.delete(organizationId, id);
      database.reachSince.put(organizationId, id, { at });
      return true;
    });
  }

  tally(hold: Hold): Promise<Tally> {
    return this.tx.run(() => {
      const tally = { open: 0, ending: 0, taken: 0, closed: 0 };
      for (const { state } of this.#closing(hold, hold.placedAt)) tally[state] += 1;
      return tally;
    });
  }

  closing(hold: Hold, { states, after, limit, now }: ClosingFilter): Promise<readonly ClosingAccount[]> {
    return this.tx.run(() =>
      this.#closing(hold, now)
        .filter(({ accountId, state }) => states.includes(state) && (after === null || accountId > after))
        .sort((a, b) => compare(a.accountId, b.accountId))
        .slice(0, limit),
    );
  }

  #rows(): readonly Hold[] {
    return this.tx.database.holds.of(this.tx.organizationId);
  }

  #isOpen({ id, mayHold }: ManagedAccount): boolean {
    const grants = this.tx.database.grants.of(this.tx.organizationId);
    return holdsAnything(mayHold) || grants.some((grant) => grant.accountId === id && owesEnd(grant));
  }

  /** In the scope, and with anything to take away. */
  #inScope(scope: HoldScope): readonly ManagedAccount[] {
    return this.tx.database.accounts
      .of(this.tx.organizationId)
      .filter((account) => account.closedAt === null && isInScope(account, scope) && this.#isOpen(account));
  }

  #isFound({ id }: Pick<Hold, 'id'>, account: ManagedAccount): boolean {
    const { organizationId, database } = this.tx;
    return database.heldAccounts.get(organizationId, `${id} ${account.id}`) !== undefined;
  }

  #wanted(hold: HoldToReach, at: Instant): readonly ManagedAccount[] {
    return this.#inScope(hold.scope).filter((account) => {
      const { takeAt } = account;
      const isUnowed = hold.liftedAt === null && (takeAt === null || takeAt > at);
      return isUnowed || this.#isYetToBeFound(hold, account);
    });
  }

  /** A lifted hold forbids nothing that came after it. */
  #isYetToBeFound(hold: HoldToReach, account: ManagedAccount): boolean {
    if (this.#isFound(hold, account)) return false;
    const grants = this.tx.database.grants.of(this.tx.organizationId);
    return (
      hold.liftedAt === null ||
      grants.some(
        (grant) => grant.accountId === account.id && owesEnd(grant) && grant.createdAt <= hold.placedAt,
      )
    );
  }

  #closing(hold: Hold, now: Instant): readonly ClosingAccount[] {
    const { organizationId, database } = this.tx;
    const found = database.heldAccounts
      .of(organizationId)
      .filter(({ holdId }) => holdId === hold.id)
      .flatMap(({ accountId }) => database.accounts.get(organizationId, accountId) ?? []);
    const isReaching =
      database.holds.get(organizationId, hold.id) !== undefined &&
      database.reachedHolds.get(organizationId, hold.id) === undefined;
    const left = isReaching
      ? this.#inScope(hold.scope).filter((account) => this.#isYetToBeFound(hold, account))
      : [];
    return [...found, ...left].map((account) => this.#closingOf(account, hold, now));
  }

  #closingOf(account: ManagedAccount, hold: Hold, now: Instant): ClosingAccount {
    const { organizationId, database } = this.tx;
    const all = database.grants.of(organizationId).filter(({ accountId }) => accountId === account.id);
    const grants = all.filter(
      ({ createdAt, endedAt }) =>
        createdAt <= hold.placedAt && (endedAt === null || endedAt >= hold.placedAt),
    );
    const since = all.filter((grant) => grant.createdAt > hold.placedAt && owesEnd(grant));
    const { mayHold } = account;
    const state = closingState(grants, {
      anything: holdsAnything(mayHold),
      enabled: mayHold.enabled !== null && since.length === 0,
    });
    const connection = database.connections.get(organizationId, account.customerId);
    const endings = grants.flatMap(({ endingAt }) => endingAt ?? []);
    const proofs = grants.flatMap(({ endedAt }) => endedAt ?? []);
    return {
      accountId: account.id,
      technicianId: account.technicianId,
      upn: account.upn,
      objectId: account.objectId,
      customer: {
        id: account.customerId,
        name: database.customers.get(organizationId, account.customerId)?.name ?? '',
      },
      tenant: connection === undefined ? null : { id: connection.tenantId, cloud: connection.cloud },
      held: {
        enabled: mayHold.enabled !== null,
        roles: Object.keys(mayHold.roles) as RoleId[],
        groups: Object.keys(mayHold.groups) as GroupId[],
        pass: mayHold.pass !== null,
      },
      state,
      since: endings.length === 0 ? hold.placedAt : Math.min(...endings),
      closedAt: state === 'closed' && proofs.length > 0 ? Math.max(...proofs) : null,
      failure: failureOf(account),
      throttle: this.#throttleOf(account, now),
      readBackAt: account.verification?.nextAt ?? null,
    };
  }

  #throttleOf({ customerId }: ManagedAccount, now: Instant): Throttle | null {
    const [longest] = this.tx.database.throttles
      .of(this.tx.organizationId)
      .filter(
        (each) =>
          each.customerId === customerId &&
          (each.workload === 'directory' || each.workload === 'sign-in') &&
          each.until > now,
      )
      .sort((a, b) => b.until - a.until);
    if (longest === undefined) return null;
    const { workload, until, reason } = longest;
    return { workload, until, reason };
  }
}

const reachOf = (accounts: readonly ManagedAccount[]): Reach => ({
  accounts: accounts.length,
  customers: [...new Set(accounts.map(({ customerId }) => customerId))].sort(compare),
});

const isInScope = ({ kind, technicianId, customerId }: ManagedAccount, scope: HoldScope): boolean =>
  kind !== 'laps' && concerns({ scope }, { technicianId, customerId });

const failureOf = ({ failure }: ManagedAccount): ClosingAccount['failure'] => {
  if (failure === null) return null;
  const { reason, message, sinceAt, attempts, retryAt } = failure;
  return { reason, message, sinceAt, attempts, retryAt };
};
