import { allAssignmentsOf, groupsOf } from '../directory/memberships.js';
import { isPass, passEndAt, passUsability } from '../directory/methods.js';
import { roleById } from '../directory/role-catalogue.js';
import { extensionAttribute15 } from '../directory/users.js';
import { isoMillis } from '../foundation/clock.js';
import { isText } from '../foundation/json.js';
import type { App, Group, RoleAssignment, User } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { TenantTruth, TrueApp, TrueGroup, TrueRole, TrueUser } from './contract.js';

/** The write store as it is: neither lag nor secrets. */
export function truthOf(tenant: Tenant, now: number): TenantTruth {
  const { displayName, licence, domains, passPolicy, lags, throttling, switches } = tenant.config;
  return {
    tenantId: tenant.id,
    displayName,
    licence,
    domains: domains.map((domain) => ({ ...domain })),
    apps: [...tenant.apps.values()].map((app) => trueApp(tenant, app)),
    groups: [...tenant.groups.truths()].map((group) => trueGroup(tenant, group)),
    users: [...tenant.users.truths()].map((user) => trueUser(tenant, user, now)),
    deletedUsers: [...tenant.deletedUsers.truths()].map(({ id, userPrincipalName, deletedAt }) => ({
      id,
      userPrincipalName,
      deletedDateTime: isoMillis(deletedAt ?? 0),
    })),
    passPolicy,
    lags,
    throttling,
    switches,
  };
}

const trueRole = (assignment: RoleAssignment): TrueRole => ({
  assignmentId: assignment.id,
  id: assignment.roleDefinitionId,
  name: roleById(assignment.roleDefinitionId)?.displayName ?? assignment.roleDefinitionId,
});

function trueApp(tenant: Tenant, app: App): TrueApp {
  const { clientId, servicePrincipalId, displayName, permissions, disabled, consented } = app;
  return {
    clientId,
    servicePrincipalId,
    displayName,
    permissions: [...permissions],
    directoryRoles: tenant.assignments.lookUp('principal', servicePrincipalId).map(trueRole),
    disabled,
    consented,
  };
}

function trueGroup(tenant: Tenant, { createdAt: _, ...group }: Group): TrueGroup {
  const members = tenant.memberships.lookUp('group', group.id).map((edge) => edge.memberId);
  return { ...group, members };
}

function trueUser(tenant: Tenant, user: User, now: number): TrueUser {
  const methods = tenant.methods.lookUp('user', user.id);
  return {
    id: user.id,
    userPrincipalName: user.userPrincipalName,
    displayName: textOf(user, 'displayName'),
    accountEnabled: user.accountEnabled,
    employeeId: textOf(user, 'employeeId'),
    extensionAttribute15: extensionAttribute15(user),
    lastPasswordChangeDateTime: textOf(user, 'lastPasswordChangeDateTime'),
    signInSessionsValidFromDateTime: textOf(user, 'signInSessionsValidFromDateTime'),
    roles: tenant.assignments.lookUp('principal', user.id).map(trueRole),
    groups: groupsOf(tenant, user.id).map(({ id, displayName }) => ({ id, name: displayName })),
    methods: methods.flatMap((method) => (isPass(method) ? [] : [{ id: method.id, kind: method.kind }])),
    passes: methods.filter(isPass).map((pass) => ({
      id: pass.id,
      startDateTime: isoMillis(pass.startAt),
      expiresAt: isoMillis(passEndAt(pass)),
      isUsableOnce: pass.isUsableOnce,
      isUsable: passUsability(tenant, pass, now) === 'EnabledByPolicy',
    })),
  };
}

function textOf(user: User, property: string): string | null {
  const value = user.properties[property];
  return isText(value) ? value : null;
}

/** What a token of this user would carry: roles directly held and through groups. */
export function effectiveRoles(tenant: Tenant, userId: string): { id: string; name: string }[] {
  const roles = new Map(allAssignmentsOf(tenant, userId).map((one) => [one.roleDefinitionId, trueRole(one)]));
  return [...roles.values()].map(({ id, name }) => ({ id, name }));
}
