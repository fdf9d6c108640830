import { CURFEW } from '#core/audit';
import { HOUR, type CustomerRef, type Instant } from '#core/shared';
import type { ConvergenceStores } from './ports.js';

const DAY_MS = 24 * HOUR;
/** In one transaction; what is left over is retired in the next pass. */
const MOST_AT_ONCE = 50;

/**
 * Has the objects of accounts deleted that nobody has needed for as long as the organization says. A request that comes at
 * the same moment waits for these rows, or they for it: it is asked once more, under their locks, whether anything is open.
 */
export const retireUnused = async (
  stores: ConvergenceStores,
  { organizationId, customerId }: CustomerRef,
  now: Instant,
): Promise<number> => {
  const days = await stores.organizations.unusedAccountDays();
  if (days === 0) return 0;
  const idle = await stores.accounts.unused(customerId, now - days * DAY_MS, MOST_AT_ONCE);
  if (idle.length === 0) return 0;
  const open = await stores.grants.openOf(idle.map(({ id }) => id));
  const needed = new Set(open.map(({ grant }) => grant.accountId));
  const retired = idle.filter(({ id }) => !needed.has(id));
  const ids = retired.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await stores.accounts.retire(ids, 'unused', now);
  await stores.audit.append(
    retired.map(({ id, upn }) => ({
      organizationId,
      at: now,
      actor: CURFEW,
      action: 'account.retired',
      subject: { kind: 'managed_account', id },
      customerId,
      details: { why: 'unused', upn, unusedDays: days },
    })),
  );
  return ids.length;
};
