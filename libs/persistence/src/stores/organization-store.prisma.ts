import type { Organization, OrganizationStore, RoleCeiling } from '#core/tenancy';
import { idOf } from '#core/shared';
import { keyOfSlug, leaveKey } from '../doorway.prisma.js';
import { Prisma } from '../generated/client.js';
import type { OrganizationModel } from '../generated/models.js';
import { dateOf, instantOf } from '../reading.js';
import type { Session } from '../session.js';
import { roleCeiling } from './entitlement.js';

export class PrismaOrganizationStore implements OrganizationStore {
  constructor(private readonly session: Session) {}

  insert(organization: Organization): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.organization.create({ data: toRow(organization) });
      await leaveKey(tx, keyOfSlug(organization.slug), organization.id);
    });
  }

  get(): Promise<Organization | null> {
    return this.session.run(async (tx) => {
      const row = await tx.organization.findUnique({ where: { id: this.session.organizationId } });
      return row === null ? null : fromRow(row);
    });
  }

  async lock(): Promise<void> {
    await this.session.run(
      (tx) => tx.$queryRaw`
        SELECT FROM organization WHERE id = ${this.session.organizationId}::uuid FOR NO KEY UPDATE`,
    );
  }

  unusedAccountDays(): Promise<number> {
    return this.session.run(async (tx) => {
      const row = await tx.organization.findUniqueOrThrow({ where: { id: this.session.organizationId } });
      return row.unusedAccountDays;
    });
  }

  roleCeiling(): Promise<RoleCeiling> {
    return this.session.run(async (tx) => {
      const row = await tx.organization.findUniqueOrThrow({ where: { id: this.session.organizationId } });
      const roles = roleCeiling(row.roleCeiling, 'organization.role_ceiling');
      return { roles, version: row.roleCeilingVersion };
    });
  }

  saveRoleCeiling({ roles, version }: RoleCeiling): Promise<boolean> {
    return this.session.run(async (tx) => {
      const { count } = await tx.organization.updateMany({
        where: { id: this.session.organizationId, roleCeilingVersion: version },
        data: {
          roleCeiling: roles === null ? Prisma.DbNull : [...roles],
          roleCeilingVersion: version + 1,
        },
      });
      return count === 1;
    });
  }

  setUnusedAccountDays(days: number): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.organization.update({
        where: { id: this.session.organizationId },
        data: { unusedAccountDays: days },
        select: { id: true },
      });
    });
  }
}

const toRow = (
  organization: Organization,
): Omit<OrganizationModel, 'unusedAccountDays' | 'roleCeiling' | 'roleCeilingVersion'> => ({
  id: organization.id,
  slug: organization.slug,
  name: organization.name,
  namePrefix: organization.naming.prefix,
  createdAt: dateOf(organization.createdAt),
});

const fromRow = (row: OrganizationModel): Organization => ({
  id: idOf(row.id),
  slug: row.slug,
  name: row.name,
  naming: { prefix: row.namePrefix },
  createdAt: instantOf(row.createdAt),
});
