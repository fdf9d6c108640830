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
}

/** Where it is kept how far customers have been compared, and what was found that no account knows. */
export interface DriftStore {
  ofCustomer(customerId: CustomerId): Promise<CustomerDrift | null>;
  /** Remembers how far changes were read. False: the claim is somebody else's by now, and nothing was written. */
  advance(claim: DriftClaim, drift: Omit<CustomerDrift, 'customerId'>): Promise<boolean>;
  /** Gives the claim back, if it is still ours. */
  finish(claim: DriftClaim, dueAt: Instant): Promise<void>;
  /** For which restoration of a backup the tenant is read from the beginning; null: for none yet. */
  rereadFor(customerId: CustomerId): Promise<Instant | null>;
  /** Forgets where changes are read on, for that restoration. False: the claim is somebody else's by now. */
  beginAgain(claim: DriftClaim, since: Instant): Promise<boolean>;
  /** That restoration need not wait for this customer any longer. False: it did not. */
  closeRestoration(customerId: CustomerId, since: Instant): Promise<boolean>;
  strays(customerId: CustomerId, objectIds: readonly ObjectId[]): Promise<readonly StrayUser[]>;
  /** Orphans that are not contained, the oldest first. */
  openOrphans(customerId: CustomerId, limit: number): Promise<readonly StrayUser[]>;
  /** Inserts or replaces. */
  keepStray(stray: StrayUser): Promise<void>;
}
