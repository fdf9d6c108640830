import type { Secret } from '#core/shared';
import {
  idOf,
  type ConnectionId,
  type CustomerId,
  type Instant,
  type OrganizationAppId,
  type OrganizationId,
  type SealedPlace,
  type SecretBox,
} from '#core/shared';

/** Where a tenant lives. `custom` is defined by the deployment's configuration only, never by the API. */
export type Cloud = 'global' | 'us-government' | 'china' | 'custom';

/** `federated`: the deployment's own workload identity vouches for us, and there is nothing to keep. */
export type CredentialKind = 'secret' | 'certificate' | 'federated';

/** What our service principal may do there, and what the tenant allows: read from the tenant, never assumed. */
export interface TenantCapabilities {
  /** It holds Privileged Authentication Administrator or Global Administrator: it may disable and reset role holders. */
  readonly mayTouchRoleHolders: boolean;
  /** The tenant's Temporary Access Pass policy; null when passes are switched off there. */
  readonly pass: {
    readonly minimumMinutes: number;
    readonly maximumMinutes: number;
    readonly onceOnly: boolean;
  } | null;
  /** Privileged Identity Management answers us there and we may write to it: Entra itself can end a role. */
  readonly timedRoles: boolean;
}

/**
 * A second way into the same tenant, that only the revoker uses: where the first is refused, because it has run out or was
 * withdrawn, what was given is still taken away.
 */
export interface RevokerCredential {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credentialKind: CredentialKind;
  readonly state: 'active' | 'removed';
  readonly checkedAt: Instant;
  /** As of a connection's. */
  readonly credentialEndsAt: Instant | null;
  /** Compare-and-swap, and part of the seal; it goes on rising after a removal. */
  readonly version: number;
}

/** One that can be opened. */
export interface SecondCredential extends RevokerCredential {
  readonly sealedCredential: string;
}

/** Ids of roles that PIM refused to give for a time, each until when it is not asked again; `*`: PIM as a whole. */
export type TimedRolesRefused = Readonly<Record<string, Instant>>;

/** How Curfew acts in a customer's tenant. The credential is sealed: it is written, used, and never read back out. */
export interface EntraConnection {
  readonly id: ConnectionId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credentialKind: CredentialKind;
  readonly sealedCredential: string;
  /** The verified, managed domain on which accounts are made. */
  readonly domain: string;
  readonly capabilities: TenantCapabilities;
  /** Learned while giving; forgotten when the connection is replaced. */
  readonly timedRolesRefused: TimedRolesRefused;
  /** `removing`: used only to take away what is left; then it goes. */
  readonly state: 'active' | 'removing';
  readonly checkedAt: Instant;
  /** When the credential ends, as far as it says so itself or we were told; null: nobody knows. */
  readonly credentialEndsAt: Instant | null;
  /** Compare-and-swap, and part of the credential's seal. */
  readonly version: number;
  /**
   * Whose credential it uses, where it has none of its own: client id, credential and its end are then those of the app, read
   * with it each time.
   */
  readonly organizationApp?: { readonly id: OrganizationAppId; readonly version: number };
  /** Read for the revoker alone. */
  readonly second?: SecondCredential;
}

/** One opened connection, as the directory adapter needs it. */
export interface EntraApp {
  readonly connectionId: ConnectionId;
  /** Changes with the credential: token caches are keyed by (connectionId, version), and by the credential itself. */
  readonly version: number;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  /** A client secret, or a PEM with certificate and private key; empty where it is federated. */
  readonly credential: { readonly kind: CredentialKind; readonly value: Secret };
}

/** The place to which a connection's credential is sealed. */
export const credentialPlace = (
  connection: Pick<EntraConnection, 'organizationId' | 'id' | 'version'>,
): SealedPlace => ({
  organizationId: connection.organizationId,
  table: 'entra_connection',
  column: 'sealed_credential',
  rowId: connection.id,
  version: connection.version,
});

/** The place to which the credential of an organization's app is sealed. */
export const organizationAppPlace = (
  app: Pick<EntraConnection, 'organizationId'> & NonNullable<EntraConnection['organizationApp']>,
): SealedPlace => ({
  organizationId: app.organizationId,
  table: 'organization_app',
  column: 'sealed_credential',
  rowId: app.id,
  version: app.version,
});

