import type { Tenant } from '../state/tenant.js';
import { GraphError } from './errors.js';

/** Refuses one more object when the tenant is full; what was deleted and can be restored still counts. */
export function demandRoom({ config, users, groups, deletedUsers, deletedGroups }: Tenant): void {
  if (config.quota === undefined) return;
  const objects = users.size + groups.size + deletedUsers.size + deletedGroups.size;
  if (objects < config.quota) return;
  throw new GraphError(
    { status: 403, code: 'Directory_QuotaExceeded' },
    'The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
  );
}
