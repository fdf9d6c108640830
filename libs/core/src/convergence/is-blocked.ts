import type { Failure } from '#core/accounts';
import type { Instant } from '#core/shared';
import { isEligibilityRead } from './eligibilities.js';
import { isRead, type PlannedStep } from './planned-step.js';

interface Obstacle {
  readonly failure: Failure | null;
  readonly now: Instant;
  /** The account's version: an intent that is newer than the failure is tried at once. */
  readonly version: number;
}

/**
 * What failed waits for its time, and so does what comes just before it, after it or with it, and all reads with one:
 * what is read together is judged together. Nothing else waits.
 */
export const isBlocked = (step: PlannedStep, plan: readonly PlannedStep[], by: Obstacle): boolean => {
  const { failure } = by;
  if (failure === null || failure.version !== by.version) return false;
  const waits = ({ key }: PlannedStep) => (failure.steps[key] ?? by.now) > by.now;
  if (waits(step) || plan.some((each) => waits(each) && goesWith(step, each, plan))) return true;
  const before = plan.find(({ key }) => key === step.after);
  if (before !== undefined) return isBlocked(before, plan, by);
  const principals = plan.filter((each) => isPrincipal(each, step));
  return COMPANIONS.has(step.call.do) && principals.length > 0 && principals.every(waits);
};

/**
 * It leads to the other, or is read together with it; beside what takes away each reading is for itself, and that of
 * eligibilities always is.
 */
const goesWith = (step: PlannedStep, other: PlannedStep, plan: readonly PlannedStep[]): boolean =>
  other.after === step.key ||
  (isRead(step) && isRead(other) && !isEligibilityRead(other.call) && plan.every(isRead));

/** Methods are no reason to let sessions, password or roles wait: they stand on a service that throttles by itself. */
const isPrincipal = ({ call }: PlannedStep, companion: PlannedStep): boolean =>
  isEligibilityRead(companion.call)
    ? call.do === 'endEligibility'
    : PRINCIPALS.has(call.do) && (call.do !== 'deleteMethod' || METHODS_COMPANIONS.has(companion.call.do));

/**
 * Companions succeed again and again while what they go with fails (sessions can be revoked on an account that cannot
 * be disabled): they are repeated with it, and not without it.
 */
const COMPANIONS: ReadonlySet<PlannedStep['call']['do']> = new Set([
  'revokeSessions',
  'setPassword',
  'listMethods',
  'listRoleAssignments',
  'listRoleSchedules',
  'listEligibilities',
  'readUser',
]);
const METHODS_COMPANIONS: ReadonlySet<PlannedStep['call']['do']> = new Set(['listMethods', 'readUser']);
const PRINCIPALS: ReadonlySet<PlannedStep['call']['do']> = new Set([
  'disable',
  'unassignRole',
  'endTimedRole',
  'removeFromGroup',
  'deleteMethod',
  'deleteUser',
]);
