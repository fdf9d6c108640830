import type { Group } from '../../state/model.js';
import { ok, type GraphContext, type GraphReply, type Route } from '../context.js';
import { entity, list, type Listing } from '../list.js';
import { groupMemberRoutes, seenGroup } from './group-members.js';
import { groupOwnerRoutes } from './group-owners.js';
import { groupWriteRoutes } from './group-writes.js';
import { groupDefaults, groupReader } from './objects.js';

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/groups', workload: 'directory', answer: listGroups },
  { method: 'GET', path: '/groups/{group-id}', workload: 'directory', answer: getGroup },
  ...groupWriteRoutes,
  ...groupMemberRoutes,
  ...groupOwnerRoutes,
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
