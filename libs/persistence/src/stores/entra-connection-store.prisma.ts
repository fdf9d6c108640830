import { accessErrors } from '#core/access';
import { idOf, type CustomerId, type OrganizationId } from '#core/shared';
import type {
  Cloud,
  CredentialKind,
  EntraConnection,
  EntraConnectionStore,
  RevokerCredential,
  TenantCapabilities,
  TimedRolesRefused,
} from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import type { EntraConnectionModel, EntraRevokerCredentialModel } from '../generated/models.js';
import {
  absentAs,
  dateOf,
  dateOrNull,
  dictionaryOf,
  flag,
  instantOf,
  instantOrNull,
  isoOf,
  oneOf,
  orNull,
  shape,
  whole,
} from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';

export const cloud = oneOf<Cloud>('global', 'us-government', 'china', 'custom');
export const credentialKind = oneOf<CredentialKind>('secret', 'certificate', 'federated');
export const connectionState = oneOf<EntraConnection['state']>('active', 'removing');
const secondState = oneOf<RevokerCredential['state']>('active', 'removed');
export const capabilities = shape<TenantCapabilities>({
  mayTouchRoleHolders: flag,
  pass: orNull(
    shape<NonNullable<TenantCapabilities['pass']>>({
      minimumMinutes: whole,
      maximumMinutes: whole,
      onceOnly: flag,
    }),
  ),
  timedRoles: absentAs(false, flag),
});
const refusedUntil = dictionaryOf(whole);

const columns = columnsOf('e', Prisma.EntraConnectionScalarFieldEnum);
const credentialColumns = columnsOf('r', Prisma.EntraRevokerCredentialScalarFieldEnum);

export class PrismaEntraConnectionStore implements EntraConnectionStore {
  constructor(private readonly session: Session) {}

  async ofCustomer(customerId: CustomerId): Promise<EntraConnection | null> {
    return (await this.ofCustomers([customerId])).get(customerId) ?? null;
  }

