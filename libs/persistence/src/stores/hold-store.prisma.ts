import type { AuditActor } from '#core/audit';
import type {
  AccountPage,
  ClosingAccount,
  ClosingFilter,
  GrantedAccount,
  Hold,
  HoldFilter,
  HoldScope,
  HoldStore,
  HoldToReach,
  Reach,
  Reached,
  Tally,
  ToReach,
} from '#core/grants';
import {
  idOf,
  type AccountId,
  type CustomerId,
  type HoldId,
  type Instant,
  type TechnicianId,
} from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { HoldModel } from '../generated/models.js';
import { dateOf, instantOf, instantOrNull } from '../reading.js';
import type { Session } from '../session.js';
import { auditActor } from './audit-log.prisma.js';
import { closingAccounts, closingFromRow, tallyOf, type ClosingRow } from './closing-account-rows.js';
import { COUNT_MS, grantedIn, inReach, reach, reachAgain, settle, wantedBy } from './reaching-rows.js';

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
        select: { technicianId: true, customerId: true, placedAt: true, liftedAt: true },
      });
      if (row === null) return null;
      const [placedAt, liftedAt] = [instantOf(row.placedAt), instantOrNull(row.liftedAt)];
      return { id, organizationId, scope: scopeOf(row), placedAt, liftedAt };
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
    readonly technicianId: TechnicianId | null;
    readonly customerId: CustomerId;
  }): Promise<Hold | null> {
    return this.session.run(async (tx) => {
      const row = await tx.hold.findFirst({
        where: {
          organizationId: this.session.organizationId,
          liftedAt: null,
          AND: [
            { OR: [{ technicianId: null }, ...(technicianId === null ? [] : [{ technicianId }])] },
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

  latestGrantIn(scope: HoldScope): Promise<Instant | null | 'unknown'> {
    return this.session.attempt(COUNT_MS, async (tx) => {
      const { _max } = await tx.accessGrant.aggregate({
        where: { organizationId: this.session.organizationId, ...idsOf(scope), state: { not: 'ended' } },
        _max: { createdAt: true },
      });
      return instantOrNull(_max.createdAt);
    });
  }

  inReach(hold: HoldToReach, at: Instant): Promise<Reach | 'unknown'> {
    return inReach(this.session, hold, at);
  }

  wanted(hold: HoldToReach, page: AccountPage & { readonly at: Instant }): Promise<readonly AccountId[]> {
    return wantedBy(this.session, hold, page);
  }

  granted(scope: HoldScope, page: AccountPage): Promise<readonly GrantedAccount[]> {
    return grantedIn(this.session, scope, page);
  }

  reach(hold: HoldToReach, of: ToReach): Promise<Reached> {
    return reach(this.session, hold, of);
  }

  settle(hold: HoldToReach, at: Instant): Promise<boolean> {
    return settle(this.session, hold, at);
  }

  reachAgain(hold: HoldToReach, at: Instant): Promise<boolean | 'unknown'> {
    return reachAgain(this.session, hold, at);
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

const scopeOf = ({ technicianId, customerId }: Pick<HoldModel, 'technicianId' | 'customerId'>): HoldScope => {
  if (technicianId !== null) return { kind: 'technician', technicianId: idOf(technicianId) };
  return customerId === null ? { kind: 'organization' } : { kind: 'customer', customerId: idOf(customerId) };
};
