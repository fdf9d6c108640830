import type {
  AccountId,
  CustomerId,
  GroupId,
  Instant,
  ObjectId,
  OrganizationId,
  RoleId,
  SealedPlace,
  TechnicianId,
} from '#core/shared';
import type { OwnEntitlement } from './own-entitlement.js';

/** `maybe`: a giving call has left, or may have; `held`: Graph answered that it is so. Absent or null: not so. */
export type Certainty = 'maybe' | 'held';

/** A role that the account may hold. */
export interface HeldRole {
  readonly certainty: Certainty;
  /** Graph's id of the assignment, once an answer told it. */
  readonly assignmentId: string | null;
  /** It was, or may have been, asked of PIM: Entra ends it by itself. Absent: for good, as far as is known. */
  readonly timed?: TimedMark;
}

/** A role that may be held, with the end that Entra itself may keep. */
export const heldRole = (
  certainty: Certainty,
  assignmentId: string | null,
  timed: TimedMark | null = null,
): HeldRole => (timed === null ? { certainty, assignmentId } : { certainty, assignmentId, timed });

/** A role with an end of Entra's own. */
export interface TimedMark {
  /** When it was last asked for, began, or is to begin: PIM may not show it for two minutes from then. */
  readonly givenAt: Instant;
  /** Null: for good, though it has yet to begin. */
  readonly until: Instant | null;
  /** PIM has shown it: from then on its absence means something. */
  readonly seen: boolean;
}

/** `found`: to be ended; `ended`: Graph has accepted that, and no list has shown it gone yet. */
export type EligibleState = 'found' | 'ended';

/**
 * What the account may hold in Entra at worst. Written before a giving call leaves; reduced only by a confirmed
 * take-away or a fresh read-back. Ends are planned from this, so what a crash left behind is still taken away.
 */
export interface MayHold {
  /** The user object itself. */
  readonly object: Certainty | null;
  readonly enabled: Certainty | null;
  readonly roles: Readonly<Record<RoleId, HeldRole>>;
  readonly groups: Readonly<Record<GroupId, Certainty>>;
  /** Roles that its owner may activate, which nobody here ever gives. Absent: none is known. */
  readonly eligible?: Readonly<Record<RoleId, EligibleState>>;
  /** A Temporary Access Pass; its id once an answer told it. */
  readonly pass: { readonly certainty: Certainty; readonly passId: string | null } | null;
  /** Somebody may know the password: it was revealed, or set by whoever was signed in. */
  readonly password: Certainty | null;
  /** Sign-in sessions may be alive. */
  readonly sessions: boolean;
  /** Authentication methods may have been registered while it was enabled. */
  readonly methods: boolean;
}

export const HOLDS_NOTHING: MayHold = {
  object: null,
  enabled: null,
  roles: {},
  groups: {},
  pass: null,
  password: null,
  sessions: false,
  methods: false,
};

/** Whether anybody may be able to get in by it, or do anything with it. */
export const holdsAnything = ({ enabled, roles, groups, eligible, pass, sessions }: MayHold): boolean =>
  enabled !== null ||
  pass !== null ||
  sessions ||
  eligible !== undefined ||
  Object.keys(roles).length > 0 ||
  Object.keys(groups).length > 0;

/** The password of a password policy: sealed before the write that sets it, destroyed at the end. */
export interface SealedPassword {
  readonly sealed: string;
  /** `pending` until Graph answered that it is set. */
  readonly state: 'pending' | 'set';
  /** Part of the seal: a new password has a new generation. */
  readonly generation: number;
}

/** Read-backs still to come after a take-away. A 204 is no evidence. */
export interface Verification {
  /** Since when the last taking write may have been made, by Graph's clock: an older read proves nothing. */
  readonly writtenAt: Instant;
  /** How many proofs there are already: 0 to 4. */
  readonly proofs: number;
  readonly nextAt: Instant;
}

/** The last failure that stands in the way; cleared by the next success. */
export interface Failure {
  readonly reason: string;
  /** Graph's code and text; no secret. */
  readonly message: string;
  readonly sinceAt: Instant;
  /** When circumstances last changed, so that it is tried as if it had never failed; absent: they haven't. */
  readonly anewAt?: Instant;
  /** Since then. */
  readonly attempts: number;
  /** The soonest of the steps' instants. */
  readonly retryAt: Instant;
  /** The steps that failed, each with the instant until which it waits; all others go on. */
  readonly steps: Readonly<Record<string, Instant>>;
  /** The account's `version` then: a newer intent, such as a new credential, is tried at once. */
  readonly version: number;
}

