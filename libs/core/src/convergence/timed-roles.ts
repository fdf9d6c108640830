import { heldRole, type HeldRole, type ManagedAccount, placeOf } from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import { MINUTE, SECOND, type GrantId, type Instant, type ObjectId, type RoleId } from '#core/shared';
import type { EntraConnection, Throttle } from '#core/tenancy';
import { given, runningOf, type DesiredAccount } from './desired-account.js';
import { REPLICATION_MS, type Observation } from './observation.js';
import { planned, type Phase, type PlannedStep } from './planned-step.js';
import { ANYTHING } from './timed-refusals.js';

/** PIM gives and moves nothing to less than this from now, and takes nothing back before. */
const SHORTEST_MS = 5 * MINUTE;
/** Until a request is with Graph, whose clock may be ahead of ours. */
const ON_THE_WAY_MS = 15 * SECOND;
/** PIM gets to know a new user within two minutes; whatever else keeps it from answering is not waited for so long. */
const PATIENCE_MS = 30 * SECOND;
/** An end that Entra keeps a little after ours is worth no call. */
const LATE_ENOUGH_MS = MINUTE;

/** What is to be known of a tenant in which Entra itself can end roles. */
export interface TimedTerms {
  /** Keys of steps that PIM refuses for a time. */
  readonly refused: ReadonlySet<string>;
  /** PIM is not to be asked for anything that has another way. */
  readonly throttled: boolean;
  readonly givers: ReadonlyMap<RoleId, Giver>;
}

/** The running grant that gives a role for longest, and since when somebody waits for the role. */
interface Giver {
  readonly grantId: GrantId;
  readonly since: Instant;
}

/** Null where roles are only ever given for good: no licence, no right, or an account with a role can't be disabled. */
export const timedTerms = (
  connection: EntraConnection | null,
  by: {
    readonly open: readonly GrantInForce[];
    readonly throttles: readonly Throttle[];
    readonly now: Instant;
  },
): TimedTerms | null => {
  if (connection === null) return null;
  const { capabilities, timedRolesRefused } = connection;
  const refused = new Set(
    Object.entries(timedRolesRefused).flatMap(([key, until]) => (until > by.now ? [key] : [])),
  );
  if (!capabilities.timedRoles || !capabilities.mayTouchRoleHolders || refused.has(ANYTHING)) return null;
  const throttled = by.throttles.some(({ workload, until }) => workload === 'pim' && until > by.now);
  return { refused, throttled, givers: giversOf(by.open, by.now) };
};

/** PIM was there when the connection was made, and its consent. What it refuses for a time it may hold all the same. */
export const isLicensed = (connection: EntraConnection | null): boolean =>
  connection?.capabilities.timedRoles === true;

const giversOf = (open: readonly GrantInForce[], now: Instant): ReadonlyMap<RoleId, Giver> => {
  const givers = new Map<RoleId, Giver & { readonly until: Instant }>();
  for (const each of runningOf(open, now)) {
    const { id: grantId, startsAt, createdAt, expiresAt: until } = each.grant;
    for (const role of given(each).roles) {
      const known = givers.get(role);
      const since = Math.max(known?.since ?? 0, startsAt, createdAt);
      givers.set(
        role,
        known !== undefined && known.until >= until ? { ...known, since } : { grantId, since, until },
      );
    }
  }
  return givers;
};

/** Graph keeps whole seconds. Never later than our own end. */
const wholeSecond = (at: Instant): Instant => Math.floor(at / SECOND) * SECOND;

/** Entra's own end of it is past. */
export const isOver = ({ timed }: HeldRole, now: Instant): boolean =>
  timed !== undefined && timed.until !== null && timed.until <= now;

/** It is held, and not only until an end that Entra has kept by now. */
export const isInForce = (held: HeldRole | undefined, now: Instant): boolean =>
  held?.certainty === 'held' && !isOver(held, now);

/** What planning a role needs of the rest. */
export interface RolePlan {
  readonly account: Pick<ManagedAccount, 'mayHold' | 'failure'>;
  readonly desired: DesiredAccount;
  /** What was read under this claim. */
  readonly observed: Observation | null;
  readonly timed: TimedTerms | null;
  /** PIM may hold what nobody here knows to be its own. */
  readonly licensed: boolean;
  readonly now: Instant;
}

