import type {
  ManagedAccount,
  ManagedAccountStore,
  MayHold,
  Retirement,
  Settlement,
  WorkedAccount,
} from '#core/accounts';
import {
  idOf,
  type AccountId,
  type Claim,
  type CustomerId,
  type Instant,
  type ObjectId,
  type TechnicianId,
} from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { ManagedAccountModel } from '../generated/models.js';
import { isoOf, isoOrNull } from '../reading.js';
import { LOCK_TIMEOUT } from '../session.js';
import { PrismaAccountsTogether } from './accounts-together.prisma.js';
import { columnsOf } from './columns.js';
import {
  managedAccountColumns,
  managedAccountFromRow,
  mayHold,
  mayHoldJson,
  workedColumns,
} from './managed-account-row.js';

const columns = columnsOf('a', Prisma.ManagedAccountScalarFieldEnum);
const FOR_UPDATE = Prisma.sql`FOR NO KEY UPDATE OF a`;

/**
 * What converge knows of an account, from a row `w` of `workedColumns`. A password of the same generation under another key was
 * sealed anew since it was read (ADR 34): what stands there is the younger text of the same password, and stays.
 */
const WORKED = Prisma.sql`
  upn = w.upn, marker = w.marker, object_id = w.object_id, may_hold = w.may_hold, pristine = w.pristine,
  sealed_password = CASE
    WHEN a.sealed_password_generation = w.sealed_password_generation
     AND split_part(a.sealed_password, '.', 2) <> split_part(w.sealed_password, '.', 2) THEN a.sealed_password
    ELSE w.sealed_password END,
  sealed_password_state = w.sealed_password_state,
  sealed_password_generation = w.sealed_password_generation, password_generation = w.password_generation,
  verification = w.verification, failure = w.failure, removal = w.removal, drift = w.drift,
  enabled_again_at = w.enabled_again_at`;
const WORKED_COLUMNS = Prisma.sql`
  upn text, marker text, object_id text, may_hold jsonb, pristine boolean,
  sealed_password text, sealed_password_state text, sealed_password_generation int, password_generation int,
  verification jsonb, failure jsonb, removal jsonb, drift jsonb, enabled_again_at timestamptz`;

