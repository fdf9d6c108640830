import { isMember, joinGroup, leaveGroup, membersBelow } from '../../directory/memberships.js';
import { deleteUser } from '../../directory/users.js';
import { asList, type Json } from '../../foundation/json.js';
import type { Group } from '../../state/model.js';
import {
  demand,
  isEventual,
  noContent,
  param,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { badRequest, denied, notFound } from '../errors.js';
import { alreadyThere, masteredElsewhere, notThere, notThereYet } from '../errors-directory.js';
import { list } from '../list.js';
import { referenceIn, referredId } from '../references.js';
import { principalIsThere, principalObject } from './objects.js';
import { objectPage, referencePage } from './object-page.js';
import { userListing } from './user-view.js';
import { demandTouch } from './users.js';
import { visibleTo } from './visible-objects.js';

/** How many references one request may bind. */
export const mostAtOnce = 20;
const memberId = 'directoryObject-id';
const byId = '/groups/{group-id}';

/** Not in Microsoft's data: the page asks for the first; a dynamic switch admits Directory.ReadWrite.All. */
const addingMembers = [['GroupMember.ReadWrite.All'], ['Group.ReadWrite.All'], ['Directory.ReadWrite.All']];
const removingMembers = [['GroupMember.ReadWrite.All'], ['Group.ReadWrite.All'], ['Directory.ReadWrite.All']];

export const groupMemberRoutes: readonly Route[] = [
  { method: 'GET', path: `${byId}/members`, workload: 'directory', cost: 3, answer: listMembers },
  { method: 'GET', path: `${byId}/members/$count`, workload: 'directory', answer: countMembers },
  { method: 'GET', path: `${byId}/members/$ref`, workload: 'directory', cost: 3, answer: listReferences },
  {
    method: 'GET',
    path: `${byId}/members/microsoft.graph.user`,
    workload: 'directory',
    cost: 3,
    asks: readingMembers(),
    answer: listUsers,
  },
  {
    method: 'GET',
    path: `${byId}/transitiveMembers`,
    workload: 'directory',
    cost: 5,
    answer: listTransitive,
  },
  {
    method: 'POST',
    path: `${byId}/members/$ref`,
    workload: 'directory',
    asks: addingMembers,
    answer: addMember,
  },
  {
    method: 'DELETE',
    path: `${byId}/members/{${memberId}}/$ref`,
    workload: 'directory',
    answer: (ctx) => removeMember(ctx, param(ctx, memberId).toLowerCase()),
  },
  {
    method: 'DELETE',
    path: `${byId}/members/$ref`,
    workload: 'directory',
    asks: removingMembers,
    answer: (ctx) => removeMember(ctx, referredId(ctx.request.query.get('@id'))),
  },
  {
    method: 'DELETE',
    path: `${byId}/members/{${memberId}}`,
    workload: 'directory',
    asks: [['User.ReadWrite.All'], ['User.DeleteRestore.All']],
    alarm: 'Without /$ref this deletes the member itself, not the membership',
    answer: deleteMemberItself,
  },
];

function readingMembers(): string[][] {
  const all = ['GroupMember.Read.All', 'GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All'];
  return [...all, 'Directory.Read.All', 'Directory.ReadWrite.All'].map((permission) => [permission]);
}

/** The group as the replica of this request has it. */
export function seenGroup(ctx: GraphContext): Group {
  const id = param(ctx, 'group-id').toLowerCase();
  const group = ctx.tenant.groups.see(id, ctx.view);
  if (group === undefined) throw notFound(id);
  return group;
}

/** The same group as it is now; a replica may still show one that is gone. */
export function liveGroup(ctx: GraphContext): Group {
  const group = ctx.tenant.groups.truth(seenGroup(ctx).id);
  if (group === undefined) throw notFound(param(ctx, 'group-id'));
  return group;
}

const seenMemberIds = (ctx: GraphContext): string[] =>
  ctx.tenant.memberships.lookUp('group', seenGroup(ctx).id, ctx.view).map((edge) => edge.memberId);

/** Objects by id, as far as the replica has them and the caller may see them. */
export const objectsOf = (ctx: GraphContext, ids: readonly string[]): Json[] =>
  ids
    .map((id) => principalObject(ctx.tenant, id, ctx.view))
    .filter((object) => object !== undefined)
    .map(visibleTo(ctx));

function listMembers(ctx: GraphContext): GraphReply {
  return objectPage(ctx, objectsOf(ctx, seenMemberIds(ctx)));
}

function countMembers(ctx: GraphContext): GraphReply {
  demand(isEventual(ctx), () => badRequest('$count is not currently supported.'));
  const indexed = { ...ctx, view: ctx.indexView };
  return { status: 200, body: String(objectsOf(indexed, seenMemberIds(indexed)).length) };
}

function listReferences(ctx: GraphContext): GraphReply {
  const ids = seenMemberIds(ctx).filter((id) => principalObject(ctx.tenant, id, ctx.view) !== undefined);
  return referencePage(ctx, ids);
}

function listUsers(ctx: GraphContext): GraphReply {
  return list(ctx, userListing, () =>
    seenMemberIds(ctx)
      .map((id) => ctx.tenant.users.see(id, ctx.view))
      .filter((user) => user !== undefined),
  );
}

function listTransitive(ctx: GraphContext): GraphReply {
  return objectPage(ctx, objectsOf(ctx, membersBelow(ctx.tenant, seenGroup(ctx).id, ctx.view)));
}

function addMember(ctx: GraphContext): GraphReply {
  const id = referenceIn(ctx.body);
  const group = membersAreOurs(ctx);
  demandJoinable(ctx, group, id);
  joinGroup(ctx.writer, group, id);
  return noContent;
}

function removeMember(ctx: GraphContext, id: string): GraphReply {
  const group = membersAreOurs(ctx);
  if (!isMember(ctx.tenant, group.id, id)) throw notThere(ctx, id);
  leaveGroup(ctx.writer, group, id);
  return noContent;
}

function deleteMemberItself(ctx: GraphContext): GraphReply {
  const id = param(ctx, memberId).toLowerCase();
  const user = ctx.tenant.users.truth(id);
  if (user === undefined || !isMember(ctx.tenant, seenGroup(ctx).id, id)) throw notFound(id);
  demandTouch(ctx, user);
  deleteUser(ctx.writer, user);
  return noContent;
}

/** What a body binds as members. */
export const boundMembers = (body: Json): unknown[] => asList(body['members@odata.bind']);

/** The group, if Graph lets this caller change its members; each refusal has Graph's own, misleading, words. */
export function membersAreOurs(ctx: GraphContext): Group {
  const group = liveGroup(ctx);
  const { roles } = ctx.caller;
  demand(!group.dynamic, denied);
  demand(!group.isAssignableToRole || roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(!isByDirectoryAlone(ctx), denied);
  demand(!group.mailEnabled, () =>
    badRequest('Cannot Update a mail-enabled security groups and or distribution list.'),
  );
  demand(!group.onPremises, masteredElsewhere);
  return group;
}

const isByDirectoryAlone = ({ caller, tenant, request }: GraphContext): boolean =>
  request.method !== 'DELETE' &&
  !tenant.config.switches.directoryReadWriteAddsMembers &&
  !caller.roles.has('GroupMember.ReadWrite.All') &&
  !caller.roles.has('Group.ReadWrite.All');

/** The id that a reference names, if it may become a member of the group. */
export function joinableId(ctx: GraphContext, group: Group, reference: unknown): string {
  const id = referredId(reference);
  demandJoinable(ctx, group, id);
  return id;
}

function demandJoinable(ctx: GraphContext, group: Group, id: string): void {
  if (!principalIsThere(ctx.tenant, id, ctx.view)) throw notThereYet(ctx, id);
  if (isMember(ctx.tenant, group.id, id)) throw alreadyThere('members');
  const nested = ctx.tenant.groups.truth(id) !== undefined;
  demand(!(nested && group.isAssignableToRole), () =>
    badRequest('A group cannot be a member of a role-assignable group.'),
  );
}
