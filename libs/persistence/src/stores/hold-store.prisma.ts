import type { AuditActor } from '#core/audit';
import type { Hold, HoldScope, HoldStore } from '#core/grants';
import { idOf, type HoldId, type Instant } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { HoldModel } from '../generated/models.js';
import { dateOf, instantOf, instantOrNull } from '../reading.js';
import type { Session } from '../session.js';
import { auditActor } from './audit-log.prisma.js';

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

  lift(id: HoldId, by: { readonly at: Instant; readonly actor: AuditActor }): Promise<boolean> {
    return this.session.run(async (tx) => {
      const { count } = await tx.hold.updateMany({
        where: { organizationId: this.session.organizationId, id, liftedAt: null },
        data: { liftedAt: dateOf(by.at), liftedBy: { ...by.actor } },
      });
      return count === 1;
    });
  }
}

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
