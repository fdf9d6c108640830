import { assignRole, removeRole } from '../../directory/memberships.js';
import { allRoles, directoryRoleId, roleById, type RoleTemplate } from '../../directory/role-catalogue.js';
import { roleAssignmentId } from '../../foundation/ids.js';
import { isText, type Json } from '../../foundation/json.js';
import type { RoleAssignment } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, denied, notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import { referenceIn } from '../references.js';
import { objectPage, referencePage } from './object-page.js';
import { directoryRoleDefaults, directoryRoleReader, principalIsThere, principalObject } from './objects.js';
import { refusePrincipal } from './roles.js';

const byId = '/directoryRoles/{directoryRole-id}';
const byTemplate = "/directoryRoles(roleTemplateId='{roleTemplateId}')";

const reads = [
  ['RoleManagement.Read.Directory'],
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
  ['RoleManagement.ReadWrite.Directory'],
];
const writes = [['RoleManagement.ReadWrite.Directory']];

const directory = 'directory' as const;

const memberRoutes = (role: string): Route[] => [
  { method: 'GET', path: `${role}/members`, workload: directory, asks: reads, answer: listMembers },
  {
    method: 'GET',
    path: `${role}/members/$ref`,
    workload: directory,
    asks: reads,
    answer: listReferences,
  },
  { method: 'POST', path: `${role}/members/$ref`, workload: directory, asks: writes, answer: addMember },
  {
    method: 'DELETE',
    path: `${role}/members/{directoryObject-id}/$ref`,
    workload: directory,
    asks: writes,
    answer: removeMember,
  },
];

export const directoryRoleRoutes: readonly Route[] = [
  { method: 'GET', path: '/directoryRoles', workload: directory, answer: listRoles },
  { method: 'POST', path: '/directoryRoles', workload: directory, answer: activateRole },
  { method: 'GET', path: byId, workload: directory, answer: getRole },
  { method: 'GET', path: byTemplate, workload: directory, asks: reads, answer: getRole },
  ...memberRoutes(byId),
  ...memberRoutes(byTemplate),
  { method: 'GET', path: '/directoryRoleTemplates', workload: directory, answer: listTemplates },
];

const rules = {
  id: { basic: ['eq', 'in'] },
  displayName: { basic: ['eq', 'in', 'startsWith'] },
} as const;

const roleListing: Listing<RoleTemplate> = {
  type: 'directoryRole',
  resource: 'DirectoryRole',
  context: 'directoryRoles',
  defaults: directoryRoleDefaults,
  rules: { ...rules, roleTemplateId: { basic: ['eq', 'in'] } },
  read: (role, ctx) => directoryRoleReader(ctx.tenant, role.id),
  isUnpaged: true,
};

const templateListing: Listing<RoleTemplate> = {
  type: 'directoryRoleTemplate',
  resource: 'DirectoryRoleTemplate',
  context: 'directoryRoleTemplates',
  defaults: ['id', 'deletedDateTime', 'description', 'displayName'],
  rules,
  read: (role) => (property) =>
    ({ id: role.id, description: role.displayName, displayName: role.displayName })[property],
  isUnpaged: true,
};

/** Every tenant has this one from the beginning. */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

/** A role is there once somebody has used or activated it, and stays. */
function seenRoles({ tenant, view }: GraphContext): RoleTemplate[] {
  const ids = new Set([
    globalAdministrator,
    ...tenant.activatedRoles.seeAll(view).map((role) => role.id),
    ...tenant.assignments.seeAll(view).map((assignment) => assignment.roleDefinitionId),
  ]);
  return [...ids].map(roleById).filter((role) => role !== undefined);
}

function listRoles(ctx: GraphContext): GraphReply {
  return list(ctx, roleListing, () => seenRoles(ctx));
}

function listTemplates(ctx: GraphContext): GraphReply {
  return list(ctx, templateListing, () => [...allRoles()]);
}

function activateRole(ctx: GraphContext): GraphReply {
  const { roleTemplateId } = ctx.body;
  if (!isText(roleTemplateId)) {
    throw badRequest("A value is required for property 'roleTemplateId' of resource 'DirectoryRole'.");
  }
  const role = roleById(roleTemplateId);
  if (role === undefined) throw notFound(roleTemplateId);
  demand(!isActivated(ctx, role), () =>
    badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    ),
  );
  ctx.writer.put('activatedRoles', role.id, { id: role.id });
  return { status: 201, body: roleEntity(ctx, role) };
}

const isActivated = ({ tenant }: GraphContext, role: RoleTemplate): boolean =>
  role.id === globalAdministrator ||
  tenant.activatedRoles.truth(role.id) !== undefined ||
  tenant.assignments.lookUp('role', role.id).length > 0;

function getRole(ctx: GraphContext): GraphReply {
  return ok(roleEntity(ctx, seenRole(ctx)));
}

const roleEntity = (ctx: GraphContext, role: RoleTemplate): Json => {
  const { type, context, defaults } = roleListing;
  return entity(ctx, { type, context, defaults, read: directoryRoleReader(ctx.tenant, role.id) });
};

/** By its own id, or by its template in either of the two forms in which paths name a key. */
function seenRole(ctx: GraphContext): RoleTemplate {
  const id = param(ctx, 'directoryRole-id').toLowerCase();
  const templateId = (param(ctx, 'roleTemplateId') || /^roletemplateid=(.+)$/.exec(id)?.[1])?.toLowerCase();
  const role = seenRoles(ctx).find((one) =>
    templateId === undefined ? directoryRoleId(ctx.tenant.id, one.id) === id : one.id === templateId,
  );
  if (role === undefined) throw notFound(templateId ?? id);
  return role;
}

/** Only those who hold the role in the whole tenant. */
const seenMembers = (ctx: GraphContext): Json[] =>
  ctx.tenant.assignments
    .lookUp('role', seenRole(ctx).id, ctx.view)
    .filter((assignment) => assignment.directoryScopeId === '/')
    .map(({ principalId }) => principalObject(ctx.tenant, principalId, ctx.view))
    .filter((object) => object !== undefined);

function listMembers(ctx: GraphContext): GraphReply {
  return objectPage(ctx, seenMembers(ctx), { isUnpaged: true });
}

function listReferences(ctx: GraphContext): GraphReply {
  return referencePage(
    ctx,
    seenMembers(ctx).map((object) => String(object['id'])),
  );
}

function addMember(ctx: GraphContext): GraphReply {
  const role = seenRole(ctx);
  const principalId = referenceIn(ctx.body);
  if (!principalIsThere(ctx.tenant, principalId, ctx.view)) throw notFound(principalId);
  refusePrincipal(ctx, principalId);
  demand(assignmentOf(ctx, role, principalId) === undefined, () =>
    badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    ),
  );
  assignRole(ctx.writer, { roleDefinitionId: role.id, principalId, directoryScopeId: '/' });
  return noContent;
}

function removeMember(ctx: GraphContext): GraphReply {
  const principalId = param(ctx, 'directoryObject-id').toLowerCase();
  const assignment = assignmentOf(ctx, seenRole(ctx), principalId);
  if (assignment === undefined) throw notFound(principalId);
  // A principal cannot take a directory role from itself.
  demand(principalId !== ctx.caller.servicePrincipalId, denied);
  removeRole(ctx.writer, assignment);
  return noContent;
}

const assignmentOf = (
  { tenant }: GraphContext,
  role: RoleTemplate,
  principalId: string,
): RoleAssignment | undefined => tenant.assignments.truth(roleAssignmentId(role.id, principalId, '/'));
