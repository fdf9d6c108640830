import type { RefusedWrites } from '#core/alarms';
import {
  CLAIM_MS,
  idOf,
  type AccountId,
  type Claim,
  type Clockwork,
  type CustomerRef,
  type Instant,
  type Overdue,
  type OverdueCustomer,
  type UpcomingEnd,
  UNREAD_MS,
} from '#core/shared';
import { Prisma, type PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import { answered, type Probe } from './refusals.js';

export interface CustomerRow {
  readonly organizationId: string;
  readonly customerId: string;
}
interface OverdueRow extends CustomerRow {
  readonly isFree: boolean;
  readonly isClaimed: boolean;
}
export interface ClaimRow {
  readonly id: string;
  readonly epoch: number;
}

interface UpcomingRow extends CustomerRow, ClaimRow {
  readonly takeAt: number;
  readonly claimedUntil: number | null;
}

/** Overdue accounts of one customer among which those are sought that are locked: more than wait for their claim at once. */
const LOOKED_THROUGH = 1_000;

/** Of an account `a`: an end is owed since before. */
const owed = ({ owedBefore }: Overdue): Prisma.Sql =>
  Prisma.sql`a.take_at < ${isoOf(owedBefore)}::timestamptz`;

/** What was taken by what Graph answered has not been read back in time, whatever else is to end there and when. */
const unread = (overdue: Overdue): Prisma.Sql => Prisma.sql`
  a.read_back_at < ${isoOf(overdue.now - UNREAD_MS)}::timestamptz AND (a.take_at IS NULL OR NOT ${owed(overdue)})`;

const NOBODY: ReadonlySet<string> = new Set();

/** What the revoker asks: which ends are overdue, which soon will be, and which nobody can claim. */
export class PrismaEnds implements Pick<
  Clockwork,
  'overdueCustomers' | 'claimOverdue' | 'lockedOverdue' | 'endsBefore'
> {
  constructor(
    protected readonly prisma: PrismaClient,
    private readonly answers: Probe,
    private readonly writes: RefusedWrites,
  ) {}

  /**
   * By two partial indexes, of ends that are owed and of read-backs to come, each asked by itself: with OR, PostgreSQL reads
   * every account there is. Only the directory's throttle counts:
   * who takes away may have another credential than the one that sign-in refuses.
   */
  overdueCustomers(overdue: Overdue, limit: number): Promise<readonly OverdueCustomer[]> {
    const { now, except } = overdue;
    const at = isoOf(now);
    const late = (which: Prisma.Sql): Prisma.Sql => Prisma.sql`
      SELECT a.organization_id, a.customer_id, a.claimed_until, a.take_at FROM managed_account a
       WHERE ${which} AND a.id <> ALL (${except}::uuid[])`;
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<OverdueRow[]>`
        SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
               bool_or(a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz) AS "isFree",
               bool_or(a.claimed_until > ${at}::timestamptz) IS TRUE AS "isClaimed"
          FROM (${late(owed(overdue))} UNION ALL ${late(unread(overdue))}) a
         WHERE NOT EXISTS (
           SELECT FROM customer_throttle t
            WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
              AND t.workload = 'directory' AND t.until > ${at}::timestamptz)
         GROUP BY a.organization_id, a.customer_id
         ORDER BY min(a.take_at) FILTER (WHERE a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz),
                  min(a.take_at)
         LIMIT ${limit}`;
      const held = rows.some(({ isClaimed }) => isClaimed) ? await this.held(overdue) : NOBODY;
      return rows
        .filter(({ isFree, customerId }) => isFree || held.has(customerId))
        .map((row) => ({ ...refOf(row), isHeld: held.has(row.customerId) }));
    });
  }

  /** Customers of whom somebody holds an overdue row that is claimed; of very many claims those that are nearest to their end. */
  private async held(overdue: Overdue): Promise<ReadonlySet<string>> {
    const { now, except } = overdue;
    const rows = await this.prisma.$queryRaw<Pick<CustomerRow, 'customerId'>[]>`
      WITH claimed AS MATERIALIZED (
        SELECT a.organization_id, a.customer_id, a.id FROM managed_account a
         WHERE ${owed(overdue)} AND a.claimed_until > ${isoOf(now)}::timestamptz
           AND a.id <> ALL (${except}::uuid[])
         ORDER BY a.claimed_until, a.id
         LIMIT ${LOOKED_THROUGH}
      ), free AS MATERIALIZED (
        SELECT a.id FROM managed_account a
         WHERE (a.organization_id, a.id) IN (SELECT organization_id, id FROM claimed)
         FOR NO KEY UPDATE SKIP LOCKED
      )
      SELECT DISTINCT customer_id AS "customerId" FROM claimed WHERE id NOT IN (SELECT id FROM free)`;
    return new Set(rows.map(({ customerId }) => customerId));
  }

  claimOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly Claim[]> {
    const { now, except } = overdue;
    const [at, claimedUntil] = [isoOf(now), now + CLAIM_MS];
    const free = (which: Prisma.Sql): Prisma.Sql => Prisma.sql`
      SELECT a.id FROM managed_account a
       WHERE a.organization_id = ${customer.organizationId}::uuid AND a.customer_id = ${customer.customerId}::uuid
         AND ${which}
         AND (a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
         AND a.id <> ALL (${except}::uuid[])
         AND NOT EXISTS (
           SELECT FROM customer_throttle t
            WHERE t.organization_id = ${customer.organizationId}::uuid AND t.customer_id = ${customer.customerId}::uuid
              AND t.workload = 'directory' AND t.until > ${at}::timestamptz)
       ORDER BY a.take_at, a.id`;
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<ClaimRow[]>`
        WITH owed AS MATERIALIZED (
          ${free(owed(overdue))} LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
        ), unread AS MATERIALIZED (
          ${free(unread(overdue))} LIMIT (SELECT ${limit}::bigint - count(*) FROM owed) FOR NO KEY UPDATE SKIP LOCKED
        ), overdue AS (
          SELECT id FROM owed UNION ALL SELECT id FROM unread
        ), claimed AS (
          UPDATE managed_account a SET epoch = a.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
            FROM overdue WHERE a.organization_id = ${customer.organizationId}::uuid AND a.id = overdue.id
          RETURNING a.id, a.epoch, a.take_at
        )
        SELECT id, epoch FROM claimed ORDER BY take_at, id`;
      return rows.map((row) => claimOf(customer, row, claimedUntil));
    });
  }

  /** What can be had is locked for as long as this statement, and let go; what is left is locked by others. */
  lockedOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly AccountId[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<{ readonly id: string }[]>`
        WITH overdue AS MATERIALIZED (
          SELECT a.id, a.take_at FROM managed_account a
           WHERE a.organization_id = ${customer.organizationId}::uuid AND a.customer_id = ${customer.customerId}::uuid
             AND ${owed(overdue)}
             AND a.id <> ALL (${overdue.except}::uuid[])
           ORDER BY a.take_at, a.id
           LIMIT ${LOOKED_THROUGH}
        ), free AS MATERIALIZED (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${customer.organizationId}::uuid AND a.id IN (SELECT id FROM overdue)
           FOR NO KEY UPDATE SKIP LOCKED
        )
        SELECT id FROM overdue WHERE id NOT IN (SELECT id FROM free) ORDER BY take_at, id
         LIMIT ${limit}`;
      return rows.map(({ id }) => idOf<'account'>(id));
    });
  }

  endsBefore(until: Instant, limit: number): Promise<readonly UpcomingEnd[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<UpcomingRow[]>`
        SELECT organization_id AS "organizationId", customer_id AS "customerId", id, epoch,
               (extract(epoch FROM take_at) * 1000)::float8 AS "takeAt",
               (extract(epoch FROM claimed_until) * 1000)::float8 AS "claimedUntil"
          FROM (
            SELECT a.organization_id, a.customer_id, a.id, a.epoch, a.take_at, a.claimed_until
              FROM managed_account a
             WHERE a.take_at < ${isoOf(until)}::timestamptz
             ORDER BY row_number() OVER (PARTITION BY a.organization_id, a.customer_id ORDER BY a.take_at, a.id),
                      a.take_at, a.id
             LIMIT ${limit}) nearest
         ORDER BY take_at, id`;
      return rows.map((row) => ({
        ...refOf(row),
        accountId: idOf<'account'>(row.id),
        epoch: row.epoch,
        takeAt: row.takeAt,
        claimedUntil: row.claimedUntil,
      }));
    });
  }

  protected answered<T>(query: () => Promise<T>): Promise<T> {
    return answered(query, this.answers).catch((error: unknown): never => {
      this.writes.met(error);
      throw error;
    });
  }
}

export const refOf = (row: CustomerRow): CustomerRef => ({
  organizationId: idOf(row.organizationId),
  customerId: idOf(row.customerId),
});

export const claimOf = (customer: CustomerRef, row: ClaimRow, claimedUntil: Instant): Claim => ({
  organizationId: customer.organizationId,
  customerId: customer.customerId,
  accountId: idOf(row.id),
  epoch: row.epoch,
  claimedUntil,
});
