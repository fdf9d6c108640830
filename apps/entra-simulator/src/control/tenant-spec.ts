import { X509Certificate } from 'node:crypto';
import { appRoles } from '../access/permissions.js';
import { assignRole, joinGroup, removeRole } from '../directory/memberships.js';
import { roleByNameOrId } from '../directory/role-catalogue.js';
import { createUser } from '../directory/users.js';
import { digest, uuidFrom } from '../foundation/ids.js';
import type { Json } from '../foundation/json.js';
import { servicePrincipalIdOf } from '../login/tokens.js';
import type { App, Domain, Group, TenantConfig } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import { noLags } from '../state/replicated.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import type {
  AppSpec,
  DomainSpec,
  GroupSpec,
  Lags,
  PassPolicy,
  Switches,
  TenantPatch,
  TenantSpec,
  UserSpec,
} from './contract.js';
import { ControlError } from './control-error.js';
import { pimOf, rolePoliciesOf } from './pim-spec.js';
import { boughtIn, makeUnits } from './directory-spec.js';
import { putAccessPolicies, registrationIn, signInOf } from './sign-in-spec.js';

const usualPassPolicy: PassPolicy = {
  state: 'enabled',
  minimumLifetimeInMinutes: 60,
  maximumLifetimeInMinutes: 480,
  defaultLifetimeInMinutes: 60,
  isUsableOnce: false,
  defaultLength: 8,
};

export const usualSwitches: Switches = {
  strictAppOnlySensitive: false,
  strictRevokeSessions: false,
  passWhenPolicyOff: 'created',
  secondPass: 'replaces',
  directoryReadWriteAddsMembers: false,
  memberNotFound: 404,
  newMemberNotFound: 404,
  concurrentWriteConflicts: false,
  restrictedUnitsGuardSessions: true,
  pimFiveMinutes: true,
  pimLaterAssignment: 'refused',
  pimMaximumBesidePermanent: 'enforced',
  enumCase: 'any',
  bodylessBatchWrites: 'refused',
  bareCasts: 'answered',
  plainNotificationUrls: 'taken',
  cloud: 'global',
};

/** Makes the tenant as the spec says; what it starts with is on every replica from the beginning. */
export function makeTenant(world: World, id: string, spec: TenantSpec): Tenant {
  const historyFrom = world.history.all().at(-1)?.seq ?? 0;
  const tenant = world.makeTenant(id, { ...configOf(id, spec, world.clock.now()), historyFrom });
  const writer = portalWriter(world, tenant, noLags);
  const { groups = [], apps = [], users = [] } = spec;
  for (const group of groups) putGroup(writer, group);
  for (const app of apps) putApp(world, tenant, app);
  for (const user of users) putUser(writer, user);
  makeUnits(writer, spec, roleIdOf);
  putAccessPolicies(writer, spec.conditionalAccess ?? []);
  return tenant;
}

const configOf = (id: string, spec: TenantSpec, createdAt: number): TenantConfig => ({
  displayName: spec.displayName ?? `Tenant ${id.slice(0, 8)}`,
  licence: spec.licence ?? 'P2',
  createdAt,
  ...boughtIn(spec),
  domains: domainsOf(spec.domains ?? [], id),
  passPolicy: { ...usualPassPolicy, ...spec.passPolicy },
  lags: lagsOf(noLags, spec.lags),
  ...(spec.notificationLag === undefined ? {} : { notificationLag: spec.notificationLag }),
  throttling: spec.throttling ?? true,
  switches: { ...usualSwitches, ...spec.switches },
  signIn: signInOf(undefined, spec.signIn),
  pim: pimOf(undefined, spec.pim),
  rolePolicies: rolePoliciesOf(spec.rolePolicies ?? []),
});

export function patchTenant(world: World, tenant: Tenant, patch: TenantPatch): void {
  const {
    passPolicy,
    lags,
    switches,
    apps,
    domains,
    skus,
    quota,
    signIn,
    conditionalAccess,
    pim,
    rolePolicies,
    ...plain
  } = patch;
  const before = tenant.config;
  world.configure(tenant, {
    ...plain,
    ...boughtIn({ ...(skus && { skus }), ...(quota && { quota }) }),
    passPolicy: { ...before.passPolicy, ...passPolicy },
    lags: lagsOf(before.lags, lags),
    switches: { ...before.switches, ...switches },
    signIn: signInOf(before.signIn, signIn),
    pim: pimOf(before.pim, pim),
    ...(rolePolicies === undefined ? {} : { rolePolicies: rolePoliciesOf(rolePolicies) }),
    ...(domains === undefined ? {} : { domains: domainsOf(domains, tenant.id) }),
  });
  for (const app of apps ?? []) putApp(world, tenant, app);
  if (conditionalAccess !== undefined) putAccessPolicies(portalWriter(world, tenant), conditionalAccess);
}

/** The index is never named to be ahead of the directory by leaving it out. */
const lagsOf = (before: Lags, changes: Partial<Lags> = {}): Lags => ({
  ...before,
  ...(changes.directory === undefined ? {} : { index: changes.directory }),
  ...changes,
});

/** The customer's admin as an author; with `lags` what he writes replicates like that, else like the tenant. */
export const portalWriter = (world: World, tenant: Tenant, lags?: Lags): Writer =>
  new Writer(world, tenant, { by: 'portal', requestId: 'control', ...(lags === undefined ? {} : { lags }) });

