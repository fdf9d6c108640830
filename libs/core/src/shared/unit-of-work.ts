import { MINUTE, type Instant } from './clock.js';
import type { DeploymentLedger } from './deployment-ledger.js';
import type { KeyHolders } from './key-holders.js';
import type { AccountId, CustomerId, HoldId, OrganizationId, ValidationRunId } from './ids.js';

/**
 * One transaction inside one organization. Promised: either all of `work`'s writes are there afterwards, or none;
 * no row of another organization is visible or writable in it; `work` may be run again after a serialization
 * failure, so it does nothing but read and write stores.
 */
export interface UnitOfWork<Stores> {
  inOrganization<T>(
    organizationId: OrganizationId,
    work: (stores: Stores) => Promise<T>,
    limits?: WorkLimits,
  ): Promise<T>;
  readonly clockwork: Clockwork;
}

/** For work that is not worth waiting for. */
export interface WorkLimits {
  /** No statement takes longer, waiting for locks included: else it fails as one that timed out. */
  readonly statementMs: number;
}

/** A customer of an organization: what a sweep sees of the world. */
export interface CustomerRef {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
}

/** A kill switch of an organization. */
export interface HoldRef {
  readonly organizationId: OrganizationId;
  readonly holdId: HoldId;
}

/** The right to work on one account until `claimedUntil`, as long as nobody raised the epoch since. */
export interface Claim extends CustomerRef {
  readonly accountId: AccountId;
  readonly epoch: number;
  readonly claimedUntil: Instant;
  /** Among what was claimed as due: it owes an end. */
  readonly owesEnd?: boolean;
}

/** The right to compare one customer's tenant with our rows until `claimedUntil`. */
export interface DriftClaim extends CustomerRef {
  readonly epoch: number;
  readonly claimedUntil: Instant;
}

/** The right to validate one customer for a run until `claimedUntil`. */
export interface ValidationClaim extends CustomerRef {
  readonly runId: ValidationRunId;
  /** Which try it is, the first being 1. */
  readonly epoch: number;
  readonly claimedUntil: Instant;
}

/** An end that is owed. `epoch` and `takeAt` change with whatever is worked on the account. */
export interface UpcomingEnd extends CustomerRef {
  readonly accountId: AccountId;
  readonly epoch: number;
  readonly takeAt: Instant;
  /** Until when somebody has claimed it; null: nobody has. */
  readonly claimedUntil: Instant | null;
}

/** What was taken away and not read back so long after it should have been has nobody who looks after it. */
export const UNREAD_MS = MINUTE;

/** Which ends count as overdue. */
export interface Overdue {
  readonly now: Instant;
  readonly owedBefore: Instant;
  /** Accounts to leave alone for now; a few hundred at the most. */
  readonly except: readonly AccountId[];
}

/** A customer with an overdue end. */
export interface OverdueCustomer extends CustomerRef {
  /** Somebody holds the row of one that is claimed: it may be longer than whoever has the claim waits. */
  readonly isHeld: boolean;
}

/** Something of a customer falls due then. */
export interface UpcomingBell extends CustomerRef {
  readonly at: Instant;
}

/** What falls due from `from` on and before `until`, in pages: `after` is the last bell of the page before, or null. */
export interface BellWindow {
  readonly from: Instant;
  readonly until: Instant;
  readonly after: UpcomingBell | null;
}

/** How long a claim lasts; a dead claimant delays its accounts by this much at the most. */
export const CLAIM_MS = 30_000;

/** As long as a comparison may take; a dead one delays the next by this much at the most. */
export const DRIFT_CLAIM_MS = 120_000;
/** As long as one customer may take in a validation run; a dead worker delays its customers by this much at the most. */
export const VALIDATION_CLAIM_MS = 60_000;
/** No look is begun so shortly before an end: a claim would stand in its way. */
export const LOOK_KEEPS_CLEAR_MS = 30_000;

/**
 * What sweeps may do across organizations, under a database role of its own that sees only ids and clockwork columns.
 * A claim raises the epoch and never moves `dueAt`; two claimants never hold the same account (SKIP LOCKED).
 */
