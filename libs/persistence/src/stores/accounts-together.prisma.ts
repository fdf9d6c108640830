import type {
  AccountFilter,
  AccountRef,
  AccountScope,
  ManagedAccount,
  ManagedAccountStore,
  OwnEntitlement,
  Retirement,
} from '#core/accounts';
import { idOf, type AccountId, type CustomerId, type Instant } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { ManagedAccountModel } from '../generated/models.js';
import { isoOf } from '../reading.js';
import type { Session } from '../session.js';
import { PROVEN, within } from './account-scope.js';
import { columnsOf } from './columns.js';
import { managedAccountFromRow, ownJson } from './managed-account-row.js';

const columns = columnsOf('a', Prisma.ManagedAccountScalarFieldEnum);
const FOR_UPDATE = Prisma.sql`FOR NO KEY UPDATE OF a`;

/** What can be kept of them. */
const MOST_HELD = 1_000;

interface AccountRefRow {
  readonly id: string;
  readonly customerId: string;
}

/** What becomes of accounts by the intents of others: when people, groups, customers or connections go, or a canary ends. */
export class PrismaAccountsTogether implements Pick<
  ManagedAccountStore,
  | 'entitle'
  | 'endAll'
  | 'endUnlessHeld'
  | 'retireAll'
  | 'list'
  | 'unproven'
  | 'unused'
  | 'leftBehind'
  | 'close'
  | 'leaveBehind'
