import type { ConsentId, CustomerId, Instant, OrganizationId } from '#core/shared';
import type { Cloud } from './entra-connection.js';

/**
 * How far a customer's consent has come. `open`: a link was made, and nobody has come back by it; `waiting`: somebody came
 * back saying yes, and Entra is asked until it is so; `to_confirm`: it is so, of a tenant that nobody had named before: an
 * admin says whether it is the customer's; `failed`: a no, or not so in time; `withdrawn`: the link is void.
 */
export type ConsentState = 'open' | 'waiting' | 'to_confirm' | 'connected' | 'failed' | 'withdrawn';

/** Why it has not come further, in words for an admin. */
export interface ConsentProblem {
  readonly code: string;
  readonly says: string;
  readonly mend: string;
  /** Entra's own code; null: it is none of Entra's. */
  readonly entraCode: string | null;
  readonly missingPermissions: readonly string[];
}

/** A tenant as the app itself has read it, with a token that Entra gave for it. */
export interface ProvenTenant {
  readonly displayName: string;
  /** Verified and managed: accounts can be made there. */
  readonly domains: readonly string[];
}

/** What a link asked of a customer's admin, and what came of it. One for each customer; a new link replaces it. */
export interface Consent {
  readonly id: ConsentId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  /** The app that the link asks for. */
  readonly clientId: string;
  /** Named by an admin beforehand: no other tenant counts. Null: whoever has the link names one, and an admin confirms it. */
  readonly expectedTenantId: string | null;
  /** On which accounts are to be made; null: the admin who confirms says so. */
  readonly domain: string | null;
  /** Of the link's secret, which is kept nowhere. */
  readonly stateDigest: string;
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
  readonly state: ConsentState;
  /** The redirect's word and nothing more, until Entra has said the same. */
  readonly claimedTenantId: string | null;
  readonly answeredAt: Instant | null;
  readonly proven: ProvenTenant | null;
  readonly problem: ConsentProblem | null;
  readonly attempts: number;
  /** When Entra is asked next; null: nobody waits for it. */
  readonly dueAt: Instant | null;
  /** Compare-and-swap. */
  readonly version: number;
}

export interface ConsentStore {
  ofCustomer(customerId: CustomerId): Promise<Consent | null>;
  /** By the digest of its link's secret. */
  byState(digest: string): Promise<Consent | null>;
  /** Inserts (version 1) or replaces the customer's; false when the expected version is not the kept one. */
  save(consent: Consent, expectedVersion: number | null): Promise<boolean>;
}
