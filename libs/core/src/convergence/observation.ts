import type {
  AuthenticationMethod,
  ManagedAccount,
  ObservedEligibility,
  ObservedRole,
  ObservedSchedule,
  ObservedUser,
} from '#core/accounts';
import { MINUTE, SECOND, type GroupId, type Instant, type ObjectId } from '#core/shared';

/** What was read of one account under the present claim. Absent: not read (yet). */
export interface Observation {
  /** Null: Graph says there is no such user. */
  readonly user?: ObservedUser | null;
  readonly roles?: readonly ObservedRole[];
  /** Roles with an end, and those that have yet to begin; others stand there too. */
  readonly schedules?: readonly ObservedSchedule[];
  /** Roles that its owner may activate. No part of the whole: a tenant that doesn't tell them lets no end wait. */
  readonly eligibilities?: readonly ObservedEligibility[];
  readonly groups?: readonly GroupId[];
  /** False: nested memberships are among `groups`, which nobody gave and nobody can take. */
  readonly direct?: boolean;
  readonly methods?: readonly AuthenticationMethod[];
  /** By Graph's clock, of the reading of the user. */
  readonly at?: Instant;
}

/**
 * The object that the account is known by. Null also where one was deleted and a create of another was not answered: that one
 * is found by its name, and what becomes of the old one says nothing of it.
 */
export const objectOf = ({
  objectId,
  mayHold,
}: Pick<ManagedAccount, 'objectId' | 'mayHold'>): ObjectId | null =>
  mayHold.object === 'maybe' ? null : objectId;

/** Everything that an account can hold was read. */
export const isWhole = (
  seen: Observation | null,
): seen is Required<Omit<Observation, 'direct' | 'at' | 'schedules' | 'eligibilities'>> & Observation =>
  seen?.user !== undefined &&
  seen.roles !== undefined &&
  seen.groups !== undefined &&
  seen.methods !== undefined;

/** Graph's `Date` has whole seconds, and a write is stamped a moment before it is answered. */
const STAMP_TOLERANCE_MS = 2 * SECOND;
/** A new object may stay invisible for this long; before, "not found" proves nothing. */
export const REPLICATION_MS = 2 * MINUTE;

/**
 * Whether a reading is at least as new as our last taking write: a replica that hasn't seen the revocation of sessions
 * may show anything. Without a write to compare with, every reading counts.
 */
export const isFresh = (
  account: Pick<ManagedAccount, 'verification'>,
  user: ObservedUser | null,
): boolean => {
  const writtenAt = account.verification?.writtenAt;
  if (writtenAt === undefined || user === null) return true;
  const stamp = Math.max(user.sessionsValidFromAt ?? 0, user.passwordChangedAt ?? 0);
  return stamp >= writtenAt - STAMP_TOLERANCE_MS;
};
