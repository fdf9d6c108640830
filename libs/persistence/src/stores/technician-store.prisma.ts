import type { Technician, TechnicianRole, TechnicianStore } from '#core/identity';
import { idOf, type TechnicianId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { TechnicianModel } from '../generated/models.js';
import { dateOf, instantOf, oneOf } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';

export const technicianRole = oneOf<TechnicianRole>('owner', 'admin', 'approver', 'technician', 'auditor');
export const technicianState = oneOf<Technician['state']>('active', 'suspended', 'left');

const columns = columnsOf('t', Prisma.TechnicianScalarFieldEnum);

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

  list(page: {
    readonly after: TechnicianId | null;
    readonly limit: number;
  }): Promise<readonly Technician[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.technician.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(page.after === null ? {} : { id: { gt: page.after } }),
        },
        orderBy: { id: 'asc' },
        take: page.limit,
      });
      return rows.map(fromRow);
    });
  }

  steady(id: TechnicianId): Promise<Technician | null> {
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<TechnicianModel[]>`
        SELECT ${columns} FROM technician t
         WHERE t.organization_id = ${this.session.organizationId}::uuid AND t.id = ${id}::uuid
         FOR SHARE`;
      return row === undefined ? null : fromRow(row);
    });
  }

  lockWithOwners(id: TechnicianId): Promise<readonly Technician[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<TechnicianModel[]>`
        SELECT ${columns} FROM technician t
         WHERE t.organization_id = ${this.session.organizationId}::uuid
           AND (t.id = ${id}::uuid OR (t.role = 'owner' AND t.state = 'active'))
         ORDER BY t.id FOR NO KEY UPDATE`;
      return rows.map(fromRow);
    });
  }

  save({ id, role, state }: Technician): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.technician.updateMany({
        where: { organizationId: this.session.organizationId, id },
        data: { role, state },
      });
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
