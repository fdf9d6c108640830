import { aboveCeiling } from '#core/grants';
import type { TenancyStores } from '#core/tenancy';
import type { PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';

/** Throws `access_policy.above_role_ceiling`, with the roles. */
export const requireUnderCeiling = async (
  { organizations }: TenancyStores,
  { gives }: Pick<PolicyTerms, 'gives'>,
): Promise<void> => {
  const ceiling = await organizations.roleCeiling();
  const roles = aboveCeiling(gives.roles, ceiling.roles);
  if (roles.length > 0) throw accessErrors.refuse('access_policy.above_role_ceiling', { roles });
};
