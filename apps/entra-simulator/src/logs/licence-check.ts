import { hashUnit } from '../foundation/random.js';
import { GraphError } from '../graph/errors.js';
import { usualSignIn } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';

const asked = new WeakMap<Tenant, number>();

/**
 * The reporting service's own look at the licence. By the tenant's setting it fails now and then although there is
 * one: a known issue of the real service. Which requests it hits follows from their number alone.
 */
export function demandLicence(tenant: Tenant, needsPremium: boolean): void {
  const number = (asked.get(tenant) ?? 0) + 1;
  asked.set(tenant, number);
  const { licenceCheckFails } = tenant.config.signIn ?? usualSignIn;
  const isMissing = needsPremium && tenant.config.licence === 'free';
  if (!isMissing && hashUnit(number, 113) >= licenceCheckFails) return;
  throw new GraphError(
    { status: 403, code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant' },
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}