/** Every tenant has an initial onmicrosoft.com domain, and one default. */
function domainsOf(specs: readonly DomainSpec[], tenantId: string): Domain[] {
  const initial: DomainSpec = { name: `t${tenantId.slice(0, 8)}.onmicrosoft.com`, isInitial: true };
  const all = specs.some((one) => one.isInitial === true || one.name.endsWith('.onmicrosoft.com'))
    ? specs
    : [...specs, initial];
  const hasDefault = all.some((one) => one.isDefault === true);
  return all.map((one, i) => ({
    name: one.name.toLowerCase(),
    isVerified: one.isVerified ?? true,
    authenticationType: one.authenticationType ?? 'Managed',
    isDefault: one.isDefault ?? (!hasDefault && i === 0),
    isInitial: one.isInitial ?? one.name.endsWith('.onmicrosoft.com'),
  }));
}

function putGroup(writer: Writer, spec: GroupSpec): void {
  const id = (spec.id ?? uuidFrom(`group ${writer.tenant.id} ${spec.displayName}`)).toLowerCase();
  const group: Group = {
    id,
    displayName: spec.displayName,
    isAssignableToRole: spec.isAssignableToRole ?? false,
    dynamic: spec.dynamic ?? false,
    mailEnabled: spec.mailEnabled ?? false,
    onPremises: spec.onPremises ?? false,
    createdAt: writer.at,
    ...(spec.microsoft365 === true ? { microsoft365: true } : {}),
  };
  writer.put('groups', id, group);
}

/** Adds the app, or changes what the spec names of one that is there. */
function putApp(world: World, tenant: Tenant, spec: AppSpec): void {
  const before = tenant.apps.get(spec.clientId.toLowerCase());
  for (const permission of spec.permissions ?? []) {
    if (!appRoles().has(permission)) throw new ControlError(400, `Graph has no permission '${permission}'`);
  }
  for (const pem of spec.certificates ?? []) checkCertificate(pem);
  world.putApp(tenant, {
    ...(before ?? newApp(tenant, spec.clientId)),
    ...namedIn(spec),
    ...registrationIn(spec),
  });
  if (spec.directoryRoles !== undefined) setRoles(world, tenant, spec);
}

const newApp = (tenant: Tenant, clientId: string): App => ({
  clientId,
  servicePrincipalId: servicePrincipalIdOf(tenant.id, clientId),
  displayName: `App ${clientId.slice(0, 8)}`,
  secrets: [],
  certificates: [],
  permissions: [],
  disabled: false,
  consented: true,
});

function namedIn(spec: AppSpec): Partial<App> {
  const { directoryRoles: _, federatedCredentials: __, secrets, clientId, ...plain } = spec;
  if (secrets === undefined) return plain;
  return {
    ...plain,
    secrets: secrets.map(({ value, endDateTime }) => ({
      hash: digest(clientId, value),
      endAt: endDateTime === undefined ? null : Date.parse(endDateTime),
    })),
  };
}

function setRoles(world: World, tenant: Tenant, spec: AppSpec): void {
  const writer = portalWriter(world, tenant, tenant.apps.size === 0 ? noLags : undefined);
  const principalId = servicePrincipalIdOf(tenant.id, spec.clientId);
  const wanted = new Set((spec.directoryRoles ?? []).map(roleIdOf));
  for (const held of tenant.assignments.lookUp('principal', principalId)) {
    if (!wanted.delete(held.roleDefinitionId)) removeRole(writer, held);
  }
  for (const roleDefinitionId of wanted) {
    assignRole(writer, { roleDefinitionId, principalId, directoryScopeId: '/' });
  }
}

function putUser(writer: Writer, spec: UserSpec): void {
  const { tenant } = writer;
  const { userPrincipalName } = spec;
  const id = (spec.id ?? uuidFrom(`user ${tenant.id} ${userPrincipalName.toLowerCase()}`)).toLowerCase();
  createUser(writer, {
    id,
    userPrincipalName,
    accountEnabled: spec.accountEnabled ?? true,
    ...(spec.password === undefined ? {} : { password: spec.password }),
    properties: propertiesIn(spec),
  });
  for (const role of spec.roles ?? []) {
    assignRole(writer, { roleDefinitionId: roleIdOf(role), principalId: id, directoryScopeId: '/' });
  }
  for (const group of spec.groups ?? []) joinGroup(writer, groupOf(tenant, group), id);
}

function propertiesIn({ userPrincipalName, displayName, extensionAttribute15, onPremises }: UserSpec): Json {
  const userName = userPrincipalName.split('@')[0] ?? userPrincipalName;
  return {
    displayName: displayName ?? userName,
    mailNickname: userName,
    ...(extensionAttribute15 === undefined
      ? {}
      : { onPremisesExtensionAttributes: { extensionAttribute15 } }),
    ...(onPremises === true ? { onPremisesSyncEnabled: true } : {}),
  };
}

export function roleIdOf(nameOrId: string): string {
  const role = roleByNameOrId(nameOrId);
  if (role === undefined) throw new ControlError(400, `There is no directory role '${nameOrId}'`);
  return role.id;
}

export function groupOf(tenant: Tenant, nameOrId: string): Group {
  const byId = tenant.groups.truth(nameOrId.toLowerCase());
  const group = byId ?? [...tenant.groups.truths()].find((one) => one.displayName === nameOrId);
  if (group === undefined) throw new ControlError(400, `There is no group '${nameOrId}'`);
  return group;
}

function checkCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch {
    throw new ControlError(400, 'A certificate is no X.509 in PEM');
  }
}
