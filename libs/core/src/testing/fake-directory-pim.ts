import type {
  DirectoryAnswer,
  DirectoryCall,
  DirectoryError,
  ObservedEligibility,
  ObservedSchedule,
} from '#core/accounts';
import { MINUTE, SECOND, type Instant, type ObjectId } from '#core/shared';
import { refuse } from './fake-directory-refusals.js';
import { heldRoles, type FakeTenant, type FakeUser } from './fake-directory-tenant.js';

type CallOf<Kind extends DirectoryCall['do']> = Extract<DirectoryCall, { readonly do: Kind }>;
type Gives = CallOf<'assignRoleUntil' | 'changeTimedRole' | 'makeEligible'>;
type Ends = CallOf<'endTimedRole' | 'endEligibility'>;
interface Desk {
  readonly tenant: FakeTenant;
  readonly now: Instant;
}

/** No timed role is shorter, and none is taken before. */
const SHORTEST_MS = 5 * MINUTE;

const said = (call: DirectoryCall, code: string, text: string): DirectoryError =>
  refuse(call, { reason: 'invalid', status: 400, code, text });

const tooSoon = (call: Ends, startsAt: Instant, now: Instant): DirectoryError =>
  refuse(call, {
    reason: 'too_soon',
    status: 400,
    code: 'ActiveDurationTooShort',
    text: 'The Active duration is too short. Miniumum Required is 5 minutes.',
    retry: 'later',
    retryAfterSeconds: call.givenAt === undefined ? null : Math.ceil((startsAt + SHORTEST_MS - now) / SECOND),
  });

const licensed = (tenant: FakeTenant, call: DirectoryCall): void => {
  if (tenant.pim !== null) return;
  const text = 'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.';
  throw refuse(call, { reason: 'licence_missing', status: 400, code: 'AadPremiumLicenseRequired', text });
};

/** Like Graph's answer, of whole seconds. */
const endOf = ({ until }: Gives): Instant | null =>
  until === null ? null : Math.floor(until / SECOND) * SECOND;

const judged = ({ tenant, now }: Desk, call: Gives): void => {
  licensed(tenant, call);
  const { until } = call;
  if (until !== null && until - now < SHORTEST_MS) {
    throw said(call, 'ActiveDurationTooShort', 'The Active duration is too short.');
  }
  const longest = tenant.pim?.longestMinutes ?? null;
  if (longest === null || (until !== null && until - now <= longest * MINUTE)) return;
  const text = 'The following policy rules failed: ["ExpirationRule"]';
  const code = 'RoleAssignmentRequestPolicyValidationFailed';
  throw refuse(call, { reason: 'forbidden_by_policy', status: 400, code, text });
};

interface Held {
  readonly roleId: string;
  readonly scope: string;
}
const is =
  ({ roleId, scope = '/' }: Gives | Ends) =>
  (held: Held): boolean =>
    held.roleId === roleId && held.scope === scope;

const running = <Timed extends ObservedEligibility>(all: readonly Timed[], now: Instant): readonly Timed[] =>
  all.filter(({ endsAt }) => endsAt === null || endsAt > now);

const give = (
  desk: Desk,
  call: CallOf<'assignRoleUntil' | 'makeEligible'>,
  user: FakeUser,
): DirectoryAnswer => {
  judged(desk, call);
  const timed = call.do === 'assignRoleUntil';
  const held: readonly Held[] = timed ? heldRoles(user, desk.now) : running(user.eligibilities, desk.now);
  if (held.some(is(call))) {
    return { did: call.do, already: true, status: null, requestId: null, scheduleId: null };
  }
  const scheduleId = desk.tenant.nextId('request');
  const { roleId, scope = '/' } = call;
  const startsAt = Math.floor(desk.now / SECOND) * SECOND;
  const made: ObservedEligibility = { scheduleId, roleId, scope, startsAt, endsAt: endOf(call) };
  const change = timed
    ? { timedRoles: [...user.timedRoles, { ...made, activated: false }] }
    : { eligibilities: [...user.eligibilities, made] };
  desk.tenant.write(user.objectId, { ...user, ...change });
  const requestId = desk.tenant.nextId('request');
  return { did: call.do, already: false, status: 'done', requestId, scheduleId };
};

