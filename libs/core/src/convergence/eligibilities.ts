import {
  type DirectoryCall,
  type EligibleState,
  type ManagedAccount,
  type MayHold,
  type ObservedEligibility,
  placeOf,
  roleKeyOf,
} from '#core/accounts';
import type { Instant, ObjectId, RoleId } from '#core/shared';
import type { EntraConnection, Throttle } from '#core/tenancy';
import type { Observation } from './observation.js';
import { planned, type PlannedStep } from './planned-step.js';
import { ANYTHING } from './timed-refusals.js';

/** So many of one account are ended at a time; a later look finds the others. */
const MOST_AT_ONCE = 50;

/** It asks which roles an account's owner may activate: for itself, and never a reason to let anything else wait. */
export const isEligibilityRead = ({ do: what }: Pick<DirectoryCall, 'do'>): boolean =>
  what === 'listEligibilities';

/** One is known, and no list has shown yet that it is gone. */
export const mayBeEligible = ({ eligible }: MayHold): boolean => eligible !== undefined;

/**
 * Whether a look reads them too: where the tenant is licensed for Privileged Identity Management, as long as that neither
 * refuses to tell nor is throttled. To prove that one is gone they are always asked for.
 */
export const asksForEligibilities = (
  connection: EntraConnection | null,
  { mayHold }: Pick<ManagedAccount, 'mayHold'>,
  by: { readonly throttles: readonly Throttle[]; readonly now: Instant },
): boolean => {
  if (connection === null) return false;
  const { capabilities, timedRolesRefused } = connection;
  if (mayBeEligible(mayHold)) return true;
  const isRefused = ['listEligibilities', ANYTHING].some((key) => (timedRolesRefused[key] ?? 0) > by.now);
  const isThrottled = by.throttles.some(({ workload, until }) => workload === 'pim' && until > by.now);
  return capabilities.timedRoles && !isRefused && !isThrottled;
};

/** Ends what was found; what could not be ended is looked for beside the next try. */
export const planWithoutEligibilities = (
  { failure, mayHold }: Pick<ManagedAccount, 'failure' | 'mayHold'>,
  user: ObjectId,
): readonly PlannedStep[] => {
  const ends = eligibleIn(mayHold, 'found').map((role) =>
    planned('then', { do: 'endEligibility', user, ...placeOf(role) }),
  );
  const hasFailed = ends.some(({ key }) => failure !== null && key in failure.steps);
  return hasFailed ? [...ends, planned('then', { do: 'listEligibilities', user })] : ends;
};

/** Those in that state. */
export const eligibleIn = ({ eligible = {} }: MayHold, state: EligibleState): readonly RoleId[] =>
  (Object.keys(eligible) as RoleId[]).filter((role) => eligible[role] === state);

/** `mayHold` after Graph has accepted that one ends: that alone proves nothing. */
export const withEligibilityEnded = (held: MayHold, role: RoleId): MayHold =>
  withEligible(held, { ...held.eligible, [role]: 'ended' });

/** `mayHold` as a reading of the whole account has it. Nothing was read: as it was. */
export const withEligibilitiesSeen = (held: MayHold, seen: Observation, now: Instant): MayHold => {
  if (seen.eligibilities === undefined) return held;
  const found = eligibleNow(seen.eligibilities, now).slice(0, MOST_AT_ONCE);
  return withEligible(
    held,
    Object.fromEntries(found.map((role): [RoleId, EligibleState] => [role, 'found'])),
  );
};

/** What a list tells that was read beside what was ended: what it doesn't show any more is gone. */
export const learnFromEligibilities = (held: MayHold, seen: Observation | null, now: Instant): MayHold => {
  if (seen?.eligibilities === undefined || held.eligible === undefined) return held;
  const listed = new Set(eligibleNow(seen.eligibilities, now));
  const left = Object.entries(held.eligible).filter(([role]) => listed.has(role as RoleId));
  return withEligible(held, Object.fromEntries(left));
};

/** Those that nobody knew of. */
export const newlyEligible = (
  { eligible = {} }: MayHold,
  { eligibilities = [] }: Observation,
  now: Instant,
): readonly RoleId[] =>
  eligibleNow(eligibilities, now)
    .slice(0, MOST_AT_ONCE)
    .filter((role) => !(role in eligible));

/** Now or later: one that is over gives nothing. */
const eligibleNow = (all: readonly ObservedEligibility[], now: Instant): readonly RoleId[] => [
  ...new Set(all.filter(({ endsAt }) => endsAt === null || endsAt > now).map(roleKeyOf)),
];

const withEligible = (held: MayHold, eligible: NonNullable<MayHold['eligible']>): MayHold => {
  const { eligible: _known, ...rest } = held;
  return Object.keys(eligible).length === 0 ? rest : { ...rest, eligible };
};
