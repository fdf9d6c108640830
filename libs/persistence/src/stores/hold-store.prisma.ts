import type { AuditActor } from '#core/audit';
import type {
  ClosingAccount,
  ClosingFilter,
  Hold,
  HoldFilter,
  HoldScope,
  HoldStore,
  HoldToReach,
  Reach,
  Reached,
  ReachPage,
  Tally,
} from '#core/grants';
import { idOf, type CustomerId, type HoldId, type Instant, type TechnicianId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { HoldModel } from '../generated/models.js';
import { dateOf, instantOf, instantOrNull, isoOf } from '../reading.js';
import type { Session } from '../session.js';
import { auditActor } from './audit-log.prisma.js';
import {
  closingAccounts,
  closingFromRow,
  inScope,
  isFound,
  tallyOf,
  type ClosingRow,
} from './closing-account-rows.js';

export class PrismaHoldStore implements HoldStore {
  constructor(private readonly session: Session) {}

  insert(hold: Hold): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.hold.create({
        data: {
          organizationId: hold.organizationId,
          id: hold.id,
          technicianId: hold.scope.kind === 'technician' ? hold.scope.technicianId : null,
          customerId: hold.scope.kind === 'customer' ? hold.scope.customerId : null,
          reason: hold.reason,
          placedAt: dateOf(hold.placedAt),
          placedBy: { ...hold.placedBy },
          liftedAt: null,
          liftedBy: Prisma.DbNull,
        },
      });
    });
  }

  get(id: HoldId): Promise<Hold | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.hold.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : fromRow(row);
    });
  }

  toReach(id: HoldId): Promise<HoldToReach | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.hold.findUnique({
        where: { organizationId_id: { organizationId, id } },
        select: { technicianId: true, customerId: true, liftedAt: true },
      });
      if (row === null) return null;
      return { id, organizationId, scope: scopeOf(row), liftedAt: instantOrNull(row.liftedAt) };
    });
  }

  standing(): Promise<readonly Hold[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.hold.findMany({
        where: { organizationId: this.session.organizationId, liftedAt: null },
        orderBy: [{ placedAt: 'desc' }, { id: 'desc' }],
      });
      return rows.map(fromRow);
    });
  }

  list({ which, placedBy, after, limit }: HoldFilter): Promise<readonly Hold[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.hold.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(which === 'all' ? {} : { liftedAt: null }),
          ...(placedBy === undefined ? {} : { placedBy: { path: ['id'], equals: placedBy } }),
          ...(after === null ? {} : { id: { lt: after } }),
        },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return rows.map(fromRow);
    });
  }

  restoringSince(): Promise<Instant | null> {
    return this.session.run(async (tx) => {
      const row = await tx.deployment.findUnique({ where: { id: 1 }, select: { restoringSince: true } });
      return instantOrNull(row?.restoringSince ?? null);
    });
  }

  concerning({
    technicianId,
    customerId,
  }: {
    readonly technicianId: TechnicianId;
    readonly customerId: CustomerId;
  }): Promise<Hold | null> {
    return this.session.run(async (tx) => {
      const row = await tx.hold.findFirst({
        where: {
          organizationId: this.session.organizationId,
          liftedAt: null,
          AND: [
            { OR: [{ technicianId: null }, { technicianId }] },
            { OR: [{ customerId: null }, { customerId }] },
          ],
        },
        orderBy: [{ placedAt: 'desc' }, { id: 'desc' }],
      });
      return row === null ? null : fromRow(row);
    });
  }

  lift(id: HoldId, by: { readonly at: Instant; readonly actor: AuditActor }): Promise<boolean> {
    return this.session.run(async (tx) => {
      const { count } = await tx.hold.updateMany({
        where: { organizationId: this.session.organizationId, id, liftedAt: null },
        data: { liftedAt: dateOf(by.at), liftedBy: { ...by.actor } },
      });
      return count === 1;
    });
  }

  /** An advisory lock: nothing is written for it, and requests don't wait for each other. */
  shareWithGiving(): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${GIVING}::int, hashtext(${this.session.organizationId}))`;
    });
  }

  excludeGiving(): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${GIVING}::int, hashtext(${this.session.organizationId}))`;
    });
  }

  latestGrantIn(scope: HoldScope): Promise<Instant | null> {
    return this.session.run(async (tx) => {
      const { _max } = await tx.accessGrant.aggregate({
        where: { organizationId: this.session.organizationId, ...idsOf(scope), state: { not: 'ended' } },
        _max: { createdAt: true },
      });
      return instantOrNull(_max.createdAt);
    });
  }

  inReach(hold: HoldToReach, at: Instant): Promise<Reach> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ReachRow[]>`
        SELECT a.customer_id AS "customerId", count(*)::int AS accounts FROM managed_account a
         WHERE ${this.wanted(hold, at)} GROUP BY 1 ORDER BY 1`;
      return reachOf(rows);
    });
  }

  /**
   * Rows are locked in the order of their ids, as everybody does who locks several; those that are held are not waited for. Nor
   * is the hold's own, which each row of `hold_account` needs.
   */
  async reach(hold: HoldToReach, { at, after, limit }: ReachPage): Promise<Reached> {
    const { organizationId } = this.session;
    await this.session.loseNoTime();
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ReachedRow[]>`
        WITH wanted AS MATERIALIZED (
          SELECT a.id FROM managed_account a
           WHERE ${this.wanted(hold, at)} AND (${after}::uuid IS NULL OR a.id > ${after}::uuid)
           ORDER BY a.id LIMIT ${limit}
        ), itself AS MATERIALIZED (
          SELECT h.id FROM hold h WHERE h.organization_id = ${organizationId}::uuid AND h.id = ${hold.id}::uuid
             FOR KEY SHARE SKIP LOCKED
        ), free AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${organizationId}::uuid AND a.id IN (SELECT id FROM wanted)
             AND EXISTS (SELECT FROM itself)
           ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
        ), found AS (
          UPDATE managed_account reached SET
            version = reached.version + 1,
            due_at = LEAST(reached.due_at, ${isoOf(at)}::timestamptz),
            take_at = LEAST(reached.take_at, ${isoOf(at)}::timestamptz)
          FROM free WHERE reached.organization_id = ${organizationId}::uuid AND reached.id = free.id
          RETURNING reached.id, reached.customer_id
        ), kept AS (
          INSERT INTO hold_account (organization_id, hold_id, account_id)
          SELECT ${organizationId}::uuid, ${hold.id}::uuid, found.id FROM found
          ON CONFLICT DO NOTHING
        ), page AS (
          SELECT (SELECT count(*) FROM wanted) AS wanted, (SELECT count(*) FROM found) AS found,
                 (SELECT id FROM wanted ORDER BY id DESC LIMIT 1) AS last
        )
        SELECT f.customer_id AS "customerId", count(f.id)::int AS accounts, (p.wanted - p.found)::int AS skipped,
               CASE WHEN p.wanted = ${limit} THEN p.last END AS next
          FROM page p LEFT JOIN found f ON true GROUP BY f.customer_id, p.wanted, p.found, p.last ORDER BY 1`;
      const [{ skipped, next } = { skipped: 0, next: null }] = rows;
      return { ...reachOf(rows), skipped, next: next === null ? null : idOf(next) };
    });
  }

  settle(hold: HoldToReach, at: Instant): Promise<boolean> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ readonly id: string }[]>`
        WITH itself AS MATERIALIZED (
          SELECT h.id, h.reached_at FROM hold h
           WHERE h.organization_id = ${this.session.organizationId}::uuid AND h.id = ${hold.id}::uuid
             AND NOT EXISTS (SELECT FROM managed_account a WHERE ${this.wanted(hold, at)})
             FOR NO KEY UPDATE OF h SKIP LOCKED
        ), settled AS (
          UPDATE hold SET reached_at = ${isoOf(at)}::timestamptz FROM itself
           WHERE hold.organization_id = ${this.session.organizationId}::uuid AND hold.id = itself.id
             AND itself.reached_at IS NULL
        )
        SELECT id FROM itself`;
      return rows.length === 1;
    });
  }

  /** One statement sees either both, that all was reached and that something is not owed, or neither. */
  reachAgain(hold: HoldToReach, at: Instant): Promise<boolean> {
    return this.session.run(async (tx) => {
      const count = await tx.$executeRaw`
        UPDATE hold SET reached_at = NULL, reach_since = ${isoOf(at)}::timestamptz
         WHERE organization_id = ${this.session.organizationId}::uuid AND id = ${hold.id}::uuid
           AND lifted_at IS NULL AND reached_at IS NOT NULL
           AND EXISTS (SELECT FROM managed_account a WHERE ${this.wanted(hold, at)})`;
      return count === 1;
    });
  }

  tally(hold: Hold): Promise<Tally> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ readonly state: string; readonly accounts: number }[]>`
        SELECT closing.state, count(*)::int AS accounts FROM (${closingAccounts(hold, hold.placedAt)}) closing GROUP BY 1`;
      return tallyOf(rows);
    });
  }

  /** Of `managed_account a`. */
  private wanted(hold: HoldToReach, at: Instant): Prisma.Sql {
    const { organizationId } = this.session;
    const stands = hold.liftedAt === null;
    return Prisma.sql`${inScope(organizationId, hold.scope)}
       AND (NOT ${isFound(hold.id)} OR (${stands} AND (a.take_at IS NULL OR a.take_at > ${isoOf(at)}::timestamptz)))`;
  }

  closing(hold: Hold, { states, after, limit, now }: ClosingFilter): Promise<readonly ClosingAccount[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ClosingRow[]>`
        SELECT * FROM (${closingAccounts(hold, now)}) closing
         WHERE closing.state = ANY(${[...states]}::text[])
           AND (${after}::uuid IS NULL OR closing."accountId" > ${after}::uuid)
         ORDER BY closing."accountId" LIMIT ${limit}`;
      return rows.map(closingFromRow);
    });
  }
}

