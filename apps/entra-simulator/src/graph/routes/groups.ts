import { isMember, joinGroup, leaveGroup } from '../../directory/memberships.js';
import { deleteUser } from '../../directory/users.js';
import { asList, isText, type Json } from '../../foundation/json.js';
import type { Group } from '../../state/model.js';
import {
  demand,
  isEventual,
  noContent,
  ok,
  param,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { badRequest, denied, GraphError, notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import { groupDefaults, groupReader, principalIsThere, principalObject } from './objects.js';
import { demandTouch } from './users.js';
import { objectPage } from './object-page.js';

const mostMembersAtOnce = 20;
const membersPerWrite = 3;

/** Not in Microsoft's data: the page asks for the first; a dynamic switch admits Directory.ReadWrite.All. */
const addingMembers = [['GroupMember.ReadWrite.All'], ['Group.ReadWrite.All'], ['Directory.ReadWrite.All']];

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/groups', workload: 'directory', answer: listGroups },
  { method: 'GET', path: '/groups/{group-id}', workload: 'directory', answer: getGroup },
  {
    method: 'PATCH',
    path: '/groups/{group-id}',
    workload: 'directory',
    asks: addingMembers,
    writes: (body) => Math.max(1, Math.ceil(boundMembers(body).length / membersPerWrite)),
    answer: patchGroup,
  },
  { method: 'GET', path: '/groups/{group-id}/members', workload: 'directory', cost: 3, answer: listMembers },
  { method: 'GET', path: '/groups/{group-id}/members/$count', workload: 'directory', answer: countMembers },
  {
    method: 'POST',
    path: '/groups/{group-id}/members/$ref',
    workload: 'directory',
    asks: addingMembers,
    answer: addMember,
  },
  {
    method: 'DELETE',
    path: '/groups/{group-id}/members/{directoryObject-id}/$ref',
    workload: 'directory',
    answer: removeMember,
  },
  {
    method: 'DELETE',
    path: '/groups/{group-id}/members/{directoryObject-id}',
    workload: 'directory',
    asks: [['User.ReadWrite.All'], ['User.DeleteRestore.All']],
    alarm: 'Without /$ref this deletes the member itself, not the membership',
    answer: deleteMemberItself,
  },
];

export const groupListing: Listing<Group> = {
  type: 'group',
  resource: 'Group',
  context: 'groups',
  defaults: groupDefaults,
  rules: {
    id: { basic: ['eq', 'in'] },
    displayName: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne'] },
    isAssignableToRole: { basic: ['eq'], advanced: ['ne'] },
    mailEnabled: { basic: ['eq'], advanced: ['ne'] },
    securityEnabled: { basic: ['eq'], advanced: ['ne'] },
    onPremisesSyncEnabled: { basic: ['eq'], advanced: ['ne'] },
    mailNickname: { basic: ['eq', 'in', 'startsWith'] },
  },
  read: groupReader,
  searchable: ['displayName'],
};

function listGroups(ctx: GraphContext): GraphReply {
  return list(ctx, groupListing, () => ctx.tenant.groups.seeAll(ctx.view));
}

function getGroup(ctx: GraphContext): GraphReply {
  const group = seenGroup(ctx);
  return ok(
    entity(ctx, { type: 'group', context: 'groups', defaults: groupDefaults, read: groupReader(group) }),
  );
}

function listMembers(ctx: GraphContext): GraphReply {
  return objectPage(ctx, seenMembers(ctx));
}

function countMembers(ctx: GraphContext): GraphReply {
  demand(isEventual(ctx), () => badRequest('$count is not currently supported.'));
  return { status: 200, body: String(seenMembers(ctx).length) };
}

const seenMembers = (ctx: GraphContext): Json[] =>
  ctx.tenant.memberships
    .lookUp('group', seenGroup(ctx).id, ctx.view)
    .map(({ memberId }) => principalObject(ctx.tenant, memberId, ctx.view))
    .filter((object) => object !== undefined);

function addMember(ctx: GraphContext): GraphReply {
  const reference = ctx.body['@odata.id'];
  demand(isText(reference), () =>
    badRequest("Invalid URL format specified in '@odata.id' in request payload."),
  );
  const group = changeableGroup(ctx);
  joinGroup(ctx.writer, group, joinableId(ctx, group, reference as string));
  return noContent;
}

/** All or nothing: with one bad reference nobody is added. */
function patchGroup(ctx: GraphContext): GraphReply {
  const references = boundMembers(ctx.body);
  demand(
    references.length > 0 && Object.keys(ctx.body).length === 1,
    () =>
      new GraphError(
        { status: 501, code: 'notSimulated' },
        'Only members@odata.bind of a group can be patched here.',
      ),
  );
  demand(references.length <= mostMembersAtOnce, () =>
    badRequest(`The number of references in the request exceeds the maximum of ${mostMembersAtOnce}.`),
  );
  const group = changeableGroup(ctx);
  const ids = references.map((reference) => joinableId(ctx, group, String(reference)));
  for (const id of new Set(ids)) joinGroup(ctx.writer, group, id);
  return noContent;
}

function removeMember(ctx: GraphContext): GraphReply {
  const group = changeableGroup(ctx);
  const memberId = param(ctx, 'directoryObject-id').toLowerCase();
  if (!isMember(ctx.tenant, group.id, memberId)) throw notMember(ctx, memberId);
  leaveGroup(ctx.writer, group, memberId);
  return noContent;
}

function deleteMemberItself(ctx: GraphContext): GraphReply {
  const id = param(ctx, 'directoryObject-id').toLowerCase();
  const user = ctx.tenant.users.truth(id);
  if (user === undefined || !isMember(ctx.tenant, seenGroup(ctx).id, id)) throw notFound(id);
  demandTouch(ctx, user);
  deleteUser(ctx.writer, user);
  return noContent;
}

const boundMembers = (body: Json): unknown[] => asList(body['members@odata.bind']);

const seenGroup = (ctx: GraphContext): Group => {
  const id = param(ctx, 'group-id').toLowerCase();
  const group = ctx.tenant.groups.see(id, ctx.view);
  if (group === undefined) throw notFound(id);
  return group;
};

/** The group, if Graph lets this caller change its members; each refusal has Graph's own, misleading, words. */
function changeableGroup(ctx: GraphContext): Group {
  const group = seenGroup(ctx);
  const { roles } = ctx.caller;
  demand(!group.dynamic, denied);
  demand(!group.isAssignableToRole || roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(!isByDirectoryAlone(ctx), denied);
  demand(!group.mailEnabled, () =>
    badRequest('Cannot Update a mail-enabled security groups and or distribution list.'),
  );
  demand(!group.onPremises, () =>
    badRequest(
      'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    ),
  );
  return group;
}

const isByDirectoryAlone = ({ caller, tenant, request }: GraphContext): boolean =>
  request.method !== 'DELETE' &&
  !tenant.config.switches.directoryReadWriteAddsMembers &&
  !caller.roles.has('GroupMember.ReadWrite.All') &&
  !caller.roles.has('Group.ReadWrite.All');

function joinableId(ctx: GraphContext, group: Group, reference: string): string {
  const id = /\/(?:directoryObjects|users|servicePrincipals)\/([0-9a-f-]{36})$/i
    .exec(reference)?.[1]
    ?.toLowerCase();
  if (id === undefined) throw badRequest(`Invalid object identifier '${reference}'.`);
  if (!principalIsThere(ctx.tenant, id, ctx.view)) throw newMemberNotFound(ctx, id);
  if (isMember(ctx.tenant, group.id, id)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  return id;
}

const newMemberNotFound = (ctx: GraphContext, id: string): GraphError =>
  ctx.tenant.config.switches.newMemberNotFound === 404
    ? notFound(id)
    : badRequest("The source resource object or one of the objects being referenced don't exist.");

const notMember = (ctx: GraphContext, id: string): GraphError =>
  ctx.tenant.config.switches.memberNotFound === 404
    ? notFound(id)
    : badRequest(
        "One or more removed object references do not exist for the following modified properties: 'members'.",
      );
