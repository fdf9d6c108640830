import { aboveCeiling } from '#core/grants';
import type { PolicyId } from '#core/shared';
import type { RoleCeiling } from '#core/tenancy';
import type { AccessPolicy } from './access-policy.js';
import type { AccessStores } from './stores.js';

const PAGE = 200;

/** Every policy in use that names a role above the ceiling, oldest first. */
export async function* policiesAbove(
  { policies }: AccessStores,
  { roles }: Pick<RoleCeiling, 'roles'>,
): AsyncGenerator<AccessPolicy> {
  let after: PolicyId | null = null;
  do {
    const page: readonly AccessPolicy[] = await policies.list({ customerId: null, after, limit: PAGE });
    for (const policy of page) {
      if (policy.state === 'active' && aboveCeiling(policy.gives.roles, roles).length > 0) yield policy;
    }
    after = page.length === PAGE ? (page.at(-1)?.id ?? null) : null;
  } while (after !== null);
}
