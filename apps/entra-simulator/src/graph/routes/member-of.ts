import { groupsAbove, groupsOf } from '../../directory/memberships.js';
import type { Json } from '../../foundation/json.js';
import type { View } from '../../state/replicated.js';
import { seenUser, type GraphContext, type Route } from '../context.js';
import { unitsOf } from '../../directory/units.js';
import { demandCast } from '../query/casts.js';
import { directoryRoleObject, groupObject } from './objects.js';
import { unitObject } from './unit-view.js';
import { visibleTo } from './visible-objects.js';
import { isOfType, objectPage } from './object-page.js';

const casts = ['', 'group', 'directoryRole'] as const;

const routesOf = (segment: 'memberOf' | 'transitiveMemberOf'): Route[] =>
  casts.map((cast) => ({
    method: 'GET',
    path: `/users/{user-id}/${segment}${cast === '' ? '' : `/microsoft.graph.${cast}`}`,
    workload: 'directory',
    cost: 2,
    answer: (ctx) => {
      const isTransitive = segment === 'transitiveMemberOf';
      if (cast === '') return objectPage(ctx, membershipsOf(ctx, isTransitive, ctx.view));
      demandCast(ctx);
      return objectPage(ctx, membershipsOf(ctx, isTransitive, ctx.indexView).filter(isOfType(cast)), {
        cast,
      });
    },
    asks: segment === 'memberOf' ? readsMemberOf : readsTransitively,
  }));

const readsMemberOf = [
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
  ['Group.ReadBasic.All'],
  ['GroupMember.ReadBasic.All'],
];
const readsTransitively = [
  ['User.Read.All'],
  ['Directory.Read.All'],
  ['Directory.ReadWrite.All'],
  ['Group.Read.All'],
  ['Group.ReadBasic.All'],
  ['GroupMember.Read.All'],
  ['GroupMember.ReadBasic.All'],
];

export const memberOfRoutes: readonly Route[] = [...routesOf('memberOf'), ...routesOf('transitiveMemberOf')];

function membershipsOf(ctx: GraphContext, isTransitive: boolean, view: View): Json[] {
  const user = seenUser(ctx);
  const groups = (isTransitive ? groupsAbove : groupsOf)(ctx.tenant, user.id, view);
  const holders = isTransitive ? [user.id, ...groups.map((group) => group.id)] : [user.id];
  const roles = holders.flatMap((id) => ctx.tenant.assignments.lookUp('principal', id, view));
  const roleIds = new Set(
    roles.filter((role) => role.directoryScopeId === '/').map((role) => role.roleDefinitionId),
  );
  const units = holders.flatMap((id) => unitsOf(ctx.tenant, id, view));
  const objects = [
    ...groups.map(groupObject),
    ...[...roleIds].map((id) => directoryRoleObject(ctx.tenant, id)),
    ...[...new Set(units)].map(unitObject),
  ];
  return objects.map(visibleTo(ctx));
}
