import fc from 'fast-check';
import { DirectoryError, type DirectoryErrorReason, type Failure } from '#core/accounts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { NOON } from '../testing/unit-of-work.samples.js';
import {
  failsTheGive,
  failureAfter,
  triedAnew,
  wasCertainlyNotDone,
  type FailureCircumstances,
  type StepFailure,
} from './failure.js';
import { REPLICATION_MS } from './observation.js';
import { planned } from './planned-step.js';

const PROBED = 50 * SECOND;
const USER = 'user' as never;
const disable = planned('first', { do: 'disable', user: USER });
const revoke = planned('then', { do: 'revokeSessions', user: USER });

const REASONS: readonly DirectoryErrorReason[] = [
  'replication',
  'throttled',
  'consent_missing',
  'directory_role_missing',
  'conflict',
  'gone',
  'credential_bad',
  'invalid',
  'quota',
  'licence_missing',
  'forbidden_by_policy',
  'too_soon',
  'not_manageable',
  'unanswered',
  'not_tried',
  'unknown',
];
const failed = (
  reason: DirectoryErrorReason,
  facts: Partial<DirectoryError['facts']> = {},
  step = disable,
): StepFailure => ({
  step,
  error: new DirectoryError(reason, `it was ${reason}`, {
    retry: 'later',
    workload: 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
    ...facts,
  }),
});

const by = (change: Partial<FailureCircumstances> = {}): FailureCircumstances => ({
  previous: null,
  now: NOON,
  version: 1,
  mayTouchRoleHolders: true,
  ...change,
});

/** Fails again and again, each time at its retry; answers the waits until `ms` are over. */
const waits = (failure: StepFailure, ms: number, mayTouchRoleHolders = true): readonly number[] => {
  const all: number[] = [];
  let now = NOON;
  let kept: Failure | null = null;
  while (now < NOON + ms) {
    kept = failureAfter([failure], by({ previous: kept, now, mayTouchRoleHolders }));
    all.push(kept.retryAt - now);
    now = kept.retryAt;
  }
  return all;
};

describe('what our own bucket held back', () => {
  it('was certainly not done, while a throttled call may have been', () => {
    expect(wasCertainlyNotDone(failed('throttled', { unsent: true }).error)).toBe(true);
    expect(wasCertainlyNotDone(failed('throttled').error)).toBe(false);
  });
});

describe('the wait after a failure', () => {
  it('is never longer than a minute, and never none, whatever fails for however long', () => {
    for (const reason of REASONS) {
      const all = waits(failed(reason), 20 * MINUTE);
      expect(Math.max(...all)).toBeLessThanOrEqual(MINUTE);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(250);
    }
  });

  it('is what Graph asks for, neither more nor less', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REASONS), fc.integer({ min: 1, max: 3_600 }), (reason, seconds) => {
        const { retryAt } = failureAfter([failed(reason, { retryAfterSeconds: seconds })], by());
        expect(retryAt).toBe(NOON + seconds * SECOND);
      }),
    );
  });

  it('is not nothing when Graph asks for nothing', () => {
    const { retryAt } = failureAfter([failed('throttled', { retryAfterSeconds: 0 })], by());
    expect(retryAt).toBeGreaterThan(NOON);
  });

  it('begins with the shortest wait again where it is tried anew, and stands since it first failed', () => {
    const lag = failed('directory_role_missing');
    const kept = failureAfter([lag], by({ mayTouchRoleHolders: false }));
    const now = NOON + HOUR;
    const known = { ...kept, attempts: 70 };

    const again = failureAfter(
      [lag],
      by({ previous: triedAnew(known, now), now, mayTouchRoleHolders: false }),
    );

    expect(again).toMatchObject({ sinceAt: NOON, attempts: 1, retryAt: now + 250 });
    const later = { previous: again, now: now + SECOND, mayTouchRoleHolders: false };
    expect(failureAfter([lag], by(later)).retryAt).toBeLessThanOrEqual(now + 2 * SECOND);
    expect(failureAfter([failed('unanswered')], by({ previous: again, now }))).toMatchObject({
      sinceAt: now,
    });
  });

  it('doubles from a second for what is not understood', () => {
    const seconds = waits(failed('unknown'), 5 * MINUTE).map((ms) => ms / SECOND);
    expect(seconds.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
  });

  it.each<DirectoryErrorReason>([
    'credential_bad',
    'consent_missing',
    'directory_role_missing',
    'not_manageable',
    'invalid',
    'licence_missing',
    'forbidden_by_policy',
  ])(
    'leaves room in a minute for the look that finds it due, for %s: a blocked customer is probed',
    (reason) => {
      expect(waits(failed(reason), 150 * SECOND)).toEqual([PROBED, PROBED, PROBED]);
    },
  );

  it('is that of a lag for a refusal that our own removal may explain, while a replica may lag', () => {
    const all = waits(failed('directory_role_missing'), 30 * MINUTE, false);
    expect(all[0]).toBe(waits(failed('replication'), SECOND)[0]);
    expect(all.slice(-3)).toEqual([PROBED, PROBED, PROBED]);
  });

  it('overshoots a lag of any length by a fifth of it at the most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_250, max: REPLICATION_MS }), (lagMs) => {
        const tries = waits(failed('replication'), lagMs);
        const seenAfter = tries.reduce((sum, wait) => sum + wait, 0);
        expect(seenAfter - lagMs).toBeLessThanOrEqual(lagMs / 5 + 1);
      }),
    );
  });

  it('is backed off like any other once no replica lags so long', () => {
    const [first, ...later] = waits(failed('replication'), 30 * MINUTE).slice(-3);
    expect([first, ...later]).toEqual([PROBED, PROBED, PROBED]);
  });
});

