import type { DirectoryError, DirectoryErrorReason, Failure } from '#core/accounts';
import { SECOND, type Instant } from '#core/shared';
import { REPLICATION_MS } from './observation.js';
import type { PlannedStep } from './planned-step.js';

/** A step that failed, and how. */
export interface StepFailure {
  readonly step: PlannedStep;
  readonly error: DirectoryError;
}

/** Nobody waits longer than this for the next try of an end: a minute has room for the look that finds it due. */
const LONGEST_WAIT_MS = 50 * SECOND;
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
  'licence_missing',
  'forbidden_by_policy',
  'too_soon',
  // Not found is not done: it is the replica's answer, before anything was changed.
  'replication',
]);
export const wasCertainlyNotDone = ({ reason, facts }: DirectoryError): boolean =>
  facts.unsent === true || certainlyNotDone.has(reason);

/** For a give, these don't heal within the minutes that somebody waits for it. */
const notWithinMinutes: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
  'not_manageable',
  'invalid',
  'quota',
  'licence_missing',
  'forbidden_by_policy',
]);
export const failsTheGive = (error: DirectoryError): boolean =>
  // A name that is taken is looked up: it may be our own, of a POST whose answer was lost.
  error.reason !== 'conflict' && (!error.healable || notWithinMinutes.has(error.reason));

/** A blocked customer is probed about once a minute. */
const probedByTheMinute: ReadonlySet<DirectoryErrorReason> = new Set([
  'credential_bad',
  'consent_missing',
  'directory_role_missing',
  'not_manageable',
  'invalid',
  'licence_missing',
  'forbidden_by_policy',
]);

/** What a failure is judged by. */
export interface FailureCircumstances {
  readonly previous: Failure | null;
  readonly now: Instant;
  readonly version: number;
  /** Without the directory role, a refusal may be lag: the authorisation check hasn't seen our own removal. */
  readonly mayTouchRoleHolders: boolean;
}

/**
 * The failure to keep on the row after a round with failures. Each step waits for its own time; those of an earlier
 * round go on waiting for theirs. There is no limit to the attempts.
 */
export const failureAfter = (
  failures: readonly [StepFailure, ...StepFailure[]],
  by: FailureCircumstances,
): Failure => {
  const { error } = failures.find(({ error: each }) => each.reason !== 'not_tried') ?? failures[0];
  const known: Known = by.previous?.reason === error.reason ? by.previous : { sinceAt: by.now, attempts: 0 };
  const attempts = known.attempts + 1;
  const waiting = Object.entries(by.previous?.steps ?? {}).filter(([, retryAt]) => retryAt > by.now);
  const elapsedMs = by.now - lagSince(known);
  const sofar = { elapsedMs, attempts, mayTouchRoleHolders: by.mayTouchRoleHolders };
  const failed = failures.map((each) => [each.step.key, by.now + waitMs(each.error, sofar)] as const);
  const steps = Object.fromEntries([...waiting, ...failed]);
  return {
    reason: error.reason,
    message: error.message,
    sinceAt: known.sinceAt,
    ...(known.anewAt === undefined ? {} : { anewAt: known.anewAt }),
    attempts,
    retryAt: Math.min(...Object.values(steps)),
    steps,
    version: by.version,
  };
};

type Known = Pick<Failure, 'sinceAt' | 'anewAt' | 'attempts'>;

/** What came between a failure and its next try (undoing, reading) takes less than this. */
export const REMEMBERED_MS = 120 * SECOND;

/**
 * The circumstances have changed: nothing waits any longer, and waits begin with the shortest again. It stands as it stood, since
 * when it stood, but only as long as what failed is wanted.
 */
export const triedAnew = (failure: Failure, now: Instant): Failure => {
  const retryAt = now - REMEMBERED_MS;
  const steps = Object.fromEntries(Object.keys(failure.steps).map((key) => [key, retryAt]));
  return { ...failure, anewAt: now, attempts: 0, retryAt, steps };
};

/** Since when lag may be what is behind it. */
export const lagSince = ({ sinceAt, anewAt }: Pick<Failure, 'sinceAt' | 'anewAt'>): Instant =>
  anewAt ?? sinceAt;

interface Sofar {
  readonly elapsedMs: number;
  readonly attempts: number;
  readonly mayTouchRoleHolders: boolean;
}

const waitMs = (error: DirectoryError, sofar: Sofar): number => {
  const { retryAfterSeconds } = error.facts;
  if (retryAfterSeconds !== null)
    return Math.ceil(Math.max(retryAfterSeconds * SECOND, SHORTEST_LAG_WAIT_MS));
  if (mayBeLag(error, sofar)) return lagWaitMs(sofar.elapsedMs);
  if (error.reason === 'not_tried') return SHORTEST_LAG_WAIT_MS;
  if (probedByTheMinute.has(error.reason)) return LONGEST_WAIT_MS;
  return Math.min(LONGEST_WAIT_MS, SECOND * 2 ** Math.min(sofar.attempts - 1, 6));
};

const mayBeLag = ({ reason }: DirectoryError, sofar: Sofar): boolean =>
  sofar.elapsedMs < REPLICATION_MS &&
  (reason === 'replication' || (reason === 'directory_role_missing' && !sofar.mayTouchRoleHolders));

/**
 * Waits grow with what was already waited, so that a lag of any length is overshot by a fifth of it at the most
 * (ADR 13): doubling would waste up to as much again.
 */
const lagWaitMs = (elapsedMs: number): number =>
  Math.ceil(Math.min(LONGEST_LAG_WAIT_MS, Math.max(SHORTEST_LAG_WAIT_MS, elapsedMs / 5)));
