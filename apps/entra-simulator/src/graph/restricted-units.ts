import { sensitiveProperties } from '../access/sensitive-actions.js';
import { isRestricted, mayManageRestricted, type Deed } from '../access/unit-roles.js';
import type { GraphContext, Route } from './context.js';
import { GraphError } from './errors.js';

type Target = 'user' | 'group';

/** Actions that are POSTs and change nothing. */
const readings = /\/(checkMemberGroups|getMemberGroups|getMemberObjects)$/;
/** The parameter that names the object which a write changes; for a reference that is the holder, not the member. */
const named: readonly { path: RegExp; parameter: string; target: Target }[] = [
  { path: /^\/users\/\{user-id\}/, parameter: 'user-id', target: 'user' },
  {
    path: /^\/groups\/\{group-id\}\/members\/\{directoryObject-id\}$/,
    parameter: 'directoryObject-id',
    target: 'user',
  },
  { path: /^\/groups\/\{group-id\}/, parameter: 'group-id', target: 'group' },
  {
    path: /^\/directory\/deletedItems\/\{directoryObject-id\}/,
    parameter: 'directoryObject-id',
    target: 'user',
  },
];

/**
 * Refuses a write to a member of a restricted management administrative unit, unless the caller holds a suitable
 * role over that unit. One check for every route that names a user or a group: no permission gets round it.
 */
export function refuseRestricted(ctx: GraphContext, route: Route): void {
  if (route.method === 'GET' || readings.test(route.path)) return;
  const found = named.find(({ path }) => path.test(route.path));
  if (found === undefined) return;
  const targetId = idOf(ctx, ctx.params[found.parameter] ?? '');
  if (!isThere(ctx, route, targetId) || !isRestricted(ctx.tenant, targetId, ctx.authorisation)) return;
  const question = {
    tenant: ctx.tenant,
    targetId,
    callerId: ctx.caller.servicePrincipalId,
    view: ctx.authorisation,
  };
  if (
    isRoleGroup(ctx, targetId) ||
    deedsOf(ctx, route, found.target).some((deed) => !mayManageRestricted(question, deed))
  )
    throw restricted(found.target);
}

/** What is not there is the route's to refuse: not found, not forbidden. */
function isThere({ tenant }: GraphContext, { path }: Route, id: string): boolean {
  const isAboutDeleted = /deletedItems|\/restore$/.test(path);
  const user = isAboutDeleted ? tenant.deletedUsers.truth(id) : tenant.users.truth(id);
  return (user ?? (isAboutDeleted ? tenant.deletedGroups : tenant.groups).truth(id)) !== undefined;
}

/** Nobody who can be scoped to a unit may change who is in a role-assignable group. */
const isRoleGroup = ({ tenant }: GraphContext, id: string): boolean =>
  tenant.groups.truth(id)?.isAssignableToRole === true;

function idOf({ tenant }: GraphContext, name: string): string {
  const wanted = name.toLowerCase();
  return wanted.includes('@') ? (tenant.users.lookUp('upn', wanted)[0]?.id ?? wanted) : wanted;
}

function deedsOf(ctx: GraphContext, { method, path }: Route, target: Target): Deed[] {
  if (target === 'group') return ['group'];
  if (method === 'PATCH' && path === '/users/{user-id}') return deedsInBody(ctx);
  if (path.includes('/authentication/')) return ['methods'];
  if (path.endsWith('/assignLicense')) return ['licence'];
  if (path.endsWith('/manager/$ref')) return ['plain'];
  if (path.endsWith('/revokeSignInSessions')) {
    return ctx.tenant.config.switches.restrictedUnitsGuardSessions ? ['password'] : [];
  }
  return ['sensitive'];
}

const deedsInBody = ({ body }: GraphContext): Deed[] =>
  Object.keys(body).map((name) => {
    if (name === 'passwordProfile') return 'password';
    return sensitiveProperties.has(name) ? 'sensitive' : 'plain';
  });

const restricted = (target: Target): GraphError =>
  new GraphError(
    { status: 403, code: 'Authorization_RequestDenied' },
    `This ${target} is a member of a restricted management administrative unit. Management rights are limited to administrators scoped on that administrative unit.`,
  );
