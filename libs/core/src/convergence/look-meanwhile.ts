import type { Failure, ManagedAccount } from '#core/accounts';
import { SECOND, type Instant } from '#core/shared';
import { objectOf, type Observation } from './observation.js';
import { lookAt } from './plan-convergence.js';
import { isTaking, type PlannedStep } from './planned-step.js';

/** Whoever waits for longer than this looks first. */
const LONG_WAIT_MS = 10 * SECOND;
/** Graph would refuse the look too, or it says nothing yet. */
const REFUSES_LOOKS: ReadonlySet<string> = new Set([
  'throttled',
  'credential_bad',
  'not_tried',
  'replication',
]);

/**
 * The look that goes before a long wait. All that is left to take has been refused, and waits; but what was answered as done
 * is no evidence either, and what refuses us may be something that somebody has added by hand and no row knows. So the account
 * is read as it is, once under a claim, instead of when the last refusal is over, which may be never.
 */
export const lookMeanwhile = (
  plan: readonly PlannedStep[],
  by: {
    readonly account: ManagedAccount;
    readonly failure: Failure | null;
    readonly observed: Observation | null;
    readonly now: Instant;
  },
): readonly PlannedStep[] => {
  const { account, failure, observed, now } = by;
  const user = objectOf(account);
  if (user === null || failure === null || !plan.some(isTaking) || observed?.user !== undefined) return [];
  const waits = plan.map(({ key }) => (failure.steps[key] ?? now) - now).filter((waitMs) => waitMs > 0);
  if (REFUSES_LOOKS.has(failure.reason) || Math.min(...waits) < LONG_WAIT_MS) return [];
  const steps = lookAt(user);
  return steps.some(({ key }) => (failure.steps[key] ?? now) > now) ? [] : steps;
};
