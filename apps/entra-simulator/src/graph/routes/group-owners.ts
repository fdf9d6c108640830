import { addOwner, ownsGroup, removeOwner } from '../../directory/groups.js';
import { demand, noContent, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, denied } from '../errors.js';
import { alreadyThere, masteredElsewhere, notThere, notThereYet } from '../errors-directory.js';
import { referenceIn } from '../references.js';
import { liveGroup, objectsOf, seenGroup } from './group-members.js';
import { objectPage } from './object-page.js';
import { principalIsThere } from './objects.js';

const owners = '/groups/{group-id}/owners';
const ownerId = 'directoryObject-id';

export const groupOwnerRoutes: readonly Route[] = [
  { method: 'GET', path: owners, workload: 'directory', answer: listOwners },
  { method: 'POST', path: `${owners}/$ref`, workload: 'directory', answer: add },
  { method: 'DELETE', path: `${owners}/{${ownerId}}/$ref`, workload: 'directory', answer: remove },
];

function listOwners(ctx: GraphContext): GraphReply {
  const edges = ctx.tenant.owners.lookUp('group', seenGroup(ctx).id, ctx.view);
  return objectPage(
    ctx,
    objectsOf(
      ctx,
      edges.map((edge) => edge.ownerId),
    ),
  );
}

/** Who owns a role-assignable group can put others into it, so its owners are as guarded as its members. */
function changeableGroup(ctx: GraphContext) {
  const group = liveGroup(ctx);
  const { roles } = ctx.caller;
  demand(!group.isAssignableToRole || roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(!group.onPremises, masteredElsewhere);
  return group;
}

function add(ctx: GraphContext): GraphReply {
  const group = changeableGroup(ctx);
  const id = referenceIn(ctx.body);
  if (!principalIsThere(ctx.tenant, id, ctx.view)) throw notThereYet(ctx, id);
  if (ownsGroup(ctx.tenant, group.id, id)) throw alreadyThere('owners');
  demand(ctx.tenant.groups.truth(id) === undefined, () =>
    badRequest('A group cannot be the owner of a group.'),
  );
  addOwner(ctx.writer, group, id);
  return noContent;
}

function remove(ctx: GraphContext): GraphReply {
  const group = changeableGroup(ctx);
  const id = param(ctx, ownerId).toLowerCase();
  if (!ownsGroup(ctx.tenant, group.id, id)) throw notThere(ctx, id);
  demand(ctx.tenant.owners.lookUp('group', group.id).length > 1, () =>
    badRequest('The group must have at least one owner, hence this owner cannot be removed.'),
  );
  removeOwner(ctx.writer, group, id);
  return noContent;
}