/** Somebody asked PIM for a role that is wanted, and what came of it isn't known: the schedules tell. */
export const isUnsure = (plan: RolePlan): boolean =>
  plan.observed?.schedules === undefined &&
  plan.timed?.throttled === false &&
  [...plan.desired.roles.keys()].some((roleId) => {
    const held = plan.account.mayHold.roles[roleId];
    return held?.certainty === 'maybe' && held.timed !== undefined && !isWaitedForEnough(plan, roleId);
  });

/** Gives a role that is not there: with an end of Entra's own, or for good where PIM can't or won't. */
export const planRole = (
  plan: RolePlan,
  user: ObjectId,
  [roleId, until]: readonly [RoleId, Instant],
): readonly PlannedStep[] => {
  const end = wholeSecond(until);
  const held = plan.account.mayHold.roles[roleId];
  // In the last second of a grant the role may be over already.
  if (isInForce(held, plan.now) || (held?.certainty === 'held' && (held.timed?.until ?? 0) >= end)) return [];
  const timed = planned('give', {
    do: 'assignRoleUntil',
    user,
    ...placeOf(roleId),
    until: end,
    reason: reasonOf(plan, roleId),
  });
  return [
    isTimed(plan, timed, { roleId, end })
      ? timed
      : planned('give', { do: 'assignRole', user, ...placeOf(roleId) }),
  ];
};

const isTimed = (
  plan: RolePlan,
  { key }: PlannedStep,
  of: { readonly roleId: RoleId; readonly end: Instant },
): boolean => {
  const { timed, account, now } = plan;
  const held = account.mayHold.roles[of.roleId];
  if (timed === null || timed.throttled || timed.refused.has(key)) return false;
  // What was asked for for good is asked for so again.
  if (held !== undefined && held.timed === undefined) return false;
  return of.end - now >= SHORTEST_MS + ON_THE_WAY_MS && !isWaitedForEnough(plan, of.roleId);
};

/** PIM keeps somebody waiting for longer than a role for good would take. */
const isWaitedForEnough = ({ account, timed, now }: RolePlan, roleId: RoleId): boolean => {
  const { failure } = account;
  if (
    failure === null ||
    !(`assignRoleUntil:${roleId}` in failure.steps || 'listRoleSchedules' in failure.steps)
  )
    return false;
  const patience = failure.reason === 'replication' ? REPLICATION_MS : PATIENCE_MS;
  return now - (timed?.givers.get(roleId)?.since ?? 0) >= patience;
};

/** PIM has yet to take a role of this account: it doesn't know the user, or is slow. */
export const waitsForRole = ({ failure }: Pick<ManagedAccount, 'failure'>): boolean =>
  failure !== null &&
  Object.keys(failure.steps).some((key) => key.startsWith('assignRoleUntil:') || key === 'listRoleSchedules');

/** Shown to the customer's admins. */
const reasonOf = ({ timed }: RolePlan, roleId: RoleId): string =>
  `Curfew, grant ${timed?.givers.get(roleId)?.grantId ?? 'unknown'}`;

/**
 * Moves Entra's end of a role to where it belongs by now. One that comes later and is near is moved a little further
 * than asked for, since PIM moves nothing to less than five minutes from now: our own end keeps it all the same.
 */
export const planEnd = (
  plan: RolePlan,
  user: ObjectId,
  [roleId, until]: readonly [RoleId, Instant],
): readonly PlannedStep[] => {
  const known = knownEnd(plan, roleId);
  if (plan.timed?.throttled !== false || known === null) return [];
  const end = wholeSecond(until);
  const soonest = wholeSecond(plan.now + SHORTEST_MS + ON_THE_WAY_MS) + SECOND;
  const isMoved = end > known || (known - end > LATE_ENOUGH_MS && end >= soonest);
  const reason = reasonOf(plan, roleId);
  const step = planned('give', {
    do: 'changeTimedRole',
    user,
    ...placeOf(roleId),
    until: Math.max(end, soonest),
    reason,
  });
  return isMoved && !plan.timed.refused.has(step.key) ? [step] : [];
};

/** The end that Entra will keep of a role that is in force. */
const knownEnd = ({ account, now }: RolePlan, roleId: RoleId): Instant | null => {
  const held = account.mayHold.roles[roleId];
  return isInForce(held, now) ? (held?.timed?.until ?? null) : null;
};

