import { workloadOf } from '#core/accounts';
import { earliest, SECOND, type Instant } from '#core/shared';
import { credentialRefused, type Throttle } from '#core/tenancy';
import { isEligibilityRead } from './eligibilities.js';
import { isRead, isTaking, type PlannedStep } from './planned-step.js';
import type { StepFailure } from './failure.js';

/** A throttle that doesn't say for how long. */
const UNTOLD_SECONDS = 5;
/** A credential that is not accepted is tried about once a minute, which has room for the look that finds it due. */
const PROBE_SECONDS = 50;

/**
 * What the failures of a round say of the customer, the longest wait of each workload. A 429 is a fact about one
 * customer and workload, a refused credential about all of the customer.
 *
 * What our own bucket held back says nothing of Graph. And the directory, whose throttle keeps all of the customer's
 * accounts waiting, is throttled only by what was refused to a call that takes away: Graph refuses those last, so a
 * refusal of anything else is no reason to let an end wait. The account that it happened to waits all the same.
 */
export const throttlesIn = (failures: readonly StepFailure[], now: Instant): readonly Throttle[] => {
  const found = new Map<string, Throttle>();
  for (const failure of failures.filter(isOfCustomer)) {
    const { error } = failure;
    const isRefused = error.reason === 'credential_bad';
    const seconds = error.facts.retryAfterSeconds ?? (isRefused ? PROBE_SECONDS : UNTOLD_SECONDS);
    const workload = isRefused ? 'sign-in' : error.facts.workload;
    const until = Math.max(found.get(workload)?.until ?? 0, now + seconds * SECOND);
    const reason = isRefused ? credentialRefused(error.message) : error.message;
    found.set(workload, { workload, until, reason });
  }
  return [...found.values()];
};

const isOfCustomer = ({ step, error }: StepFailure): boolean => {
  if (error.reason === 'credential_bad') return true;
  if (error.reason !== 'throttled' || error.facts.unsent === true) return false;
  return error.facts.workload !== 'directory' || isTaking(step);
};

/** These keep all of a customer's accounts out of every claim. */
const OF_ALL: ReadonlySet<string> = new Set(['directory', 'sign-in']);

/** Nothing of this customer is worth a try before; null: now. */
export const throttledUntil = (throttles: readonly Throttle[], now: Instant): Instant | null => {
  const ends = throttles.flatMap(({ workload, until }) =>
    OF_ALL.has(workload) && until > now ? [until] : [],
  );
  return ends.length === 0 ? null : Math.max(...ends);
};

/** What a round is planned beside. */
export interface Throttled {
  readonly throttles: readonly Throttle[];
  readonly now: Instant;
  /** The account is to be enabled, and the user was read under this claim already. */
  readonly wanted: boolean;
  readonly seen: boolean;
}

/**
 * The steps that no throttle of their workload holds back, and when the first of the others may go. Of a look, whose
 * readings are judged together, none is worth sending without the rest; except that an account that should be disabled
 * is looked at all the same, once: whether it is.
 */
export const besideThrottles = (
  steps: readonly PlannedStep[],
  by: Throttled,
): { readonly steps: readonly PlannedStep[]; readonly until: Instant | null } => {
  const ends = new Map(steps.map((step) => [step.key, waitOf(step, steps, by)]));
  const until = earliest(...ends.values());
  if (until === null) return { steps, until };
  const free = steps.filter(({ key }) => ends.get(key) === null);
  const isHeldUp = steps.some(({ key, call }) => ends.get(key) !== null && !isEligibilityRead(call));
  if (!steps.every(isRead) || !isHeldUp) return { steps: free, until };
  const isGlance = ({ call }: PlannedStep): boolean => call.do === 'readUser' && !by.wanted && !by.seen;
  return { steps: free.filter(isGlance), until };
};

/** Of the step's own workload, or of what it comes after. A pass that somebody waits for is asked for all the same. */
const waitOf = (step: PlannedStep, plan: readonly PlannedStep[], by: Throttled): Instant | null => {
  if (step.call.do === 'mintPass') return null;
  const workload = workloadOf(step.call);
  const own = by.throttles.find((throttle) => throttle.workload === workload)?.until ?? 0;
  if (workload !== 'directory' && own > by.now) return own;
  const before = plan.find(({ key }) => key === step.after);
  return before === undefined ? null : waitOf(before, plan, by);
};
