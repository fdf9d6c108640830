import { appRoles, type AppRole } from '../../access/permissions.js';
import { isoSeconds } from '../../foundation/clock.js';
import { uuidFrom } from '../../foundation/ids.js';
import { isText, type Json } from '../../foundation/json.js';
import type { App } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import { pick } from '../select.js';
import { graphApp, principalById, principals } from './service-principals.js';

const byId = '/servicePrincipals/{servicePrincipal-id}';
const assignment = `${byId}/appRoleAssignments/{appRoleAssignment-id}`;

/** Microsoft's data has parted "A and B" in places, so that one half alone would do: the page asks for both. */
const granting = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'].map(
  (reading) => ['AppRoleAssignment.ReadWrite.All', reading],
);
const withdrawing = [['AppRoleAssignment.ReadWrite.All']];
const reading = [
  ['Application.Read.All'],
  ['Application.ReadWrite.All'],
  ['Application.ReadWrite.OwnedBy'],
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
];

export const consentRoutes: readonly Route[] = [
  { method: 'GET', path: `${byId}/appRoleAssignments`, workload: 'directory', cost: 2, answer: listHeld },
  {
    method: 'POST',
    path: `${byId}/appRoleAssignments`,
    workload: 'directory',
    asks: granting,
    answer: grant,
  },
  { method: 'GET', path: assignment, workload: 'directory', asks: reading, answer: getOne },
  { method: 'DELETE', path: assignment, workload: 'directory', asks: withdrawing, answer: withdraw },
  { method: 'GET', path: `${byId}/appRoleAssignedTo`, workload: 'directory', cost: 2, answer: listGiven },
  {
    method: 'GET',
    path: `${byId}/oauth2PermissionGrants`,
    workload: 'directory',
    answer: (ctx) => {
      principalById(ctx);
      return ok({ '@odata.context': `${ctx.root}/$metadata#oauth2PermissionGrants`, value: [] });
    },
  },
];

const assigned: Listing<Json> = {
  type: 'appRoleAssignment',
  resource: 'AppRoleAssignment',
  context: 'appRoleAssignments',
  defaults: [
    'id',
    'deletedDateTime',
    'appRoleId',
    'createdDateTime',
    'principalDisplayName',
    'principalId',
    'principalType',
    'resourceDisplayName',
    'resourceId',
  ],
  rules: { resourceId: { basic: ['eq'] } },
  read: (one) => (property) => one[property],
};

const assignmentsOf = (ctx: GraphContext, app: App): Json[] =>
  app.permissions.map((permission) => shown(ctx, app, permission));

const assignmentId = (app: App, permission: string): string =>
  uuidFrom(`appRoleAssignment ${app.servicePrincipalId} ${permission}`);

function shown({ tenant }: GraphContext, app: App, permission: string): Json {
  const graph = graphApp(tenant);
  return {
    id: assignmentId(app, permission),
    appRoleId: appRoles().get(permission)?.id,
    createdDateTime: isoSeconds(tenant.config.createdAt),
    principalDisplayName: app.displayName,
    principalId: app.servicePrincipalId,
    principalType: 'ServicePrincipal',
    resourceDisplayName: graph.displayName,
    resourceId: graph.servicePrincipalId,
  };
}

function listHeld(ctx: GraphContext): GraphReply {
  const app = principalById(ctx);
  return list(ctx, assigned, () => assignmentsOf(ctx, app));
}

/** What others were granted of this resource: of Microsoft Graph everything, of any other app nothing. */
function listGiven(ctx: GraphContext): GraphReply {
  const isGraph = principalById(ctx).servicePrincipalId === graphApp(ctx.tenant).servicePrincipalId;
  return list(ctx, assigned, () =>
    isGraph ? principals(ctx.tenant).flatMap((app) => assignmentsOf(ctx, app)) : [],
  );
}

function heldPermission(ctx: GraphContext, app: App): string {
  const id = param(ctx, 'appRoleAssignment-id').toLowerCase();
  const permission = app.permissions.find((one) => assignmentId(app, one) === id);
  if (permission === undefined) throw notFound(id);
  return permission;
}

function getOne(ctx: GraphContext): GraphReply {
  const app = principalById(ctx);
  const one = shown(ctx, app, heldPermission(ctx, app));
  const { type, context, defaults } = assigned;
  return ok(entity(ctx, { type, context, defaults, read: (property) => one[property] }));
}

/** Consent by API: a token that is out already knows nothing of it, the next one carries it. */
function grant(ctx: GraphContext): GraphReply {
  const app = principalById(ctx);
  const { value: permission } = askedRole(ctx, app);
  demand(!app.permissions.includes(permission), () =>
    badRequest('Permission being assigned already exists on the object'),
  );
  const changed = changePermissions(ctx, app, [...app.permissions, permission]);
  noteAbout(ctx, 'consent.given', { app, permission });
  return {
    status: 201,
    body: {
      '@odata.context': `${ctx.root}/$metadata#appRoleAssignments/$entity`,
      ...pick(assigned.type, assigned.defaults, (property) => shown(ctx, changed, permission)[property]),
    },
  };
}

function askedRole(ctx: GraphContext, app: App): AppRole {
  const { principalId, resourceId, appRoleId } = ctx.body;
  const graph = graphApp(ctx.tenant);
  demand(sameId(principalId, app.servicePrincipalId), () => badRequest('Not a valid reference update.'));
  if (
    !isText(resourceId) ||
    !principals(ctx.tenant).some((one) => sameId(resourceId, one.servicePrincipalId))
  ) {
    throw notFound(String(resourceId));
  }
  const role = [...appRoles().values()].find((one) => sameId(appRoleId, one.id));
  if (role === undefined || !sameId(resourceId, graph.servicePrincipalId)) {
    throw badRequest(`Permission being assigned was not found on application '${graph.clientId}'.`);
  }
  return role;
}

const sameId = (value: unknown, id: string): boolean =>
  isText(value) && value.toLowerCase() === id.toLowerCase();

function withdraw(ctx: GraphContext): GraphReply {
  const app = principalById(ctx);
  const permission = heldPermission(ctx, app);
  changePermissions(
    ctx,
    app,
    app.permissions.filter((one) => one !== permission),
  );
  noteAbout(ctx, 'consent.withdrawn', { app, permission });
  return noContent;
}

/** For as long as the consent lag runs, token requests still go by what was there before. */
function changePermissions(ctx: GraphContext, app: App, permissions: readonly string[]): App {
  const changed: App = { ...app, permissions, consent: { at: ctx.now, before: app.permissions } };
  ctx.writer.putApp(changed);
  return changed;
}

function noteAbout(
  ctx: GraphContext,
  what: 'consent.given' | 'consent.withdrawn',
  { app, permission }: { app: App; permission: string },
): void {
  const { clientId: appId, displayName, servicePrincipalId: id } = app;
  ctx.writer.note(what, { id }, { appId, displayName, permissions: [permission] });
}
