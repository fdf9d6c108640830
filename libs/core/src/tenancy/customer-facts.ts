import type { CustomerId, Instant } from '#core/shared';
import type { Customer, Throttle } from './customer.js';
import type { EntraConnection } from './entra-connection.js';
import type { Validation } from './validation.js';

/** What is kept of a customer that tells how it is, in one reading. */
export interface CustomerFacts {
  readonly customer: Customer;
  readonly connection: Pick<
    EntraConnection,
    'state' | 'credentialKind' | 'credentialEndsAt' | 'capabilities' | 'version'
  > | null;
  /** When the revoker's own credential ends; null: there is none, or nobody knows. */
  readonly secondEndsAt: Instant | null;
  /** The last Validate. */
  readonly validation: Pick<Validation, 'at' | 'verdict' | 'connectionVersion'> | null;
  /** Role tiers whose take-back failed, or was lost. */
  readonly closedTiers: readonly { readonly tier: string; readonly verdict: 'failed' | 'lost' }[];
  /** Those in force. */
  readonly throttles: readonly Throttle[];
  /** When the tenant was last compared with the database; null: it never was. */
  readonly comparedAt: Instant | null;
  /** Accounts whose access is still to be taken away, at its end or later. */
  readonly accountsInUse: number;
  /** Of these, whose end is past. */
  readonly owedEnds: number;
  /** Of those from which something was taken, whose reading back has been due for `UNREAD_MS`: nothing proves it. */
  readonly unproven: number;
  /** Since when the first of those ends is owed; null: none is. */
  readonly owedSince: Instant | null;
}

export interface CustomerFactsStore {
  /** Null: there is no such customer. */
  of(id: CustomerId, now: Instant): Promise<CustomerFacts | null>;
  /** Oldest first; without those that were removed. */
  list(
    page: { readonly after: CustomerId | null; readonly limit: number },
    now: Instant,
  ): Promise<readonly CustomerFacts[]>;
}
