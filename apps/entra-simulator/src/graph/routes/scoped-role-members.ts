import { assignRole, removeRole } from '../../directory/memberships.js';
import { allRoles, directoryRoleId, type RoleTemplate } from '../../directory/role-catalogue.js';
import { assignmentsOver, scopeOfUnit } from '../../directory/units.js';
import { uuidFrom } from '../../foundation/ids.js';
import { asObject, isText, type Json } from '../../foundation/json.js';
import type { RoleAssignment } from '../../state/model.js';
import type { Tenant } from '../../state/tenant.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, denied, notFound } from '../errors.js';
import { requiredOf } from '../errors-directory.js';
import { entity, list, type Listing } from '../list.js';
import { liveUnit, seenUnit } from './administrative-units.js';
import { principalIsThere, principalObject } from './objects.js';
import { refusePrincipal, refuseScope } from './roles.js';

const all = '/directory/administrativeUnits/{administrativeUnit-id}/scopedRoleMembers';
const byId = `${all}/{scopedRoleMembership-id}`;

/** The older way to see and make the role assignments whose scope is one unit. */
export const scopedRoleRoutes: readonly Route[] = [
  { method: 'GET', path: all, workload: 'directory', answer: listMembers },
  { method: 'POST', path: all, workload: 'directory', answer: addMember },
  { method: 'GET', path: byId, workload: 'directory', answer: getMember },
  { method: 'DELETE', path: byId, workload: 'directory', answer: removeMember },
];

const members: Listing<Json> = {
  type: 'scopedRoleMembership',
  resource: 'ScopedRoleMembership',
  context: 'scopedRoleMemberships',
  defaults: ['id', 'administrativeUnitId', 'roleId', 'roleMemberInfo'],
  rules: {},
  read: (one) => (property) => one[property],
  isUnpaged: true,
};

/** Not the id of the role assignment, and as opaque. */
const membershipId = (assignment: RoleAssignment): string => uuidFrom(`scoped role ${assignment.id}`);

function shown(ctx: GraphContext, unitId: string, assignment: RoleAssignment): Json {
  const principal = principalObject(ctx.tenant, assignment.principalId, ctx.view);
  return {
    id: membershipId(assignment),
    administrativeUnitId: unitId,
    roleId: directoryRoleId(ctx.tenant.id, assignment.roleDefinitionId),
    roleMemberInfo: { id: assignment.principalId, displayName: principal?.['displayName'] ?? null },
  };
}

function listMembers(ctx: GraphContext): GraphReply {
  const { id } = seenUnit(ctx);
  return list(ctx, members, () =>
    assignmentsOver(ctx.tenant, id, ctx.view).map((assignment) => shown(ctx, id, assignment)),
  );
}

function seenMember(ctx: GraphContext): RoleAssignment {
  const id = param(ctx, 'scopedRoleMembership-id').toLowerCase();
  const over = assignmentsOver(ctx.tenant, seenUnit(ctx).id, ctx.view);
  const assignment = over.find((one) => membershipId(one) === id);
  if (assignment === undefined) throw notFound(id);
  return assignment;
}

function getMember(ctx: GraphContext): GraphReply {
  const one = shown(ctx, seenUnit(ctx).id, seenMember(ctx));
  const { type, context, defaults } = members;
  return ok(entity(ctx, { type, context, defaults, read: (property) => one[property] }));
}

function addMember(ctx: GraphContext): GraphReply {
  const unit = liveUnit(ctx);
  const role = askedRole(ctx.tenant, ctx.body['roleId']);
  const principalId = asObject(ctx.body['roleMemberInfo'])['id'];
  if (!isText(principalId)) throw requiredOf('ScopedRoleMembership', 'roleMemberInfo');
  const principal = principalId.toLowerCase();
  if (!principalIsThere(ctx.tenant, principal, ctx.view)) throw notFound(principal);
  refusePrincipal(ctx, principal);
  const directoryScopeId = scopeOfUnit(unit.id);
  refuseScope(ctx, role, directoryScopeId);
  const held = ctx.tenant.assignments.lookUp('principal', principal);
  demand(
    !held.some((one) => one.roleDefinitionId === role.id && one.directoryScopeId === directoryScopeId),
    () =>
      badRequest(
        'A conflicting object with one or more of the specified property values is present in the directory.',
      ),
  );
  const made = assignRole(ctx.writer, {
    roleDefinitionId: role.id,
    principalId: principal,
    directoryScopeId,
  });
  const context = `${ctx.root}/$metadata#scopedRoleMemberships/$entity`;
  return { status: 201, body: { '@odata.context': context, ...shown(ctx, unit.id, made) } };
}

/** By the id of the directory role in this tenant, not by the role's template. */
function askedRole(tenant: Tenant, roleId: unknown): RoleTemplate {
  if (!isText(roleId)) throw requiredOf('ScopedRoleMembership', 'roleId');
  const role = allRoles().find((one) => directoryRoleId(tenant.id, one.id) === roleId.toLowerCase());
  if (role === undefined) throw notFound(roleId);
  return role;
}

function removeMember(ctx: GraphContext): GraphReply {
  const assignment = ctx.tenant.assignments.truth(seenMember(ctx).id);
  if (assignment === undefined) throw notFound(param(ctx, 'scopedRoleMembership-id'));
  demand(assignment.principalId !== ctx.caller.servicePrincipalId, denied);
  removeRole(ctx.writer, assignment);
  return noContent;
}
