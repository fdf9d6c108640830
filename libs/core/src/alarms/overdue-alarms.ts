import type { Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import { ALARMING_MS, type AccountsWithoutEnd, type OverdueEnds } from './alarm-source.js';
import { blockedCause, blockedWords } from './cause.js';

const BY_HAND =
  "When it must be gone at once, disable what is named by hand in the customer's Entra admin center.";

/** Ends that were owed more than a minute ago: one alarm for all at a customer that have the same behind them. */
export const overdueAlarms = (
  overdue: readonly OverdueEnds[],
  by: { readonly now: Instant; readonly hasEnded: (customerId: string) => boolean },
): readonly Alarm[] =>
  overdue
    .filter(({ takeAt }) => by.now - takeAt > ALARMING_MS)
    .map((end) => {
      const { cause, why, remedy } = behind(end, by.hasEnded(end.customerId));
      return {
        id: `end.overdue:${end.customerId}:${end.failureReason ?? 'not_tried'}`,
        kind: 'end.overdue',
        severity: 'critical',
        organizationId: end.organizationId,
        customerId: end.customerId,
        accounts: end.accounts,
        accountIds: end.accountIds,
        grantIds: end.grantIds,
        sinceAt: end.takeAt,
        cause,
        causedBy: null,
        message:
          `Access that ended ${inWords(by.now - end.takeAt)} ago is not proven to be taken away: ${why}. ` +
          `Accounts with such an end at this customer: ${end.accounts}.`,
        remedy: `${remedy} ${BY_HAND}`,
        runbook: 'docs/runbooks/account-overdue.md',
      };
    });

/** Nobody may try: by Graph's wish, or because the credential was refused a moment ago. */
const THROTTLED = { directory: 'throttled', 'sign-in': 'credential_bad' } as const;

const behind = (
  end: OverdueEnds,
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
export const withoutEndAlarms = (found: readonly AccountsWithoutEnd[], now: Instant): readonly Alarm[] =>
  found
    .filter(({ dueAt }) => dueAt === null || now - dueAt > ALARMING_MS)
    .map(({ organizationId, customerId, accounts, accountIds, dueAt }) => {
      const cause = dueAt === null ? 'never_due' : 'nobody_works';
      return {
        id: `account.without_end:${customerId}:${cause}`,
        kind: 'account.without_end',
        severity: 'critical',
        organizationId,
        customerId,
        accounts,
        accountIds,
        grantIds: [],
        sinceAt: dueAt ?? now,
        cause,
        causedBy: null,
        message:
          'An account may be enabled in Entra, though no grant of its technician is open: nothing ends it. ' +
          `Such accounts at this customer: ${accounts}.`,
        remedy: `Have it looked at again as the runbook says. ${BY_HAND}`,
        runbook: 'docs/runbooks/account-overdue.md',
      };
    });
