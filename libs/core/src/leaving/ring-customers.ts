import type { AccountRef } from '#core/accounts';
import type { JobQueue, OrganizationId } from '#core/shared';

/** One bell for each customer of these accounts; after the commit, since a bell that rings earlier would find nothing. */
export const ringCustomers = async (
  queue: JobQueue,
  organizationId: OrganizationId,
  accounts: readonly AccountRef[],
): Promise<void> => {
  for (const customerId of new Set(accounts.map((account) => account.customerId)))
    await queue.ring({ name: 'customer.converge', organizationId, customerId });
};
