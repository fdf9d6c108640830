import { assignRole, removeRole } from '../../directory/memberships.js';
import { allRoles, roleById, type RoleTemplate } from '../../directory/role-catalogue.js';
import { isScopable, unitOfScope } from '../../directory/units.js';
import { roleAssignmentId } from '../../foundation/ids.js';
import { isText, type Json } from '../../foundation/json.js';
import type { RoleAssignment } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, denied, notFound } from '../errors.js';
import { equalTo, type Clause } from '../filter.js';
import { entity, list, type Listing } from '../list.js';
import { pick } from '../select.js';
import { principalIsSeen, principalIsThere, principalObject } from './objects.js';

const root = '/roleManagement/directory';
const definitionDefaults = [
  'id',
  'description',
  'displayName',
  'isBuiltIn',
  'isEnabled',
  'resourceScopes',
  'rolePermissions',
  'templateId',
  'version',
];
const assignmentDefaults = ['id', 'principalId', 'directoryScopeId', 'roleDefinitionId'];

export const roleRoutes: readonly Route[] = [
  { method: 'GET', path: `${root}/roleDefinitions`, workload: 'directory', answer: listDefinitions },
  {
    method: 'GET',
    path: `${root}/roleDefinitions/{unifiedRoleDefinition-id}`,
    workload: 'directory',
    answer: getDefinition,
  },
  {
    method: 'GET',
    path: `${root}/roleAssignments`,
    workload: 'directory',
    expands: true,
    answer: listAssignments,
  },
  { method: 'POST', path: `${root}/roleAssignments`, workload: 'directory', answer: postAssignment },
  {
    method: 'GET',
    path: `${root}/roleAssignments/{unifiedRoleAssignment-id}`,
    workload: 'directory',
    answer: getAssignment,
  },
  {
    method: 'DELETE',
    path: `${root}/roleAssignments/{unifiedRoleAssignment-id}`,
    workload: 'directory',
    answer: deleteAssignment,
  },
];

const definitions: Listing<RoleTemplate> = {
  type: 'unifiedRoleDefinition',
  resource: 'unifiedRoleDefinition',
  context: 'roleManagement/directory/roleDefinitions',
  defaults: definitionDefaults,
  rules: {
    id: { basic: ['eq', 'in'] },
    templateId: { basic: ['eq', 'in'] },
    displayName: { basic: ['eq', 'in', 'startsWith'] },
    isBuiltIn: { basic: ['eq'] },
  },
  read: (role) => definitionReader(role),
  isUnpaged: true,
};

const definitionReader =
  (role: RoleTemplate) =>
  (property: string): unknown =>
    (
      ({
        id: role.id,
        templateId: role.id,
        displayName: role.displayName,
        description: role.displayName,
        isBuiltIn: true,
        isEnabled: true,
        resourceScopes: ['/'],
        version: '1',
      }) as Record<string, unknown>
    )[property];

export const roleDefinitionObject = (role: RoleTemplate): Json =>
  pick(definitions.type, definitionDefaults, definitionReader(role));

const assignments: Listing<RoleAssignment> = {
  type: 'unifiedRoleAssignment',
  resource: 'unifiedRoleAssignment',
  context: 'roleManagement/directory/roleAssignments',
  defaults: assignmentDefaults,
  rules: {
    id: { basic: ['eq'] },
    principalId: { basic: ['eq', 'in'] },
    roleDefinitionId: { basic: ['eq', 'in'] },
    directoryScopeId: { basic: ['eq'] },
  },
  read: (assignment) => (property) => (assignment as unknown as Record<string, unknown>)[property],
};

function listDefinitions(ctx: GraphContext): GraphReply {
  return list(ctx, definitions, () => [...allRoles()]);
}

function getDefinition(ctx: GraphContext): GraphReply {
  const role = roleById(param(ctx, 'unifiedRoleDefinition-id'));
  if (role === undefined) throw notFound(param(ctx, 'unifiedRoleDefinition-id'));
  const { type, context, defaults } = definitions;
  return ok(entity(ctx, { type, context, defaults, read: definitionReader(role) }));
}

