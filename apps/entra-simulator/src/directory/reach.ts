import type { Tenant } from '../state/tenant.js';
import { allAssignmentsOf, groupsOf } from './memberships.js';

/** The groups that somebody is in, directly or through others, as they are now. */
export function groupIdsOf(tenant: Tenant, memberId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [memberId];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const above = groupsOf(tenant, id).filter((group) => !found.has(group.id));
    for (const group of above) found.add(group.id);
    waiting.push(...above.map((group) => group.id));
  }
  return found;
}

/** The directory roles that somebody holds for the whole tenant, directly or through a group. */
export const roleIdsOf = (tenant: Tenant, principalId: string): ReadonlySet<string> =>
  new Set(
    allAssignmentsOf(tenant, principalId)
      .filter((assignment) => assignment.directoryScopeId === '/')
      .map((assignment) => assignment.roleDefinitionId),
  );
