import { randomUUID } from 'node:crypto';
import {
  deleteUnit,
  isInUnit,
  joinUnit,
  leaveUnit,
  mayBeRestricted,
  mostRestrictedUnits,
  putUnit,
} from '../../directory/units.js';
import { isText } from '../../foundation/json.js';
import type { Unit } from '../../state/model-directory.js';
import type { Tenant } from '../../state/tenant.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, GraphError, notFound } from '../errors.js';
import { alreadyThere, noLicence, notThere } from '../errors-directory.js';
import { entity, list } from '../list.js';
import { referenceIn } from '../references.js';
import { pick } from '../select.js';
import { makeGroup } from './group-writes.js';
import { groupObject, principalIsThere, principalObject } from './objects.js';
import { objectPage, referencePage } from './object-page.js';
import { unitDefaults, unitListing, unitReader } from './unit-view.js';
import { visibleTo } from './visible-objects.js';

const root = '/directory/administrativeUnits';
const byId = `${root}/{administrativeUnit-id}`;
const memberId = 'directoryObject-id';

export const unitRoutes: readonly Route[] = [
  { method: 'GET', path: root, workload: 'directory', answer: listUnits },
  { method: 'POST', path: root, workload: 'directory', answer: postUnit },
  { method: 'GET', path: byId, workload: 'directory', answer: getUnit },
  { method: 'PATCH', path: byId, workload: 'directory', answer: patchUnit },
  { method: 'DELETE', path: byId, workload: 'directory', answer: removeUnit },
  { method: 'GET', path: `${byId}/members`, workload: 'directory', answer: listMembers },
  { method: 'POST', path: `${byId}/members`, workload: 'directory', answer: postGroup },
  { method: 'GET', path: `${byId}/members/$ref`, workload: 'directory', answer: listReferences },
  {
    method: 'POST',
    path: `${byId}/members/$ref`,
    workload: 'directory',
    asks: [['AdministrativeUnit.ReadWrite.All']],
    answer: addMember,
  },
  {
    method: 'DELETE',
    path: `${byId}/members/{${memberId}}/$ref`,
    workload: 'directory',
    answer: removeMember,
  },
];

/** The unit as the replica of this request has it. */
export function seenUnit(ctx: GraphContext): Unit {
  const id = param(ctx, 'administrativeUnit-id').toLowerCase();
  const unit = ctx.tenant.units.see(id, ctx.view);
  if (unit === undefined) throw notFound(id);
  return unit;
}

/** The same unit as it is now; a replica may still show one that is gone. */
export function liveUnit(ctx: GraphContext): Unit {
  const unit = ctx.tenant.units.truth(seenUnit(ctx).id);
  if (unit === undefined) throw notFound(param(ctx, 'administrativeUnit-id'));
  return unit;
}

function listUnits(ctx: GraphContext): GraphReply {
  return list(ctx, unitListing, (_, view) => ctx.tenant.units.seeAll(view));
}

function getUnit(ctx: GraphContext): GraphReply {
  const { type, context, defaults } = unitListing;
  return ok(entity(ctx, { type, context, defaults, read: unitReader(seenUnit(ctx)) }));
}

function postUnit(ctx: GraphContext): GraphReply {
  const { body, tenant } = ctx;
  const { displayName, description, visibility, isMemberManagementRestricted } = body;
  if (!isText(displayName) || displayName === '') {
    throw badRequest("A value is required for property 'displayName' of resource 'AdministrativeUnit'.");
  }
  refuseDynamic(ctx);
  if (isMemberManagementRestricted === true) demandRestrictable(tenant);
  const unit: Unit = {
    id: randomUUID(),
    displayName,
    description: isText(description) ? description : null,
    visibility: isText(visibility) ? visibility : null,
    isMemberManagementRestricted: isMemberManagementRestricted === true,
  };
  putUnit(ctx.writer, unit, true);
  return {
    status: 201,
    headers: { Location: `${ctx.root}${root}/${unit.id}` },
    body: {
      '@odata.context': `${ctx.root}/$metadata#directory/administrativeUnits/$entity`,
      ...pick('administrativeUnit', unitDefaults, unitReader(unit)),
    },
  };
}

