import type { ManagedAccount } from '#core/accounts';
import { endsAt, isLive, owesEnd, type Grant, type GrantInForce } from '#core/grants';
import { earliest, type Instant } from '#core/shared';
import { giveUpAt } from './advance-grants.js';

/** When the account next needs a look, and the earliest end not yet confirmed: computed anew at each release. */
export const nextTimes = (
  account: Pick<ManagedAccount, 'verification' | 'failure'>,
  open: readonly GrantInForce[],
  now: Instant,
): { readonly dueAt: Instant | null; readonly takeAt: Instant | null } => ({
  dueAt: earliest(
    // Nothing is proven while something still fails: the read-back waits with it.
    account.failure !== null && account.failure.retryAt > now
      ? account.failure.retryAt
      : (account.verification?.nextAt ?? null),
    ...open.map(({ grant }) => nextMove(grant, now)),
  ),
  takeAt: earliest(...open.map(({ grant }) => (owesEnd(grant) ? endsAt(grant) : null))),
});

const nextMove = (grant: Grant, now: Instant): Instant | null => {
  if (!isLive(grant, now)) return null;
  if (grant.state === 'scheduled') return grant.startsAt;
  const lastTryAt = grant.state === 'starting' ? giveUpAt(grant) : grant.expiresAt;
  return lastTryAt > now ? Math.min(lastTryAt, grant.expiresAt) : grant.expiresAt;
};
