import { purgeUser, restoreUser } from '../../directory/users.js';
import { isText } from '../../foundation/json.js';
import type { User } from '../../state/model.js';
import { noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { notFound } from '../errors.js';
import { list } from '../list.js';
import { pick } from '../select.js';
import { refuseTaken } from '../user-rules.js';
import { userDefaults, userListing, userReader } from './user-view.js';
import { demandTouch } from './users.js';

const root = '/directory/deletedItems';
const keptMs = 30 * 24 * 60 * 60 * 1000;

const readers = [
  ['User.Read.All'],
  ['User.ReadWrite.All'],
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
];
const deleters = [['User.DeleteRestore.All'], ['User.ReadWrite.All']];

export const deletedItemRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${root}/microsoft.graph.user`,
    workload: 'directory',
    asks: readers,
    answer: (ctx) =>
      list(ctx, { ...userListing, context: 'directoryObjects/microsoft.graph.user' }, () =>
        ctx.tenant.deletedUsers.seeAll(ctx.view).filter((user) => isKept(ctx, user)),
      ),
  },
  {
    method: 'GET',
    path: `${root}/{directoryObject-id}`,
    workload: 'directory',
    asks: readers,
    answer: getDeleted,
  },
  {
    method: 'DELETE',
    path: `${root}/{directoryObject-id}`,
    workload: 'directory',
    asks: deleters,
    answer: purge,
  },
  {
    method: 'POST',
    path: `${root}/{directoryObject-id}/restore`,
    workload: 'directory',
    alsoTakes: ['newUserPrincipalName'],
    answer: restore,
  },
];

const isKept = (ctx: GraphContext, user: User): boolean => (user.deletedAt ?? 0) + keptMs > ctx.now;

const typedUser = (ctx: GraphContext, user: User) => ({
  '@odata.context': `${ctx.root}/$metadata#directoryObjects/$entity`,
  '@odata.type': '#microsoft.graph.user',
  ...pick('user', userDefaults, userReader(user)),
});

function seenDeleted(ctx: GraphContext): User {
  const id = param(ctx, 'directoryObject-id').toLowerCase();
  const user = ctx.tenant.deletedUsers.see(id, ctx.view);
  if (user === undefined || !isKept(ctx, user)) throw notFound(id);
  return user;
}

function getDeleted(ctx: GraphContext): GraphReply {
  return ok(typedUser(ctx, seenDeleted(ctx)));
}

/** A replica may still show one that has been restored or purged meanwhile. */
function liveDeleted(ctx: GraphContext): User {
  const user = ctx.tenant.deletedUsers.truth(seenDeleted(ctx).id);
  if (user === undefined) throw notFound(param(ctx, 'directoryObject-id'));
  return user;
}

function purge(ctx: GraphContext): GraphReply {
  const user = liveDeleted(ctx);
  demandTouch(ctx, user);
  purgeUser(ctx.writer, user);
  return noContent;
}

function restore(ctx: GraphContext): GraphReply {
  const user = liveDeleted(ctx);
  demandTouch(ctx, user);
  const asked = ctx.body['newUserPrincipalName'];
  const userPrincipalName = isText(asked) ? asked : user.userPrincipalName;
  refuseTaken(ctx.tenant, userPrincipalName);
  return ok(typedUser(ctx, restoreUser(ctx.writer, user, userPrincipalName)));
}
