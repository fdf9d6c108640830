import { DirectoryError } from '#core/accounts';
import type { Workload } from '#core/tenancy';
import type { Unsent } from './graph-answer.js';
import { LONGEST_SECONDS } from './retry-after.js';

const SECOND_MS = 1_000;
const TOO_EARLY = 'Not sent: by what was sent before, and by what Graph said to it, it would be throttled.';

/** What failed here before it could leave. */
export const unsentError = ({ waitMs, why }: Unsent, workload: Workload): DirectoryError =>
  new DirectoryError(waitMs === undefined ? 'not_tried' : 'throttled', why ?? TOO_EARLY, {
    retry: 'later',
    workload,
    status: null,
    code: null,
    retryAfterSeconds:
      waitMs === undefined ? null : Math.min(LONGEST_SECONDS, Math.max(1, Math.ceil(waitMs / SECOND_MS))),
    requestId: null,
    unsent: true,
  });
