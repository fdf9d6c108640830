import type { Group } from '../../state/model.js';
import { ok, type GraphContext, type GraphReply, type Route } from '../context.js';
import { equalTo } from '../filter.js';
import { entity, list, type Listing } from '../list.js';
import { describedRules } from '../query/property-rules.js';
import { groupMemberRoutes, seenGroup } from './group-members.js';
import { groupOwnerRoutes } from './group-owners.js';
import { groupWriteRoutes } from './group-writes.js';
import { groupDefaults, groupReader } from './objects.js';
import { readingRestriction } from './restriction-view.js';

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/groups', workload: 'directory', answer: listGroups },
  { method: 'GET', path: '/groups/{group-id}', workload: 'directory', answer: getGroup },
  ...groupWriteRoutes,
  ...groupMemberRoutes,
  ...groupOwnerRoutes,
];

const groupListing: Listing<Group> = {
  type: 'group',
  resource: 'Group',
  context: 'groups',
  defaults: groupDefaults,
  rules: describedRules('group'),
  read: groupReader,
  searchable: ['displayName', 'description', 'mail', 'mailNickname'],
  sortable: ['displayName'],
};

function listGroups(ctx: GraphContext): GraphReply {
  const { groups } = ctx.tenant;
  const read = readingRestriction(ctx, groupReader);
  return list(ctx, { ...groupListing, read }, (clauses, view) => {
    const id = equalTo(clauses, 'id');
    if (id === undefined) return groups.seeAll(view);
    return [groups.see(id.toLowerCase(), view)].filter((group) => group !== undefined);
  });
}

function getGroup(ctx: GraphContext): GraphReply {
  const read = readingRestriction(ctx, groupReader)(seenGroup(ctx));
  return ok(entity(ctx, { type: 'group', context: 'groups', defaults: groupDefaults, read }));
}
