import { allAssignmentsOf, groupsOf } from '../directory/memberships.js';
import { roleById, roleFile } from '../directory/role-catalogue.js';
import type { View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';

/** The properties of a user that only a sufficiently privileged caller may change. */
export const sensitiveProperties: ReadonlySet<string> = new Set([
  'accountEnabled',
  'businessPhones',
  'mobilePhone',
  'onPremisesImmutableId',
  'otherMails',
  'passwordProfile',
  'userPrincipalName',
]);

export type Matrix = 'whoCanPerformSensitiveActions' | 'whoCanResetPasswords';

const anyOtherRole = '(all other built-in and custom roles)';
const plainUser = '(no admin role)';
const groupMember = '(no admin role, but member or owner of a role-assignable group)';

interface Question {
  tenant: Tenant;
  targetId: string;
  callerId: string;
  /** The authorisation check sees roles and memberships with a lag of its own. */
  view: View;
  matrix: Matrix;
  /** A plain user is touched on the permission alone, unless this is set. */
  strict: boolean;
}

/** May the calling service principal, by its directory roles, do a sensitive thing to this user? */
export function mayTouch(question: Question): boolean {
  const rows = rowsOfTarget(question);
  if (rows.length === 0 && !question.strict) return true;
  const callerRoles = roleNames(question.tenant, question.callerId, question.view);
  const matrix = roleFile()[question.matrix]['targetHolds->callerRoles'];
  return (rows.length === 0 ? [plainUser] : rows).every((row) => {
    const admitted = matrix[row] ?? matrix[anyOtherRole] ?? [];
    return admitted.some((role) => callerRoles.has(role));
  });
}

function rowsOfTarget({ tenant, targetId, view }: Question): string[] {
  const rows = [...roleNames(tenant, targetId, view)];
  const isProtected = groupsOf(tenant, targetId, view).some((group) => group.isAssignableToRole);
  return isProtected ? [...rows, groupMember] : rows;
}

function roleNames(tenant: Tenant, principalId: string, view: View): Set<string> {
  const assignments = allAssignmentsOf(tenant, principalId, view);
  return new Set(
    assignments.map(({ roleDefinitionId }) => roleById(roleDefinitionId)?.displayName ?? roleDefinitionId),
  );
}
