import type { CustomerId, TechnicianId } from '#core/shared';
import { holdErrors } from './hold.errors.js';
import type { HoldStore } from './hold-store.js';

/** Throws `deployment.restoring` while a restored database is compared with Entra, and `access.held` while a kill switch stands that concerns what this technician, or Curfew by itself (null), does at this customer. */
export const requireNoHold = async (
  holds: Pick<HoldStore, 'concerning' | 'restoringSince'>,
  of: { readonly technicianId: TechnicianId | null; readonly customerId: CustomerId },
): Promise<void> => {
  const since = await holds.restoringSince();
  if (since !== null)
    throw holdErrors.refuse('deployment.restoring', { since: new Date(since).toISOString() });
  const hold = await holds.concerning(of);
  if (hold === null) return;
  // Not why it was pulled: whoever is told may be whom it is about.
  const { id, scope, placedAt } = hold;
  throw holdErrors.refuse('access.held', {
    holdId: id,
    scope: scope.kind,
    placedAt: new Date(placedAt).toISOString(),
  });
};