  ofCustomers(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, EntraConnection>> {
    const { organizationId, rights } = this.session;
    return this.session.run(async (tx) => {
      // By hand, as whatever each round asks: the client's own way takes several times as long as the database.
      const rows = await tx.$queryRaw<ConnectionRow[]>`
        SELECT ${columns}, o.version AS "appVersion", o.client_id AS "appClientId", o.credential_kind AS "appCredentialKind",
               o.sealed_credential AS "appSealed", o.credential_ends_at AS "appEndsAt"
          FROM entra_connection e
          LEFT JOIN organization_app o
            ON o.organization_id = e.organization_id AND o.id = e.organization_app_id
         WHERE e.organization_id = ${organizationId}::uuid AND e.customer_id = ANY(${[...ids]}::uuid[])`;
      const seconds = rights === 'taking' ? await secondsOf(tx, organizationId, ids) : NO_SECOND;
      const connections = rows.map(fromRow).map((connection): EntraConnection => {
        const second = seconds.get(connection.customerId);
        return second === undefined ? connection : { ...connection, second };
      });
      return new Map(connections.map((connection) => [connection.customerId, connection]));
    });
  }

  customersOfTenant(cloud: Cloud, tenantId: string): Promise<readonly CustomerId[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.entraConnection.findMany({
        where: { organizationId, cloud, tenantId },
        select: { customerId: true },
        orderBy: { customerId: 'asc' },
        take: MOST_OF_A_TENANT,
      });
      return rows.map(({ customerId }) => idOf(customerId));
    });
  }

  async save(connection: EntraConnection, expectedVersion: number | null): Promise<boolean> {
    const data = toRow(connection);
    const { organizationId } = this.session;
    const { customerId } = connection;
    await this.#requireOnly(connection);
    return this.session.run(async (tx) => {
      const { count } =
        expectedVersion === null
          ? await tx.entraConnection.createMany({ data, skipDuplicates: true })
          : await tx.entraConnection.updateMany({
              where: { organizationId, customerId, version: expectedVersion, state: 'active' },
              data,
            });
      if (count === 1) await this.#compareSoon(tx, connection, expectedVersion === null);
      return count === 1;
    });
  }

  beginRemoval(customerId: CustomerId): Promise<boolean> {
    return this.session.run(async (tx) => {
      const { count } = await tx.entraConnection.updateMany({
        where: { organizationId: this.session.organizationId, customerId, state: 'active' },
        data: { state: 'removing' },
      });
      return count === 1;
    });
  }

  remove(customerId: CustomerId): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.entraConnection.deleteMany({
        where: { organizationId: this.session.organizationId, customerId },
      });
    });
  }

  revokerCredential(customerId: CustomerId): Promise<RevokerCredential | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.entraRevokerCredential.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
        select: KNOWN,
      });
      return row === null ? null : knownFromRow(row);
    });
  }

  saveRevokerCredential(
    credential: RevokerCredential,
    sealed: string | null,
    expectedVersion: number | null,
  ): Promise<boolean> {
    const { organizationId } = this.session;
    const { customerId } = credential;
    const { checkedAt, credentialEndsAt } = credential;
    const instants = { checkedAt: dateOf(checkedAt), credentialEndsAt: dateOrNull(credentialEndsAt) };
    const data = { ...credential, ...instants, sealedCredential: sealed };
    return this.session.run(async (tx) => {
      const { count } =
        expectedVersion === null
          ? await tx.entraRevokerCredential.createMany({ data, skipDuplicates: true })
          : await tx.entraRevokerCredential.updateMany({
              where: { organizationId, customerId, version: expectedVersion },
              data,
            });
      return count === 1;
    });
  }

  learn(customerId: CustomerId, capabilities: TenantCapabilities, version: number): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.entraConnection.updateMany({
        where: { organizationId: this.session.organizationId, customerId, version, state: 'active' },
        data: { capabilities: { ...capabilities } },
      });
    });
  }

  refuseTimedRoles(customerId: CustomerId, refused: TimedRolesRefused): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      // Whoever replaces the connection locks it before the accounts, converge after them: neither may wait here.
      await tx.$executeRaw`
        UPDATE entra_connection SET timed_roles_refused = timed_roles_refused || ${JSON.stringify(refused)}::jsonb
        WHERE (organization_id, id) IN (
          SELECT organization_id, id FROM entra_connection
          WHERE organization_id = ${organizationId}::uuid AND customer_id = ${customerId}::uuid
          FOR UPDATE SKIP LOCKED)`;
    });
  }

  /** An insert passes over what the index refuses; of two at once one is told that something has changed meanwhile. */
  async #requireOnly({ organizationApp, cloud, tenantId, customerId }: EntraConnection): Promise<void> {
    if (organizationApp === undefined) return;
    const { organizationId } = this.session;
    await this.session.run(async (tx) => {
      const others = await tx.entraConnection.count({
        where: { organizationId, cloud, tenantId, organizationAppId: { not: null }, NOT: { customerId } },
      });
      if (others > 0) throw accessErrors.refuse('entra_connection.tenant_taken');
    });
  }

  /** Anew from the beginning: what happened to users of ours since an earlier connection went, nobody has heard. */
  #compareSoon(
    tx: Prisma.TransactionClient,
    { customerId, checkedAt }: EntraConnection,
    anew: boolean,
  ): Promise<unknown> {
    return tx.$executeRaw`
      INSERT INTO customer_drift AS known (organization_id, customer_id, due_at, compared_at)
      VALUES (${this.session.organizationId}::uuid, ${customerId}::uuid, ${isoOf(checkedAt)}::timestamptz,
              ${isoOf(checkedAt)}::timestamptz)
      ON CONFLICT (organization_id, customer_id) DO UPDATE SET due_at = LEAST(known.due_at, excluded.due_at),
        cursor = CASE WHEN ${anew}::boolean THEN NULL ELSE known.cursor END`;
  }
}

/** A connection, with what it uses of its organization's app. */
interface ConnectionRow extends EntraConnectionModel {
  readonly appVersion: number | null;
  readonly appClientId: string | null;
  readonly appCredentialKind: string | null;
  readonly appSealed: string | null;
  readonly appEndsAt: Date | null;
}

/** More customers of one tenant than these need nobody's names. */
const MOST_OF_A_TENANT = 100;

