import {
  HOUR,
  MINUTE,
  SECOND,
  type AccountId,
  type CustomerRef,
  type GrantId,
  type HoldRef,
  type Instant,
  type OrganizationId,
} from '#core/shared';

/**
 * What lives, as far as it says so: `bells` jobs are taken from the queue (L1), `sweep` a worker looks for what is due
 * (L2), `revoker` looks for what is overdue (L3), `drift` compares Entra with the database (L4).
 */
export type BeatingLayer = 'api' | 'bells' | 'sweep' | 'revoker' | 'drift';

/** When a layer of one process was last known to work. */
export interface Beat {
  readonly layer: BeatingLayer;
  /** One process, from its start to its end. */
  readonly instance: string;
  readonly firstAt: Instant;
  readonly at: Instant;
  /** It ended as it should: nobody misses it, as long as others go on. */
  readonly ended: boolean;
  /** How far that machine's wall clock is ahead of the database's; null: not measured lately. */
  readonly databaseDifferenceMs: number | null;
}

/** Beats of one process that are to be written. */
export interface Beats {
  readonly instance: string;
  readonly layers: readonly { readonly layer: BeatingLayer; readonly at: Instant }[];
  readonly databaseDifferenceMs: number | null;
  /** Those who have been silent since before it are forgotten, but for the last of each layer. */
  readonly forgetBefore: Instant;
}

/** Accounts of one customer that are told of together: a customer with a thousand of them hides no other. */
export interface AccountsTogether extends CustomerRef {
  readonly accounts: number;
  /** Those that have stood the longest: `MOST_NAMED` at the most. */
  readonly accountIds: readonly AccountId[];
}

/** Accounts of one customer whose ends have been owed for so long that it is alarming, and fail for one reason or none. */
export interface OverdueEnds extends AccountsTogether {
  /** When the first of them was owed. */
  readonly takeAt: Instant;
  /** Of the accounts that are named, whose ends are owed: `MOST_NAMED` at the most. */
  readonly grantIds: readonly GrantId[];
  /** Why the last try failed; null: none has. */
  readonly failureReason: string | null;
  /** The customer's throttle that keeps everybody away. */
  readonly throttledBy: 'directory' | 'sign-in' | null;
  /** Somebody works on one of them at this moment. */
  readonly claimed: boolean;
}

/** Accounts of one customer that fail for one reason, and are tried again and again. */
export interface FailingCustomer extends CustomerRef {
  readonly reason: string;
  readonly sinceAt: Instant;
  readonly accounts: number;
  /** Of these, whose end is owed. */
  readonly owed: number;
  /** Since when the first of those ends is owed; null: none is. */
  readonly owedSince: Instant | null;
}

/** Accounts of one customer that may be enabled, though nothing says until when. */
export interface AccountsWithoutEnd extends AccountsTogether {
  /** When the first of them should have been looked at; null: they never will. */
  readonly dueAt: Instant | null;
}

/** Accounts of one customer that somebody enabled though Curfew had disabled them, and within a day once more. */
export interface EnabledAgain extends AccountsTogether {
  /** The latest time of the one that has been left alone for the longest. */
  readonly sinceAt: Instant;
  /** The latest time of all. */
  readonly lastAt: Instant;
}

/** When a customer's credential ends. */
export interface CredentialEnd extends CustomerRef {
  readonly endsAt: Instant;
  /** It is that of the organization's app: one for all customers that use it. */
  readonly ofOrganizationApp?: true;
  /** It is the one that only the revoker uses. */
  readonly ofRevoker?: true;
}

/** By how much Graph's clock is ahead of ours (negative: behind), as measured at one customer. */
export interface MeasuredClock extends CustomerRef {
  readonly aheadMs: number;
  readonly measuredAt: Instant;
}

/** A connected customer whose drift pass is late, or has not done everything for long. */
export interface UncomparedCustomer extends CustomerRef {
  readonly dueAt: Instant;
  /** When everything was last compared; of one that never was, when it was connected. */
  readonly comparedAt: Instant;
}

/** A customer with more markers like ours than are kept. */
export interface FloodedCustomer extends CustomerRef {
  readonly unkept: number;
  /** When the last of them was told. */
  readonly at: Instant;
}

/** A connected customer at which what was given can no longer be taken back as it was proven. */
export interface LostTakeBack extends CustomerRef {
  /** The role tiers, in one word each. */
  readonly tiers: readonly string[];
  readonly sinceAt: Instant;
}

/** A kill switch that has not reached every account in its scope. */
export interface UnreachedHold extends HoldRef {
  /** When it was pulled, the last time that it found anything. */
  readonly sinceAt: Instant;
  /** It forbids nothing any more; what there was before it is over all the same. */
  readonly isLifted: boolean;
}

