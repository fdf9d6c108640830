import type { AccessPolicy, AccessRequest, AllStores } from '#core/access';
import { CANARY_MS, NO_DRIFT, type ManagedAccount } from '#core/accounts';
import type { AuditEvent } from '#core/audit';
import { WEEKDAYS, type Grant } from '#core/grants';
import type { ApiToken, Doorway, Technician } from '#core/identity';
import { HOUR, idOf, type Ids, type UnitOfWork } from '#core/shared';
import type { Customer, EntraConnection, Organization } from '#core/tenancy';

/** An instant with milliseconds, so that a store that loses them is found. */
export const NOON = Date.UTC(2026, 2, 14, 12, 0, 0, 123);

/** One of everything in one organization; every optional field is filled. */
export interface World {
  readonly organization: Organization;
  readonly technician: Technician;
  readonly token: ApiToken;
  readonly customer: Customer;
  readonly connection: EntraConnection;
  readonly policy: AccessPolicy;
  readonly request: AccessRequest;
  readonly account: ManagedAccount;
  readonly grant: Grant;
  readonly event: AuditEvent;
}

const peopleOf = (ids: Ids): Pick<World, 'organization' | 'technician' | 'token'> => {
  const organizationId = idOf<'organization'>(ids.uuid());
  const technicianId = idOf<'technician'>(ids.uuid());
  return {
    organization: {
      id: organizationId,
      slug: `msp-${organizationId}`,
      name: 'Zürich MSP',
      naming: { prefix: 'jit-' },
      createdAt: NOON,
    },
    technician: {
      id: technicianId,
      organizationId,
      username: 'ada',
      displayName: 'Ada Lovelace',
      role: 'technician',
      state: 'active',
      createdAt: NOON,
    },
    token: {
      id: idOf(ids.uuid()),
      organizationId,
      technicianId,
      role: 'technician',
      prefix: 'curfew_abc',
      digest: `digest of ${technicianId}`,
      expiresAt: NOON + 24 * HOUR,
      revokedAt: null,
      createdAt: NOON,
    },
  };
};

export const aCustomer = (ids: Ids, { organization }: Pick<World, 'organization'>): Customer => ({
  id: idOf(ids.uuid()),
  organizationId: organization.id,
  name: 'Contoso',
  state: 'active',
  createdAt: NOON,
});

export const aConnection = (ids: Ids, customer: Customer): EntraConnection => ({
  id: idOf(ids.uuid()),
  organizationId: customer.organizationId,
  customerId: customer.id,
  cloud: 'global',
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  credentialKind: 'certificate',
  sealedCredential: 'v1.k1.iv.text',
  domain: 'contoso.onmicrosoft.com',
  capabilities: {
    mayTouchRoleHolders: true,
    pass: { minimumMinutes: 10, maximumMinutes: 480, onceOnly: false },
    timedRoles: true,
  },
  timedRolesRefused: {},
  state: 'active',
  checkedAt: NOON,
  credentialEndsAt: NOON + 90 * 24 * HOUR,
  version: 1,
});

export const aPolicy = (ids: Ids, customer: Customer): AccessPolicy => ({
  id: idOf(ids.uuid()),
  organizationId: customer.organizationId,
  customerId: customer.id,
  name: 'Global Administrator for an hour',
  gives: { roles: [idOf('role 1'), idOf('role 2')], groups: [idOf('group 1')] },
  credential: 'both',
  endAction: 'disable',
  defaultDurationSeconds: 1_800,
  maximumDurationSeconds: 3_600,
  reason: 'required',
  ticket: 'optional',
  ticketPatterns: ['?+', '@+-#+'],
  allowedHours: {
    timeZone: 'Europe/Zurich',
    windows: [{ days: WEEKDAYS, from: '00:00', to: '24:00' }],
  },
  technicianGroups: [],
  state: 'active',
  version: 3,
  createdAt: NOON,
});

const THROTTLED: ManagedAccount['failure'] = {
  reason: 'throttled',
  message: '429 TooManyRequests',
  sinceAt: NOON,
  anewAt: NOON + 1,
  attempts: 2,
  retryAt: NOON + 1,
  steps: { disable: NOON + 1 },
  version: 5,
};

export const anAccount = (ids: Ids, of: Pick<World, 'customer'>, number = 0): ManagedAccount => ({
  id: idOf(ids.uuid()),
  organizationId: of.customer.organizationId,
  customerId: of.customer.id,
  technicianId: null,
  kind: 'laps',
  upn: `jit-${number}@contoso.onmicrosoft.com`,
  displayName: 'Ada (Curfew)',
  marker: 'curfew1.mark',
  objectId: idOf('object 1'),
  mayHold: {
    object: 'held',
    enabled: 'maybe',
    roles: { [idOf<'entra role'>('role 1')]: { certainty: 'held', assignmentId: 'assignment 1' } },
    groups: { [idOf<'entra group'>('group 1')]: 'maybe' },
    pass: { certainty: 'held', passId: null },
    password: 'held',
    sessions: true,
    methods: false,
  },
  pristine: false,
  password: { sealed: 'v1.k1.iv.password', state: 'pending', generation: 4 },
  passwordGeneration: 4,
  verification: { writtenAt: NOON, proofs: 2, nextAt: NOON + HOUR },
  failure: THROTTLED,
  drift: NO_DRIFT,
  own: null,
  retirement: null,
  removal: null,
  closedAt: null,
  leftBehindAt: null,
  dueAt: NOON + 1,
  takeAt: NOON + 2,
  lookAt: null,
  version: 5,
  epoch: 7,
  claimedUntil: null,
  createdAt: NOON,
});

