import { randomUUID } from 'node:crypto';
import { addOwner, changeGroup, createGroup, deleteGroup } from '../../directory/groups.js';
import { joinGroup } from '../../directory/memberships.js';
import { asList, isText, type Json } from '../../foundation/json.js';
import type { Group } from '../../state/model.js';
import { demand, noContent, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, denied, GraphError } from '../errors.js';
import { masteredElsewhere, noLicence, notThereYet, requiredOf } from '../errors-directory.js';
import { demandRoom } from '../quota.js';
import { referredId } from '../references.js';
import { pick } from '../select.js';
import { boundMembers, joinableId, liveGroup, membersAreOurs, mostAtOnce } from './group-members.js';
import { groupDefaults, groupReader, principalIsThere } from './objects.js';

const membersPerWrite = 3;
/** Entra's own limit. */
const mostRoleGroups = 500;
const badNickname = /[@()\\[\]";:<>, ]|[^\x20-\x7e]/;

/** Members alone need no more than this; anything else of a group needs one of the two below. */
const changing = [
  ['GroupMember.ReadWrite.All'],
  ['Group.ReadWrite.All'],
  ['Directory.ReadWrite.All'],
  ['Group-NestingSupport.ReadWrite.All'],
  ['Group-PreferredDataLocation.ReadWrite.All'],
  ['Group.ManageProtection.All'],
];
const changingAnything = ['Group.ReadWrite.All', 'Directory.ReadWrite.All'];

export const groupWriteRoutes: readonly Route[] = [
  { method: 'POST', path: '/groups', workload: 'directory', answer: postGroup },
  {
    method: 'PATCH',
    path: '/groups/{group-id}',
    workload: 'directory',
    asks: changing,
    writes: (body) => Math.max(1, Math.ceil(boundMembers(body).length / membersPerWrite)),
    answer: patchGroup,
  },
  { method: 'DELETE', path: '/groups/{group-id}', workload: 'directory', answer: removeGroup },
];

function postGroup(ctx: GraphContext): GraphReply {
  const group = makeGroup(ctx, ctx.body);
  return {
    status: 201,
    headers: { Location: `${ctx.root}/groups/${group.id}` },
    body: {
      '@odata.context': `${ctx.root}/$metadata#groups/$entity`,
      ...pick('group', groupDefaults, groupReader(group)),
    },
  };
}

/** A group from a request's body, with the members and owners that it binds; `check` may refuse it first. */
export function makeGroup(ctx: GraphContext, body: Json, check: (group: Group) => void = () => {}): Group {
  const group = groupIn(ctx, body);
  checkRoleGroup(ctx, group);
  check(group);
  const members = referredPrincipals(ctx, body['members@odata.bind']);
  const owners = referredPrincipals(ctx, body['owners@odata.bind']);
  demand(members.length + owners.length <= mostAtOnce, tooMany);
  demand(members.length === 0 || !group.dynamic, denied);
  for (const id of members) refuseNesting(ctx, group, id);
  demandRoom(ctx.tenant);
  createGroup(ctx.writer, group);
  for (const id of members) joinGroup(ctx.writer, group, id);
  for (const id of owners) addOwner(ctx.writer, group, id);
  return group;
}

function groupIn(ctx: GraphContext, body: Json): Group {
  checkRequired(body);
  const types = asList(body['groupTypes']);
  const microsoft365 = types.includes('Unified');
  const dynamic = types.includes('DynamicMembership');
  demand(body['mailEnabled'] === microsoft365, () =>
    badRequest('Cannot Create a mail-enabled security groups and or distribution list.'),
  );
  if (dynamic) {
    demand(ctx.tenant.config.licence !== 'free', noLicence);
    demand(isText(body['membershipRule']), () => requiredOf('Group', 'membershipRule'));
  }
  return {
    id: randomUUID(),
    displayName: String(body['displayName']),
    isAssignableToRole: body['isAssignableToRole'] === true,
    dynamic,
    mailEnabled: false,
    onPremises: false,
    createdAt: ctx.now,
    microsoft365,
    securityEnabled: body['securityEnabled'] === true,
    properties: propertiesIn(body),
  };
}

function checkRequired(body: Json): void {
  const missing = ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'].find(
    (name) => body[name] === undefined || body[name] === null || body[name] === '',
  );
  if (missing !== undefined) throw requiredOf('Group', missing);
  checkNickname(body);
}

