import type { AccountId } from '#core/shared';
import type { GrantInForce } from './grant-store.js';

/** Each account's grants, in the order in which they came. */
export const grantsByAccount = (
  grants: readonly GrantInForce[],
): ReadonlyMap<AccountId, readonly GrantInForce[]> => {
  const byAccount = new Map<AccountId, GrantInForce[]>();
  for (const each of grants) {
    const known = byAccount.get(each.grant.accountId);
    if (known === undefined) byAccount.set(each.grant.accountId, [each]);
    else known.push(each);
  }
  return byAccount;
};
