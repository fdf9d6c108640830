import { placeOf, roleInUnit, unitOf } from '#core/accounts';
import { idOf, type RoleId } from '#core/shared';

interface RolesOnWire {
  readonly roles: readonly string[];
  readonly unitRoles: readonly { readonly roleId: string; readonly unitId: string }[];
}

/** Roles as the API writes them: those of the whole tenant by their ids, as ever, and those of a unit beside them. */
export const presentRoles = (roles: readonly RoleId[]) => ({
  roles: roles.filter((role) => unitOf(role) === null),
  unitRoles: roles.flatMap((role) => {
    const unitId = unitOf(role);
    return unitId === null ? [] : [{ roleId: placeOf(role).roleId, unitId }];
  }),
});

/** The same, in the core's words. */
export const rolesOf = ({ roles, unitRoles }: RolesOnWire): readonly RoleId[] => [
  ...roles.map((id) => idOf<'entra role'>(id)),
  ...unitRoles.map(({ roleId, unitId }) => roleInUnit(idOf(roleId), idOf(unitId))),
];