function demandRestrictable({ config, units }: Tenant): void {
  demand(config.licence !== 'free', noLicence);
  const restricted = [...units.truths()].filter((unit) => unit.isMemberManagementRestricted);
  demand(restricted.length < mostRestrictedUnits, () =>
    badRequest(`The tenant has ${mostRestrictedUnits} restricted management administrative units already.`),
  );
}

function patchUnit(ctx: GraphContext): GraphReply {
  const unit = liveUnit(ctx);
  const { displayName, description, visibility, isMemberManagementRestricted: asked } = ctx.body;
  refuseDynamic(ctx);
  demand(asked === undefined || asked === unit.isMemberManagementRestricted, () =>
    badRequest("Property 'isMemberManagementRestricted' is read-only and cannot be set."),
  );
  const changed: Unit = {
    ...unit,
    ...(isText(displayName) ? { displayName } : {}),
    ...(isText(description) || description === null ? { description } : {}),
    ...(isText(visibility) || visibility === null ? { visibility } : {}),
  };
  putUnit(ctx.writer, changed, false);
  return noContent;
}

function refuseDynamic({ body }: GraphContext): void {
  if (body['membershipRule'] === undefined && body['membershipType'] !== 'Dynamic') return;
  throw new GraphError(
    { status: 501, code: 'notSimulated' },
    'Units with a membership rule are not simulated.',
  );
}

function removeUnit(ctx: GraphContext): GraphReply {
  deleteUnit(ctx.writer, liveUnit(ctx));
  return noContent;
}

const seenMemberIds = (ctx: GraphContext): string[] =>
  ctx.tenant.unitMemberships.lookUp('unit', seenUnit(ctx).id, ctx.view).map((edge) => edge.memberId);

function listMembers(ctx: GraphContext): GraphReply {
  const objects = seenMemberIds(ctx)
    .map((id) => principalObject(ctx.tenant, id, ctx.view))
    .filter((object) => object !== undefined);
  return objectPage(ctx, objects.map(visibleTo(ctx)));
}

function listReferences(ctx: GraphContext): GraphReply {
  const ids = seenMemberIds(ctx).filter((id) => principalObject(ctx.tenant, id, ctx.view) !== undefined);
  return referencePage(ctx, ids);
}

/** A new group that is in the unit from the beginning. */
function postGroup(ctx: GraphContext): GraphReply {
  const unit = liveUnit(ctx);
  const { '@odata.type': type, ...body } = ctx.body;
  demand(isText(type) && type.replace('#', '') === 'microsoft.graph.group', () =>
    badRequest('Only a group can be created in an administrative unit.'),
  );
  const group = makeGroup(ctx, body, (made) => demandAllowed(unit, mayBeRestricted(made)));
  joinUnit(ctx.writer, unit, group.id);
  const context = `${ctx.root}/$metadata#directoryObjects/$entity`;
  return { status: 201, body: { '@odata.context': context, ...groupObject(group) } };
}

function addMember(ctx: GraphContext): GraphReply {
  const unit = liveUnit(ctx);
  const { tenant } = ctx;
  const id = referenceIn(ctx.body);
  if (!principalIsThere(tenant, id, ctx.view)) throw notFound(id);
  const group = tenant.groups.truth(id);
  demand(group !== undefined || tenant.users.truth(id) !== undefined, () =>
    badRequest('Only users, groups and devices can be members of an administrative unit.'),
  );
  if (isInUnit(tenant, unit.id, id)) throw alreadyThere('members');
  demandAllowed(unit, group === undefined || mayBeRestricted(group));
  joinUnit(ctx.writer, unit, id);
  return noContent;
}

function demandAllowed(unit: Unit, mayBeIn: boolean): void {
  demand(!unit.isMemberManagementRestricted || mayBeIn, () =>
    badRequest(
      'Only users, devices and security groups can be members of a restricted management administrative unit.',
    ),
  );
}

function removeMember(ctx: GraphContext): GraphReply {
  const unit = liveUnit(ctx);
  const id = param(ctx, memberId).toLowerCase();
  if (!isInUnit(ctx.tenant, unit.id, id)) throw notThere(ctx, id);
  leaveUnit(ctx.writer, unit, id);
  return noContent;
}
