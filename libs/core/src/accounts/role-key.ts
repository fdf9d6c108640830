import { idOf, type RoleId, type UnitId } from '#core/shared';
import type { RoleScope } from './directory.js';

/** The name under which a call's role stands in `mayHold`: one in a smaller scope than the tenant has one of its own. */
export const roleKeyOf = ({
  roleId,
  scope = '/',
}: {
  readonly roleId: RoleId;
  readonly scope?: string;
}): RoleId => (scope === '/' ? roleId : (`${roleId}@${scope}` as RoleId));

/** The role and the scope behind such a name. */
export const placeOf = (key: RoleId): { readonly roleId: RoleId; readonly scope?: RoleScope } => {
  const [role = '', scope] = key.split(/@\/(.*)/s);
  return scope === undefined ? { roleId: key } : { roleId: role as RoleId, scope: `/${scope}` };
};

const UNIT = '/administrativeUnits/';

/** The name of a role that holds in one administrative unit alone. */
export const roleInUnit = (roleId: RoleId, unitId: UnitId): RoleId =>
  roleKeyOf({ roleId, scope: `${UNIT}${unitId}` });

/** The unit in which a role of this name holds; null: it holds in the whole tenant, or in something else. */
export const unitOf = (key: RoleId): UnitId | null => {
  const { scope = '/' } = placeOf(key);
  return scope.startsWith(UNIT) ? idOf(scope.slice(UNIT.length)) : null;
};
