import type { Group, RoleAssignment } from '../state/model.js';
import { pairKey, type Unit } from '../state/model-directory.js';
import type { View } from '../state/replicated.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';
import { removeRole } from './memberships.js';

const scopePrefix = '/administrativeUnits/';

/** Entra's own limit. */
export const mostRestrictedUnits = 100;

/** The roles that can be held over one unit only, as Entra's documents list them. */
const scopableRoles: ReadonlySet<string> = new Set([
  'Attribute Assignment Administrator',
  'Attribute Assignment Reader',
  'Authentication Administrator',
  'Cloud Device Administrator',
  'Groups Administrator',
  'Helpdesk Administrator',
  'License Administrator',
  'Password Administrator',
  'Printer Administrator',
  'Privileged Authentication Administrator',
  'SharePoint Administrator',
  'Teams Administrator',
  'Teams Devices Administrator',
  'User Administrator',
]);

export const isScopable = (role: { displayName: string }): boolean => scopableRoles.has(role.displayName);

export const scopeOfUnit = (unitId: string): string => `${scopePrefix}${unitId}`;

/** The unit that a scope names; undefined for any other scope. */
export const unitOfScope = (scope: string): string | undefined =>
  scope.toLowerCase().startsWith(scopePrefix.toLowerCase())
    ? scope.slice(scopePrefix.length).toLowerCase()
    : undefined;

/** Mail and Microsoft 365 groups cannot be in a restricted unit. */
export const mayBeRestricted = (group: Group): boolean => !group.mailEnabled && group.microsoft365 !== true;

export function putUnit(writer: Writer, unit: Unit, isNew: boolean): void {
  writer.put('units', unit.id, unit);
  const { id, displayName, isMemberManagementRestricted } = unit;
  writer.note(isNew ? 'unit.created' : 'unit.updated', { id }, { displayName, isMemberManagementRestricted });
}

/** With it go its memberships and the roles that were held over it. */
export function deleteUnit(writer: Writer, unit: Unit): void {
  const { tenant } = writer;
  for (const edge of tenant.unitMemberships.lookUp('unit', unit.id)) leaveUnit(writer, unit, edge.memberId);
  for (const assignment of assignmentsOver(tenant, unit.id)) removeRole(writer, assignment);
  writer.put('units', unit.id, undefined);
  writer.note('unit.deleted', { id: unit.id }, { displayName: unit.displayName });
}

export function joinUnit(writer: Writer, unit: Unit, memberId: string): void {
  const id = pairKey(unit.id, memberId);
  writer.put('unitMemberships', id, { id, unitId: unit.id, memberId });
  note(writer, 'unit.joined', { unit, memberId });
}

export function leaveUnit(writer: Writer, unit: Unit, memberId: string): void {
  writer.put('unitMemberships', pairKey(unit.id, memberId), undefined);
  note(writer, 'unit.left', { unit, memberId });
}

export const isInUnit = (tenant: Tenant, unitId: string, memberId: string): boolean =>
  tenant.unitMemberships.truth(pairKey(unitId, memberId)) !== undefined;

/** The units of a member: with a view as that replica has them, without as they are. */
export function unitsOf(tenant: Tenant, memberId: string, view?: View): Unit[] {
  return tenant.unitMemberships
    .lookUp('member', memberId, view)
    .map(({ unitId }) => (view === undefined ? tenant.units.truth(unitId) : tenant.units.see(unitId, view)))
    .filter((unit) => unit !== undefined);
}

/** Roles that are held over a unit and nothing else. */
export function assignmentsOver(tenant: Tenant, unitId: string, view?: View): RoleAssignment[] {
  const all = view === undefined ? [...tenant.assignments.truths()] : tenant.assignments.seeAll(view);
  return all.filter((assignment) => unitOfScope(assignment.directoryScopeId) === unitId);
}

function note(
  writer: Writer,
  what: 'unit.joined' | 'unit.left',
  { unit, memberId }: { unit: Unit; memberId: string },
): void {
  const member = writer.tenant.users.truth(memberId) ?? { id: memberId };
  const { id, displayName, isMemberManagementRestricted } = unit;
  writer.note(what, member, { unitId: id, displayName, isMemberManagementRestricted });
}