/**
 * Takes a role. One that was given with an end is a role like any other to the directory, and goes that way at once in
 * the first five minutes, in which PIM takes nothing back, and when Entra has ended it; else PIM takes it. When the first
 * way fails, and when nobody knows what came of the asking, both are tried: also of a role that is not known to have an
 * end, since a hand may have given it one.
 */
export const planWithout = (
  plan: RolePlan,
  at: { readonly user: ObjectId; readonly phase: Phase },
  roleId: RoleId,
): readonly PlannedStep[] => {
  const { user, phase } = at;
  const held = plan.account.mayHold.roles[roleId] ?? heldRole('maybe', null);
  const { assignmentId, timed: mark } = held;
  const of = { user, ...placeOf(roleId) };
  const plain = planned(phase, { do: 'unassignRole', ...of, assignmentId });
  const isNamed = !hasNoUsualId(held, roleId);
  if (mark === undefined)
    return isNamed ? planPlain(plan, plain, planned(phase, { do: 'endTimedRole', ...of })) : [];
  const timed = planned(phase, { do: 'endTimedRole', ...of, givenAt: mark.givenAt });
  if (mark.givenAt > plan.now && mark.seen) return [timed];
  const first = isPlainBetter(plan, held, mark.givenAt) ? plain : timed;
  if (!isNamed) return planUnnamed(plan, first, timed);
  return held.certainty === 'maybe' || hasFailed(plan, first) ? [plain, timed] : [first];
};

const planPlain = (plan: RolePlan, plain: PlannedStep, byPim: PlannedStep): readonly PlannedStep[] =>
  plan.licensed && hasFailed(plan, plain) ? [plain, byPim] : [plain];

/** Of one that nobody can name yet: a list that was read and doesn't name it leaves PIM's way. */
const planUnnamed = (plan: RolePlan, first: PlannedStep, timed: PlannedStep): readonly PlannedStep[] =>
  first === timed || plan.observed?.roles !== undefined ? [timed] : [];

/** Of an assignment in a smaller scope than the tenant nobody can guess the id: the list tells it first. */
export const hasNoUsualId = ({ assignmentId }: HeldRole, roleId: RoleId): boolean =>
  assignmentId === null && placeOf(roleId).scope !== undefined;

const isPlainBetter = ({ now, timed }: RolePlan, held: HeldRole, givenAt: Instant): boolean =>
  timed === null || now < givenAt + SHORTEST_MS || isOver(held, now);

const hasFailed = ({ account: { failure } }: RolePlan, { key }: PlannedStep): boolean =>
  failure !== null && key in failure.steps;

/** Only the lists tell what became of these: of schedules, where PIM can be asked, and of assignments. */
export const needsSchedules = (plan: RolePlan, roles: readonly RoleId[]): boolean =>
  plan.timed !== null && plan.observed?.schedules === undefined && isListed(plan, roles);

/** Also where an assignment whose answer was lost has an id that only a list can tell. */
export const needsAssignments = (plan: RolePlan, roles: readonly RoleId[]): boolean =>
  plan.observed?.roles === undefined &&
  (isListed(plan, roles) ||
    roles.some((roleId) => plan.account.mayHold.roles[roleId]?.assignmentId === null));

const isListed = (plan: RolePlan, roles: readonly RoleId[]): boolean =>
  roles.some((roleId) => isStuck(plan, roleId) || isOpen(plan, roleId));

const isOpen = ({ account }: RolePlan, roleId: RoleId): boolean => {
  const held = account.mayHold.roles[roleId];
  return held?.timed !== undefined && held.certainty === 'maybe';
};

/** A role with an end that could not be taken at the first try: nobody may sign in with it meanwhile. */
export const isStuck = ({ account: { mayHold, failure } }: RolePlan, roleId: RoleId): boolean =>
  failure !== null &&
  mayHold.roles[roleId]?.timed !== undefined &&
  (`unassignRole:${roleId}` in failure.steps || `endTimedRole:${roleId}` in failure.steps);

/** Where Entra ends a role before its grant ends, it is given anew then. */
export const nextTimedEnd = (
  { mayHold }: Pick<ManagedAccount, 'mayHold'>,
  roles: ReadonlyMap<RoleId, Instant>,
  now: Instant,
): Instant | null => {
  const ends = [...roles].flatMap(([roleId, until]) => {
    const end = mayHold.roles[roleId]?.timed?.until ?? null;
    return end !== null && end > now && end < wholeSecond(until) ? [end] : [];
  });
  return ends.length === 0 ? null : Math.min(...ends);
};
