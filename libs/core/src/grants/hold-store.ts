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

/** What a switch found: how many accounts, of which customers. */
export interface Reach {
  readonly accounts: number;
  readonly customers: readonly CustomerId[];
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
  /**
   * Makes every technician's account in the scope that may hold anything, or owes an end, due and owed from that instant,
   * under a claim too, and keeps on record that the hold found it. One that it found before and that is owed already is left
   * alone, with whatever it waits for. One statement, however many there are. Returns those that it changed.
   */
  reach(hold: Pick<Hold, 'id' | 'scope'>, at: Instant): Promise<Reach>;
  /** How many of the accounts that it found are how far. */
  tally(hold: Hold): Promise<Tally>;
  /** A page of them by id. Readable however odd the account's row is. */
  closing(hold: Hold, filter: ClosingFilter): Promise<readonly ClosingAccount[]>;
}
