import type { Instant } from '#core/shared';
import { inWords, OF_THE_DEPLOYMENT, type Alarm } from './alarm.js';
import { UNREACHED_MS, type UnreachedHold } from './alarm-source.js';

const STANDS = 'It lets nothing new be given, but what it has not reached is not being taken away for it.';
const LIFTED =
  'It was lifted since and forbids nothing that came after it; what was there before is over all the same, but what it has not ' +
  'reached is not being taken away for it.';

/** Kill switches, while accounts in their scope are not yet due for that. */
export const unreachedAlarms = (holds: readonly UnreachedHold[], now: Instant): readonly Alarm[] =>
  holds
    .filter(({ sinceAt }) => now - sinceAt > UNREACHED_MS)
    .map(({ organizationId, holdId, sinceAt, isLifted }) => ({
      ...OF_THE_DEPLOYMENT,
      organizationId,
      id: `hold.unreached:${holdId}`,
      kind: 'hold.unreached',
      severity: 'critical',
      sinceAt,
      cause: 'not_reached',
      message:
        `A kill switch that was pulled ${inWords(now - sinceAt)} ago has not reached every account in its scope: neither a ` +
        'worker nor the revoker lives, somebody holds rows in the database, or a row fails by itself. ' +
        (isLifted ? LIFTED : STANDS),
      remedy:
        'Start a worker or the revoker, and end whoever holds the rows. Of a row that fails the log says which, and why. The hold lists what it has not reached as open; take that ' +
        'away by hand when it must be gone at once.',
      runbook: 'docs/runbooks/hold-unreached.md',
    }));