/** Statements that touch several rows name them in the order of their ids, so that two of them don't lock crosswise. */
export class PrismaManagedAccountStore extends PrismaAccountsTogether implements ManagedAccountStore {
  insert(account: ManagedAccount): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.managedAccount.create({ data: managedAccountColumns(account) });
    });
  }

  get(id: AccountId): Promise<ManagedAccount | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.managedAccount.findUnique({
        where: { organizationId_id: { organizationId, id } },
      });
      return row === null ? null : managedAccountFromRow(row);
    });
  }

  ofIds(ids: readonly AccountId[]): Promise<readonly ManagedAccount[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ManagedAccountModel[]>`
        SELECT ${columns} FROM managed_account a
         WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ANY(${[...ids]}::uuid[])
         ORDER BY a.id`;
      return rows.map(managedAccountFromRow);
    });
  }

  objectIdOf(id: AccountId): Promise<ObjectId | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.managedAccount.findUnique({
        where: { organizationId_id: { organizationId, id } },
        select: { objectId: true },
      });
      return row?.objectId == null ? null : idOf(row.objectId);
    });
  }

  ofTechnician(customerId: CustomerId, technicianId: TechnicianId): Promise<ManagedAccount | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.managedAccount.findFirst({
        where: { organizationId, customerId, technicianId, kind: 'jit', closedAt: null },
      });
      return row === null ? null : managedAccountFromRow(row);
    });
  }

  takenNames(customerId: CustomerId, upns: readonly string[]): Promise<readonly string[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.managedAccount.findMany({
        where: { organizationId, customerId, upn: { in: [...upns] }, closedAt: null },
        select: { upn: true },
      });
      return rows.map((row) => row.upn);
    });
  }

  intend(
    ids: readonly AccountId[],
    times: { readonly dueAt: Instant; readonly takeAt?: Instant },
  ): Promise<void> {
    // LEAST passes over nulls: a time that isn't set is set, one that is set is only ever lowered.
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ANY(${[...ids]}::uuid[])
             AND a.closed_at IS NULL
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account intended SET
          version = intended.version + 1,
          due_at = LEAST(intended.due_at, ${isoOf(times.dueAt)}::timestamptz),
          take_at = LEAST(intended.take_at, ${isoOrNull(times.takeAt ?? null)}::timestamptz)
        FROM a WHERE intended.organization_id = ${this.session.organizationId}::uuid AND intended.id = a.id`;
    });
  }

  retire(ids: readonly AccountId[], why: Retirement, dueAt: Instant): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ANY(${[...ids]}::uuid[])
             AND a.closed_at IS NULL
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account retired SET
          version = retired.version + 1, retirement = ${why},
          due_at = LEAST(retired.due_at, ${isoOf(dueAt)}::timestamptz)
        FROM a WHERE retired.organization_id = ${this.session.organizationId}::uuid AND retired.id = a.id`;
    });
  }

  keep(id: AccountId): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        UPDATE managed_account SET retirement = NULL
         WHERE organization_id = ${this.session.organizationId}::uuid AND id = ${id}::uuid
           AND (retirement <> 'ended_with_delete' OR may_hold->>'object' IS NULL)`;
    });
  }

  bearing(
    customerId: CustomerId,
    of: { readonly objectIds: readonly ObjectId[]; readonly markers: readonly string[] },
  ): Promise<readonly ManagedAccount[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.managedAccount.findMany({
        where: {
          organizationId,
          customerId,
          OR: [{ objectId: { in: [...of.objectIds] } }, { marker: { in: [...of.markers] } }],
        },
      });
      return rows.map(managedAccountFromRow);
    });
  }

  askLook(ids: readonly AccountId[], lookAt: Instant): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ANY(${[...ids]}::uuid[])
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account asked SET look_at = LEAST(asked.look_at, ${isoOf(lookAt)}::timestamptz)
        FROM a WHERE asked.organization_id = ${this.session.organizationId}::uuid AND asked.id = a.id`;
    });
  }

  async askLookAtAll(customerId: CustomerId, lookAt: Instant): Promise<void> {
    await this.session.loseNoTime();
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.customer_id = ${customerId}::uuid
             AND a.object_id IS NOT NULL
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account asked SET look_at = LEAST(asked.look_at, ${isoOf(lookAt)}::timestamptz)
        FROM a WHERE asked.organization_id = ${this.session.organizationId}::uuid AND asked.id = a.id`;
    });
  }

  record(claims: readonly Claim[], accounts: readonly WorkedAccount[]): Promise<readonly AccountId[]> {
    const epochs = new Map(claims.map((claim) => [claim.accountId, claim.epoch]));
    const worked = accounts
      .flatMap((account) => workedUnder(epochs.get(account.id), account))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (worked.length === 0) return Promise.resolve([]);
    return this.session.run(async (tx) => {
      const written = await tx.$queryRaw<{ id: string }[]>`
        UPDATE managed_account a SET ${WORKED}
        FROM jsonb_to_recordset(${JSON.stringify(worked)}::jsonb) AS w(id uuid, epoch int, ${WORKED_COLUMNS})
        WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = w.id AND a.epoch = w.epoch
        RETURNING a.id`;
      return written.map((row) => idOf(row.id));
    });
  }

  async suspect(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<void> {
    await this.#suspect(FOR_UPDATE, { id, raise, at });
  }

  async suspectUnlessHeld(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<boolean> {
    if (await this.#suspect(Prisma.sql`${FOR_UPDATE} SKIP LOCKED`, { id, raise, at })) return true;
    // Nobody holds what isn't there.
    return (await this.ofIds([id])).length === 0;
  }

  #suspect(
    locking: Prisma.Sql,
    of: { readonly id: AccountId; readonly raise: (held: MayHold) => MayHold; readonly at: Instant },
  ): Promise<boolean> {
    const { organizationId } = this.session;
    const at = isoOf(of.at);
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<{ mayHold: unknown }[]>`
        SELECT a.may_hold AS "mayHold" FROM managed_account a
         WHERE a.organization_id = ${organizationId}::uuid AND a.id = ${of.id}::uuid ${locking}`;
      if (row === undefined) return false;
      const raised = mayHoldJson(of.raise(mayHold(row.mayHold, 'managed_account.may_hold')));
      await tx.$executeRaw`
        UPDATE managed_account SET
          may_hold = ${JSON.stringify(raised)}::jsonb,
          due_at = CASE WHEN closed_at IS NULL THEN LEAST(due_at, ${at}::timestamptz) END,
          take_at = CASE WHEN closed_at IS NULL THEN LEAST(take_at, ${at}::timestamptz) END,
          epoch = epoch + 1, claimed_until = NULL
        WHERE organization_id = ${organizationId}::uuid AND id = ${of.id}::uuid`;
      return true;
    });
  }

  async lock(claims: readonly Claim[]): Promise<readonly ManagedAccount[]> {
    const rows = await this.session.run(() => this.#underEpoch(claims));
    for (const row of rows) this.session.lockedAccounts.add(row.id);
    return rows;
  }

  async release(settled: readonly Settlement[]): Promise<void> {
    const locked = this.session.lockedAccounts;
    if (!settled.every(({ id }) => locked.has(id)))
      throw new Error('Only an account locked in this transaction can be released.');
    const known = settled.flatMap(({ worked, ...times }) =>
      worked === undefined ? [] : [{ ...timesOf(times), ...workedColumns(worked) }],
    );
    const others = settled.flatMap(({ worked, ...times }) => (worked === undefined ? [timesOf(times)] : []));
    // Each row is written once: most of what is released was worked on.
    await this.#release(known, Prisma.sql`, ${WORKED}`, Prisma.sql`, ${WORKED_COLUMNS}`);
    await this.#release(others, Prisma.empty, Prisma.empty);
  }

  #release(rows: readonly object[], beside: Prisma.Sql, columnsBeside: Prisma.Sql): Promise<void> {
    return this.session.run(async (tx) => {
      if (rows.length === 0) return;
      await tx.$executeRaw`
        UPDATE managed_account a SET
          due_at = w.due_at, take_at = w.take_at, look_at = w.look_at, claimed_until = NULL ${beside}
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS w(
          id uuid, due_at timestamptz, take_at timestamptz, look_at timestamptz ${columnsBeside})
        WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = w.id`;
    });
  }

  setAside({ accountId, epoch }: Claim, dueAt: Instant): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const [held] = await tx.$queryRaw<readonly unknown[]>`
        WITH free AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${organizationId}::uuid AND a.id = ${accountId}::uuid AND a.epoch = ${epoch}
             ${FOR_UPDATE} SKIP LOCKED
        ), aside AS (
          UPDATE managed_account a SET due_at = ${isoOf(dueAt)}::timestamptz, claimed_until = NULL
            FROM free WHERE a.organization_id = ${organizationId}::uuid AND a.id = free.id
          RETURNING a.id
        )
        SELECT a.id FROM managed_account a
         WHERE a.organization_id = ${organizationId}::uuid AND a.id = ${accountId}::uuid AND a.epoch = ${epoch}
           AND NOT EXISTS (SELECT FROM aside)`;
      return held === undefined;
    });
  }

  /**
   * The accounts that still carry their claim's epoch; a row that another transaction holds is judged once it is free. From
   * here on the transaction waits for no lock longer than a claim allows.
   */
  #underEpoch(claims: readonly Claim[]): Promise<readonly ManagedAccount[]> {
    const ids = claims.map((claim) => claim.accountId);
    const epochs = claims.map((claim) => claim.epoch);
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ManagedAccountModel[]>`
        WITH patience AS MATERIALIZED (
          SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)
        ), claim AS MATERIALIZED (
          SELECT claimed.id, claimed.epoch
            FROM patience, unnest(${ids}::uuid[], ${epochs}::int[]) AS claimed(id, epoch)
        )
        SELECT ${columns} FROM managed_account a
          JOIN claim ON claim.id = a.id AND claim.epoch = a.epoch
         WHERE a.organization_id = ${this.session.organizationId}::uuid
         ORDER BY a.id ${FOR_UPDATE}`;
      return rows.map(managedAccountFromRow);
    });
  }
}

const workedUnder = (epoch: number | undefined, account: WorkedAccount) =>
  epoch === undefined ? [] : [{ epoch, ...workedColumns(account) }];

const timesOf = ({ id, dueAt, takeAt, lookAt }: Omit<Settlement, 'worked'>) => ({
  id,
  due_at: isoOrNull(dueAt),
  take_at: isoOrNull(takeAt),
  look_at: isoOrNull(lookAt),
});
