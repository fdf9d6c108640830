import type { Failure } from '#core/accounts';
import type { AccountId, CustomerId, GroupId, Instant, ObjectId, RoleId, TechnicianId } from '#core/shared';
import type { Cloud, Throttle } from '#core/tenancy';
import type { Grant } from './grant.js';

/**
 * How far an account is that a kill switch closes. `open`: nobody has looked at it since; `ending`: it is being taken away,
 * or that is tried again and again, or somebody enabled it again; `taken`: Graph has accepted every take-away; `closed`: a
 * read-back has proven it.
 */
export type ClosingState = 'open' | 'ending' | 'taken' | 'closed';

/** In the order in which an account goes through them. */
export const CLOSING_STATES = [
  'open',
  'ending',
  'taken',
  'closed',
] as const satisfies readonly ClosingState[];

/** What may be there still. */
export const UNFINISHED = ['open', 'ending'] as const satisfies readonly ClosingState[];

/** How many accounts are how far. */
export type Tally = Readonly<Record<ClosingState, number>>;

/** What an account may hold at worst, as far as somebody who takes it away by hand needs to know. */
export interface HeldAtWorst {
  readonly enabled: boolean;
  readonly roles: readonly RoleId[];
  readonly groups: readonly GroupId[];
  readonly pass: boolean;
}

/** One account that a kill switch found, where it is, and what keeps it. */
export interface ClosingAccount {
  readonly accountId: AccountId;
  readonly technicianId: TechnicianId | null;
  readonly upn: string;
  readonly objectId: ObjectId | null;
  readonly customer: { readonly id: CustomerId; readonly name: string };
  /** Null: the customer is not connected. */
  readonly tenant: { readonly id: string; readonly cloud: Cloud } | null;
  readonly held: HeldAtWorst;
  readonly state: ClosingState;
  /** When its ending began, or the switch was pulled. */
  readonly since: Instant;
  /** When a read-back proved it. */
  readonly closedAt: Instant | null;
  /** What went wrong last, as long as it stands in the way. */
  readonly failure: Pick<Failure, 'reason' | 'message' | 'sinceAt' | 'attempts' | 'retryAt'> | null;
  /** The customer is asked nothing until then. */
  readonly throttle: Throttle | null;
  /** When the next read-back is due, once everything was taken. */
  readonly readBackAt: Instant | null;
}

/** What an account may hold, as far as it says how far the account is. */
export interface StillHeld {
  readonly anything: boolean;
  /** Somebody may sign in, and no grant of after the switch lets them. */
  readonly enabled: boolean;
}

/**
 * How far an account is, by the grants that there were when the switch was pulled; without any, by what it holds. What was
 * taken, or proven, and was enabled again by a hand is being taken anew: nobody is done with an account that lets people in.
 */
export const closingState = (
  grants: readonly Pick<Grant, 'state' | 'takenAt'>[],
  held: StillHeld,
): ClosingState => {
  if (grants.length === 0) return held.anything ? 'open' : 'closed';
  // What was left behind is owed for ever.
  const owed = grants.filter(
    ({ state, takenAt }) => state === 'left_behind' || (state !== 'ended' && takenAt === null),
  );
  if (owed.some(({ state }) => state !== 'ending' && state !== 'left_behind')) return 'open';
  if (owed.length > 0 || held.enabled) return 'ending';
  return grants.every(({ state }) => state === 'ended') ? 'closed' : 'taken';
};
