import { HOUR, MINUTE, type Instant } from '#core/shared';
import type { StepFailure } from './failure.js';
import type { PlannedStep } from './planned-step.js';

/** In `timedRolesRefused`: PIM as a whole. */
export const ANYTHING = '*';

/** How long a refusal is believed; null: it isn't one. */
const believedMs = ({ step, error }: StepFailure): number | null => {
  switch (error.reason) {
    case 'licence_missing':
    case 'consent_missing':
      return 24 * HOUR;
    case 'forbidden_by_policy':
    case 'directory_role_missing':
    case 'not_manageable':
    case 'quota':
      // How long an extension may be says little of the next.
      return step.call.do === 'changeTimedRole' ? 10 * MINUTE : 24 * HOUR;
    case 'invalid':
      return 10 * MINUTE;
    default:
      return null;
  }
};

const GIVES: ReadonlySet<PlannedStep['call']['do']> = new Set(['assignRoleUntil', 'changeTimedRole']);
const OF_ALL: ReadonlySet<string> = new Set(['licence_missing', 'consent_missing']);

/** What these failures say of what need not be asked of PIM again for a time, by step; `*`: anything. */
export const refusalsIn = (
  failures: readonly StepFailure[],
  now: Instant,
): Readonly<Record<string, Instant>> =>
  Object.fromEntries(
    failures.flatMap((failure): [string, Instant][] => {
      if (failure.step.call.do === 'endEligibility') return [];
      if (failure.step.call.do === 'listEligibilities') return refusalOf(failure, now);
      const ofAll = failure.error.facts.workload === 'pim' && OF_ALL.has(failure.error.reason);
      const believed = believedMs(failure);
      if (believed === null || (!ofAll && !GIVES.has(failure.step.call.do))) return [];
      return [[ofAll ? ANYTHING : failure.step.key, now + believed]];
    }),
  );

/** What PIM doesn't tell of eligibilities says nothing of the roles that it gives. */
const refusalOf = (failure: StepFailure, now: Instant): [string, Instant][] => {
  const believed = believedMs(failure);
  return believed === null ? [] : [[failure.step.key, now + believed]];
};

/**
 * A refusal after which another way is taken at once: it stands in nobody's way, and no grant fails of it. A throttled
 * request for a role is one too.
 */
export const hasAnotherWay = (failure: StepFailure): boolean => {
  const { step, error } = failure;
  const { reason, facts } = error;
  if (step.call.do === 'listRoleSchedules') return facts.workload === 'pim' && OF_ALL.has(reason);
  if (!GIVES.has(step.call.do)) return false;
  if (reason === 'throttled') return step.call.do === 'assignRoleUntil' && facts.unsent !== true;
  return believedMs(failure) !== null || (reason === 'gone' && step.call.do === 'changeTimedRole');
};
