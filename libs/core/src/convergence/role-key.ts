import type { RoleScope } from '#core/accounts';
import type { RoleId } from '#core/shared';

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
