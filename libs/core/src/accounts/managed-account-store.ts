import type {
  AccountId,
  Claim,
  CustomerId,
  Instant,
  ObjectId,
  PolicyId,
  TechnicianGroupId,
  TechnicianId,
} from '#core/shared';
import type { DriftStore } from './drift-store.js';
import type { ManagedAccount, MayHold, Retirement } from './managed-account.js';
import type { OwnEntitlement } from './own-entitlement.js';

/** What converge writes of an account; the intent (version, owner) belongs to the use cases. */
export type WorkedAccount = Pick<
  ManagedAccount,
  | 'id'
  | 'upn'
  | 'marker'
  | 'objectId'
  | 'mayHold'
  | 'pristine'
  | 'password'
  | 'passwordGeneration'
  | 'verification'
  | 'failure'
  | 'removal'
  | 'drift'
>;

/** When an account is worked on next, and what converge has come to know of it by then, if it has. */
export interface Settlement {
  readonly id: AccountId;
  readonly dueAt: Instant | null;
  readonly takeAt: Instant | null;
  readonly lookAt: Instant | null;
  readonly worked?: WorkedAccount;
}

/** Which accounts: of one person everywhere, of one customer, of everybody in the organization, or by what they stand on. */
export type AccountScope =
  | { readonly kind: 'technician'; readonly technicianId: TechnicianId }
  | { readonly kind: 'customer'; readonly customerId: CustomerId }
  | { readonly kind: 'organization' }
  /** With an open grant under this policy. */
  | { readonly kind: 'policy'; readonly policyId: PolicyId }
  /** The same under any of these at one customer. */
  | { readonly kind: 'policies'; readonly policyIds: readonly PolicyId[]; readonly customerId: CustomerId }
  /** With an open grant under a policy for this group: of these people, or of everybody. */
  | {
      readonly kind: 'group';
      readonly groupId: TechnicianGroupId;
      readonly technicianIds: readonly TechnicianId[] | null;
    };

/** An account, and where it is. */
export type AccountRef = Pick<ManagedAccount, 'id' | 'customerId'>;

/** Accounts of one customer, of one person, or of one person at one customer. */
export interface AccountFilter {
  readonly customerId?: CustomerId;
  readonly technicianId?: TechnicianId;
  readonly after: AccountId | null;
  readonly limit: number;
}

/** Where managed accounts are kept. Every write under a claim requires the claim's epoch, so a zombie writes nothing. */
export interface ManagedAccountStore {
  /** Throws `account.exists` when the technician has one at this customer, or the name is taken there. */
  insert(account: ManagedAccount): Promise<void>;
  get(id: AccountId): Promise<ManagedAccount | null>;
  /** Those of them that are there, in one reading; a few hundred at the most. */
  ofIds(ids: readonly AccountId[]): Promise<readonly ManagedAccount[]>;
  /** The object in Entra, and nothing else of the row: readable however odd the rest is. */
  objectIdOf(id: AccountId): Promise<ObjectId | null>;
  /** The one that is not closed. */
  ofTechnician(customerId: CustomerId, technicianId: TechnicianId): Promise<ManagedAccount | null>;
  /** Names in use at this customer, of those asked for; a closed account uses none. */
  takenNames(customerId: CustomerId, upns: readonly string[]): Promise<readonly string[]>;

  /** A change of intent: raises `version`, and lowers (never raises) `dueAt` and `takeAt`. */
  intend(
    ids: readonly AccountId[],
    times: { readonly dueAt: Instant; readonly takeAt?: Instant },
  ): Promise<void>;

  /** A change of what it is entitled to by itself: as `intend`, and `takeAt` is its end at the latest. */
  entitle(id: AccountId, own: OwnEntitlement, dueAt: Instant): Promise<void>;

  /**
   * After a change that forbids grants, in the same transaction: every account of the scope that owes an end, now or later,
   * is due and owed now, in one statement. It ends nothing by itself; whoever looks at such an account finds what is
   * forbidden. Returns those accounts.
   */
  endAll(scope: AccountScope, now: Instant): Promise<readonly AccountRef[]>;
  /**
   * The same for one customer, or for some of its accounts, but waits for nobody: answers those whose rows somebody holds, a
   * thousand at the most, and nothing is written of them.
   */
  endUnlessHeld(
    of: { readonly customerId: CustomerId; readonly ids: readonly AccountId[] | null },
    now: Instant,
  ): Promise<readonly AccountId[]>;

