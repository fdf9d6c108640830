import { randomUUID } from 'node:crypto';
import { idOf, Secret, type GroupId, type ObjectId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { DirectoryWorld, TenantWish, TrueAccount } from '#core/testing';
import type { TenantSpec, TestSimulator } from '../../../../test/support/simulator.js';
import { EntraDirectory, type CloudSettings } from '../index.js';

export const CLIENT_ID = '5f0e1c1a-52a6-4d36-9f52-0f3f3c3b2a10';
export const CLIENT_SECRET = 'canary-of-the-client-secret';

/** What Curfew asks for, and what the calls about units need beyond that. */
export const PERMISSIONS = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Directory.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
  'UserAuthenticationMethod.ReadWrite.All',
  'AdministrativeUnit.ReadWrite.All',
];

const FOR_HOURS = { minMs: 7_200_000, maxMs: 7_200_000 };
const PLAIN = ['Helpers', 'Readers', 'Fixers'];

/** A tenant as it would be with so many groups more; it replaces the one that is there. */
export const manyGroups = (count: number): TenantSpec => {
  const spec = specFor({}, DOMAIN);
  return { ...spec, groups: Array.from({ length: count }, (_, at) => ({ displayName: `Group ${at}` })) };
};

const DOMAIN = 'acme.example';
const UNIT = 'aaaaaaaa-0000-4000-8000-000000000001';
const RESTRICTED_UNIT = 'aaaaaaaa-0000-4000-8000-000000000002';

/** Ids are the caller's to choose, so the tenant can be made and known in one call. */
const UNITS: TenantSpec['administrativeUnits'] & object = [
  { id: UNIT, displayName: 'Branch' },
  { id: RESTRICTED_UNIT, displayName: 'Board', isMemberManagementRestricted: true },
];

const rolesForMinutes = (minutes: number): TenantSpec => ({
  rolePolicies: [{ active: { maximumDuration: `PT${minutes}M`, isExpirationRequired: true } }],
});

const specFor = (wish: TenantWish, domain: string): TenantSpec => ({
  displayName: 'Acme',
  licence: wish.withoutPim === true ? 'P1' : 'P2',
  domains: [{ name: domain, isVerified: true, authenticationType: 'Managed', isDefault: true }],
  apps: [
    {
      clientId: CLIENT_ID,
      secrets: [{ value: CLIENT_SECRET }],
      permissions: (wish.permissions ?? PERMISSIONS).filter((name) => wish.without?.includes(name) !== true),
      directoryRoles: wish.mayTouchRoleHolders === false ? [] : ['Privileged Authentication Administrator'],
    },
  ],
  groups: [
    ...PLAIN.map((displayName) => ({ displayName })),
    { displayName: 'Protected', isAssignableToRole: true },
    { displayName: 'Everybody', dynamic: true },
    { displayName: 'From the office', onPremises: true },
    { displayName: 'Newsletter', mailEnabled: true },
  ],
  administrativeUnits: UNITS,
  ...(wish.longestTimedRoleMinutes === undefined ? {} : rolesForMinutes(wish.longestTimedRoleMinutes)),
  passPolicy: {
    state: wish.passesOff === true ? 'disabled' : 'enabled',
    minimumLifetimeInMinutes: 10,
    maximumLifetimeInMinutes: 480,
    isUsableOnce: false,
  },
  ...(wish.lagging === true
    ? { lags: { directory: FOR_HOURS, pim: FOR_HOURS, methods: FOR_HOURS, authorisation: FOR_HOURS } }
    : {}),
});

/** A directory that calls the simulator as its `custom` cloud. */
export const directoryTo = (
  simulator: TestSimulator,
  now = (): number => Date.now(),
  host = simulator.url,
): EntraDirectory => new EntraDirectory({ clouds: cloudsOf(simulator, host), now });

const cloudsOf = ({ caPem }: TestSimulator, host: string): CloudSettings => ({
  custom: { authorityHost: host, graphHost: host, caPem },
});

/** A world whose directory is the adapter's own class. */
export type SimulatedWorld = DirectoryWorld & { readonly directory: EntraDirectory };

/** A tenant of its own in the simulator, set up as wished, with the adapter in front. */
export const simulatedTenant = async (
  simulator: TestSimulator,
  wish: TenantWish = {},
): Promise<SimulatedWorld> => {
  const tenantId = randomUUID();
  const made = await simulator.makeTenant(tenantId, specFor(wish, DOMAIN));
  const group = (displayName: string): GroupId =>
    idOf(made.groups.find((candidate) => candidate.displayName === displayName)?.id ?? '');
  let aheadMs = 0;
  const directory = new EntraDirectory({
    clouds: cloudsOf(simulator, simulator.url),
    pace: { elapsed: () => performance.now() + aheadMs },
  });
  return {
    directory,
    domain: DOMAIN,
    app: appFor(tenantId),
    groups: {
      plain: PLAIN.map(group),
      roleAssignable: group('Protected'),
      dynamic: group('Everybody'),
      synced: group('From the office'),
      mail: group('Newsletter'),
    },
    plantUser: (upn) => plantUser(simulator, tenantId, upn),
    units: { plain: idOf(UNIT), restricted: idOf(RESTRICTED_UNIT) },
    addMethod: (userId, kind) => simulator.portal(tenantId, { do: 'addMethod', userId, kind }),
    makeMember: (userId, groupId) => simulator.portal(tenantId, { do: 'addToGroup', userId, groupId }),
    truth: (user) => truthOf(simulator, tenantId, user),
    settle: () => simulator.settle(tenantId),
    advance: (ms) => {
      // Waits that Graph asked for are over with it.
      aheadMs += ms;
      return simulator.advance(ms);
    },
    close: () => directory.close(),
  };
};

export const appFor = (tenantId: string, secret = CLIENT_SECRET): EntraApp => ({
  connectionId: idOf(`connection of ${tenantId}`),
  version: 1,
  cloud: 'custom',
  tenantId,
  clientId: CLIENT_ID,
  credential: { kind: 'secret', value: new Secret(secret) },
});

/** Somebody else's user, made through another app of the same tenant. */
const plantUser = async (simulator: TestSimulator, tenantId: string, upn: string): Promise<ObjectId> => {
  const other = { clientId: randomUUID(), secret: 'the-other-secret' };
  await simulator.patchTenant(tenantId, {
    apps: [
      { clientId: other.clientId, secrets: [{ value: other.secret }], permissions: ['User.ReadWrite.All'] },
    ],
  });
  const token = await simulator.token(tenantId, other);
  const answer = await simulator.call('POST', '/v1.0/users', {
    token,
    body: {
      accountEnabled: true,
      displayName: upn,
      mailNickname: 'somebody',
      userPrincipalName: upn,
      passwordProfile: { password: 'Another-9-horse' },
    },
  });
  return idOf((answer.body as { id: string }).id);
};

const truthOf = async (
  simulator: TestSimulator,
  tenantId: string,
  id: ObjectId,
): Promise<TrueAccount | null> => {
  const { users } = await simulator.truth(tenantId);
  const user = users.find((candidate) => candidate.id === id);
  if (user === undefined) return null;
  return {
    enabled: user.accountEnabled,
    marker: user.extensionAttribute15,
    roles: user.roles.map((role) => idOf<'entra role'>(role.id)),
    groups: user.groups.map((group) => idOf<'entra group'>(group.id)),
  };
};
