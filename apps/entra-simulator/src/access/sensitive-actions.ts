import { allAssignmentsOf, groupsOf } from '../directory/memberships.js';
import { roleById, roleFile } from '../directory/role-catalogue.js';
import { unitOfScope, unitsOf } from '../directory/units.js';
import type { RoleAssignment } from '../state/model.js';
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
const restrictedUnitRole = '(role scoped to a restricted management administrative unit)';

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
  const rows = protectingRows(question);
  if (rows.length === 0 && !question.strict) return true;
  const callerRoles = rolesTowards(question);
  const matrix = roleFile()[question.matrix]['targetHolds->callerRoles'];
  return (rows.length === 0 ? [plainUser] : rows).every((row) => {
    const admitted = matrix[row] ?? matrix[anyOtherRole] ?? [];
    return admitted.some((role) => callerRoles.has(role));
  });
}

/** What makes a user an admin for the check, as rows of the matrices: none for a plain user. */
export function protectingRows({
  tenant,
  targetId,
  view,
}: Pick<Question, 'tenant' | 'targetId' | 'view'>): string[] {
  const assignments = allAssignmentsOf(tenant, targetId, view);
  const rows = new Set(assignments.map(nameOfRole));
  if (assignments.some((assignment) => isOverRestrictedUnit(tenant, assignment, view))) {
    rows.add(restrictedUnitRole);
  }
  if (isTiedToRoleGroup(tenant, targetId, view)) rows.add(groupMember);
  return [...rows];
}

function isOverRestrictedUnit(tenant: Tenant, { directoryScopeId }: RoleAssignment, view: View): boolean {
  const unitId = unitOfScope(directoryScopeId);
  return unitId !== undefined && tenant.units.see(unitId, view)?.isMemberManagementRestricted === true;
}

function isTiedToRoleGroup(tenant: Tenant, targetId: string, view: View): boolean {
  if (groupsOf(tenant, targetId, view).some((group) => group.isAssignableToRole)) return true;
  const owned = tenant.owners.lookUp('owner', targetId, view);
  return owned.some(({ groupId }) => tenant.groups.see(groupId, view)?.isAssignableToRole === true);
}

/** The caller's roles that count for this target: tenant-wide ones, and those over a unit that it is in. */
function rolesTowards({ tenant, callerId, targetId, view }: Question): Set<string> {
  const units = new Set(unitsOf(tenant, targetId, view).map((unit) => unit.id));
  const counting = allAssignmentsOf(tenant, callerId, view).filter(
    ({ directoryScopeId }) => directoryScopeId === '/' || units.has(unitOfScope(directoryScopeId) ?? ''),
  );
  return new Set(counting.map(nameOfRole));
}

const nameOfRole = ({ roleDefinitionId }: RoleAssignment): string =>
  roleById(roleDefinitionId)?.displayName ?? roleDefinitionId;
