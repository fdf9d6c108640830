import { MINUTE, type Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import type { AccountWithoutEnd, OverdueEnd } from './alarm-source.js';
import { blockedCause, blockedWords } from './cause.js';

/** The bound of the promise: what is not taken away by then is alarming, and nothing before. */
export const ALARMING_MS = MINUTE;

const BY_HAND =
  "When it must be gone at once, disable the account by hand in the customer's Entra admin center.";

/** Ends that were owed more than a minute ago. */
export const overdueAlarms = (
  overdue: readonly OverdueEnd[],
  by: { readonly now: Instant; readonly hasEnded: (customerId: string) => boolean },
): readonly Alarm[] =>
  overdue
    .filter(({ takeAt }) => by.now - takeAt > ALARMING_MS)
    .map((end) => {
      const { cause, why, remedy } = behind(end, by.hasEnded(end.customerId));
      return {
        id: `end.overdue:${end.accountId}`,
        kind: 'end.overdue',
        severity: 'critical',
        organizationId: end.organizationId,
        customerId: end.customerId,
        accountId: end.accountId,
        grantIds: end.grantIds,
        sinceAt: end.takeAt,
        cause,
        message: `Access that ended ${inWords(by.now - end.takeAt)} ago is not proven to be taken away: ${why}.`,
        remedy: `${remedy} ${BY_HAND}`,
        runbook: 'docs/runbooks/account-overdue.md',
      };
    });

/** Nobody may try: by Graph's wish, or because the credential was refused a moment ago. */
const THROTTLED = { directory: 'throttled', 'sign-in': 'credential_bad' } as const;

const behind = (
  end: OverdueEnd,
  credentialEnded: boolean,
): { readonly cause: string; readonly why: string; readonly remedy: string } => {
  const reason = end.failureReason ?? (end.throttledBy === null ? null : THROTTLED[end.throttledBy]);
  if (reason === null) return unfailed(end.claimed);
  const cause = blockedCause(reason, credentialEnded);
  if (cause !== null) return { cause, ...blockedWords[cause] };
  return {
    cause: reason,
    why: `the last try failed (${reason})`,
    remedy: 'Look up the reason in docs/reference/graph-errors.md; it is tried again at least once a minute.',
  };
};

const unfailed = (claimed: boolean) =>
  claimed
    ? {
        cause: 'under_way',
        why: 'somebody works on it at this moment, or died while doing so',
        remedy: 'It is taken up by somebody else within half a minute.',
      }
    : {
        cause: 'nobody_works',
        why: 'neither a worker nor the revoker has taken it up',
        remedy: 'Start a worker and the revoker: each finds it within a second.',
      };

/** Accounts that may be enabled while nothing says until when, and that nobody has looked at for a minute. */
export const withoutEndAlarms = (accounts: readonly AccountWithoutEnd[], now: Instant): readonly Alarm[] =>
  accounts
    .filter(({ dueAt }) => dueAt === null || now - dueAt > ALARMING_MS)
    .map(({ organizationId, customerId, accountId, dueAt }) => ({
      id: `account.without_end:${accountId}`,
      kind: 'account.without_end',
      severity: 'critical',
      organizationId,
      customerId,
      accountId,
      grantIds: [],
      sinceAt: dueAt ?? now,
      cause: dueAt === null ? 'never_due' : 'nobody_works',
      message:
        'An account may be enabled in Entra, though no grant of its technician is open: nothing ends it.',
      remedy: `Have it looked at again as the runbook says. ${BY_HAND}`,
      runbook: 'docs/runbooks/account-overdue.md',
    }));
