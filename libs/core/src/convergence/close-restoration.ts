import type { AuditActor } from '#core/audit';
import type { CustomerRef, Instant } from '#core/shared';
import type { ConvergenceStores } from './ports.js';

/** After a restored backup: this customer is compared, or somebody answers for it. False: it was so already. */
export const closeRestoration = async (
  stores: Pick<ConvergenceStores, 'audit' | 'drift'>,
  { organizationId, customerId, since }: CustomerRef & { readonly since: Instant },
  { actor, compared, at }: { readonly actor: AuditActor; readonly compared: boolean; readonly at: Instant },
): Promise<boolean> => {
  if (!(await stores.drift.closeRestoration(customerId, since))) return false;
  await stores.audit.append([
    {
      organizationId,
      customerId,
      at,
      actor,
      action: compared ? 'deployment.compared_again' : 'deployment.accepted',
      subject: { kind: 'customer', id: customerId },
      details: { restoringSince: new Date(since).toISOString() },
    },
  ]);
  return true;
};
