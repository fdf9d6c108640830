import type { AuditActor } from '#core/audit';
import {
  SECOND,
  type AccountId,
  type CustomerId,
  type HoldId,
  type Instant,
  type TechnicianId,
} from '#core/shared';
import type { ClosingAccount, ClosingState, Tally } from './closing-account.js';
import type { Hold, HoldScope } from './hold.js';

/** Two processes' clocks differ by less. */
export const CLOCKS_DIFFER_MS = SECOND;

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

/** A hold, as far as it says what it reaches: neither why it was placed nor by whom, so that the revoker may know it. */
export type HoldToReach = Pick<Hold, 'id' | 'organizationId' | 'scope' | 'placedAt' | 'liftedAt'>;

/** So many accounts, by id. */
export interface AccountPage {
  readonly after: AccountId | null;
  readonly limit: number;
}

/** Whom a hold is to reach. */
export interface ToReach {
  /** They are due and owed from then on. */
  readonly at: Instant;
  readonly accounts: readonly AccountId[];
}

/** An account of a customer. */
export interface GrantedAccount {
  readonly accountId: AccountId;
  readonly customerId: CustomerId;
}

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
  toReach(id: HoldId): Promise<HoldToReach | null>;
  /** Those that are not lifted, the latest first. */
  standing(): Promise<readonly Hold[]>;
  /** A page of them by id, newest first. */
  list(filter: HoldFilter): Promise<readonly Hold[]>;
  /** The latest that stands and forbids this technician anything at this customer. */
  concerning(of: {
    readonly technicianId: TechnicianId | null;
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

  /** When the latest grant in the scope that is not closed was made. `unknown`: that can't be read, or not in time. */
  latestGrantIn(scope: HoldScope): Promise<Instant | null | 'unknown'>;
  /** What `reach` would change, whoever holds the rows. `unknown`: that can't be read, or not in time. */
  inReach(hold: HoldToReach, at: Instant): Promise<Reach | 'unknown'>;
  /** A page of what `reach` would change, whoever holds the rows. */
  wanted(hold: HoldToReach, page: AccountPage & { readonly at: Instant }): Promise<readonly AccountId[]>;
  /** A page of the accounts in the scope with a grant that is not closed, by the grants alone: no account's row is read. */
  granted(scope: HoldScope, page: AccountPage): Promise<readonly GrantedAccount[]>;
  /**
   * Of these makes the technicians' accounts in the scope that may hold anything, or owe an end, due and owed from that instant,
   * under a claim too, and keeps on record that the hold found them. One that it found before and that is owed already is left
   * alone, with whatever it waits for; once the hold is lifted, every one that it found, or that has nothing of before it. It
   * waits for no row that somebody holds, the hold's own or an account's, and tells how many accounts it had to leave for that.
   */
  reach(hold: HoldToReach, of: ToReach): Promise<Reached>;
  /**
   * Keeps on record that the hold has reached all, when nothing is left that `reach` would change. False: something is, or
   * somebody holds the hold's row, which is not waited for.
   */
  settle(hold: HoldToReach, at: Instant): Promise<boolean>;
  /**
   * Has it reach again what is not owed, nor will be within `CLOCKS_DIFFER_MS`: another process, whose clock is a little ahead,
   * may have reached it just now. False: there is nothing, it has yet to reach all anyway, or it is lifted. `unknown`: that can't
   * be read, or not in time.
   */
  reachAgain(hold: HoldToReach, at: Instant): Promise<boolean | 'unknown'>;
  /** How many of the accounts that it found are how far; as long as it has not reached all, those too that it has yet to. */
  tally(hold: Hold): Promise<Tally>;
  /** A page of the same by id. Readable however odd the account's row is. */
  closing(hold: Hold, filter: ClosingFilter): Promise<readonly ClosingAccount[]>;
}
