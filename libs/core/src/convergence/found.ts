import { type AccountDrift, type ManagedAccount, type ObservedUser, roleKeyOf } from '#core/accounts';
import { HOUR, MINUTE, type GroupId, type Instant, type RoleId } from '#core/shared';
import type { DesiredAccount } from './desired-account.js';
import { newlyEligible } from './eligibilities.js';
import { isWhole, type Observation } from './observation.js';

/** What a fresh reading shows that we did not do. */
export interface Found {
  /** Put right at once, each time that it is found. */
  readonly contained: readonly string[];
  /** Nothing that Curfew sets right: told once, until it has gone and come back. */
  readonly standing: readonly string[];
  /** Somebody disabled the account while a grant ran: the customer has the last word. */
  readonly stopped: boolean;
  /** It was disabled, and is not: whether told or not. */
  readonly enabledAgain: boolean;
  readonly passwordAt: Instant | null;
}

/** What a reading is compared with. */
export interface Expected {
  readonly account: ManagedAccount;
  readonly desired: DesiredAccount;
  /** Since when everything that runs has been given; null: nothing has, or not yet. */
  readonly givenAt: Instant | null;
  readonly now: Instant;
}

/** No replica is believed to show for longer what was before we gave or took something. */
export const LONGEST_LAG_MS = 5 * MINUTE;
const DAY_MS = 24 * HOUR;
const MOST_REMEMBERED = 20;

/**
 * Compares a reading with what the account may hold. What is left of our own last take-away is none of it: that counts only
 * when a reading has shown it gone before. But an account that is enabled over and over before any reading could show it
 * disabled is somebody's doing: from the second time on.
 */
export const driftIn = (expected: Expected, seen: Observation): Found => {
  const { account, desired, now } = expected;
  const { user } = seen;
  if (user == null) return { ...NOTHING, passwordAt: account.drift.passwordAt };
  const stopped = isStopped(expected, user);
  const enabledAgain = isParked(account) && user.enabled;
  const contained = isQuiet(account)
    ? containable(expected, user, seen)
    : when(enabledAgain && enabledLately(account.drift, now).length > 0, 'enabled');
  return {
    contained: [
      ...contained,
      // Nothing of ours ever makes anybody eligible: what lags there is none of it either.
      ...newlyEligible(account.mayHold, seen, now).map((role) => `role made eligible ${role}`),
      ...when(stopped, 'disabled'),
    ],
    enabledAgain,
    standing: isWhole(seen) ? standing(expected, user, seen) : account.drift.standing,
    stopped,
    passwordAt: desired.enabled ? null : (user.passwordChangedAt ?? account.drift.passwordAt),
  };
};

const NOTHING: Found = {
  contained: [],
  standing: [],
  stopped: false,
  enabledAgain: false,
  passwordAt: null,
};

/** Graph has accepted the disable, or it was never enabled. */
const isParked = ({ mayHold }: ManagedAccount): boolean => mayHold.enabled === null;

/** No take-away of ours is under way or unproven. */
const isQuiet = ({ verification }: ManagedAccount): boolean =>
  verification === null || verification.writtenAt === 0 || verification.proofs > 0;

/** What was given has been so for longer than any replica lags, and nothing was taken since. */
const isLongGiven = ({ account, desired, givenAt, now }: Expected): boolean =>
  desired.enabled &&
  givenAt !== null &&
  now - givenAt > LONGEST_LAG_MS &&
  now - (account.verification?.writtenAt ?? 0) > LONGEST_LAG_MS;

const isStopped = (expected: Expected, user: ObservedUser): boolean =>
  !user.enabled && expected.account.mayHold.enabled === 'held' && isLongGiven(expected);

const containable = (
  { account, desired }: Expected,
  user: ObservedUser,
  seen: Observation,
): readonly string[] => {
  const { mayHold: held, drift } = account;
  const parked = isParked(account);
  const roles = (seen.roles ?? []).map(roleKeyOf);
  return [
    ...when(held.object === null, 'restored'),
    ...when(parked && user.enabled, 'enabled'),
    ...roles
      .filter((role) => !(role in held.roles) && !desired.roles.has(role))
      .map((role) => `role added ${role}`),
    ...(seen.groups ?? [])
      .filter((group) => !(group in held.groups) && !desired.groups.has(group))
      .map((group) => `group added ${group}`),
    ...when(parked && !held.methods && (seen.methods ?? []).length > 0, 'authentication method added'),
    ...when(parked && isNewer(user.passwordChangedAt, drift.passwordAt), 'password changed'),
  ];
};

const isNewer = (stampAt: Instant | null, knownAt: Instant | null): boolean =>
  stampAt !== null && knownAt !== null && stampAt > knownAt;

const standing = (expected: Expected, user: ObservedUser, seen: Observation): readonly string[] => {
  const { account, desired } = expected;
  const { roles, groups } = account.mayHold;
  const isListed = (role: RoleId): boolean => (seen.roles ?? []).some((each) => roleKeyOf(each) === role);
  const isIn = (group: GroupId): boolean => (seen.groups ?? []).includes(group);
  const isGiven = isLongGiven(expected) && user.enabled;
  return [
    ...when(user.upn.toLowerCase() !== account.upn.toLowerCase(), `renamed ${user.upn}`),
    ...when(user.marker !== account.marker, 'marker changed'),
    ...[...desired.roles.keys()]
      .filter(
        (role) =>
          isGiven && roles[role]?.certainty === 'held' && roles[role].timed === undefined && !isListed(role),
      )
      .map((role) => `role removed ${role}`),
    ...[...desired.groups]
      .filter((group) => isGiven && groups[group] === 'held' && !isIn(group))
      .map((group) => `group removed ${group}`),
  ];
};

const when = (is: boolean, what: string): readonly string[] => (is ? [what] : []);

/** What of it is to be told now. */
export const newsOf = (drift: AccountDrift, { contained, standing: still }: Found): readonly string[] => [
  ...contained,
  ...still.filter((each) => !drift.standing.includes(each)),
];

/** The drift to keep on the row. */
export const driftAfter = (drift: AccountDrift, found: Found, now: Instant): AccountDrift => ({
  standing: [...found.standing],
  recentAt:
    found.contained.length === 0 ? lately(drift.recentAt, now) : [...lately(drift.recentAt, now), now],
  enabledAt: found.enabledAgain ? [...enabledLately(drift, now), now] : drift.enabledAt,
  passwordAt: found.passwordAt,
});

const enabledLately = ({ enabledAt }: AccountDrift, now: Instant): readonly Instant[] =>
  lately(enabledAt, now);

const lately = (times: readonly Instant[], now: Instant): readonly Instant[] =>
  times.filter((at) => at > now - DAY_MS).slice(1 - MOST_REMEMBERED);
