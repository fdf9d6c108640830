import { purgeGroup, restoreGroup } from '../../directory/groups.js';
import { isKept } from '../../directory/kept.js';
import { purgeUser, restoreUser } from '../../directory/users.js';
import { isText, type Json } from '../../foundation/json.js';
import type { Group, User } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { notFound } from '../errors.js';
import { list } from '../list.js';
import { pick } from '../select.js';
import { checkUserPrincipalName, refuseTaken } from '../user-rules.js';
import { groupObject } from './objects.js';
import { userDefaults, userListing, userReader } from './user-view.js';
import { demandTouch } from './users.js';

const root = '/directory/deletedItems';
const byId = `${root}/{directoryObject-id}`;

const ofUsers = {
  read: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  write: ['User.DeleteRestore.All', 'User.ReadWrite.All'],
};
const ofGroups = {
  read: ['Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  write: ['Group.ReadWrite.All'],
};
const anyOf = (...permissions: readonly string[]): string[][] =>
  [...new Set(permissions)].map((permission) => [permission]);

export const deletedItemRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${root}/microsoft.graph.user`,
    workload: 'directory',
    asks: anyOf(...ofUsers.read),
    answer: (ctx) =>
      list(ctx, { ...userListing, context: 'directoryObjects/microsoft.graph.user' }, () =>
        ctx.tenant.deletedUsers.seeAll(ctx.view).filter((user) => isKept(user, ctx.now)),
      ),
  },
  {
    method: 'GET',
    path: byId,
    workload: 'directory',
    asks: anyOf(...ofUsers.read, ...ofGroups.read),
    answer: getDeleted,
  },
  {
    method: 'DELETE',
    path: byId,
    workload: 'directory',
    asks: anyOf(...ofUsers.write, ...ofGroups.write),
    answer: purge,
  },
  {
    method: 'POST',
    path: `${byId}/restore`,
    workload: 'directory',
    asks: anyOf(...ofUsers.write, ...ofGroups.write),
    alsoTakes: ['newUserPrincipalName'],
    answer: (ctx) => restore(ctx, param(ctx, 'directoryObject-id')),
  },
  {
    method: 'POST',
    path: '/users/{user-id}/restore',
    workload: 'directory',
    asks: anyOf(...ofUsers.write),
    alsoTakes: ['newUserPrincipalName'],
    answer: (ctx) => restore(ctx, param(ctx, 'user-id')),
  },
];

type Deleted = { user: User } | { group: Group };

/** What a replica shows as deleted, if the caller's permissions are good for its type. */
function seenDeleted(ctx: GraphContext, idAsNamed: string, verb: 'read' | 'write'): Deleted {
  const id = idAsNamed.toLowerCase();
  const user = ctx.tenant.deletedUsers.see(id, ctx.view);
  const group = ctx.tenant.deletedGroups.see(id, ctx.view);
  const found = user ?? group;
  if (found === undefined || !isKept(found, ctx.now)) throw notFound(id);
  const good = user === undefined ? ofGroups[verb] : ofUsers[verb];
  demand(good.some((permission) => ctx.caller.roles.has(permission)));
  return user === undefined ? { group: group! } : { user };
}

/** The same as it is now; it may have been restored or purged meanwhile. */
function liveDeleted(ctx: GraphContext, id: string): Deleted {
  const seen = seenDeleted(ctx, id, 'write');
  const user = ctx.tenant.deletedUsers.truth(id.toLowerCase());
  const group = ctx.tenant.deletedGroups.truth(id.toLowerCase());
  if ('user' in seen && user !== undefined) {
    demandTouch(ctx, user);
    return { user };
  }
  if ('group' in seen && group !== undefined) return { group };
  throw notFound(id);
}

const typed = (ctx: GraphContext, item: Deleted): Json => ({
  '@odata.context': `${ctx.root}/$metadata#directoryObjects/$entity`,
  ...('group' in item
    ? groupObject(item.group)
    : { '@odata.type': '#microsoft.graph.user', ...pick('user', userDefaults, userReader(item.user)) }),
});

function getDeleted(ctx: GraphContext): GraphReply {
  return ok(typed(ctx, seenDeleted(ctx, param(ctx, 'directoryObject-id'), 'read')));
}

function purge(ctx: GraphContext): GraphReply {
  const item = liveDeleted(ctx, param(ctx, 'directoryObject-id'));
  if ('user' in item) purgeUser(ctx.writer, item.user);
  else purgeGroup(ctx.writer, item.group);
  return noContent;
}

function restore(ctx: GraphContext, id: string): GraphReply {
  const item = liveDeleted(ctx, id);
  if ('group' in item) return ok(typed(ctx, { group: restoreGroup(ctx.writer, item.group) }));
  const asked = ctx.body['newUserPrincipalName'];
  const userPrincipalName = isText(asked) ? asked : item.user.userPrincipalName;
  if (isText(asked)) checkUserPrincipalName(ctx.tenant, asked);
  refuseTaken(ctx.tenant, userPrincipalName);
  return ok(typed(ctx, { user: restoreUser(ctx.writer, item.user, userPrincipalName) }));
}