> {
  constructor(protected readonly session: Session) {}

  entitle(id: AccountId, own: OwnEntitlement, dueAt: Instant): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        UPDATE managed_account a SET
          version = a.version + 1, own_entitlement = ${JSON.stringify(ownJson(own))}::jsonb,
          due_at = LEAST(a.due_at, ${isoOf(dueAt)}::timestamptz),
          take_at = LEAST(a.take_at, ${isoOf(own.expiresAt)}::timestamptz)
        WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ${id}::uuid AND a.closed_at IS NULL`;
    });
  }

  /** It holds the rows that it has while it waits for the next one: nobody is to wait long for them. */
  async endAll(scope: AccountScope, now: Instant): Promise<readonly AccountRef[]> {
    const at = isoOf(now);
    await this.session.loseNoTime();
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<AccountRefRow[]>`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.take_at IS NOT NULL
             AND ${within(scope, this.session.organizationId)}
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account ended SET
          version = ended.version + 1,
          due_at = LEAST(ended.due_at, ${at}::timestamptz), take_at = LEAST(ended.take_at, ${at}::timestamptz)
        FROM a WHERE ended.organization_id = ${this.session.organizationId}::uuid AND ended.id = a.id
        RETURNING ended.id, ended.customer_id AS "customerId"`;
      return rows.map(refFromRow);
    });
  }

  endUnlessHeld(
    { customerId, ids }: { readonly customerId: CustomerId; readonly ids: readonly AccountId[] | null },
    now: Instant,
  ): Promise<readonly AccountId[]> {
    const [{ organizationId }, at] = [this.session, isoOf(now)];
    return this.session.run(async (tx) => {
      const held = await tx.$queryRaw<{ readonly id: string }[]>`
        WITH owed AS MATERIALIZED (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${organizationId}::uuid AND a.customer_id = ${customerId}::uuid
             AND a.take_at IS NOT NULL AND (${ids === null} OR a.id = ANY(${[...(ids ?? [])]}::uuid[]))
        ), free AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${organizationId}::uuid AND a.id IN (SELECT id FROM owed)
           ORDER BY a.id ${FOR_UPDATE} SKIP LOCKED
        ), ended AS (
          UPDATE managed_account a SET
            version = a.version + 1,
            due_at = LEAST(a.due_at, ${at}::timestamptz), take_at = LEAST(a.take_at, ${at}::timestamptz)
          FROM free WHERE a.organization_id = ${organizationId}::uuid AND a.id = free.id AND a.take_at IS NOT NULL
          RETURNING a.id
        )
        SELECT id FROM owed WHERE id NOT IN (SELECT id FROM free) ORDER BY id LIMIT ${MOST_HELD}`;
      return held.map(({ id }) => idOf<'account'>(id));
    });
  }

  retireAll(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' }>,
    why: Retirement,
    now: Instant,
  ): Promise<readonly AccountRef[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<AccountRefRow[]>`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.closed_at IS NULL AND a.removal IS NULL
             AND ${within(scope, this.session.organizationId)}
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account retired SET
          version = retired.version + 1, retirement = ${why},
          due_at = LEAST(retired.due_at, ${isoOf(now)}::timestamptz)
        FROM a WHERE retired.organization_id = ${this.session.organizationId}::uuid AND retired.id = a.id
        RETURNING retired.id, retired.customer_id AS "customerId"`;
      return rows.map(refFromRow);
    });
  }

  list(filter: AccountFilter): Promise<readonly ManagedAccount[]> {
    const { customerId, technicianId, after } = filter;
    return this.session.run(async (tx) => {
      const rows = await tx.managedAccount.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(customerId === undefined ? {} : { customerId }),
          ...(technicianId === undefined ? {} : { technicianId }),
          ...(after === null ? {} : { id: { gt: after } }),
        },
        orderBy: { id: 'asc' },
        take: filter.limit,
      });
      return rows.map(managedAccountFromRow);
    });
  }

  unproven(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ManagedAccountModel[]>`
        SELECT ${columns} FROM managed_account a
         WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.customer_id = ${customerId}::uuid
           AND a.closed_at IS NULL AND NOT (${PROVEN})
         ORDER BY a.id LIMIT ${limit} ${FOR_UPDATE}`;
      return rows.map(managedAccountFromRow);
    });
  }

  unused(customerId: CustomerId, before: Instant, limit: number): Promise<readonly ManagedAccount[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ManagedAccountModel[]>`
        SELECT ${columns} FROM managed_account a
         WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.customer_id = ${customerId}::uuid
           AND a.kind = 'jit' AND a.created_at < ${isoOf(before)}::timestamptz
           AND a.retirement IS NULL AND a.closed_at IS NULL AND a.may_hold ->> 'object' IS NOT NULL
           AND NOT EXISTS (
             SELECT FROM access_grant g
              WHERE g.organization_id = a.organization_id AND g.account_id = a.id
                AND (g.ended_at IS NULL OR g.ended_at >= ${isoOf(before)}::timestamptz))
         ORDER BY a.created_at, a.id
         LIMIT ${limit}
         FOR NO KEY UPDATE OF a SKIP LOCKED`;
      return rows.map(managedAccountFromRow);
    });
  }

  leftBehind(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.managedAccount.findMany({
        where: {
          organizationId: this.session.organizationId,
          customerId,
          leftBehindAt: { not: null },
        },
        orderBy: { id: 'asc' },
        take: limit,
      });
      return rows.map(managedAccountFromRow);
    });
  }

  close(customerId: CustomerId, at: Instant): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.customer_id = ${customerId}::uuid
             AND a.closed_at IS NULL AND ${PROVEN}
           ORDER BY a.id ${FOR_UPDATE}
        )
        UPDATE managed_account closed SET
          closed_at = ${isoOf(at)}::timestamptz, due_at = NULL, take_at = NULL, verification = NULL, failure = NULL,
          version = closed.version + 1, epoch = closed.epoch + 1, claimed_until = NULL
        FROM a WHERE closed.organization_id = ${this.session.organizationId}::uuid AND closed.id = a.id`;
    });
  }

  leaveBehind(ids: readonly AccountId[], at: Instant): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        UPDATE managed_account a SET
          closed_at = ${isoOf(at)}::timestamptz, left_behind_at = ${isoOf(at)}::timestamptz,
          due_at = NULL, take_at = NULL, verification = NULL,
          version = a.version + 1, epoch = a.epoch + 1, claimed_until = NULL
        WHERE a.organization_id = ${this.session.organizationId}::uuid AND a.id = ANY(${[...ids]}::uuid[])
          AND a.closed_at IS NULL`;
    });
  }
}

const refFromRow = (row: AccountRefRow): AccountRef => ({
  id: idOf(row.id),
  customerId: idOf(row.customerId),
});
