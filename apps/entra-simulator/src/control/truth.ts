import { allAssignmentsOf, groupsOf } from '../directory/memberships.js';
import { isPass, passEndAt, passUsability } from '../directory/methods.js';
import { roleById } from '../directory/role-catalogue.js';
import { extensionAttribute15 } from '../directory/users.js';
import { licencesOf, skuById } from '../directory/licences.js';
import { assignmentsOver } from '../directory/units.js';
import { isoMillis } from '../foundation/clock.js';
import { isText } from '../foundation/json.js';
import type { App, Group, RoleAssignment, User } from '../state/model.js';
import type { Unit } from '../state/model-directory.js';
import type { Tenant } from '../state/tenant.js';
import type { TenantTruth, TrueApp, TrueGroup, TrueRole, TrueUnit, TrueUser } from './contract.js';
import { truePim, trueSchedules } from './true-schedules.js';

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
    administrativeUnits: [...tenant.units.truths()].map((unit) => trueUnit(tenant, unit)),
    deletedGroups: [...tenant.deletedGroups.truths()].map((group) => ({
      id: group.id,
      displayName: group.displayName,
      deletedDateTime: isoMillis(group.deletedAt ?? 0),
    })),
    deletedUsers: [...tenant.deletedUsers.truths()].map(({ id, userPrincipalName, deletedAt }) => ({
      id,
      userPrincipalName,
      deletedDateTime: isoMillis(deletedAt ?? 0),
    })),
    passPolicy,
    lags,
    throttling,
    switches,
    ...truePim(tenant),
  };
}

const trueRole = (assignment: RoleAssignment): TrueRole => ({
  assignmentId: assignment.id,
  id: assignment.roleDefinitionId,
  name: roleById(assignment.roleDefinitionId)?.displayName ?? assignment.roleDefinitionId,
  ...(assignment.directoryScopeId === '/' ? {} : { directoryScopeId: assignment.directoryScopeId }),
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

function trueGroup(tenant: Tenant, group: Group): TrueGroup {
  const { id, displayName, isAssignableToRole, dynamic, mailEnabled, onPremises } = group;
  const members = tenant.memberships.lookUp('group', id).map((edge) => edge.memberId);
  return { id, displayName, isAssignableToRole, dynamic, mailEnabled, onPremises, members };
}

const trueUnit = (tenant: Tenant, { id, displayName, isMemberManagementRestricted }: Unit): TrueUnit => ({
  id,
  displayName,
  isMemberManagementRestricted,
  members: tenant.unitMemberships.lookUp('unit', id).map((edge) => edge.memberId),
  scopedRoles: assignmentsOver(tenant, id).map((assignment) => ({
    ...trueRole(assignment),
    principalId: assignment.principalId,
  })),
});

/** One user of the write store. */
export function trueUser(tenant: Tenant, user: User, now: number): TrueUser {
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
    licences: licencesOf(user).map(({ skuId }) => ({
      skuId,
      skuPartNumber: skuById(tenant, skuId)?.skuPartNumber ?? skuId,
    })),
    methods: methods.flatMap((method) => (isPass(method) ? [] : [{ id: method.id, kind: method.kind }])),
    schedules: trueSchedules(tenant, user.id),
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

/** What a token of this user would carry: tenant-wide roles, directly held and through groups. */
export function effectiveRoles(tenant: Tenant, userId: string): { id: string; name: string }[] {
  const held = allAssignmentsOf(tenant, userId).filter((one) => one.directoryScopeId === '/');
  const roles = new Map(held.map((one) => [one.roleDefinitionId, trueRole(one)]));
  return [...roles.values()].map(({ id, name }) => ({ id, name }));
}
