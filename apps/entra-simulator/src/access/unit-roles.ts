import { allAssignmentsOf } from '../directory/memberships.js';
import { roleById, roleFile } from '../directory/role-catalogue.js';
import { unitOfScope, unitsOf } from '../directory/units.js';
import type { RoleAssignment } from '../state/model.js';
import type { View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import { protectingRows, type Matrix } from './sensitive-actions.js';

/** What is done to a member of a restricted unit. */
export type Deed = 'password' | 'sensitive' | 'plain' | 'methods' | 'licence' | 'group';

interface Question {
  readonly tenant: Tenant;
  readonly targetId: string;
  readonly callerId: string;
  readonly view: View;
}

/** Roles over the unit that are good for something other than the two matrices say. */
const goodFor: Readonly<Record<'plain' | 'licence' | 'group', readonly string[]>> = {
  plain: ['User Administrator'],
  licence: ['License Administrator', 'User Administrator'],
  group: ['Groups Administrator', 'User Administrator'],
};
const methodsOfAnybody = 'Privileged Authentication Administrator';
const methodsOfPlainUsers = 'Authentication Administrator';
/** No role that can be held over a unit is above this one. */
const untouchable = 'Global Administrator';
const plainUser = '(no admin role)';

export const isRestricted = (tenant: Tenant, memberId: string, view: View): boolean =>
  restrictedUnits({ tenant, memberId, view }).length > 0;

/**
 * May the caller do this to a member of a restricted unit? Only by a role over one of the restricted units
 * that the target is in: neither Graph permissions nor roles over the tenant or other units count.
 */
export function mayManageRestricted(question: Question, deed: Deed): boolean {
  const { tenant, targetId, callerId, view } = question;
  const units = new Set(restrictedUnits({ tenant, memberId: targetId, view }));
  const held = allAssignmentsOf(tenant, callerId, view).filter(({ directoryScopeId }) =>
    units.has(unitOfScope(directoryScopeId) ?? ''),
  );
  const roles = new Set(held.map(nameOfRole));
  return isGoodFor(deed, roles, protectingRows(question));
}

function isGoodFor(deed: Deed, roles: ReadonlySet<string>, rows: readonly string[]): boolean {
  if (deed === 'plain' || deed === 'licence' || deed === 'group') {
    return goodFor[deed].some((role) => roles.has(role));
  }
  if (rows.includes(untouchable)) return false;
  if (deed === 'methods') {
    return roles.has(methodsOfAnybody) || (rows.length === 0 && roles.has(methodsOfPlainUsers));
  }
  const matrix: Matrix = deed === 'password' ? 'whoCanResetPasswords' : 'whoCanPerformSensitiveActions';
  const table = roleFile()[matrix]['targetHolds->callerRoles'];
  return (rows.length === 0 ? [plainUser] : rows).every((row) =>
    (table[row] ?? table['(all other built-in and custom roles)'] ?? []).some((role) => roles.has(role)),
  );
}

const restrictedUnits = ({ tenant, memberId, view }: { tenant: Tenant; memberId: string; view: View }) =>
  unitsOf(tenant, memberId, view)
    .filter((unit) => unit.isMemberManagementRestricted)
    .map((unit) => unit.id);

const nameOfRole = ({ roleDefinitionId }: RoleAssignment): string =>
  roleById(roleDefinitionId)?.displayName ?? roleDefinitionId;
