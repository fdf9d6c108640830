import type { Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import type { LostTakeBack } from './alarm-source.js';

/** Customers at which Curfew can no longer take back what it gave: nothing of the kind is given there any more. */
export const lostAlarms = (customers: readonly LostTakeBack[], now: Instant): readonly Alarm[] =>
  customers.map(({ organizationId, customerId, sinceAt, tiers }) => ({
    id: `take_back.lost:${customerId}`,
    kind: 'take_back.lost',
    severity: 'critical',
    organizationId,
    customerId,
    accounts: 0,
    accountIds: [],
    grantIds: [],
    causedBy: null,
    sinceAt,
    cause: 'taken_from_the_app',
    message:
      `What Curfew needs to take back roles (${tiers.join(', ')}) at this customer was found gone ${inWords(now - sinceAt)} ago. ` +
      'Nothing with them is given there any more; what runs is still ended, as far as the tenant lets it.',
    remedy:
      'Read GET /api/v1/customers/{id}/entra-connection/canary: `cause` says what is gone and `mend` what to do. Given back, it is found within minutes.',
    runbook: 'docs/runbooks/take-back.md',
  }));
