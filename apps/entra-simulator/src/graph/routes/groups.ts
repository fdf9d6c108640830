import { documentedPermissions } from '../../access/permissions.js';
import type { Group } from '../../state/model.js';
import { ok, type GraphContext, type GraphReply, type Route } from '../context.js';
import { equalTo } from '../filter.js';
import { count, entity, list, type Listing, type Source } from '../list.js';
import { describedRules } from '../query/property-rules.js';
import { groupMemberRoutes, seenGroup } from './group-members.js';
import { groupOwnerRoutes } from './group-owners.js';
import { groupWriteRoutes } from './group-writes.js';
import { groupDefaults, groupReader } from './objects.js';
import { readingRestriction } from './restriction-view.js';

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/groups', workload: 'directory', answer: listGroups },
  {
    method: 'GET',
    path: '/groups/$count',
    workload: 'directory',
    // Microsoft's data has no row for the segment: it is read like the groups themselves.
    asks: documentedPermissions('GET', '/groups') ?? [],
    answer: countGroups,
  },
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

const groupsSeen =
  ({ tenant: { groups } }: GraphContext): Source<Group> =>
  (clauses, view) => {
    const id = equalTo(clauses, 'id');
    if (id === undefined) return groups.seeAll(view);
    return [groups.see(id.toLowerCase(), view)].filter((group) => group !== undefined);
  };

function listGroups(ctx: GraphContext): GraphReply {
  const read = readingRestriction(ctx, groupReader);
  return list(ctx, { ...groupListing, read }, groupsSeen(ctx));
}

function countGroups(ctx: GraphContext): GraphReply {
  return count(ctx, groupListing, groupsSeen(ctx));
}

function getGroup(ctx: GraphContext): GraphReply {
  const read = readingRestriction(ctx, groupReader)(seenGroup(ctx));
  return ok(entity(ctx, { type: 'group', context: 'groups', defaults: groupDefaults, read }));
}
