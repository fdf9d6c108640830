import type { Json } from '../foundation/json.js';
import type { Group } from '../state/model.js';
import { pairKey } from '../state/model-directory.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';
import { keptMs } from './kept.js';
import { leaveGroup, removeRole } from './memberships.js';

export function createGroup(writer: Writer, group: Group): void {
  writer.put('groups', group.id, group);
  const { id, displayName, isAssignableToRole } = group;
  writer.note('group.created', { id }, { displayName, isAssignableToRole });
}

export function changeGroup(writer: Writer, group: Group, properties: Json): void {
  const { displayName = group.displayName, ...rest } = properties;
  writer.put('groups', group.id, {
    ...group,
    displayName: String(displayName),
    properties: { ...group.properties, ...rest },
  });
  writer.note('group.updated', { id: group.id }, { properties: Object.keys(properties) });
}

/** Only a Microsoft 365 group can be restored: any other is gone at once, with its memberships and roles. */
export function deleteGroup(writer: Writer, group: Group): void {
  writer.put('groups', group.id, undefined);
  if (group.microsoft365 === true) {
    writer.put('deletedGroups', group.id, {
      ...group,
      deletedAt: writer.at,
      dueAt: writer.at + keptMs,
    });
  } else {
    for (const { memberId } of writer.tenant.memberships.lookUp('group', group.id)) {
      leaveGroup(writer, group, memberId);
    }
    forgetEdges(writer, group.id);
  }
  writer.note('group.deleted', { id: group.id }, { displayName: group.displayName });
}

export function restoreGroup(writer: Writer, group: Group): Group {
  const { deletedAt: _, dueAt: __, ...restored } = group;
  writer.put('deletedGroups', group.id, undefined);
  writer.put('groups', group.id, restored);
  writer.note('group.restored', { id: group.id }, { displayName: group.displayName });
  return restored;
}

export function purgeGroup(writer: Writer, group: Group): void {
  writer.put('deletedGroups', group.id, undefined);
  forgetEdges(writer, group.id);
  writer.note('group.purged', { id: group.id }, { displayName: group.displayName });
}

export function addOwner(writer: Writer, group: Group, ownerId: string): void {
  const id = pairKey(group.id, ownerId);
  writer.put('owners', id, { id, groupId: group.id, ownerId });
  writer.note('owner.added', { id: ownerId }, { groupId: group.id, displayName: group.displayName });
}

export function removeOwner(writer: Writer, group: Group, ownerId: string): void {
  writer.put('owners', pairKey(group.id, ownerId), undefined);
  writer.note('owner.removed', { id: ownerId }, { groupId: group.id, displayName: group.displayName });
}

export const ownsGroup = (tenant: Tenant, groupId: string, ownerId: string): boolean =>
  tenant.owners.truth(pairKey(groupId, ownerId)) !== undefined;

/** Whatever ties an object that is gone for good to others. */
export function forgetEdges(writer: Writer, id: string): void {
  const { tenant } = writer;
  const memberships = [...tenant.memberships.lookUp('group', id), ...tenant.memberships.lookUp('member', id)];
  for (const { groupId, memberId } of memberships)
    writer.put('memberships', pairKey(groupId, memberId), undefined);
  for (const { id: key } of [...tenant.owners.lookUp('group', id), ...tenant.owners.lookUp('owner', id)])
    writer.put('owners', key, undefined);
  for (const edge of tenant.unitMemberships.lookUp('member', id))
    writer.put('unitMemberships', edge.id, undefined);
  for (const assignment of tenant.assignments.lookUp('principal', id)) removeRole(writer, assignment);
}
