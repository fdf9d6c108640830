import type { EndAction, Entitlement, GrantCredential } from '#core/grants';
import { idText, listOf, oneOf, shape } from '../reading.js';

/** What grants and access policies have in common. */
export const entitlement = shape<Entitlement>({ roles: listOf(idText()), groups: listOf(idText()) });
export const credential = oneOf<GrantCredential>('pass', 'password', 'both');
export const endAction = oneOf<EndAction>('disable', 'delete');

export const entitlementJson = ({ roles, groups }: Entitlement) => ({
  roles: [...roles],
  groups: [...groups],
});