export const aCanary = (ids: Ids, of: Pick<World, 'customer'>) => ({
  ...anAccount(ids, of),
  kind: 'canary' as const,
  upn: 'canary-1@contoso.com',
  own: {
    enabled: true,
    roles: [idOf<'entra role'>('role 1')],
    groups: [],
    startsAt: NOON,
    expiresAt: NOON + CANARY_MS,
    endAction: 'delete' as const,
  },
  dueAt: NOON,
  takeAt: NOON + CANARY_MS,
});

export const aGrant = (
  ids: Ids,
  of: Pick<World, 'customer' | 'technician' | 'policy' | 'account' | 'request'>,
): Grant => ({
  id: idOf(ids.uuid()),
  organizationId: of.customer.organizationId,
  customerId: of.customer.id,
  technicianId: of.technician.id,
  accountId: of.account.id,
  requestId: of.request.id,
  policyId: of.policy.id,
  approved: of.policy.gives,
  credential: 'pass',
  endAction: 'delete',
  startsAt: NOON,
  expiresAt: NOON + HOUR,
  latestExpiresAt: NOON + 2 * HOUR,
  state: 'ended',
  endReason: 'expired',
  failure: { code: 'directory.quota', message: 'The tenant is full.' },
  activeAt: NOON + 1,
  endingAt: NOON + 2,
  takenAt: NOON + 3,
  endedAt: NOON + 4,
  proofs: [
    {
      readAt: NOON + 4,
      graphAt: NOON + 3,
      enabled: false,
      objectFound: true,
      roles: [],
      groups: ['group 9'],
      methods: ['phone'],
    },
  ],
  reveals: 2,
  version: 1,
  createdAt: NOON,
});

export const aRunningGrant = (ids: Ids, of: Parameters<typeof aGrant>[1]): Grant => ({
  ...aGrant(ids, of),
  state: 'active',
  endReason: null,
  failure: null,
  endingAt: null,
  takenAt: null,
  endedAt: null,
  proofs: [],
});

export const aRequest = (ids: Ids, of: Pick<World, 'customer' | 'technician' | 'policy'>): AccessRequest => ({
  id: idOf(ids.uuid()),
  organizationId: of.customer.organizationId,
  customerId: of.customer.id,
  technicianId: of.technician.id,
  policyId: of.policy.id,
  policyVersion: 3,
  durationSeconds: 3_600,
  startsAt: NOON,
  reason: 'Mailbox stuck',
  ticket: 'T-1',
  state: 'approved',
  grantId: null,
  createdAt: NOON,
});

export const aWorld = (ids: Ids): World => {
  const people = peopleOf(ids);
  const customer = aCustomer(ids, people);
  const policy = aPolicy(ids, customer);
  const asked = aRequest(ids, { ...people, customer, policy });
  const account = {
    ...anAccount(ids, { customer }),
    kind: 'jit' as const,
    technicianId: people.technician.id,
  };
  const grant = aGrant(ids, { ...people, customer, policy, account, request: asked });
  const event: AuditEvent = {
    organizationId: people.organization.id,
    at: NOON,
    actor: { kind: 'technician', id: people.technician.id, tokenId: people.token.id },
    action: 'grant.ended',
    subject: { kind: 'grant', id: grant.id },
    customerId: customer.id,
    details: { reason: 'expired', rolesLeft: ['role 1'], enabled: false, count: 2, nothing: null },
  };
  const request = { ...asked, grantId: grant.id };
  const connection = aConnection(ids, customer);
  return { ...people, customer, connection, policy, request, account, grant, event };
};

/** Writes all of it in one transaction. */
export const plant = (unitOfWork: UnitOfWork<AllStores>, world: World): Promise<void> =>
  unitOfWork.inOrganization(world.organization.id, async (stores) => {
    await stores.organizations.insert(world.organization);
    await stores.technicians.insert(world.technician);
    await stores.tokens.insert(world.token);
    await stores.customers.insert(world.customer);
    await stores.connections.save(world.connection, null);
    await stores.policies.insert(world.policy);
    await stores.requests.insert(world.request);
    await stores.accounts.insert(world.account);
    await stores.grants.insert(world.grant);
    await stores.audit.append([world.event]);
  });

/** A database with nothing in it. */
export interface EmptyDatabase {
  readonly unitOfWork: UnitOfWork<AllStores>;
  readonly doorway: Doorway;
}

/** What each suite works with: a database in which one world was planted. */
export interface Planted extends EmptyDatabase {
  readonly ids: Ids;
  readonly world: World;
  /** One transaction in the world's organization. */
  readonly within: <T>(work: (stores: AllStores) => Promise<T>) => Promise<T>;
}

export type Plant = () => Promise<Planted>;
