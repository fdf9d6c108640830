import { accessErrors } from '#core/access';
import {
  accountErrors,
  isGone,
  type AccountFilter,
  type AccountRef,
  type AccountScope,
  type ManagedAccount,
  type ManagedAccountStore,
  type MayHold,
  type OwnEntitlement,
  type Retirement,
  type Settlement,
  type WorkedAccount,
} from '#core/accounts';
import { identityErrors } from '#core/identity';
import {
  earliest,
  sharedErrors,
  type AccountId,
  type Claim,
  type CustomerId,
  type Instant,
  type ObjectId,
  type TechnicianId,
} from '#core/shared';
import {
  entitled,
  intended,
  jitOf,
  requireFreeName,
  requireSound,
  withoutClockwork,
  workOf,
} from './in-memory-account-rows.js';
import { isWithin, openGrants } from './in-memory-account-scope.js';
import { pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryManagedAccountStore implements ManagedAccountStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(account: ManagedAccount): Promise<void> {
    return this.tx.run(() => {
      const { customers, technicians, accounts } = this.tx.database;
      this.tx.mustExist(customers, account.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.mustExist(technicians, account.technicianId, identityErrors.refuse('technician.not_found'));
      const jit = account.kind === 'jit' ? jitOf(this.#rows(), account) : undefined;
      if (jit !== undefined) throw accountErrors.refuse('account.exists');
      requireFreeName(this.#rows(), account);
      requireSound(account);
      this.tx.insert(accounts, account);
    });
  }

  get(id: AccountId): Promise<ManagedAccount | null> {
    return this.tx.run(() => this.#row(id) ?? null);
  }

  ofIds(ids: readonly AccountId[]): Promise<readonly ManagedAccount[]> {
    return this.tx.run(() => this.#rowsOf(ids));
  }

  objectIdOf(id: AccountId): Promise<ObjectId | null> {
    return this.tx.run(() => this.#row(id)?.objectId ?? null);
  }

  ofTechnician(customerId: CustomerId, technicianId: TechnicianId): Promise<ManagedAccount | null> {
    return this.tx.run(() => jitOf(this.#rows(), { customerId, technicianId }) ?? null);
  }

  takenNames(customerId: CustomerId, upns: readonly string[]): Promise<readonly string[]> {
    return this.tx.run(() =>
      this.#rows()
        .filter((row) => row.closedAt === null && row.customerId === customerId && upns.includes(row.upn))
        .map((row) => row.upn),
    );
  }

  intend(
    ids: readonly AccountId[],
    times: { readonly dueAt: Instant; readonly takeAt?: Instant },
  ): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf(ids)) if (row.closedAt === null) this.#put(intended(row, times));
    });
  }

  entitle(id: AccountId, own: OwnEntitlement, dueAt: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf([id])) if (row.closedAt === null) this.#put(entitled(row, own, dueAt));
    });
  }

  endAll(scope: AccountScope, now: Instant): Promise<readonly AccountRef[]> {
    return this.tx.run(() => {
      const rows = this.#rows().filter((row) => row.takeAt !== null && isWithin(this.tx, scope, row));
      if (rows.some(({ id }) => this.#isHeld(id))) throw sharedErrors.refuse('database.locked');
      for (const row of rows) this.#end(row, now);
      return rows.map(({ id, customerId }) => ({ id, customerId }));
    });
  }

  endUnlessHeld(
    of: { readonly customerId: CustomerId; readonly ids: readonly AccountId[] | null },
    now: Instant,
  ): Promise<readonly AccountId[]> {
    return this.tx.run(() => {
      const rows = this.#rows().filter((row) => row.takeAt !== null && row.customerId === of.customerId);
      const asked = rows.filter(({ id }) => of.ids?.includes(id) ?? true);
      for (const row of asked.filter(({ id }) => !this.#isHeld(id))) this.#end(row, now);
      return asked.flatMap(({ id }) => (this.#isHeld(id) ? [id] : []));
    });
  }

  retire(ids: readonly AccountId[], why: Retirement, dueAt: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf(ids)) {
        if (row.closedAt !== null) continue;
        this.#put({ ...row, version: row.version + 1, retirement: why, dueAt: earliest(row.dueAt, dueAt) });
      }
    });
  }

  retireAll(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' }>,
    why: Retirement,
    now: Instant,
  ): Promise<readonly AccountRef[]> {
    return this.tx.run(() => {
      const rows = this.#rows().filter(
        (row) => row.closedAt === null && row.removal === null && isWithin(this.tx, scope, row),
      );
      for (const row of rows)
        this.#put({
          ...row,
          version: row.version + 1,
          retirement: why,
          dueAt: earliest(row.dueAt, now),
        });
      return rows.map(({ id, customerId }) => ({ id, customerId }));
    });
  }

  list(filter: AccountFilter): Promise<readonly ManagedAccount[]> {
    const wanted = (row: ManagedAccount): boolean =>
      (filter.customerId === undefined || row.customerId === filter.customerId) &&
      (filter.technicianId === undefined || row.technicianId === filter.technicianId);
    return this.tx.run(() => pageOf(this.#rows().filter(wanted), filter, 'oldest'));
  }

  unproven(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]> {
    const wanted = (row: ManagedAccount): boolean =>
      row.customerId === customerId && row.closedAt === null && !this.#isProven(row);
    return this.tx.run(() => pageOf(this.#rows().filter(wanted), { after: null, limit }, 'oldest'));
  }

  leftBehind(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]> {
    const wanted = (row: ManagedAccount): boolean =>
      row.customerId === customerId && row.leftBehindAt !== null;
    return this.tx.run(() => pageOf(this.#rows().filter(wanted), { after: null, limit }, 'oldest'));
  }

  close(customerId: CustomerId, at: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rows()) {
        if (row.customerId !== customerId || row.closedAt !== null || !this.#isProven(row)) continue;
        this.#put({ ...row, ...withoutClockwork(row), closedAt: at, failure: null });
      }
    });
  }

  leaveBehind(ids: readonly AccountId[], at: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf(ids)) {
        if (row.closedAt !== null) continue;
        this.#put({ ...row, ...withoutClockwork(row), closedAt: at, leftBehindAt: at });
      }
    });
  }

  keep(id: AccountId): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf([id])) {
        const stands = row.retirement === 'ended_with_delete' && row.mayHold.object !== null;
        if (!stands) this.#put({ ...row, retirement: null });
      }
    });
  }

  bearing(
    customerId: CustomerId,
    of: { readonly objectIds: readonly ObjectId[]; readonly markers: readonly string[] },
  ): Promise<readonly ManagedAccount[]> {
    return this.tx.run(() =>
      this.#rows().filter(
        (row) =>
          row.customerId === customerId &&
          ((row.objectId !== null && of.objectIds.includes(row.objectId)) || of.markers.includes(row.marker)),
      ),
    );
  }

  unused(customerId: CustomerId, before: Instant, limit: number): Promise<readonly ManagedAccount[]> {
    return this.tx.run(() => {
      const grants = this.tx.database.grants.of(this.tx.organizationId);
      const isNeeded = (id: AccountId): boolean =>
        grants.some((grant) => grant.accountId === id && (grant.endedAt === null || grant.endedAt >= before));
      return this.#rows()
        .filter((row) => row.customerId === customerId && row.kind === 'jit' && row.createdAt < before)
        .filter((row) => row.mayHold.object !== null && row.retirement === null && row.closedAt === null)
        .filter(({ id }) => !isNeeded(id))
        .sort((a, b) => a.createdAt - b.createdAt)
        .slice(0, limit);
    });
  }

  askLook(ids: readonly AccountId[], lookAt: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rowsOf(ids)) this.#put({ ...row, lookAt: earliest(row.lookAt, lookAt) });
    });
  }

  askLookAtAll(customerId: CustomerId, lookAt: Instant): Promise<void> {
    return this.tx.run(() => {
      for (const row of this.#rows())
        if (row.customerId === customerId && row.objectId !== null)
          this.#put({ ...row, lookAt: earliest(row.lookAt, lookAt) });
    });
  }

  record(claims: readonly Claim[], accounts: readonly WorkedAccount[]): Promise<readonly AccountId[]> {
    return this.tx.run(() => {
      const worked = new Map(accounts.map((account) => [account.id, account]));
      return this.#underEpoch(claims).flatMap((row) => {
        const account = worked.get(row.id);
        if (account === undefined) return [];
        const written = { ...row, ...workOf(account, row) };
        requireFreeName(this.#rows(), written);
        this.#put(written);
        return [row.id];
      });
    });
  }

  suspect(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<void> {
    return this.tx.run(() => {
      const row = this.#row(id);
      if (row === undefined) return;
      this.#put({
        ...row,
        mayHold: raise(row.mayHold),
        ...(row.closedAt === null
          ? { dueAt: earliest(row.dueAt, at), takeAt: earliest(row.takeAt, at) }
          : {}),
        epoch: row.epoch + 1,
        claimedUntil: null,
      });
    });
  }

  async suspectUnlessHeld(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<boolean> {
    if (this.#isHeld(id)) return false;
    await this.suspect(id, raise, at);
    return true;
  }

  lock(claims: readonly Claim[]): Promise<readonly ManagedAccount[]> {
    return this.tx.run(() => {
      const rows = this.#underEpoch(claims);
      for (const row of rows) this.tx.locked.add(row.id);
      return rows;
    });
  }

  release(settled: readonly Settlement[]): Promise<void> {
    return this.tx.run(() => {
      for (const { id, dueAt, takeAt, lookAt, worked } of settled) {
        const row = this.#row(id);
        if (row === undefined || !this.tx.locked.has(id)) {
          throw new Error('Only an account locked in this transaction can be released.');
        }
        const known = { ...row, ...(worked === undefined ? {} : workOf(worked, row)) };
        requireFreeName(this.#rows(), known);
        this.#put({ ...known, dueAt, takeAt, lookAt, claimedUntil: null });
      }
    });
  }

  setAside(claim: Claim, dueAt: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const [row] = this.#underEpoch([claim]);
      if (row !== undefined && this.#isHeld(row.id)) return false;
      if (row !== undefined) this.#put({ ...row, dueAt, claimedUntil: null });
      return true;
    });
  }

  #isHeld(id: AccountId): boolean {
    return this.tx.database.lockedAccounts.has(id);
  }

  #end(row: ManagedAccount, now: Instant): void {
    const times = { dueAt: earliest(row.dueAt, now), takeAt: earliest(row.takeAt, now) };
    this.#put({ ...row, ...times, version: row.version + 1 });
  }

  #rows(): readonly ManagedAccount[] {
    return this.tx.database.accounts.of(this.tx.organizationId);
  }

  #row(id: AccountId): ManagedAccount | undefined {
    return this.tx.database.accounts.get(this.tx.organizationId, id);
  }

  #rowsOf(ids: readonly AccountId[]): readonly ManagedAccount[] {
    return [...new Set(ids)].flatMap((id) => this.#row(id) ?? []);
  }

  #put(row: ManagedAccount): void {
    requireSound(row);
    this.tx.database.accounts.put(this.tx.organizationId, row.id, row);
  }

  #underEpoch(claims: readonly Claim[]): readonly ManagedAccount[] {
    const epochs = new Map(claims.map((claim) => [claim.accountId, claim.epoch]));
    return this.#rowsOf([...epochs.keys()]).filter((row) => row.epoch === epochs.get(row.id));
  }

  #isProven(row: ManagedAccount): boolean {
    return isGone(row) && openGrants(this.tx, row).length === 0;
  }
}
