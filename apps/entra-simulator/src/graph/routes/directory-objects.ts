import { groupsAbove } from '../../directory/memberships.js';
import { directoryRoleId } from '../../directory/role-catalogue.js';
import { unitsOf } from '../../directory/units.js';
import { asList, isGuid, isText, type Json } from '../../foundation/json.js';
import type { Group } from '../../state/model.js';
import { demand, ok, param, seenUser, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, notFound } from '../errors.js';
import { selectedNames } from '../select.js';
import { principalObject } from './objects.js';
import { isOfType } from './object-page.js';
import { unitObject } from './unit-view.js';

const user = '/users/{user-id}';
const mostIds = 1000;
const mostChecked = 20;

/** The page admits the second as well; Microsoft's data lists the first only. */
const readers = [['Directory.Read.All'], ['Directory.ReadWrite.All']];

export const directoryObjectRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/directoryObjects/{directoryObject-id}',
    workload: 'directory',
    asks: readers,
    answer: getObject,
  },
  {
    method: 'POST',
    path: '/directoryObjects/getByIds',
    workload: 'directory',
    asks: readers,
    cost: 5,
    isReading: true,
    answer: getByIds,
  },
  ...(
    [
      ['checkMemberGroups', 4, checkMemberGroups],
      ['getMemberGroups', 2, getMemberGroups],
      ['getMemberObjects', 2, getMemberObjects],
    ] as const
  ).map(([action, cost, answer]): Route => ({
    method: 'POST',
    path: `${user}/${action}`,
    workload: 'directory',
    cost,
    isReading: true,
    answer,
  })),
  {
    method: 'GET',
    path: '/directory/customSecurityAttributeDefinitions',
    workload: 'directory',
    answer: (ctx) =>
      ok({
        '@odata.context': `${ctx.root}/$metadata#directory/customSecurityAttributeDefinitions`,
        value: [],
      }),
  },
];

function seenObject({ tenant, view }: GraphContext, id: string): Json | undefined {
  const unit = tenant.units.see(id, view);
  return unit === undefined ? principalObject(tenant, id, view) : unitObject(unit);
}

function getObject(ctx: GraphContext): GraphReply {
  const id = param(ctx, 'directoryObject-id').toLowerCase();
  const object = seenObject(ctx, id);
  if (object === undefined) throw notFound(id);
  const type = String(object['@odata.type']).replace('#microsoft.graph.', '');
  const names = selectedNames(type, ctx.request.query.get('$select'), Object.keys(object));
  const shown = Object.entries(object).filter(([name]) => name === '@odata.type' || names.includes(name));
  return ok({
    '@odata.context': `${ctx.root}/$metadata#directoryObjects/$entity`,
    ...Object.fromEntries(shown),
  });
}

/** Ids that nobody has are left out, without a word. */
function getByIds(ctx: GraphContext): GraphReply {
  const ids = asList(ctx.body['ids']);
  const types = asList(ctx.body['types']).filter(isText);
  demand(ids.length > 0 && ids.length <= mostIds, () =>
    badRequest(`The number of ids must be between 1 and ${mostIds}.`),
  );
  const objects = [...new Set(ids.map((id) => String(id).toLowerCase()))]
    .map((id) => seenObject(ctx, id))
    .filter((object) => object !== undefined)
    .filter((object) => types.length === 0 || types.some((type) => isWanted(type, object)));
  return ok({ '@odata.context': `${ctx.root}/$metadata#directoryObjects`, value: objects });
}

const isWanted = (type: string, object: Json): boolean =>
  type === 'directoryObject' || isOfType(type)(object);

const memberGroups = (ctx: GraphContext): Group[] => groupsAbove(ctx.tenant, seenUser(ctx).id, ctx.view);

const texts = (ctx: GraphContext, value: readonly string[]): GraphReply =>
  ok({ '@odata.context': `${ctx.root}/$metadata#Collection(Edm.String)`, value: [...value] });

function checkMemberGroups(ctx: GraphContext): GraphReply {
  const ids = asList(ctx.body['groupIds']);
  demand(ids.length <= mostChecked, () =>
    badRequest(`The number of group ids exceeds the maximum of ${mostChecked}.`),
  );
  demand(ids.every(isGuid), () => badRequest('Invalid object identifier.'));
  const held = new Set(memberGroups(ctx).map((group) => group.id));
  return texts(
    ctx,
    ids.filter(isGuid).filter((id) => held.has(id.toLowerCase())),
  );
}

const securityEnabled = ({ securityEnabled: named, microsoft365 }: Group): boolean =>
  named ?? microsoft365 !== true;

function groupsAsked(ctx: GraphContext): string[] {
  const groups = memberGroups(ctx);
  const asked = ctx.body['securityEnabledOnly'] === true ? groups.filter(securityEnabled) : groups;
  return asked.map((group) => group.id);
}

function getMemberGroups(ctx: GraphContext): GraphReply {
  return texts(ctx, groupsAsked(ctx));
}

/** Groups, activated roles and units, those through groups included. */
function getMemberObjects(ctx: GraphContext): GraphReply {
  const { tenant, view } = ctx;
  const groups = groupsAsked(ctx);
  if (ctx.body['securityEnabledOnly'] === true) return texts(ctx, groups);
  const holders = [seenUser(ctx).id, ...groups];
  const roles = holders
    .flatMap((id) => tenant.assignments.lookUp('principal', id, view))
    .filter((assignment) => assignment.directoryScopeId === '/')
    .map((assignment) => directoryRoleId(tenant.id, assignment.roleDefinitionId));
  const units = holders.flatMap((id) => unitsOf(tenant, id, view)).map((unit) => unit.id);
  return texts(ctx, [...new Set([...groups, ...roles, ...units])]);
}
