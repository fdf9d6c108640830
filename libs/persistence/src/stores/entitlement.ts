import type { EndAction, Entitlement, GrantCredential } from '#core/grants';
import type { RoleId } from '#core/shared';
import { idText, listOf, oneOf, orNull, shape } from '../reading.js';

/** What grants and access policies have in common. */
export const entitlement = shape<Entitlement>({ roles: listOf(idText()), groups: listOf(idText()) });
/** Null: every role may be given. */
export const roleCeiling = orNull(listOf(idText<RoleId>()));
export const credential = oneOf<GrantCredential>('pass', 'password', 'both');
export const endAction = oneOf<EndAction>('disable', 'delete');

export const entitlementJson = ({ roles, groups }: Entitlement) => ({
  roles: [...roles],
  groups: [...groups],
});
