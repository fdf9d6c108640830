import type { Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import type { EnabledAgain } from './alarm-source.js';

/** Customers at which somebody enables what Curfew has disabled, and means it: once may be a mistake. */
export const enabledAgainAlarms = (found: readonly EnabledAgain[], now: Instant): readonly Alarm[] =>
  found.map(({ organizationId, customerId, accounts, accountIds, sinceAt, lastAt }) => ({
    id: `account.enabled_again:${customerId}`,
    kind: 'account.enabled_again',
    severity: 'critical',
    organizationId,
    customerId,
    accounts,
    accountIds,
    grantIds: [],
    sinceAt,
    cause: 'by_hand',
    causedBy: null,
    message:
      "Somebody in this customer's tenant enables accounts that Curfew had disabled, the second time or more within 24 hours, " +
      `the last time ${inWords(now - lastAt)} ago. Such accounts: ${accounts}. Curfew disables them each time.`,
    remedy: "Find out in the customer's Entra audit log who does it, and talk to them.",
    runbook: 'docs/runbooks/account-enabled-again.md',
  }));