describe('the failure kept on the row', () => {
  it('tells what truly failed, not what was left out because of it', () => {
    const kept = failureAfter([failed('not_tried'), failed('throttled', {}, revoke)], by());
    expect(kept).toMatchObject({ reason: 'throttled', message: 'it was throttled' });
  });

  it('names every step that failed, once', () => {
    const kept = failureAfter([failed('unknown'), failed('unknown', {}, revoke), failed('gone')], by());
    expect(Object.keys(kept.steps)).toEqual(['disable', 'revokeSessions']);
  });

  it('lets each step wait for its own time, and is tried again at the soonest', () => {
    const kept = failureAfter([failed('invalid'), failed('unknown', {}, revoke)], by({ version: 7 }));
    expect(kept).toMatchObject({
      retryAt: NOON + SECOND,
      steps: { disable: NOON + PROBED, revokeSessions: NOON + SECOND },
      version: 7,
    });
  });

  it('keeps the waits of earlier steps, and forgets those that are over', () => {
    const first = failureAfter([failed('invalid'), failed('unknown', {}, revoke)], by());
    const enable = planned('give', { do: 'enable', user: USER });
    const now = NOON + 2 * SECOND;
    const second = failureAfter([failed('throttled', {}, enable)], by({ previous: first, now }));
    expect(second).toMatchObject({ reason: 'throttled', retryAt: now + SECOND });
    expect(second.steps).toEqual({ disable: NOON + PROBED, [enable.key]: now + SECOND });
  });

  it('counts from its first time as long as the reason stays the same', () => {
    const first = failureAfter([failed('unknown')], by());
    const second = failureAfter([failed('unknown')], by({ previous: first, now: NOON + SECOND }));
    expect(second).toMatchObject({ sinceAt: NOON, attempts: 2 });
    const other = failureAfter([failed('throttled')], by({ previous: second, now: NOON + MINUTE }));
    expect(other).toMatchObject({ sinceAt: NOON + MINUTE, attempts: 1 });
  });
});

describe('what an error means for a give', () => {
  const failing: ReadonlySet<DirectoryErrorReason> = new Set([
    'credential_bad',
    'consent_missing',
    'directory_role_missing',
    'not_manageable',
    'invalid',
    'quota',
    'licence_missing',
    'forbidden_by_policy',
  ]);

  it.each(REASONS)('%s fails it only when it cannot heal within minutes', (reason) => {
    expect(failsTheGive(failed(reason).error)).toBe(failing.has(reason));
  });

  it.each(REASONS)('%s that never heals fails it, but a name that is taken is looked up first', (reason) => {
    expect(failsTheGive(failed(reason, { retry: 'never' }).error)).toBe(reason !== 'conflict');
  });

  it.each<DirectoryErrorReason>(['unanswered', 'unknown', 'throttled', 'conflict', 'gone'])(
    'after %s it may have been given all the same',
    (reason) => {
      expect(wasCertainlyNotDone(failed(reason).error)).toBe(false);
    },
  );

  it.each<DirectoryErrorReason>(['licence_missing', 'forbidden_by_policy', 'too_soon'])(
    'after %s it was certainly not given: PIM refuses before it changes anything',
    (reason) => {
      expect(wasCertainlyNotDone(failed(reason).error)).toBe(true);
    },
  );

  it('after replication it was certainly not given: not found is not done', () => {
    expect(wasCertainlyNotDone(failed('replication').error)).toBe(true);
  });
});
