import type { Technician, TechnicianRole, TechnicianStore } from '#core/identity';
import { idOf, type TechnicianId } from '#core/shared';
import type { TechnicianModel } from '../generated/models.js';
import { dateOf, instantOf, oneOf } from '../reading.js';
import type { Session } from '../session.js';

export const technicianRole = oneOf<TechnicianRole>('owner', 'admin', 'approver', 'technician', 'auditor');
export const technicianState = oneOf<Technician['state']>('active', 'suspended', 'left');

export class PrismaTechnicianStore implements TechnicianStore {
  constructor(private readonly session: Session) {}

  insert(technician: Technician): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.technician.create({ data: toRow(technician) });
    });
  }

  get(id: TechnicianId): Promise<Technician | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.technician.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : fromRow(row);
    });
  }

  byUsername(username: string): Promise<Technician | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.technician.findUnique({
        where: { organizationId_username: { organizationId, username } },
      });
      return row === null ? null : fromRow(row);
    });
  }
}

const toRow = (technician: Technician): TechnicianModel => ({
  organizationId: technician.organizationId,
  id: technician.id,
  username: technician.username,
  displayName: technician.displayName,
  role: technician.role,
  state: technician.state,
  createdAt: dateOf(technician.createdAt),
});

const fromRow = (row: TechnicianModel): Technician => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  username: row.username,
  displayName: row.displayName,
  role: technicianRole(row.role, 'technician.role'),
  state: technicianState(row.state, 'technician.state'),
  createdAt: instantOf(row.createdAt),
});
