import type { Instant } from '#core/shared';
import { inWords, type Alarm } from './alarm.js';
import { PASS_LATE_MS, type FloodedCustomer, type UncomparedCustomer } from './alarm-source.js';

/** Customers that nobody compares with their tenant, or of which something is left undone each time. */
export const uncomparedAlarms = (customers: readonly UncomparedCustomer[], now: Instant): readonly Alarm[] =>
  customers.map(({ organizationId, customerId, dueAt, comparedAt }) => {
    const isLate = now - dueAt > PASS_LATE_MS;
    return {
      id: `drift.overdue:${customerId}`,
      kind: 'drift.overdue',
      severity: 'warning',
      organizationId,
      customerId,
      accounts: 0,
      accountIds: [],
      grantIds: [],
      causedBy: null,
      sinceAt: isLate ? dueAt : comparedAt,
      cause: isLate ? 'not_finished' : 'not_whole',
      message:
        (isLate
          ? `No drift pass over this customer has come to its end since it was due ${inWords(now - dueAt)} ago`
          : 'Each drift pass over this customer leaves something undone') +
        `; everything was last compared ${inWords(now - comparedAt)} ago. What somebody changes there by hand is found late. Ends are kept as ever.`,
      remedy:
        "Look for 'a tenant could not be compared' in the log of the workers, and at the other alarms of this customer.",
      runbook: 'docs/runbooks/drift.md',
    };
  });

/** Tenants in which more users bear a marker like ours than are kept. */
export const floodAlarms = (customers: readonly FloodedCustomer[]): readonly Alarm[] =>
  customers.map(({ organizationId, customerId, unkept, at }) => ({
    id: `drift.flooded:${customerId}`,
    kind: 'drift.flooded',
    severity: 'warning',
    organizationId,
    customerId,
    accounts: 0,
    accountIds: [],
    grantIds: [],
    causedBy: null,
    sinceAt: at,
    cause: 'markers_written',
    message:
      `In this customer's tenant somebody has written markers like ours on so many users that ${unkept} of them are only ` +
      'counted. None of them is touched, and accounts of ours are found among them as ever.',
    remedy:
      'Ask who wrote extensionAttribute15 there, and have it cleared on users that Curfew did not make.',
    runbook: 'docs/runbooks/drift.md',
  }));
