import { HOLDS_NOTHING, type HeldRole, type ManagedAccount, type ObservedSchedule } from '#core/accounts';
import { HOUR, idOf, MINUTE, SECOND, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld } from '../testing/unit-of-work.samples.js';
import { learnFromSchedules, withoutMoot, withSchedulesSeen } from './judge-schedules.js';
import type { Observation } from './observation.js';

const NOW = Date.UTC(2026, 0, 5, 12);
const READER = idOf<'entra role'>('reader');
const ids = new FakeIds();

const asked = (givenAt: number, seen = false): HeldRole => ({
  certainty: 'maybe',
  assignmentId: null,
  timed: { givenAt, until: NOW + HOUR, seen },
});
const scheduled = (change: Partial<ObservedSchedule> = {}): ObservedSchedule => ({
  scheduleId: 's',
  roleId: READER,
  scope: '/',
  startsAt: NOW - MINUTE,
  endsAt: NOW + HOUR,
  activated: false,
  ...change,
});
const holding = (role: HeldRole): ManagedAccount => ({
  ...anAccount(ids, aWorld(ids)),
  mayHold: { ...HOLDS_NOTHING, roles: { [READER]: role } },
});
const learned = (role: HeldRole, seen: Observation, by: { taking?: boolean; asked?: boolean } = {}) =>
  learnFromSchedules(holding(role), seen, {
    now: NOW,
    isBeingTaken: () => by.taking ?? true,
    asked: by.asked ?? true,
  }).mayHold.roles[READER];

describe('lists of schedules and assignments', () => {
  it('show a role that was asked for, with the end that Entra has', () => {
    const endsAt = NOW + 30 * MINUTE;
    expect(learned(asked(NOW), { schedules: [scheduled({ endsAt })] })).toEqual({
      certainty: 'held',
      assignmentId: null,
      timed: { givenAt: NOW - MINUTE, until: endsAt, seen: true },
    });
  });

  it('show one that is there for good as any other', () => {
    expect(learned(asked(NOW), { schedules: [scheduled({ endsAt: null })] })).toEqual({
      certainty: 'held',
      assignmentId: null,
    });
  });

  it('prove its absence when neither shows it and PIM would by now', () => {
    const empty = { schedules: [], roles: [] };
    expect(learned(asked(NOW - 2 * MINUTE), empty)).toBeUndefined();
    expect(learned(asked(NOW, true), empty)).toBeUndefined();
    expect(learned(asked(NOW - 2 * MINUTE + SECOND), empty)).toBeDefined();
  });

  it('prove nothing by halves, but where PIM cannot be asked', () => {
    const old = asked(NOW - HOUR);
    expect(learned(old, { schedules: [] })).toBeDefined();
    expect(learned(old, { roles: [] })).toBeDefined();
    expect(learned(old, { roles: [] }, { asked: false })).toBeUndefined();
    expect(learned(old, { schedules: [], roles: [] }, { taking: false })).toBeDefined();
  });

  it('tell the id by which it is taken', () => {
    const roles = [{ roleId: READER, assignmentId: 'a', scope: '/' }];
    expect(learned(asked(NOW - HOUR), { schedules: [], roles })).toMatchObject({ assignmentId: 'a' });
  });

  it('show what a hand left there, in a unit too, and what has yet to begin', () => {
    const unit = '/administrativeUnits/a';
    const seen = withSchedulesSeen(
      HOLDS_NOTHING,
      { schedules: [scheduled({ startsAt: NOW + HOUR, endsAt: null }), scheduled({ scope: unit })] },
      NOW,
    );

    expect(seen.roles[READER]).toMatchObject({ certainty: 'maybe', timed: { givenAt: NOW + HOUR } });
    expect(seen.roles[`${READER}@${unit}` as RoleId]).toMatchObject({ certainty: 'held' });
  });

  it('are not believed of what is over, nor of a role for good that the directory no longer has', () => {
    const over = scheduled({ endsAt: NOW });
    const stale = scheduled({ endsAt: null });
    expect(withSchedulesSeen(HOLDS_NOTHING, { schedules: [over, stale], roles: [] }, NOW).roles).toEqual({});
  });
});

describe('a failure', () => {
  const failure = {
    reason: 'replication',
    message: '',
    sinceAt: NOW,
    attempts: 1,
    retryAt: NOW + 1,
    steps: { [`endTimedRole:${READER}`]: NOW + 1, disable: NOW + 5 },
    version: 1,
  };

  it('forgets what was tried on the way to what is so by now', () => {
    expect(withoutMoot(failure, HOLDS_NOTHING)).toEqual({
      ...failure,
      steps: { disable: NOW + 5 },
      retryAt: NOW + 5,
    });
    const only = { ...failure, steps: { [`assignRoleUntil:${READER}`]: NOW } };
    const held = { ...HOLDS_NOTHING, roles: { [READER]: { certainty: 'held', assignmentId: 'a' } as const } };
    expect(withoutMoot(only, held)).toBeNull();
  });

  it('stands as long as it is not', () => {
    const mayHold = { ...HOLDS_NOTHING, roles: { [READER]: asked(NOW) } };
    expect(withoutMoot(failure, mayHold)).toBe(failure);
    expect(withoutMoot(null, mayHold)).toBeNull();
  });
});
