import {
  type Failure,
  heldRole,
  type HeldRole,
  type ManagedAccount,
  type MayHold,
  type ObservedSchedule,
  roleKeyOf,
  type TimedMark,
} from '#core/accounts';
import { MINUTE, type Instant, type RoleId } from '#core/shared';
import { withoutRole, withRole } from './held.js';
import { REPLICATION_MS, type Observation } from './observation.js';

/** Graph's clock may be ahead of ours: what begins within this has begun. */
const SKEW_MS = MINUTE;

/**
 * What lists of schedules and assignments, read under this claim, tell of the roles that were asked of PIM. One that is
 * in force is held, until the end that Entra has. One that neither shows is gone, if it was taken and PIM would show it
 * by now; one that is wanted is asked for again.
 */
export const learnFromSchedules = (
  account: ManagedAccount,
  seen: Observation | null,
  by: { readonly now: Instant; readonly isBeingTaken: (role: RoleId) => boolean; readonly asked: boolean },
): ManagedAccount => {
  const mayHold = Object.entries(account.mayHold.roles).reduce((held, [key, role]): MayHold => {
    const roleId = key as RoleId;
    if (role.timed === undefined || seen === null) return held;
    const known = withListedId(role, roleId, seen);
    const found = seen.schedules?.find((each) => roleKeyOf(each) === roleId && isToCome(each, by.now));
    if (found !== undefined) return withRole(held, roleId, asScheduled(known, found, by.now));
    const isGone =
      by.isBeingTaken(roleId) && isShownByNow(role.timed, by.now) && isAbsent(roleId, seen, by.asked);
    return isGone ? withoutRole(held, roleId) : withRole(held, roleId, known);
  }, account.mayHold);
  return { ...account, mayHold };
};

const withListedId = (role: HeldRole, roleId: RoleId, { roles }: Observation): HeldRole => {
  const listed = roles?.find((each) => roleKeyOf(each) === roleId);
  return { ...role, assignmentId: listed?.assignmentId ?? role.assignmentId };
};

const isShownByNow = ({ seen, givenAt }: TimedMark, now: Instant): boolean =>
  seen || now >= givenAt + REPLICATION_MS;

/** Of the assignments, and of the schedules too where PIM can be asked. */
const isAbsent = (roleId: RoleId, { roles, schedules }: Observation, asked: boolean): boolean =>
  roles !== undefined &&
  (schedules !== undefined || !asked) &&
  !roles.some((each) => roleKeyOf(each) === roleId);

/** In force, or about to be. */
const isToCome = ({ endsAt }: ObservedSchedule, now: Instant): boolean => endsAt === null || endsAt > now;

const hasBegun = ({ startsAt }: ObservedSchedule, now: Instant): boolean =>
  startsAt === null || startsAt <= now + SKEW_MS;

/** A role that PIM shows, with what is known of it besides. */
const asScheduled = (known: HeldRole | undefined, found: ObservedSchedule, now: Instant): HeldRole => {
  const { certainty = 'maybe', assignmentId = null, timed } = known ?? {};
  const mark = { givenAt: found.startsAt ?? timed?.givenAt ?? now, until: found.endsAt, seen: true };
  if (!hasBegun(found, now)) return heldRole(certainty, assignmentId, mark);
  return heldRole('held', assignmentId, found.endsAt === null ? null : mark);
};

/** `mayHold` with every schedule that was seen added: what a hand left there, or is to begin. */
export const withSchedulesSeen = (held: MayHold, seen: Observation, now: Instant): MayHold =>
  (seen.schedules ?? [])
    .filter((each) => isToCome(each, now) && !isOldNews(each, seen, now))
    .reduce((sum, each) => {
      const roleId = roleKeyOf(each);
      return withRole(sum, roleId, asScheduled(sum.roles[roleId], each, now));
    }, held);

/** Of a role for good the directory's own list is newer than PIM's. */
const isOldNews = (each: ObservedSchedule, { roles }: Observation, now: Instant): boolean =>
  each.endsAt === null &&
  hasBegun(each, now) &&
  roles !== undefined &&
  !roles.some((role) => roleKeyOf(role) === roleKeyOf(each));

/** A failure without the steps that were tried on the way to what is so by now. */
export const withoutMoot = (failure: Failure | null, { roles, eligible = {} }: MayHold): Failure | null => {
  if (failure === null) return null;
  const steps = Object.entries(failure.steps).filter(
    ([key]) => !isMoot(key, roles) && !isEligibilityMoot(key, eligible),
  );
  if (steps.length === Object.keys(failure.steps).length) return failure;
  if (steps.length === 0) return null;
  return {
    ...failure,
    steps: Object.fromEntries(steps),
    retryAt: Math.min(...steps.map(([, retryAt]) => retryAt)),
  };
};

const isMoot = (key: string, roles: MayHold['roles']): boolean => {
  const [what, roleId = ''] = key.split(/:(.*)/s);
  const held = roles[roleId as RoleId];
  if (what === 'assignRoleUntil') return held?.certainty === 'held';
  return (what === 'endTimedRole' || what === 'unassignRole') && held === undefined;
};

const isEligibilityMoot = (key: string, eligible: NonNullable<MayHold['eligible']>): boolean => {
  const [what, roleId = ''] = key.split(/:(.*)/s);
  return what === 'endEligibility' && eligible[roleId as RoleId] === undefined;
};
