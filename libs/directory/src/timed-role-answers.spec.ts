import type { DirectoryAnswer, DirectoryCall } from '#core/accounts';
import { idOf } from '#core/shared';
import { joined, MalformedAnswer, readAnswer } from './answers.js';
import { refusedStatus } from './timed-role-answers.js';

const user = idOf<'entra object'>('u');
const give: DirectoryCall = { do: 'assignRoleUntil', user, roleId: idOf('r'), until: 0, reason: '' };
const end: DirectoryCall = { do: 'endTimedRole', user, roleId: idOf('r') };
const read = (call: DirectoryCall, body: unknown): DirectoryAnswer =>
  readAnswer(call, body, { lists: { groups: 'memberOf', methods: 'methods' }, at: 0 });
const schedules = (...value: unknown[]): DirectoryAnswer =>
  read({ do: 'listRoleSchedules', user }, { value });
const ONE_PM = Date.UTC(2026, 0, 5, 13);
const schedule = (scheduleInfo: unknown): object => ({
  id: 's',
  roleDefinitionId: 'r',
  directoryScopeId: '/',
  scheduleInfo,
});
const endOf = (scheduleInfo: unknown): unknown => {
  const answer = schedules(schedule(scheduleInfo));
  return answer.did === 'listRoleSchedules' ? answer.schedules[0]?.endsAt : undefined;
};

describe('a schedule', () => {
  it('is read with its scope, its times and whether the user activated it', () => {
    expect(
      schedules({
        id: 's',
        roleDefinitionId: 'r',
        directoryScopeId: '/administrativeUnits/a',
        assignmentType: 'ACTIVATED',
        scheduleInfo: {
          startDateTime: '2026-01-05T12:00:00Z',
          expiration: { type: 'afterDateTime', endDateTime: '2026-01-05T13:00:00Z', duration: null },
        },
      }),
    ).toEqual({
      did: 'listRoleSchedules',
      schedules: [
        {
          scheduleId: 's',
          roleId: 'r',
          scope: '/administrativeUnits/a',
          startsAt: Date.UTC(2026, 0, 5, 12),
          endsAt: ONE_PM,
          activated: true,
        },
      ],
    });
  });

  it.each<[string, object, number | null]>([
    ['an instant', { type: 'AfterDateTime', endDateTime: '2026-01-05T13:00:00Z' }, ONE_PM],
    ['a duration', { type: 'afterDuration', duration: 'PT1H' }, ONE_PM],
    [
      'a longer duration',
      { type: 'AfterDuration', duration: 'P1DT0H30M1.5S' },
      ONE_PM + 23 * 3_600_000 + 1_801_500,
    ],
    [
      'a duration with its instant',
      { type: 'afterDuration', duration: '?', endDateTime: '2026-01-05T13:00:00Z' },
      ONE_PM,
    ],
    ['none', { type: 'noExpiration', endDateTime: null, duration: null }, null],
    ['none, in the case of the examples', { type: 'NoExpiration' }, null],
    ['nothing specified', { type: 'notSpecified' }, null],
  ])('S077: ends at %s', (_what, expiration, endsAt) => {
    expect(endOf({ startDateTime: '2026-01-05T12:00:00Z', expiration })).toBe(endsAt);
  });

  it.each([null, undefined, {}, { expiration: null }])('that says nothing of an end has none: %j', (info) => {
    expect(endOf(info)).toBeNull();
  });

  it.each([
    { type: 'afterDateTime', endDateTime: null },
    { type: 'afterDateTime', endDateTime: 'soon' },
    { type: 'afterDuration', duration: 'P1Y' },
    { type: 'afterFullMoon' },
  ])('with an end that cannot be read is no answer: %j', (expiration) => {
    expect(() => endOf({ startDateTime: '2026-01-05T12:00:00Z', expiration })).toThrow(MalformedAnswer);
  });

  it('of a duration without a start is no answer either', () => {
    expect(() => endOf({ expiration: { type: 'afterDuration', duration: 'PT1H' } })).toThrow(MalformedAnswer);
  });

  it('is counted over all pages', () => {
    const pages = joined(schedules(schedule(null)), schedules(schedule(null)));

    expect(pages).toMatchObject({ did: 'listRoleSchedules', schedules: [{}, {}] });
  });
});

describe('an eligibility', () => {
  it('is read as a schedule is, but for the activation', () => {
    expect(read({ do: 'listEligibilities', user }, { value: [schedule(null)] })).toEqual({
      did: 'listEligibilities',
      eligibilities: [{ scheduleId: 's', roleId: 'r', scope: '/', startsAt: null, endsAt: null }],
    });
  });
});

describe('a request that was taken', () => {
  it.each([
    ['Provisioned', 'done'],
    ['provisioned', 'done'],
    ['Granted', 'done'],
    ['ScheduleCreated', 'done'],
    ['PendingApproval', 'pending'],
    ['PendingScheduleCreation', 'pending'],
    [null, 'pending'],
  ])('S071, S077: with the status %s is %s', (status, means) => {
    expect(read(give, { id: 'q', status, targetScheduleId: 's' })).toEqual({
      did: 'assignRoleUntil',
      already: false,
      status: means,
      requestId: 'q',
      scheduleId: 's',
    });
  });

  it.each(['Denied', 'failed', 'Canceled', 'Revoked'])('and gave nothing is told: %s', (status) => {
    expect(refusedStatus(give, { status })).toBe(status);
  });

  it('to end something is revoked when all went well', () => {
    expect(refusedStatus(end, { status: 'Revoked' })).toBeNull();
    expect(refusedStatus(end, { status: 'Failed' })).toBe('Failed');
    expect(read(end, { id: 'q', status: 'Revoked' })).toEqual({ did: 'endTimedRole', already: false });
  });

  it('is only looked for where there can be one', () => {
    expect(refusedStatus({ do: 'disable', user }, { status: 'Denied' })).toBeNull();
  });
});