function checkNickname(body: Json): void {
  const nickname = body['mailNickname'];
  if (!isText(nickname) || (nickname.length <= 64 && !badNickname.test(nickname))) return;
  throw badRequest("Invalid value specified for property 'mailNickname' of resource 'Group'.", [
    { code: 'InvalidValue', target: 'mailNickname' },
  ]);
}

/** Entra keeps these groups apart: their members hold roles. */
function checkRoleGroup(ctx: GraphContext, group: Group): void {
  if (!group.isAssignableToRole) return;
  demand(ctx.caller.roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(ctx.tenant.config.licence !== 'free', noLicence);
  demand(group.securityEnabled === true && !group.dynamic, () =>
    badRequest(
      'A role-assignable group must be security-enabled, and its members must be assigned, not chosen by a rule.',
    ),
  );
  const others = [...ctx.tenant.groups.truths()].filter((one) => one.isAssignableToRole);
  demand(others.length < mostRoleGroups, () =>
    badRequest(`The tenant has ${mostRoleGroups} role-assignable groups already.`),
  );
}

function referredPrincipals(ctx: GraphContext, references: unknown): string[] {
  const ids = new Set(asList(references).map(referredId));
  for (const id of ids) if (!principalIsThere(ctx.tenant, id, ctx.view)) throw notThereYet(ctx, id);
  return [...ids];
}

function refuseNesting({ tenant }: GraphContext, group: Group, id: string): void {
  demand(!group.isAssignableToRole || tenant.groups.truth(id) === undefined, nested);
}

const nested = (): GraphError => badRequest('A group cannot be a member of a role-assignable group.');

const tooMany = (): GraphError =>
  badRequest(`The number of references in the request exceeds the maximum of ${mostAtOnce}.`);

const writable = [
  'description',
  'mailNickname',
  'membershipRule',
  'membershipRuleProcessingState',
  'visibility',
];

const propertiesIn = (body: Json): Json => ({
  ...Object.fromEntries(writable.filter((name) => name in body).map((name) => [name, body[name]])),
  ...(body['isAssignableToRole'] === true ? { visibility: 'Private' } : {}),
});

/** All or nothing: with one bad reference nobody is added, and nothing else is changed either. */
function patchGroup(ctx: GraphContext): GraphReply {
  const references = boundMembers(ctx.body);
  const { 'members@odata.bind': _, ...changes } = ctx.body;
  if (Object.keys(changes).length > 0) checkChanges(ctx, changes);
  const ids = references.length === 0 ? [] : newMembers(ctx, references);
  const group = liveGroup(ctx);
  if (Object.keys(changes).length > 0) changeGroup(ctx.writer, group, changes);
  for (const id of ids) joinGroup(ctx.writer, group, id);
  return noContent;
}

function newMembers(ctx: GraphContext, references: readonly unknown[]): string[] {
  demand(references.length <= mostAtOnce, tooMany);
  const group = membersAreOurs(ctx);
  return [...new Set(references.map((reference) => joinableId(ctx, group, reference)))];
}

const patchable = new Set(['displayName', ...writable]);

function checkChanges(ctx: GraphContext, changes: Json): void {
  const group = liveGroup(ctx);
  const { roles } = ctx.caller;
  demand(
    changingAnything.some((permission) => roles.has(permission)),
    denied,
  );
  demand(!group.isAssignableToRole || roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(!group.onPremises, masteredElsewhere);
  demand(changes['isAssignableToRole'] === undefined, () =>
    badRequest("Property 'isAssignableToRole' is read-only and cannot be set."),
  );
  checkNickname(changes);
  const strange = Object.keys(changes).find((name) => !patchable.has(name));
  if (strange === undefined) return;
  throw new GraphError(
    { status: 501, code: 'notSimulated' },
    `Changing '${strange}' of a group is not simulated.`,
  );
}

function removeGroup(ctx: GraphContext): GraphReply {
  const group = liveGroup(ctx);
  demand(!group.isAssignableToRole || ctx.caller.roles.has('RoleManagement.ReadWrite.Directory'), denied);
  demand(!group.onPremises, masteredElsewhere);
  deleteGroup(ctx.writer, group);
  return noContent;
}
