import { idOf, type CustomerId } from '#core/shared';
import type {
  Cloud,
  CredentialKind,
  EntraConnection,
  EntraConnectionStore,
  TenantCapabilities,
} from '#core/tenancy';
import type { Prisma } from '../generated/client.js';
import type { EntraConnectionModel } from '../generated/models.js';
import { dateOf, flag, instantOf, oneOf, orNull, shape, whole } from '../reading.js';
import type { Session } from '../session.js';

const cloud = oneOf<Cloud>('global', 'us-government', 'china', 'custom');
const credentialKind = oneOf<CredentialKind>('secret', 'certificate', 'federated');
export const connectionState = oneOf<EntraConnection['state']>('active', 'removing');
const capabilities = shape<TenantCapabilities>({
  mayTouchRoleHolders: flag,
  pass: orNull(
    shape<NonNullable<TenantCapabilities['pass']>>({
      minimumMinutes: whole,
      maximumMinutes: whole,
      onceOnly: flag,
    }),
  ),
});

export class PrismaEntraConnectionStore implements EntraConnectionStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<EntraConnection | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.entraConnection.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  save(connection: EntraConnection, expectedVersion: number | null): Promise<boolean> {
    const data = toRow(connection);
    const { organizationId } = this.session;
    const { customerId } = connection;
    return this.session.run(async (tx) => {
      const { count } =
        expectedVersion === null
          ? await tx.entraConnection.createMany({ data, skipDuplicates: true })
          : await tx.entraConnection.updateMany({
              where: { organizationId, customerId, version: expectedVersion },
              data,
            });
      return count === 1;
    });
  }
}

const toRow = (connection: EntraConnection) =>
  ({
    organizationId: connection.organizationId,
    id: connection.id,
    customerId: connection.customerId,
    cloud: connection.cloud,
    tenantId: connection.tenantId,
    clientId: connection.clientId,
    credentialKind: connection.credentialKind,
    sealedCredential: connection.sealedCredential,
    domain: connection.domain,
    capabilities: {
      mayTouchRoleHolders: connection.capabilities.mayTouchRoleHolders,
      pass: connection.capabilities.pass === null ? null : { ...connection.capabilities.pass },
    },
    state: connection.state,
    checkedAt: dateOf(connection.checkedAt),
    version: connection.version,
  }) satisfies Prisma.EntraConnectionCreateManyInput;

const fromRow = (row: EntraConnectionModel): EntraConnection => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: idOf(row.customerId),
  cloud: cloud(row.cloud, 'entra_connection.cloud'),
  tenantId: row.tenantId,
  clientId: row.clientId,
  credentialKind: credentialKind(row.credentialKind, 'entra_connection.credential_kind'),
  sealedCredential: row.sealedCredential,
  domain: row.domain,
  capabilities: capabilities(row.capabilities, 'entra_connection.capabilities'),
  state: connectionState(row.state, 'entra_connection.state'),
  checkedAt: instantOf(row.checkedAt),
  version: row.version,
});
