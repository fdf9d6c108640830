import type { GroupWithMembers, TechnicianGroup, TechnicianGroupStore } from '#core/identity';
import { idOf, type TechnicianGroupId, type TechnicianId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { TechnicianGroupModel } from '../generated/models.js';
import { dateOf, instantOf, oneOf } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';

const state = oneOf<TechnicianGroup['state']>('active', 'archived');
const columns = columnsOf('g', Prisma.TechnicianGroupScalarFieldEnum);

interface WithMembersRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly members: readonly string[];
}

export class PrismaTechnicianGroupStore implements TechnicianGroupStore {
  constructor(private readonly session: Session) {}

  insert(group: TechnicianGroup): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.technicianGroup.create({ data: { ...group, createdAt: dateOf(group.createdAt) } });
    });
  }

  get(id: TechnicianGroupId): Promise<TechnicianGroup | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.technicianGroup.findUnique({
        where: { organizationId_id: { organizationId, id } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  lock(id: TechnicianGroupId): Promise<TechnicianGroup | null> {
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<TechnicianGroupModel[]>`
        SELECT ${columns} FROM technician_group g
         WHERE g.organization_id = ${this.session.organizationId}::uuid AND g.id = ${id}::uuid
         FOR NO KEY UPDATE`;
      return row === undefined ? null : fromRow(row);
    });
  }

  list(page: {
    readonly after: TechnicianGroupId | null;
    readonly limit: number;
  }): Promise<readonly TechnicianGroup[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.technicianGroup.findMany({
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

  save(group: TechnicianGroup): Promise<void> {
    const { id, name, state: next } = group;
    return this.session.run(async (tx) => {
      await tx.technicianGroup.updateMany({
        where: { organizationId: this.session.organizationId, id },
        data: { name, state: next },
      });
    });
  }

  withMembers(ids: readonly TechnicianGroupId[]): Promise<readonly GroupWithMembers[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<WithMembersRow[]>`
        SELECT g.id, g.name, g.state,
               ARRAY(SELECT m.technician_id::text FROM technician_group_member m
                      WHERE m.organization_id = g.organization_id AND m.group_id = g.id
                      ORDER BY m.technician_id) AS members
          FROM technician_group g
         WHERE g.organization_id = ${this.session.organizationId}::uuid AND g.id = ANY(${[...ids]}::uuid[])
         ORDER BY g.id`;
      return rows.map((row) => ({
        group: { id: idOf(row.id), name: row.name, state: state(row.state, 'technician_group.state') },
        members: row.members.map((id) => idOf(id)),
      }));
    });
  }

  members(groupId: TechnicianGroupId): Promise<readonly TechnicianId[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.technicianGroupMember.findMany({
        where: { organizationId: this.session.organizationId, groupId },
        orderBy: { technicianId: 'asc' },
      });
      return rows.map(({ technicianId }) => idOf(technicianId));
    });
  }

  addMembers(groupId: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.technicianGroupMember.createMany({
        data: technicianIds.map((technicianId) => ({ organizationId, groupId, technicianId })),
        skipDuplicates: true,
      });
    });
  }

  removeMembers(groupId: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.technicianGroupMember.deleteMany({
        where: {
          organizationId: this.session.organizationId,
          groupId,
          technicianId: { in: [...technicianIds] },
        },
      });
    });
  }

  /** Locked first and read afterwards: whoever waited for the lock sees what was changed under it. */
  steady(ids: readonly TechnicianGroupId[]): Promise<readonly TechnicianGroupId[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ id: string }[]>`
        SELECT g.id FROM technician_group g
         WHERE g.organization_id = ${this.session.organizationId}::uuid AND g.id = ANY(${[...ids]}::uuid[])
           AND g.state = 'active'
         ORDER BY g.id FOR SHARE`;
      return rows.map(({ id }) => idOf(id));
    });
  }

  ofTechnician(technicianId: TechnicianId): Promise<readonly TechnicianGroupId[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.technicianGroupMember.findMany({
        where: {
          organizationId: this.session.organizationId,
          technicianId,
          group: { state: 'active' },
        },
        orderBy: { groupId: 'asc' },
      });
      return rows.map(({ groupId }) => idOf(groupId));
    });
  }
}

const fromRow = (row: TechnicianGroupModel): TechnicianGroup => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  name: row.name,
  state: state(row.state, 'technician_group.state'),
  createdAt: instantOf(row.createdAt),
});