export type AccountKind = 'jit' | 'laps' | 'canary';

/** Why the object is to go from Entra once nothing live needs it. */
export type Retirement =
  'technician_left' | 'customer_removed' | 'connection_removed' | 'unused' | 'ended_with_delete';

/** The first read-back that did not find the object: evidence that it is gone. */
export interface RemovalProof {
  readonly readAt: Instant;
  /** Graph's own time of the reading. */
  readonly graphAt: Instant;
}

/** What an account was found to be otherwise than we had left it. */
export interface AccountDrift {
  /** Told, and still so: told again only when it went and came back. */
  readonly standing: readonly string[];
  /** When something had to be put right, the newest last: of the last day, twenty at the most. */
  readonly recentAt: readonly Instant[];
  /** When it was found enabled though it had been disabled: the newest last, and none a day older; twenty at the most. */
  readonly enabledAt: readonly Instant[];
  /** The password's stamp as last seen while nobody could sign in; null: none seen since we set one. */
  readonly passwordAt: Instant | null;
}

export const NO_DRIFT: AccountDrift = { standing: [], recentAt: [], enabledAt: [], passwordAt: null };

/** A user object in a customer's tenant that Curfew created and owns, and the clockwork that looks after it. */
export interface ManagedAccount {
  readonly id: AccountId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly technicianId: TechnicianId | null;
  readonly kind: AccountKind;
  /** Decided before Graph is called; the object keeps it for life. */
  readonly upn: string;
  readonly displayName: string;
  /** Part of the marker: kept when the object is renamed by hand. */
  readonly marker: string;
  readonly objectId: ObjectId | null;
  readonly mayHold: MayHold;
  /** Just made by us and never enabled: nothing can be left over in it, so it need not be read first. */
  readonly pristine: boolean;
  readonly password: SealedPassword | null;
  readonly passwordGeneration: number;
  readonly verification: Verification | null;
  readonly failure: Failure | null;
  readonly drift: AccountDrift;
  /** An intent, as `version` is: what it is entitled to without a grant; null: nothing. */
  readonly own: OwnEntitlement | null;
  /** An intent, as `version` is: null keeps the object, parked. */
  readonly retirement: Retirement | null;
  /** Null while the object may be there, or nobody has seen yet that it isn't. */
  readonly removal: RemovalProof | null;
  /** When its connection went: it is history, nothing rings for it, and it is never used again. */
  readonly closedAt: Instant | null;
  /** Closed without proof, by somebody who said so: whatever it holds it may hold for ever. */
  readonly leftBehindAt: Instant | null;
  /** When it next needs a look; null: never, as far as is known. */
  readonly dueAt: Instant | null;
  /** The earliest end not yet confirmed as taken away. */
  readonly takeAt: Instant | null;
  /** When it is next compared with Entra as a whole, whether anything is known to have happened or not. */
  readonly lookAt: Instant | null;
  /** Raised by every change of intent. */
  readonly version: number;
  /** Raised by every claim. */
  readonly epoch: number;
  readonly claimedUntil: Instant | null;
  readonly createdAt: Instant;
}

/** `removing`: its object is to go, and nobody has seen yet that it has. `left_behind`: nobody will. */
export type AccountState = 'not_made' | 'enabled' | 'parked' | 'removing' | 'removed' | 'left_behind';

/** What there is of an account, as far as is known. */
export const stateOf = (account: ManagedAccount): AccountState => {
  const { leftBehindAt, mayHold, objectId, removal, retirement } = account;
  if (leftBehindAt !== null) return 'left_behind';
  if (mayHold.object === null) {
    if (objectId === null) return 'not_made';
    return removal === null ? 'removing' : 'removed';
  }
  if (retirement !== null) return 'removing';
  return mayHold.enabled === null ? 'parked' : 'enabled';
};

/** Its object was never made, or is proven gone. */
export const isGone = (account: Pick<ManagedAccount, 'mayHold' | 'objectId' | 'removal'>): boolean =>
  account.mayHold.object === null && (account.objectId === null || account.removal !== null);

/** The place to which an account's password is sealed. */
export const passwordPlace = (
  account: Pick<ManagedAccount, 'organizationId' | 'id'>,
  generation: number,
): SealedPlace => ({
  organizationId: account.organizationId,
  table: 'managed_account',
  column: 'sealed_password',
  rowId: account.id,
  version: generation,
});
