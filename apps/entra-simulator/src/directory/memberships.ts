import { membershipKey, type Tenant } from '../state/tenant.js';
import type { Group, RoleAssignment } from '../state/model.js';
import type { View } from '../state/replicated.js';
import type { Writer } from '../state/writer.js';
import { roleAssignmentId } from '../foundation/ids.js';
import { roleById } from './role-catalogue.js';
import { dropSchedule } from './schedule-rows.js';

export function joinGroup(writer: Writer, group: Group, memberId: string): void {
  writer.put('memberships', membershipKey(group.id, memberId), { groupId: group.id, memberId });
  noteAbout(writer, 'group.joined', {
    memberId,
    details: { groupId: group.id, displayName: group.displayName },
  });
}

export function leaveGroup(writer: Writer, group: Group, memberId: string): void {
  writer.put('memberships', membershipKey(group.id, memberId), undefined);
  noteAbout(writer, 'group.left', {
    memberId,
    details: { groupId: group.id, displayName: group.displayName },
  });
}

export function assignRole(writer: Writer, grant: Omit<RoleAssignment, 'id'>): RoleAssignment {
  const id = roleAssignmentId(grant.roleDefinitionId, grant.principalId, grant.directoryScopeId);
  const assignment = { id, ...grant };
  writer.put('assignments', id, assignment);
  if (writer.tenant.activatedRoles.truth(grant.roleDefinitionId) === undefined) {
    writer.put('activatedRoles', grant.roleDefinitionId, { id: grant.roleDefinitionId });
  }
  noteAbout(writer, 'role.assigned', { memberId: grant.principalId, details: roleDetails(assignment) });
  return assignment;
}

/** Whoever removes it: a schedule that it was in force by ends with it. */
export function removeRole(writer: Writer, assignment: RoleAssignment): void {
  writer.put('assignments', assignment.id, undefined);
  if (assignment.scheduleId !== undefined) dropSchedule(writer, assignment.scheduleId);
  noteAbout(writer, 'role.removed', { memberId: assignment.principalId, details: roleDetails(assignment) });
}

export const isMember = (tenant: Tenant, groupId: string, memberId: string): boolean =>
  tenant.memberships.truth(membershipKey(groupId, memberId)) !== undefined;

/** The groups of a member: with a view as that replica has them, without as they are. */
export function groupsOf(tenant: Tenant, memberId: string, view?: View): Group[] {
  return tenant.memberships
    .lookUp('member', memberId, view)
    .map(({ groupId }) =>
      view === undefined ? tenant.groups.truth(groupId) : tenant.groups.see(groupId, view),
    )
    .filter((group) => group !== undefined);
}

/** Those, and the groups that they are in themselves. */
export function groupsAbove(tenant: Tenant, memberId: string, view: View): Group[] {
  const found = new Map<string, Group>();
  const waiting = [memberId];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const above = groupsOf(tenant, id, view).filter((group) => !found.has(group.id));
    for (const group of above) found.set(group.id, group);
    waiting.push(...above.map((group) => group.id));
  }
  return [...found.values()];
}

/** Everybody in a group and in the groups in it, those groups included. */
export function membersBelow(tenant: Tenant, groupId: string, view: View): string[] {
  const found = new Set<string>();
  const waiting = [groupId];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const below = tenant.memberships.lookUp('group', id, view).map((edge) => edge.memberId);
    const fresh = below.filter((memberId) => !found.has(memberId));
    for (const memberId of fresh) found.add(memberId);
    waiting.push(...fresh);
  }
  return [...found];
}

/** Assignments of a principal, its own and those of its role-assignable groups. */
export function allAssignmentsOf(tenant: Tenant, principalId: string, view?: View): RoleAssignment[] {
  const viaGroups = groupsOf(tenant, principalId, view)
    .filter((group) => group.isAssignableToRole)
    .flatMap((group) => tenant.assignments.lookUp('principal', group.id, view));
  return [...tenant.assignments.lookUp('principal', principalId, view), ...viaGroups];
}

function roleDetails(assignment: RoleAssignment): Record<string, unknown> {
  return {
    assignmentId: assignment.id,
    roleDefinitionId: assignment.roleDefinitionId,
    roleName: roleById(assignment.roleDefinitionId)?.displayName ?? null,
    directoryScopeId: assignment.directoryScopeId,
    ...(assignment.scheduleId === undefined ? {} : { scheduleId: assignment.scheduleId }),
  };
}

interface Membership {
  memberId: string;
  details: Record<string, unknown>;
}

function noteAbout(
  writer: Writer,
  what: 'group.joined' | 'group.left' | 'role.assigned' | 'role.removed',
  { memberId, details }: Membership,
): void {
  writer.note(what, writer.tenant.users.truth(memberId) ?? { id: memberId }, details);
}