interface ReachRow {
  readonly customerId: string | null;
  readonly accounts: number;
}

interface ReachedRow extends ReachRow {
  readonly skipped: number;
  readonly next: string | null;
}

const reachOf = (rows: readonly ReachRow[]): Reach => ({
  accounts: rows.reduce((sum, { accounts }) => sum + accounts, 0),
  customers: rows.flatMap(({ customerId }) => (customerId === null ? [] : [idOf<'customer'>(customerId)])),
});

/** Names the lock among others that may come: "give" in ASCII. */
const GIVING = 0x67697665;

const idsOf = (scope: HoldScope): { readonly technicianId?: string; readonly customerId?: string } => {
  if (scope.kind === 'technician') return { technicianId: scope.technicianId };
  return scope.kind === 'customer' ? { customerId: scope.customerId } : {};
};

const fromRow = (row: HoldModel): Hold => ({
  id: idOf(row.id),
  organizationId: idOf(row.organizationId),
  scope: scopeOf(row),
  reason: row.reason,
  placedAt: instantOf(row.placedAt),
  placedBy: auditActor(row.placedBy, 'hold.placed_by'),
  liftedAt: instantOrNull(row.liftedAt),
  liftedBy: row.liftedBy === null ? null : auditActor(row.liftedBy, 'hold.lifted_by'),
});

const scopeOf = ({ technicianId, customerId }: Pick<HoldModel, 'technicianId' | 'customerId'>): HoldScope => {
  if (technicianId !== null) return { kind: 'technician', technicianId: idOf(technicianId) };
  return customerId === null ? { kind: 'organization' } : { kind: 'customer', customerId: idOf(customerId) };
};
