import type {
  CustomerCredentialIn,
  CustomerOut,
  EntraConnectionOut,
  OfferedCredentialIn,
  RevokerCredentialOut,
  routes,
} from '#contracts';
import { notesOn, type OfferedCredential, type CustomerCredential } from '#core/access';
import { Secret } from '#core/shared';
import type { Cloud, CredentialKind, Customer, EntraConnection, RevokerCredential } from '#core/tenancy';
import type { CallOf } from '../http/call.js';
import { InvalidRequest } from '../http/invalid-request.js';
import { instantOf, iso, isoOrNull } from '../wire.js';

export const clouds = {
  global: 'global',
  'us-government': 'us-government',
  china: 'china',
  custom: 'custom',
} as const satisfies Record<Cloud, EntraConnectionOut['cloud']>;

export const credentialKinds = {
  secret: 'secret',
  certificate: 'certificate',
  federated: 'federated',
} as const satisfies Record<CredentialKind, EntraConnectionOut['credentialKind']>;

export const presentCustomer = ({ id, name, state, createdAt, expected }: Customer): CustomerOut => ({
  id,
  name,
  state,
  createdAt: iso(createdAt),
  expectedTenant: expected === undefined ? null : { ...expected, cloud: clouds[expected.cloud] },
});

/** Everything of a connection but its credential. */
export const presentConnection = (connection: EntraConnection): EntraConnectionOut => {
  const { mayTouchRoleHolders, pass, timedRoles } = connection.capabilities;
  return {
    customerId: connection.customerId,
    cloud: clouds[connection.cloud],
    tenantId: connection.tenantId,
    app: connection.organizationApp === undefined ? 'own' : 'organization',
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
  credentialEndsAt: isoOrNull(credential.credentialEndsAt),
  version: credential.version,
});

/** One that is handed over, or one of which nothing is. */
export const customerCredentialOf = (sent: CustomerCredentialIn): CustomerCredential =>
  sent.kind === 'pending-certificate' || sent.kind === 'federated' ? { kind: sent.kind } : credentialOf(sent);

/** A credential as it was sent, wrapped at once. */
export const credentialOf = (sent: OfferedCredentialIn): OfferedCredential => {
  const value = new Secret(sent.value);
  return sent.kind === 'pfx'
    ? { kind: sent.kind, value, password: new Secret(sent.password) }
    : { kind: sent.kind, value };
};

type ConnectionIn = CallOf<typeof routes.connectCustomer>['body'];

/** A connection by an app of its own as it was sent, its credential wrapped at once. */
export const ownConnectionOf = ({ clientId, credential, credentialEndsAt, ...body }: ConnectionIn) => {
  if (clientId === undefined || credential === undefined)
    throw new InvalidRequest([
      ...(clientId === undefined ? [{ path: 'body.clientId', reason: REQUIRED }] : []),
      ...(credential === undefined ? [{ path: 'body.credential', reason: REQUIRED }] : []),
    ]);
  return {
    cloud: body.cloud,
    tenantId: body.tenantId,
    clientId,
    credential: customerCredentialOf(credential),
    credentialEndsAt: credentialEndsAt === undefined ? null : instantOf(credentialEndsAt),
    domain: body.domain,
  };
};

/** A connection by the organization's app, which brings all that is its own. */
export const sharedConnectionOf = ({ cloud, tenantId, domain, ...body }: ConnectionIn) => {
  const own = (['clientId', 'credential', 'credentialEndsAt'] as const).filter((field) => body[field]);
  if (own.length > 0)
    throw new InvalidRequest(own.map((field) => ({ path: `body.${field}`, reason: OF_THE_APP })));
  return { cloud, tenantId, domain };
};

const REQUIRED = 'is needed for an app of its own';
const OF_THE_APP = "is that of your organization's app: leave it out";
