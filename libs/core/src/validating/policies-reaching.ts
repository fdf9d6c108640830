import { effectivePolicies, type AccessPolicy, type AccessStores } from '#core/access';
import type { CustomerId, PolicyId } from '#core/shared';

const PAGE = 200;
/** More than these no list of an MSP has; the rest is not looked at. */
const MOST_POLICIES = 1_000;

/** Those that count at this customer. */
export const policiesReaching = async (
  { policies }: Pick<AccessStores, 'policies'>,
  customerId: CustomerId,
): Promise<readonly AccessPolicy[]> => {
  const found: AccessPolicy[] = [];
  let after: PolicyId | null = null;
  do {
    const page: readonly AccessPolicy[] = await policies.list({ customerId, after, limit: PAGE });
    found.push(...page);
    after = page.length === PAGE ? (page.at(-1)?.id ?? null) : null;
  } while (after !== null && found.length < MOST_POLICIES);
  return effectivePolicies(found, customerId).counts;
};