/** All but the sealed credential, which API and workers may not read. */
const KNOWN = {
  organizationId: true,
  customerId: true,
  cloud: true,
  tenantId: true,
  clientId: true,
  credentialKind: true,
  state: true,
  checkedAt: true,
  credentialEndsAt: true,
  version: true,
} as const;

type SecondCredential = NonNullable<EntraConnection['second']>;

const NO_SECOND: ReadonlyMap<CustomerId, SecondCredential> = new Map();

const secondsOf = async (
  tx: Prisma.TransactionClient,
  organizationId: OrganizationId,
  ids: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, SecondCredential>> => {
  const rows = await tx.$queryRaw<EntraRevokerCredentialModel[]>`
    SELECT ${credentialColumns} FROM entra_revoker_credential r
     WHERE r.organization_id = ${organizationId}::uuid AND r.customer_id = ANY(${[...ids]}::uuid[])`;
  return new Map(
    rows.flatMap(({ sealedCredential, ...row }): [CustomerId, SecondCredential][] =>
      sealedCredential === null ? [] : [[idOf(row.customerId), { ...knownFromRow(row), sealedCredential }]],
    ),
  );
};

const knownFromRow = (row: Omit<EntraRevokerCredentialModel, 'sealedCredential'>): RevokerCredential => ({
  organizationId: idOf(row.organizationId),
  customerId: idOf(row.customerId),
  cloud: cloud(row.cloud, 'entra_revoker_credential.cloud'),
  tenantId: row.tenantId,
  clientId: row.clientId,
  credentialKind: credentialKind(row.credentialKind, 'entra_revoker_credential.credential_kind'),
  state: secondState(row.state, 'entra_revoker_credential.state'),
  checkedAt: instantOf(row.checkedAt),
  credentialEndsAt: instantOrNull(row.credentialEndsAt),
  version: row.version,
});

const toRow = (connection: EntraConnection) =>
  ({
    organizationId: connection.organizationId,
    id: connection.id,
    customerId: connection.customerId,
    cloud: connection.cloud,
    tenantId: connection.tenantId,
    clientId: connection.clientId,
    credentialKind: connection.credentialKind,
    sealedCredential: connection.organizationApp === undefined ? connection.sealedCredential : null,
    organizationAppId: connection.organizationApp?.id ?? null,
    domain: connection.domain,
    capabilities: {
      mayTouchRoleHolders: connection.capabilities.mayTouchRoleHolders,
      pass: connection.capabilities.pass === null ? null : { ...connection.capabilities.pass },
      timedRoles: connection.capabilities.timedRoles,
    },
    timedRolesRefused: { ...connection.timedRolesRefused },
    state: connection.state,
    checkedAt: dateOf(connection.checkedAt),
    credentialEndsAt:
      connection.organizationApp === undefined ? dateOrNull(connection.credentialEndsAt) : null,
    version: connection.version,
  }) satisfies Prisma.EntraConnectionCreateManyInput;

const fromRow = (row: ConnectionRow): EntraConnection => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: idOf(row.customerId),
  cloud: cloud(row.cloud, 'entra_connection.cloud'),
  tenantId: row.tenantId,
  clientId: row.appClientId ?? row.clientId,
  credentialKind: credentialKind(
    row.appCredentialKind ?? row.credentialKind,
    'entra_connection.credential_kind',
  ),
  // Empty opens nowhere: an app that was removed beneath it is told as a credential that can't be opened.
  sealedCredential: row.appSealed ?? row.sealedCredential ?? '',
  domain: row.domain,
  capabilities: capabilities(row.capabilities, 'entra_connection.capabilities'),
  timedRolesRefused: refusedUntil(row.timedRolesRefused, 'entra_connection.timed_roles_refused'),
  state: connectionState(row.state, 'entra_connection.state'),
  checkedAt: instantOf(row.checkedAt),
  credentialEndsAt: instantOrNull(row.appEndsAt ?? row.credentialEndsAt),
  version: row.version,
  ...(row.organizationAppId === null || row.appVersion === null
    ? {}
    : { organizationApp: { id: idOf(row.organizationAppId), version: row.appVersion } }),
});
