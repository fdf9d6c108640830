import type { AuditActor } from '#core/audit';
import type {
  ClosingAccount,
  ClosingFilter,
  Hold,
  HoldFilter,
  HoldScope,
  HoldStore,
  Reach,
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
  HOLDS_ANYTHING,
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

  /** Rows are locked in the order of their ids, as everybody does who locks several. */
  reach({ id, scope }: Pick<Hold, 'id' | 'scope'>, at: Instant): Promise<Reach> {
    const { organizationId } = this.session;
    const { technicianId, customerId } = idsOf(scope);
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ readonly customerId: string; readonly accounts: number }[]>`
        WITH a AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${organizationId}::uuid AND a.kind = 'jit' AND a.closed_at IS NULL
             AND (${technicianId ?? null}::uuid IS NULL OR a.technician_id = ${technicianId ?? null}::uuid)
             AND (${customerId ?? null}::uuid IS NULL OR a.customer_id = ${customerId ?? null}::uuid)
             AND (${HOLDS_ANYTHING} OR EXISTS (
               SELECT FROM access_grant g
                WHERE g.organization_id = a.organization_id AND g.account_id = a.id
                  AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL))
             AND (a.take_at IS NULL OR a.take_at > ${isoOf(at)}::timestamptz OR NOT EXISTS (
               SELECT FROM hold_account h
                WHERE h.organization_id = a.organization_id AND h.hold_id = ${id}::uuid AND h.account_id = a.id))
           ORDER BY a.id FOR NO KEY UPDATE OF a
        ), found AS (
          UPDATE managed_account reached SET
            version = reached.version + 1,
            due_at = LEAST(reached.due_at, ${isoOf(at)}::timestamptz),
            take_at = LEAST(reached.take_at, ${isoOf(at)}::timestamptz)
          FROM a WHERE reached.organization_id = ${organizationId}::uuid AND reached.id = a.id
          RETURNING reached.id, reached.customer_id
        ), kept AS (
          INSERT INTO hold_account (organization_id, hold_id, account_id)
          SELECT ${organizationId}::uuid, ${id}::uuid, found.id FROM found
          ON CONFLICT DO NOTHING
        )
        SELECT customer_id AS "customerId", count(*)::int AS accounts FROM found GROUP BY 1 ORDER BY 1`;
      return {
        accounts: rows.reduce((sum, { accounts }) => sum + accounts, 0),
        customers: rows.map((row) => idOf(row.customerId)),
      };
    });
  }

  tally(hold: Hold): Promise<Tally> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ readonly state: string; readonly accounts: number }[]>`
        SELECT closing.state, count(*)::int AS accounts FROM (${closingAccounts(hold, hold.placedAt)}) closing GROUP BY 1`;
      return tallyOf(rows);
    });
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

const scopeOf = ({ technicianId, customerId }: HoldModel): HoldScope => {
  if (technicianId !== null) return { kind: 'technician', technicianId: idOf(technicianId) };
  return customerId === null ? { kind: 'organization' } : { kind: 'customer', customerId: idOf(customerId) };
};
