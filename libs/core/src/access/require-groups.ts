import { identityErrors, type IdentityStores } from '#core/identity';
import type { TechnicianGroupId } from '#core/shared';

/** Throws `technician_group.not_found`, `technician_group.archived` unless an access policy may name all of these. */
export const requireGroups = async (
  { groups }: IdentityStores,
  named: readonly TechnicianGroupId[],
): Promise<void> => {
  if (named.length === 0) return;
  const usable = new Set(await groups.steady(named));
  for (const id of named.filter((each) => !usable.has(each))) {
    const archived = (await groups.get(id)) !== null;
    throw identityErrors.refuse(archived ? 'technician_group.archived' : 'technician_group.not_found', {
      technicianGroupId: id,
    });
  }
};
