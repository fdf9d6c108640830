import type { AccountStores } from '#core/accounts';
import type { Grant, GrantState, GrantStores } from '#core/grants';
import type { AccountId, CustomerId, GrantId, Instant } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';

const PAGE = 200;
const OPEN: readonly GrantState[] = ['scheduled', 'starting', 'active', 'failed', 'ending'];

/** What waited for this customer's credential need not wait for its next try. */
export const workAgain = async (
  stores: AccountStores & GrantStores & TenancyStores,
  customerId: CustomerId,
  at: Instant,
): Promise<void> => {
  await stores.accounts.intend(await accountsInUse(stores, customerId), { dueAt: at });
  // After the accounts, as converge does: whoever locks them the other way round would wait for ever.
  await stores.customers.lift(customerId, 'sign-in', at);
};

const accountsInUse = async (stores: GrantStores, customerId: CustomerId): Promise<readonly AccountId[]> => {
  const found = new Set<AccountId>();
  for (const state of OPEN) {
    let page: readonly Grant[];
    let after: GrantId | null = null;
    do {
      page = await stores.grants.list({ customerId, state, after, limit: PAGE });
      for (const { accountId } of page) found.add(accountId);
      after = page.at(-1)?.id ?? null;
    } while (page.length === PAGE);
  }
  return [...found].sort();
};
