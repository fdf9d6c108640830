import { DirectoryError, type DirectoryErrorReason } from '#core/accounts';
import { idOf, MINUTE, SECOND } from '#core/shared';
import type { Throttle, Workload } from '#core/tenancy';
import { NOON } from '../testing/unit-of-work.samples.js';
import { planned, type PlannedStep } from './planned-step.js';
import { besideThrottles, throttledUntil, throttlesIn, type Throttled } from './throttles.js';

const user = idOf<'entra object'>('user');
const DISABLE = planned('first', { do: 'disable', user });
const REVOKE = planned('then', { do: 'revokeSessions', user });
const UNASSIGN = planned('then', { do: 'unassignRole', user, roleId: idOf('reader'), assignmentId: 'a' });
const DELETE_PASS = planned('then', {
  do: 'deleteMethod',
  user,
  method: { kind: 'temporaryAccessPass', id: 'p' },
});
const LIST_METHODS = planned('then', { do: 'listMethods', user });
const READ = planned('then', { do: 'readUser', user });
const LIST_GROUPS = planned('then', { do: 'listGroups', user });
const ENABLE = planned('give', { do: 'enable', user });
const PASS = planned('give', { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false });
const TIMED = planned('give', {
  do: 'assignRoleUntil',
  user,
  roleId: idOf('reader'),
  until: NOON + MINUTE,
  reason: 'r',
});

interface Wish {
  readonly reason?: DirectoryErrorReason;
  readonly workload?: Workload;
  readonly seconds?: number | null;
  readonly unsent?: boolean;
}
const failed = (
  step: PlannedStep,
  { reason = 'throttled', workload = 'directory', seconds = 30, unsent = false }: Wish = {},
) => ({
  step,
  error: new DirectoryError(reason, 'Graph said so', {
    retry: 'later',
    workload,
    status: 429,
    code: null,
    retryAfterSeconds: seconds,
    requestId: null,
    unsent,
  }),
});
const throttle = (workload: Workload, seconds = 30): Throttle => ({
  workload,
  until: NOON + seconds * SECOND,
  reason: '429',
});

describe('throttlesIn', () => {
  const heard = (...failures: readonly ReturnType<typeof failed>[]) =>
    throttlesIn(failures, NOON).map(({ workload, until }) => [workload, (until - NOON) / SECOND]);

  it('tells the longest wait of each workload', () => {
    const pass = failed(DELETE_PASS, { workload: 'authentication-methods', seconds: 7 });
    expect(heard(failed(DISABLE, { seconds: 9 }), failed(REVOKE), pass)).toEqual([
      ['directory', 30],
      ['authentication-methods', 7],
    ]);
  });

  it('waits for five seconds when none are told, and for most of a minute with a refused credential', () => {
    const refused = failed(ENABLE, { reason: 'credential_bad', seconds: null });
    expect(heard(failed(DISABLE, { seconds: null }), refused)).toEqual([
      ['directory', 5],
      ['sign-in', 50],
    ]);
  });

  it('lets no end wait because something was refused that gives or reads', () => {
    expect(heard(failed(ENABLE), failed(READ))).toEqual([]);
    expect(heard(failed(ENABLE), failed(REVOKE))).toEqual([['directory', 30]]);
  });

  it('takes what our own bucket held back for no word of Graph', () => {
    expect(heard(failed(DISABLE, { unsent: true }))).toEqual([]);
  });

  it('takes a throttled sign-in for a block of everything', () => {
    expect(heard(failed(ENABLE, { workload: 'sign-in' }))).toEqual([['sign-in', 30]]);
  });

  it('hears nothing in other failures', () => {
    expect(heard(failed(DISABLE, { reason: 'unanswered' }))).toEqual([]);
  });
});

describe('throttledUntil', () => {
  it('is the end of the last throttle that keeps everything waiting', () => {
    const throttles = [throttle('directory', 10), throttle('sign-in', 20), throttle('pim', 90)];
    expect(throttledUntil(throttles, NOON)).toBe(NOON + 20 * SECOND);
    expect(throttledUntil(throttles, NOON + 20 * SECOND)).toBeNull();
  });
});

describe('besideThrottles', () => {
  const beside = (
    steps: readonly PlannedStep[],
    throttles: readonly Throttle[],
    by: Partial<Throttled> = {},
  ) => {
    const left = besideThrottles(steps, { throttles, now: NOON, wanted: false, seen: false, ...by });
    return { keys: left.steps.map(({ key }) => key), until: left.until };
  };
  const METHODS = [throttle('authentication-methods')];

  it('holds back the steps of a throttled workload, and no other', () => {
    expect(beside([DISABLE, REVOKE, UNASSIGN, DELETE_PASS, LIST_METHODS], METHODS)).toEqual({
      keys: [DISABLE, REVOKE, UNASSIGN].map(({ key }) => key),
      until: NOON + 30 * SECOND,
    });
    expect(beside([ENABLE, TIMED], [throttle('pim')]).keys).toEqual(['enable']);
  });

  it('lets go of them when the throttle is over', () => {
    expect(beside([DELETE_PASS], METHODS, { now: NOON + 30 * SECOND })).toEqual({
      keys: [DELETE_PASS.key],
      until: null,
    });
  });

  it('holds back nothing of the directory: that keeps a customer out of claims as a whole', () => {
    expect(beside([DISABLE, READ], [throttle('directory'), throttle('sign-in')]).keys).toHaveLength(2);
  });

  it('holds back what comes after a step that waits', () => {
    const after = { ...ENABLE, after: TIMED.key };
    expect(beside([TIMED, after], [throttle('pim')]).keys).toEqual([]);
  });

  it('looks at an account that should be off all the same, once; readings are judged together otherwise', () => {
    const look = [READ, LIST_GROUPS, LIST_METHODS];
    expect(beside(look, METHODS).keys).toEqual(['readUser']);
    expect(beside(look, METHODS, { seen: true }).keys).toEqual([]);
    expect(beside(look, METHODS, { wanted: true }).keys).toEqual([]);
  });

  it('lets a pass be asked for that somebody waits for', () => {
    expect(beside([PASS], METHODS)).toEqual({ keys: ['mintPass'], until: null });
  });
});