function listAssignments(ctx: GraphContext): GraphReply {
  const reply = list(ctx, assignments, (clauses) => seenAssignments(ctx, clauses));
  const expand = ctx.request.query.get('$expand');
  if (expand === undefined) return reply;
  demand(expand === 'principal' || expand === 'roleDefinition', () =>
    badRequest('Only one property can be expanded in a single query.'),
  );
  const body = reply.body as { value: RoleAssignment[] };
  return { ...reply, body: { ...body, value: body.value.map((one) => expanded(ctx, one, expand)) } };
}

function expanded(ctx: GraphContext, assignment: RoleAssignment, what: string): Record<string, unknown> {
  if (what === 'principal') {
    return {
      ...assignment,
      principal: principalObject(ctx.tenant, assignment.principalId, ctx.view) ?? null,
    };
  }
  const role = roleById(assignment.roleDefinitionId);
  return { ...assignment, roleDefinition: role === undefined ? null : roleDefinitionObject(role) };
}

function seenAssignments(ctx: GraphContext, clauses: readonly Clause[]): RoleAssignment[] {
  const { tenant, view } = ctx;
  const principal = equalTo(clauses, 'principalId');
  const role = equalTo(clauses, 'roleDefinitionId');
  const found =
    principal !== undefined
      ? tenant.assignments.lookUp('principal', principal.toLowerCase(), view)
      : role !== undefined
        ? tenant.assignments.lookUp('role', role.toLowerCase(), view)
        : tenant.assignments.seeAll(view);
  return found.filter((assignment) => principalIsSeen(tenant, assignment.principalId, view));
}

function getAssignment(ctx: GraphContext): GraphReply {
  const id = param(ctx, 'unifiedRoleAssignment-id');
  const assignment = ctx.tenant.assignments.see(id, ctx.view);
  if (assignment === undefined) throw notFound(id);
  const { type, context, defaults } = assignments;
  return ok(entity(ctx, { type, context, defaults, read: assignments.read(assignment, ctx) }));
}

function postAssignment(ctx: GraphContext): GraphReply {
  const { roleDefinitionId, principalId, directoryScopeId = '/' } = ctx.body;
  const role = isText(roleDefinitionId) ? roleById(roleDefinitionId) : undefined;
  if (!isText(principalId) || !isText(roleDefinitionId)) {
    throw badRequest('The principalId and roleDefinitionId properties are required.');
  }
  if (role === undefined) throw notFound(roleDefinitionId);
  const scope = String(directoryScopeId);
  const principal = principalId.toLowerCase();
  if (!principalIsThere(ctx.tenant, principal, ctx.view)) throw notFound(principal);
  refusePrincipal(ctx, principal);
  refuseScope(ctx, role, scope);
  if (ctx.tenant.assignments.truth(roleAssignmentId(role.id, principal, scope)) !== undefined) {
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );
  }
  const made = assignRole(ctx.writer, {
    roleDefinitionId: role.id,
    principalId: principal,
    directoryScopeId: scope,
  });
  const context = `${ctx.root}/$metadata#${assignments.context}/$entity`;
  return { status: 201, body: { '@odata.context': context, ...made } };
}

export function refusePrincipal(ctx: GraphContext, principalId: string): void {
  const group = ctx.tenant.groups.truth(principalId);
  demand(group === undefined || group.isAssignableToRole, () =>
    badRequest('The group is not assignable to a role: isAssignableToRole must be set when it is created.'),
  );
}

/** The whole tenant, or a unit for the roles that can be held over one. */
export function refuseScope(ctx: GraphContext, role: RoleTemplate, scope: string): void {
  if (scope === '/') return;
  const unitId = unitOfScope(scope);
  demand(unitId !== undefined && isScopable(role), () =>
    badRequest('The given built-in role is not supported to be assigned to a single resource scope.'),
  );
  const isThere = ctx.tenant.units.see(unitId!, ctx.view) !== undefined;
  if (!isThere || ctx.tenant.units.truth(unitId!) === undefined) throw notFound(unitId!);
}

function deleteAssignment(ctx: GraphContext): GraphReply {
  const id = param(ctx, 'unifiedRoleAssignment-id');
  const isSeen = ctx.tenant.assignments.see(id, ctx.view) !== undefined;
  const assignment = ctx.tenant.assignments.truth(id);
  // A replica that has not heard of a new assignment says 404 while it is in force.
  if (!isSeen || assignment === undefined) throw notFound(id);
  // A principal cannot take a directory role from itself.
  demand(assignment.principalId !== ctx.caller.servicePrincipalId, denied);
  removeRole(ctx.writer, assignment);
  return noContent;
}
