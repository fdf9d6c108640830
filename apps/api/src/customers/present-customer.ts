import type { CustomerOut, EntraConnectionOut, RevokerCredentialOut, routes } from '#contracts';
import { notesOn } from '#core/access';
import { Secret } from '#core/shared';
import type { Cloud, CredentialKind, Customer, EntraConnection, RevokerCredential } from '#core/tenancy';
import type { CallOf } from '../http/call.js';
import { instantOf, iso, isoOrNull } from '../wire.js';

const clouds = {
  global: 'global',
  'us-government': 'us-government',
  china: 'china',
  custom: 'custom',
} as const satisfies Record<Cloud, EntraConnectionOut['cloud']>;

const credentialKinds = {
  secret: 'secret',
  certificate: 'certificate',
  federated: 'federated',
} as const satisfies Record<CredentialKind, EntraConnectionOut['credentialKind']>;

export const presentCustomer = ({ id, name, state, createdAt }: Customer): CustomerOut => ({
  id,
  name,
  state,
  createdAt: iso(createdAt),
});

/** Everything of a connection but its credential. */
export const presentConnection = (connection: EntraConnection): EntraConnectionOut => {
  const { mayTouchRoleHolders, pass, timedRoles } = connection.capabilities;
  return {
    customerId: connection.customerId,
    cloud: clouds[connection.cloud],
    tenantId: connection.tenantId,
    clientId: connection.clientId,
    credentialKind: credentialKinds[connection.credentialKind],
    domain: connection.domain,
    capabilities: { mayTouchRoleHolders, pass: pass === null ? null : { ...pass }, timedRoles },
    notes: [...notesOn(connection.capabilities)],
    state: connection.state,
    checkedAt: iso(connection.checkedAt),
    credentialEndsAt: isoOrNull(connection.credentialEndsAt),
    version: connection.version,
  };
};

const revokerCredentialStates = {
  active: 'active',
  removed: 'removed',
} as const satisfies Record<RevokerCredential['state'], RevokerCredentialOut['state']>;

export const presentRevokerCredential = (credential: RevokerCredential): RevokerCredentialOut => ({
  customerId: credential.customerId,
  tenantId: credential.tenantId,
  clientId: credential.clientId,
  credentialKind: credentialKinds[credential.credentialKind],
  state: revokerCredentialStates[credential.state],
  checkedAt: iso(credential.checkedAt),
  version: credential.version,
});

/** A connection as it was sent, its credential wrapped at once. */
export const connectionOf = (body: CallOf<typeof routes.connectCustomer>['body']) => ({
  cloud: body.cloud,
  tenantId: body.tenantId,
  clientId: body.clientId,
  credential: { kind: body.credential.kind, value: new Secret(body.credential.value) },
  credentialEndsAt: body.credentialEndsAt === undefined ? null : instantOf(body.credentialEndsAt),
  domain: body.domain,
});