/** Where the credential that a connection uses is sealed to. */
const placeInUse = (connection: EntraConnection): SealedPlace => {
  const { organizationId, organizationApp } = connection;
  return organizationApp === undefined
    ? credentialPlace(connection)
    : organizationAppPlace({ organizationId, ...organizationApp });
};

/** Opens the credential for use. Throws `secret.unreadable` when key or row don't fit. */
export const openApp = (connection: EntraConnection, box: SecretBox): EntraApp => ({
  connectionId: connection.id,
  version: connection.version,
  cloud: connection.cloud,
  tenantId: connection.tenantId,
  clientId: connection.clientId,
  credential: {
    kind: connection.credentialKind,
    value: box.open(connection.sealedCredential, placeInUse(connection)),
  },
});

/** The place to which the revoker's own credential is sealed. */
export const revokerCredentialPlace = (
  credential: Pick<SecondCredential, 'organizationId' | 'customerId' | 'version'>,
): SealedPlace => ({
  organizationId: credential.organizationId,
  table: 'entra_revoker_credential',
  column: 'sealed_credential',
  rowId: credential.customerId,
  version: credential.version,
});

/** Tokens of the two are kept apart: ids are unique whatever they name, and this one names no connection. */
const openSecond = (second: SecondCredential, box: SecretBox): EntraApp => ({
  connectionId: idOf(second.customerId),
  version: second.version,
  cloud: second.cloud,
  tenantId: second.tenantId,
  clientId: second.clientId,
  credential: {
    kind: second.credentialKind,
    value: box.open(second.sealedCredential, revokerCredentialPlace(second)),
  },
});

/**
 * The ways into the tenant, in the order in which they are tried: for the revoker its own first. Throws `secret.unreadable`
 * when none of them can be opened.
 */
export const appsOf = (connection: EntraConnection, box: SecretBox): readonly [EntraApp, ...EntraApp[]] => {
  const { second } = connection;
  const isSameTenant = second?.tenantId === connection.tenantId && second.cloud === connection.cloud;
  const own = second !== undefined && isSameTenant ? opened(() => openSecond(second, box)) : null;
  if (own === null) return [openApp(connection, box)];
  const first = opened(() => openApp(connection, box));
  return first === null ? [own] : [own, first];
};

const opened = (open: () => EntraApp): EntraApp | null => {
  try {
    return open();
  } catch {
    return null;
  }
};

export interface EntraConnectionStore {
  /** With `second` for the revoker, who alone may read it. */
  ofCustomer(customerId: CustomerId): Promise<EntraConnection | null>;
  /** Who of the organization is connected to this tenant, whatever by: the first by their ids. */
  customersOfTenant(cloud: Cloud, tenantId: string): Promise<readonly CustomerId[]>;
  /** Of those that have one, in one reading. */
  ofCustomers(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, EntraConnection>>;
  /**
   * Inserts (version 1) or replaces the customer's connection, which is compared with the tenant from its `checkedAt` on;
   * false when the expected version is not the kept one, or the kept one is being removed.
   */
  save(connection: EntraConnection, expectedVersion: number | null): Promise<boolean>;
  /** From now on it is used only to take away what is left; false when there is none, or that was so before. */
  beginRemoval(customerId: CustomerId): Promise<boolean>;
  /** Deletes a connection that is being removed, its credential with it. Refused while an account of ours is not closed. */
  remove(customerId: CustomerId): Promise<void>;
  /** What is known of the revoker's own credential, without it; one that was removed is told too, for its version. */
  revokerCredential(customerId: CustomerId): Promise<RevokerCredential | null>;
  /** Inserts (version 1) or replaces it; a null `sealed` removes it. False when the expected version is not the kept one. */
  saveRevokerCredential(
    credential: RevokerCredential,
    sealed: string | null,
    expectedVersion: number | null,
  ): Promise<boolean>;
  /**
   * What the tenant allows by now, in place of what was known; nothing when another version is kept meanwhile, or the
   * connection is being removed.
   */
  learn(customerId: CustomerId, capabilities: TenantCapabilities, version: number): Promise<void>;
  /** Adds to what PIM refuses here. An economy: while somebody else changes the connection it does nothing. */
  refuseTimedRoles(customerId: CustomerId, refused: TimedRolesRefused): Promise<void>;
}
