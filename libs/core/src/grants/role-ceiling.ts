import { placeOf } from '#core/accounts';
import type { RoleId } from '#core/shared';
import type { Entitlement } from './grant.js';

/** Directory roles that may be given at most; null: all. */
type Ceiling = readonly RoleId[] | null;

/** What is left of an entitlement under a ceiling. A role in a unit counts as the role that it is. */
export const underCeiling = ({ roles, groups }: Entitlement, ceiling: Ceiling): Entitlement => ({
  roles: roles.filter((role) => isUnder(role, ceiling)),
  groups,
});

/** The roles that a ceiling keeps back, each once. */
export const aboveCeiling = (roles: readonly RoleId[], ceiling: Ceiling): readonly RoleId[] => [
  ...new Set(roles.filter((role) => !isUnder(role, ceiling)).map((role) => placeOf(role).roleId)),
];

const isUnder = (role: RoleId, ceiling: Ceiling): boolean =>
  ceiling === null || ceiling.includes(placeOf(role).roleId);