/**
 * The rows that alarms are derived from. Counts are of all; no list is longer than `MOST_FACTS`, and one that is cut has each
 * customer's worst before any customer's next.
 */
export interface AlarmFacts {
  readonly overdue: readonly OverdueEnds[];
  /** Every account with an end that is owed and past, alarming or not. */
  readonly overdueCount: number;
  /** Since when the first of them is; null: none is. */
  readonly overdueSince: Instant | null;
  readonly failing: readonly FailingCustomer[];
  readonly withoutEnd: readonly AccountsWithoutEnd[];
  readonly enabledAgain: readonly EnabledAgain[];
  /** Accounts that may be enabled while no grant of theirs runs: at the end of each grant, for as long as its end takes. */
  readonly enabledWithoutGrant: number;
  /** The longest-waiting read-back that nothing stands in the way of. */
  readonly readBackOwedAt: Instant | null;
  readonly credentialEnds: readonly CredentialEnd[];
  /** Differences worth a look, the largest first. */
  readonly clocks: readonly MeasuredClock[];
  /** The longest due first. */
  readonly uncompared: readonly UncomparedCustomer[];
  readonly flooded: readonly FloodedCustomer[];
  /** The longest standing first. */
  readonly lost: readonly LostTakeBack[];
  /** The longest standing first. */
  readonly unreached: readonly UnreachedHold[];
  readonly beats: readonly Beat[];
  /** Since when nothing is given, because the database was restored from a backup. */
  readonly restoringSince: Instant | null;
}

/** What the question for facts is about. */
export interface FactsAsked {
  readonly now: Instant;
  /** What should have been done after it is on its way, and not alarming. */
  readonly lateBefore: Instant;
  /** What was enabled again before it, and not since, is an old story. */
  readonly enabledSince: Instant;
  /** Differences of clocks measured before it are an old story. */
  readonly clocksSince: Instant;
  /** Credentials that end before it are told. */
  readonly credentialsUntil: Instant;
  /** A drift pass that was due before it is late. */
  readonly passesBefore: Instant;
  /** Customers that were last compared as a whole before it. */
  readonly comparedBefore: Instant;
  /** Markers that were told since. */
  readonly markersSince: Instant;
  /** A hold that has had something left to reach since before it is late. */
  readonly unreachedBefore: Instant;
}

/** So long before its end a credential is told of at the soonest. */
export const CREDENTIAL_HORIZON_MS = 60 * 24 * HOUR;
/** A clock is measured with each call to Graph; where nothing is called nothing is measured. */
const CLOCKS_COUNT_MS = HOUR;

/** For so long somebody who enables accounts again is taken to mean it. */
const ENABLED_COUNTS_MS = 24 * HOUR;

/** The bound of the promise: what is not taken away by then is alarming, and nothing before. */
export const ALARMING_MS = MINUTE;

/** Two periods of the drift pass. */
export const PASS_LATE_MS = 10 * MINUTE;
/** Longer than it takes to read a large tenant for the first time. */
const PASS_UNDONE_MS = 2 * HOUR;
/** A flood is told for a day after its last user. */
const FLOOD_TOLD_MS = 24 * HOUR;

/** Workers and the revoker each try every second. */
export const UNREACHED_MS = 30 * SECOND;

/** The question at this moment. */
export const factsAskedAt = (now: Instant): FactsAsked => ({
  now,
  lateBefore: now - ALARMING_MS,
  enabledSince: now - ENABLED_COUNTS_MS,
  credentialsUntil: now + CREDENTIAL_HORIZON_MS,
  clocksSince: now - CLOCKS_COUNT_MS,
  passesBefore: now - PASS_LATE_MS,
  comparedBefore: now - PASS_UNDONE_MS,
  markersSince: now - FLOOD_TOLD_MS,
  unreachedBefore: now - UNREACHED_MS,
});

/** No list of facts is longer. */
export const MOST_FACTS = 1_000;
/** So many of the accounts that are told of together are named. */
export const MOST_NAMED = 10;

/**
 * What alarms are derived from. Promised: reading changes nothing and waits for nobody's work; `ofOrganization` shows rows of
 * that organization alone and the beats of the deployment; `ofDeployment` shows ids, times and reasons of all, and no name;
 * beats are kept for processes that are gone no longer than asked for. All throw `database.unavailable` while it is away.
 */
export interface AlarmSource {
  ofOrganization(organizationId: OrganizationId, asked: FactsAsked): Promise<AlarmFacts>;
  ofDeployment(asked: FactsAsked): Promise<AlarmFacts>;
  /** Writes beats, and answers what the database's own clock says. */
  beat(beats: Beats): Promise<Instant>;
  /** A process ends as it should. */
  farewell(instance: string): Promise<void>;
  /** Since when the database takes no writes, as far as this process has met it; null: it does, or is away altogether. */
  unwritableSince(): Instant | null;
}