export interface Clockwork {
  /** Whether the database was restored from a backup. */
  readonly deployment: DeploymentLedger;
  /** Which process works with which encryption keys. */
  readonly keyHolders: KeyHolders;
  /** Organizations that have a customer, in the order of their ids, after one of them: for somebody at the console. */
  organizations(limit: number, after?: OrganizationId | null): Promise<readonly OrganizationId[]>;
  /** Customers with due and unclaimed accounts and no throttle: those that owe an end first, then the longest-waiting. */
  dueCustomers(now: Instant, limit: number): Promise<readonly CustomerRef[]>;
  /**
   * Claims what is due of each of these customers, so many accounts of each at the most: ends before gives, then the longest
   * due. Nothing under a throttle, so that a bell finds no more than a sweep would. For many together it may take two seconds,
   * and fails as what took too long after that.
   */
  claimDue(customers: readonly CustomerRef[], now: Instant, limit: number): Promise<readonly Claim[]>;
  /** Claims one account, due or not, throttled or not (a person waits); null while somebody else holds it, or its row. */
  claimAccount(customer: CustomerRef, accountId: AccountId, now: Instant): Promise<Claim | null>;
  /**
   * Gives claims back that nobody works on any more, where their epoch still fits: the accounts stay due as they are. Waits for
   * no row that somebody holds: answers those, whose claims still stand.
   */
  giveBack(claims: readonly Claim[]): Promise<readonly AccountId[]>;
  /**
   * Customers with an end that was owed before `owedBefore` and is not confirmed as taken away, on accounts that nobody
   * works on; no throttle of the directory (who takes away may have another credential than the one that is refused), the
   * longest-overdue first; after these others of whom such an account is claimed, and its row held. So does one from which
   * something was taken by what Graph answered, and whose reading back has been due for `UNREAD_MS`, whatever else is to
   * end there: a 204 is no evidence. The accounts in `except` don't count.
   */
  overdueCustomers(overdue: Overdue, limit: number): Promise<readonly OverdueCustomer[]>;
  /** Claims such accounts of one customer, the longest overdue first, due or not. Nothing under that throttle. */
  claimOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly Claim[]>;
  /**
   * Accounts of one customer with such an end, claimed or not, on whose rows somebody holds a lock at this moment, so that nobody can have
   * them: whoever claims or plans one does so too, for a moment. Only a lock that stands for longer than a transaction of ours may last is
   * nobody's of ours. Throttled or not; waits for none.
   */
  lockedOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly AccountId[]>;
  /** Holds that have not reached every account in their scope yet, in the order of their ids, after one of them. */
  unreachedHolds(after: HoldId | null, limit: number): Promise<readonly HoldRef[]>;
  /** Customers whose Entra connection is being removed, in the order of their ids, after one of them. */
  removals(after: CustomerId | null, limit: number): Promise<readonly CustomerRef[]>;
  /** Customers of whom somebody said that their tenant has consented, and whose proof is due; the longest-waiting first. */
  dueConsents(now: Instant, limit: number): Promise<readonly CustomerRef[]>;
  /**
   * Ends that are owed before an instant and not confirmed as taken away, claimed or not, the earliest first. Where there
   * are more than `limit`, each customer has its earliest among them before any has its next.
   */
  endsBefore(until: Instant, limit: number): Promise<readonly UpcomingEnd[]>;
  /**
   * Claims customers that are due to be compared with their tenant, the longest-waiting first; none under a throttle. After a
   * restored backup each is due that is not read from the beginning yet.
   */
  claimDrift(now: Instant, limit: number): Promise<readonly DriftClaim[]>;
  /** Customers at which canaries are under way and due for a look, the longest-waiting first. */
  dueCanaries(now: Instant, limit: number): Promise<readonly CustomerRef[]>;
  /**
   * Claims accounts of one customer that are due to be looked at as a whole, the longest-waiting first. Nothing under a
   * throttle, and nothing that owes an end or soon will.
   */
  claimLooks(customer: CustomerRef, now: Instant, limit: number): Promise<readonly Claim[]>;
  /**
   * Claims customers that wait in a validation run, in turns between organizations: whoever has the fewest under claim is next.
   * Within one those that were tried least come first, so that one that fails again and again waits for nobody and nobody for it.
   */
  claimValidations(now: Instant, limit: number): Promise<readonly ValidationClaim[]>;
  /** Bells to arm, one per customer and second, at the first instant of it at which something falls due; the nearest first. */
  upcoming(window: BellWindow, limit: number): Promise<readonly UpcomingBell[]>;
  /** When something of one customer falls due next, after an instant and before another; null: not in between. */
  nextDue(customer: CustomerRef, after: Instant, before: Instant): Promise<Instant | null>;
}
