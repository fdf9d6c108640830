import { idOf, type CustomerId, type OrganizationAppId } from '#core/shared';
import type { Cloud, OrganizationApp, OrganizationAppStore, UsableOrganizationApp } from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import type { OrganizationAppModel } from '../generated/models.js';
import { dateOf, dateOrNull, instantOf, instantOrNull, oneOf } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { cloud, credentialKind } from './entra-connection-store.prisma.js';

const appState = oneOf<OrganizationApp['state']>('active', 'removed');
const columns = columnsOf('o', Prisma.OrganizationAppScalarFieldEnum);

/** The organization's own app registrations, one per cloud. */
export class PrismaOrganizationAppStore implements OrganizationAppStore {
  constructor(private readonly session: Session) {}

  async inCloud(cloud: Cloud): Promise<OrganizationApp | null> {
    const row = await this.#read(cloud, Prisma.empty);
    return row === null ? null : fromRow(row);
  }

  async steady(cloud: Cloud): Promise<UsableOrganizationApp | null> {
    const row = await this.#read(cloud, Prisma.sql`FOR SHARE`);
    if (row === null || row.sealedCredential === null) return null;
    return { ...fromRow(row), sealedCredential: row.sealedCredential };
  }

  async lock(cloud: Cloud): Promise<OrganizationApp | null> {
    const row = await this.#read(cloud, Prisma.sql`FOR UPDATE`);
    return row === null ? null : fromRow(row);
  }

  users(
    id: OrganizationAppId,
    { after, limit }: { readonly after: CustomerId | null; readonly limit: number },
  ): Promise<readonly CustomerId[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.entraConnection.findMany({
        where: { ...this.#usedBy(id), ...(after === null ? {} : { customerId: { gt: after } }) },
        select: { customerId: true },
        orderBy: { customerId: 'asc' },
        take: limit,
      });
      return rows.map(({ customerId }) => idOf(customerId));
    });
  }

  countUsers(id: OrganizationAppId): Promise<number> {
    return this.session.run((tx) => tx.entraConnection.count({ where: this.#usedBy(id) }));
  }

  save(app: OrganizationApp, sealed: string | null, expectedVersion: number | null): Promise<boolean> {
    const { organizationId } = this.session;
    const data = {
      ...app,
      checkedAt: dateOf(app.checkedAt),
      credentialEndsAt: dateOrNull(app.credentialEndsAt),
      sealedCredential: sealed,
    };
    return this.session.run(async (tx) => {
      const { count } =
        expectedVersion === null
          ? await tx.organizationApp.createMany({ data, skipDuplicates: true })
          : await tx.organizationApp.updateMany({
              where: { organizationId, cloud: app.cloud, version: expectedVersion },
              data,
            });
      return count === 1;
    });
  }

  #usedBy(id: OrganizationAppId) {
    return { organizationId: this.session.organizationId, organizationAppId: id };
  }

  #read(cloud: Cloud, locking: Prisma.Sql): Promise<OrganizationAppModel | null> {
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<OrganizationAppModel[]>`
        SELECT ${columns} FROM organization_app o
         WHERE o.organization_id = ${this.session.organizationId}::uuid AND o.cloud = ${cloud} ${locking}`;
      return row ?? null;
    });
  }
}

const fromRow = (row: OrganizationAppModel): OrganizationApp => ({
  id: idOf(row.id),
  organizationId: idOf(row.organizationId),
  cloud: cloud(row.cloud, 'organization_app.cloud'),
  tenantId: row.tenantId,
  clientId: row.clientId,
  credentialKind: credentialKind(row.credentialKind, 'organization_app.credential_kind'),
  state: appState(row.state, 'organization_app.state'),
  checkedAt: instantOf(row.checkedAt),
  credentialEndsAt: instantOrNull(row.credentialEndsAt),
  version: row.version,
});
