import { DirectoryError, type DirectoryErrorReason } from '#core/accounts';
import { HOUR, idOf, MINUTE } from '#core/shared';
import type { Workload } from '#core/tenancy';
import { planned, type PlannedStep } from './planned-step.js';
import { hasAnotherWay, refusalsIn } from './timed-refusals.js';

const user = idOf<'entra object'>('user');
const roleId = idOf<'entra role'>('reader');
const NOW = Date.UTC(2026, 0, 5, 12);
const give = planned('give', { do: 'assignRoleUntil', user, roleId, until: NOW + HOUR, reason: '' });
const move = planned('give', { do: 'changeTimedRole', user, roleId, until: NOW + HOUR, reason: '' });
const list = planned('then', { do: 'listRoleSchedules', user });
const take = planned('then', { do: 'endTimedRole', user, roleId });
const plain = planned('give', { do: 'assignRole', user, roleId });

const failing = (step: PlannedStep, reason: DirectoryErrorReason, workload: Workload = 'pim') => ({
  step,
  error: new DirectoryError(reason, '', {
    retry: 'later',
    workload,
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  }),
});
const learned = (step: PlannedStep, reason: DirectoryErrorReason, workload?: Workload) =>
  refusalsIn([failing(step, reason, workload)], NOW);

describe('what PIM refused', () => {
  it.each(['forbidden_by_policy', 'directory_role_missing', 'not_manageable', 'quota'] as const)(
    'is remembered of one role, for a day, after %s',
    (reason) => {
      expect(learned(give, reason)).toEqual({ 'assignRoleUntil:reader': NOW + 24 * HOUR });
    },
  );

  it.each(['licence_missing', 'consent_missing'] as const)(
    'is remembered of all of PIM after %s',
    (reason) => {
      for (const step of [give, move, list, take])
        expect(learned(step, reason)).toEqual({ '*': NOW + 24 * HOUR });
    },
  );

  it('is remembered for minutes where it says little of the next time', () => {
    expect(learned(give, 'invalid')).toEqual({ 'assignRoleUntil:reader': NOW + 10 * MINUTE });
    expect(learned(move, 'forbidden_by_policy')).toEqual({ 'changeTimedRole:reader': NOW + 10 * MINUTE });
  });

  it('is nothing where another try may help, where something is taken, and where the directory spoke', () => {
    for (const reason of ['unanswered', 'replication', 'throttled', 'conflict', 'unknown'] as const)
      expect(learned(give, reason)).toEqual({});
    expect(learned(take, 'forbidden_by_policy')).toEqual({});
    expect(learned(plain, 'consent_missing', 'directory')).toEqual({});
  });
});

describe('another way', () => {
  it('is taken for a role that PIM refuses or throttles', () => {
    for (const reason of ['licence_missing', 'forbidden_by_policy', 'invalid', 'throttled'] as const)
      expect(hasAnotherWay(failing(give, reason))).toBe(true);
  });

  it('is not taken while the same may yet work, nor for what only PIM can do', () => {
    for (const reason of ['unanswered', 'replication', 'conflict'] as const)
      expect(hasAnotherWay(failing(give, reason))).toBe(false);
    expect(hasAnotherWay(failing(move, 'throttled'))).toBe(false);
    expect(hasAnotherWay(failing(take, 'licence_missing'))).toBe(false);
    expect(hasAnotherWay(failing(plain, 'invalid', 'directory'))).toBe(false);
  });

  it('is a look without schedules where there are none to be had', () => {
    expect(hasAnotherWay(failing(list, 'licence_missing'))).toBe(true);
    expect(hasAnotherWay(failing(list, 'throttled'))).toBe(false);
  });
});