/** What was assigned outside of PIM is under its rule from then on. */
const changeTimedRole = (desk: Desk, call: CallOf<'changeTimedRole'>, user: FakeUser): DirectoryAnswer => {
  judged(desk, call);
  if (!heldRoles(user, desk.now).some(is(call))) {
    const code = 'RoleAssignmentDoesNotExist';
    throw refuse(call, { reason: 'gone', status: 400, code, text: 'The Role assignment does not exist.' });
  }
  const found = running(user.timedRoles, desk.now).find(is(call));
  const { roleId, scope = '/' } = call;
  const scheduleId = found?.scheduleId ?? desk.tenant.nextId('request');
  const startsAt = found?.startsAt ?? Math.floor(desk.now / SECOND) * SECOND;
  const made: ObservedSchedule = {
    scheduleId,
    roleId,
    scope,
    startsAt,
    endsAt: endOf(call),
    activated: false,
  };
  const isOther = (held: Held): boolean => !is(call)(held);
  desk.tenant.write(user.objectId, {
    ...user,
    assignments: user.assignments.filter(isOther),
    timedRoles: [...user.timedRoles.filter(isOther), made],
  });
  const requestId = desk.tenant.nextId('request');
  return { did: 'changeTimedRole', already: false, status: 'done', requestId, scheduleId };
};

/** Whether it was gone already. PIM ends what was assigned outside of it too. */
const endTimedRole = (desk: Desk, call: CallOf<'endTimedRole'>, user: FakeUser): boolean => {
  licensed(desk.tenant, call);
  const scheduled = running(user.timedRoles, desk.now).find(is(call));
  if (scheduled === undefined && !heldRoles(user, desk.now).some(is(call))) return true;
  const startsAt = scheduled?.startsAt ?? 0;
  if (startsAt <= desk.now && startsAt + SHORTEST_MS > desk.now) throw tooSoon(call, startsAt, desk.now);
  const isOther = (held: Held): boolean => !is(call)(held);
  const left = {
    assignments: user.assignments.filter(isOther),
    timedRoles: user.timedRoles.filter(isOther),
  };
  desk.tenant.write(user.objectId, { ...user, ...left });
  return false;
};

const endEligibility = (desk: Desk, call: CallOf<'endEligibility'>, user: FakeUser): boolean => {
  licensed(desk.tenant, call);
  if (!running(user.eligibilities, desk.now).some(is(call))) return true;
  const eligibilities = user.eligibilities.filter((held) => !is(call)(held));
  desk.tenant.write(user.objectId, { ...user, eligibilities });
  return false;
};

/** Filters over schedules: an unknown user has none, and that is no error. */
export const pimReaders = {
  listRoleSchedules: (tenant: FakeTenant, user: ObjectId, now: Instant): DirectoryAnswer => {
    licensed(tenant, { do: 'listRoleSchedules', user });
    const seen = tenant.lagged(user);
    const permanent = (seen?.assignments ?? []).map(({ roleId, scope, assignmentId }): ObservedSchedule => ({
      scheduleId: assignmentId,
      roleId,
      scope,
      startsAt: null,
      endsAt: null,
      activated: false,
    }));
    return { did: 'listRoleSchedules', schedules: [...permanent, ...running(seen?.timedRoles ?? [], now)] };
  },
  listEligibilities: (tenant: FakeTenant, user: ObjectId, now: Instant): DirectoryAnswer => {
    licensed(tenant, { do: 'listEligibilities', user });
    const eligibilities = running(tenant.lagged(user)?.eligibilities ?? [], now);
    return { did: 'listEligibilities', eligibilities };
  },
};

export const pimWriters = {
  assignRoleUntil: give,
  changeTimedRole,
  makeEligible: give,
  endTimedRole,
  endEligibility,
};
