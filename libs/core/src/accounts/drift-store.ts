import type { AccountId, CustomerId, DriftClaim, Instant, ObjectId } from '#core/shared';

/** How far a customer's tenant has been compared with our rows. */
export interface CustomerDrift {
  readonly customerId: CustomerId;
  /** The tenant that the cursor is of. */
  readonly tenantId: string | null;
  /** Where the tenant's changes are read on; null: from the beginning. */
  readonly cursor: string | null;
  /** When changes were last read up to that moment. */
  readonly toldAt: Instant | null;
  /** Users with a marker like ours that are no orphans and were too many to be kept, since the tenant was read anew. */
  readonly unkept: number;
  /** When one was last told. */
  readonly unkeptAt: Instant | null;
}

/** How a pass ended. */
export interface PassEnd {
  readonly dueAt: Instant;
  /** As of when everything was compared; null: something was left undone. */
  readonly comparedAt: Instant | null;
}

/**
 * `orphan`: ours beyond doubt, and no row knows it. `second_bearer`: it bears the marker of an account that has another
 * object. `unproven`: its marker looks like ours and isn't proven by it.
 */
export type StrayVerdict = 'orphan' | 'second_bearer' | 'unproven';

/** A user with a marker like ours that is not the object of any account. */
export interface StrayUser {
  readonly customerId: CustomerId;
  readonly objectId: ObjectId;
  readonly upn: string;
  readonly verdict: StrayVerdict;
  /** Whose account the marker says it is. */
  readonly accountId: AccountId | null;
  readonly foundAt: Instant;
  /** Of an orphan: when it was last known to be disabled and stripped. The others are never acted on. */
  readonly containedAt: Instant | null;
  /** Of an orphan: when that was last tried in vain. */
  readonly triedAt: Instant | null;
}

/** Where it is kept how far customers have been compared, and what was found that no account knows. */
export interface DriftStore {
  ofCustomer(customerId: CustomerId): Promise<CustomerDrift | null>;
  /** Remembers how far changes were read. False: the claim is somebody else's by now, and nothing was written. */
  advance(claim: DriftClaim, drift: Omit<CustomerDrift, 'customerId'>): Promise<boolean>;
  /** Gives the claim back, if it is still ours. */
  finish(claim: DriftClaim, end: PassEnd): Promise<void>;
  /** For which restoration of a backup the tenant is read from the beginning; null: for none yet. */
  rereadFor(customerId: CustomerId): Promise<Instant | null>;
  /** Forgets where changes are read on, for that restoration. False: the claim is somebody else's by now. */
  beginAgain(claim: DriftClaim, since: Instant): Promise<boolean>;
  /** That restoration need not wait for this customer any longer. False: it did not. */
  closeRestoration(customerId: CustomerId, since: Instant): Promise<boolean>;
  strays(customerId: CustomerId, objectIds: readonly ObjectId[]): Promise<readonly StrayUser[]>;
  /** How many are kept that are no orphans, counted no further than that. */
  othersKept(customerId: CustomerId, atMost: number): Promise<number>;
  /** Orphans that are not contained: those that were not tried for longest first. */
  openOrphans(customerId: CustomerId, limit: number): Promise<readonly StrayUser[]>;
  /** Inserts or replaces each, all of them by one statement. No user stands in it twice. */
  keepStrays(strays: readonly StrayUser[]): Promise<void>;
}