  /** Has the objects deleted once nothing live needs them: a change of intent, due at that instant. */
  retire(ids: readonly AccountId[], why: Retirement, dueAt: Instant): Promise<void>;
  /**
   * `retire` for every account of one person or one customer whose object isn't proven gone yet, in one statement. Returns
   * those accounts.
   */
  retireAll(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' }>,
    why: Retirement,
    now: Instant,
  ): Promise<readonly AccountRef[]>;
  /** Oldest first; closed ones too. */
  list(filter: AccountFilter): Promise<readonly ManagedAccount[]>;
  /**
   * Those of a customer that are not proven closed: with an open grant, or an object that isn't proven gone, and not closed
   * yet. Locked until the transaction ends; oldest first.
   */
  unproven(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]>;
  /** Those of a customer that were left behind, oldest first. */
  leftBehind(customerId: CustomerId, limit: number): Promise<readonly ManagedAccount[]>;
  /** Ends the clockwork of all that are proven closed at this customer; a claim on them is void. */
  close(customerId: CustomerId, at: Instant): Promise<void>;
  /** Ends the clockwork of these, proven or not; a claim on them is void. */
  leaveBehind(ids: readonly AccountId[], at: Instant): Promise<void>;
  /**
   * Somebody needs it again. What ended with a delete is to go all the same, once nothing live needs it: that is kept for as
   * long as the object may be there.
   */
  keep(id: AccountId): Promise<void>;

  /** Those with one of these objects, or with one of these markers. */
  bearing(
    customerId: CustomerId,
    of: { readonly objectIds: readonly ObjectId[]; readonly markers: readonly string[] },
  ): Promise<readonly ManagedAccount[]>;
  /**
   * Of one customer's accounts with an object that were made before an instant and had nothing to do with a grant since: the
   * oldest first, and locked until the transaction ends. What somebody else holds is passed over.
   */
  unused(customerId: CustomerId, before: Instant, limit: number): Promise<readonly ManagedAccount[]>;
  /** Has them compared with Entra at that instant at the latest; no intent changes. */
  askLook(ids: readonly AccountId[], lookAt: Instant): Promise<void>;
  /** The same for every account of the customer that has, or had, an object. */
  askLookAtAll(customerId: CustomerId, lookAt: Instant): Promise<void>;

  /** Writes what converge knows, where the epoch still fits; returns the ids that were written. */
  record(claims: readonly Claim[], accounts: readonly WorkedAccount[]): Promise<readonly AccountId[]>;
  /**
   * For a claimant that lost its claim after a giving call had left: whatever the epoch, `mayHold` becomes
   * `raise(mayHold)` (which only ever adds) and the account falls due, as one that owes an end: those who only take away
   * look at it too, should nobody else live. It raises the epoch and ends the present claim, whose holder planned without
   * knowing.
   */
  suspect(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<void>;
  /** The same, but waits for nobody: false, and nothing is written, where somebody holds its row. */
  suspectUnlessHeld(id: AccountId, raise: (held: MayHold) => MayHold, at: Instant): Promise<boolean>;
  /** Locks the rows of these claims that still carry their epoch, until the transaction ends. */
  lock(claims: readonly Claim[]): Promise<readonly ManagedAccount[]>;
  /** Sets the clockwork anew, writes what is known, and gives the claims back; only for rows locked in this transaction. */
  release(settled: readonly Settlement[]): Promise<void>;
  /**
   * Gives back a claim on a row that nobody could plan, without reading it: due again at that instant, what it owes left as
   * it is. Nothing happens where the epoch no longer fits. Waits for nobody: false, and nothing is written, where somebody
   * holds the row.
   */
  setAside(claim: Claim, dueAt: Instant): Promise<boolean>;
}

export interface AccountStores {
  readonly accounts: ManagedAccountStore;
  readonly drift: DriftStore;
}
