import type { AuditActor } from '#core/audit';
import type { AccountId, CustomerId, HoldId, Instant, TechnicianId } from '#core/shared';
import type { ClosingAccount, ClosingState, Tally } from './closing-account.js';
import type { Hold, HoldScope } from './hold.js';

export interface HoldFilter {
  /** Those that are not lifted, or every one. */
  readonly which: 'standing' | 'all';
  /** Those that this technician placed. */
  readonly placedBy?: TechnicianId;
  readonly after: HoldId | null;
  readonly limit: number;
}

export interface ClosingFilter {
  /** Those in one of these states. */
  readonly states: readonly ClosingState[];
  readonly after: AccountId | null;
  readonly limit: number;
  readonly now: Instant;
}

/** A hold, as far as it says what it reaches. */
export type HoldToReach = Pick<Hold, 'id' | 'scope' | 'liftedAt'>;

/** What a switch found: how many accounts, of which customers. */
export interface Reach {
  readonly accounts: number;
  readonly customers: readonly CustomerId[];
}

/** What was reached, and how many accounts were not, because somebody holds their rows. */
export interface Reached extends Reach {
  readonly skipped: number;
}

/** Where holds are kept, for ever, with the accounts that each of them found. */
export interface HoldStore {
  insert(hold: Hold): Promise<void>;
  get(id: HoldId): Promise<Hold | null>;
  /** Those that are not lifted, the latest first. */
  standing(): Promise<readonly Hold[]>;
  /** A page of them by id, newest first. */
  list(filter: HoldFilter): Promise<readonly Hold[]>;
  /** The latest that stands and forbids this technician anything at this customer. */
  concerning(of: {
    readonly technicianId: TechnicianId;
    readonly customerId: CustomerId;
  }): Promise<Hold | null>;
  /** False when it was lifted already. */
  lift(id: HoldId, by: { readonly at: Instant; readonly actor: AuditActor }): Promise<boolean>;

  /** Since when nothing is given to anybody, because the database was restored from a backup. */
  restoringSince(): Promise<Instant | null>;

  /**
   * For whoever makes a grant, before it looks at holds: until its transaction ends no switch is pulled, and one that is
   * being pulled is waited for. So a grant is either seen by the switch, or sees it.
   */
  shareWithGiving(): Promise<void>;
  /** For whoever pulls or lifts: waits for all that share, and keeps everybody else waiting until its transaction ends. */
  excludeGiving(): Promise<void>;

  /** When the latest grant in the scope that is not closed was made. */
  latestGrantIn(scope: HoldScope): Promise<Instant | null>;
  /** What `reach` would change, whoever holds the rows. */
  inReach(hold: HoldToReach, at: Instant): Promise<Reach>;
  /**
   * Makes every technician's account in the scope that may hold anything, or owes an end, due and owed from that instant,
   * under a claim too, and keeps on record that the hold found it. One that it found before and that is owed already is left
   * alone, with whatever it waits for; once the hold is lifted, every one that it found. One statement, however many there
   * are. It waits for no row that somebody holds, and tells how many those are; when there is none, the hold has reached all.
   */
  reach(hold: HoldToReach, at: Instant): Promise<Reached>;
  /** Has it reach again what is not owed. False: there is nothing, it has yet to reach all anyway, or it is lifted. */
  reachAgain(hold: HoldToReach, at: Instant): Promise<boolean>;
  /** How many of the accounts that it found are how far; as long as it has not reached all, those too that it has yet to. */
  tally(hold: Hold): Promise<Tally>;
  /** A page of the same by id. Readable however odd the account's row is. */
  closing(hold: Hold, filter: ClosingFilter): Promise<readonly ClosingAccount[]>;
}
