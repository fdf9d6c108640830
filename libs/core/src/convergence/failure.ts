import type { DirectoryError, DirectoryErrorReason, Failure } from '#core/accounts';
import { MINUTE, SECOND, type Instant } from '#core/shared';
import { REPLICATION_MS } from './observation.js';
import type { PlannedStep } from './planned-step.js';

/** A step that failed, and how. */
export interface StepFailure {
  readonly step: PlannedStep;
  readonly error: DirectoryError;
}

/** Nobody waits longer than this for the next try of an end. */
const LONGEST_WAIT_MS = MINUTE;
const SHORTEST_LAG_WAIT_MS = 250;
const LONGEST_LAG_WAIT_MS = 2 * SECOND;

/** Refused before anything was carried out: what the step would have given was certainly not given. */
const certainlyNotDone: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'not_tried',
  'invalid',
  'consent_missing',
  'directory_role_missing',
  'not_manageable',
  'quota',
]);
export const wasCertainlyNotDone = (error: DirectoryError): boolean => certainlyNotDone.has(error.reason);

/** For a give, these don't heal within the minutes that somebody waits for it. */
const notWithinMinutes: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
  'not_manageable',
  'invalid',
  'quota',
]);
export const failsTheGive = (error: DirectoryError): boolean =>
  // A name that is taken is looked up: it may be our own, of a POST whose answer was lost.
  error.reason !== 'conflict' && (!error.healable || notWithinMinutes.has(error.reason));

/** A blocked customer is probed once a minute. */
const probedByTheMinute: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
  'not_manageable',
  'invalid',
]);

/**
 * The failure to keep on the row after a round with failures: the worst of them decides what is told, the soonest when
 * it is tried again. There is no limit to the attempts.
 */
export const failureAfter = (
  previous: Failure | null,
  failures: readonly [StepFailure, ...StepFailure[]],
  now: Instant,
): Failure => {
  const { error } = failures.find(({ error: each }) => each.reason !== 'not_tried') ?? failures[0];
  const same = previous?.reason === error.reason ? previous : null;
  const sinceAt = same?.sinceAt ?? now;
  const attempts = (same?.attempts ?? 0) + 1;
  return {
    reason: error.reason,
    message: error.message,
    sinceAt,
    attempts,
    retryAt: now + waitMs(error, { elapsedMs: now - sinceAt, attempts }),
    steps: [...new Set(failures.map(({ step }) => step.key))],
  };
};

const waitMs = (
  error: DirectoryError,
  sofar: { readonly elapsedMs: number; readonly attempts: number },
): number => {
  const { retryAfterSeconds } = error.facts;
  if (retryAfterSeconds !== null) return Math.max(retryAfterSeconds * SECOND, SHORTEST_LAG_WAIT_MS);
  if (error.reason === 'replication' && sofar.elapsedMs < REPLICATION_MS) return lagWaitMs(sofar.elapsedMs);
  if (error.reason === 'not_tried') return SHORTEST_LAG_WAIT_MS;
  if (probedByTheMinute.has(error.reason)) return LONGEST_WAIT_MS;
  return Math.min(LONGEST_WAIT_MS, SECOND * 2 ** Math.min(sofar.attempts - 1, 6));
};

/**
 * Waits grow with what was already waited, so that a lag of any length is overshot by a fifth of it at the most
 * (ADR 13): doubling would waste up to as much again.
 */
const lagWaitMs = (elapsedMs: number): number =>
  Math.ceil(Math.min(LONGEST_LAG_WAIT_MS, Math.max(SHORTEST_LAG_WAIT_MS, elapsedMs / 5)));
