import type { Id, Instant, OrganizationId, TechnicianId } from '#core/shared';
import type { TechnicianRole } from './technician.js';

export type TokenId = Id<'api token'>;

/** A person's key to the API. Only its digest is kept. */
export interface ApiToken {
  readonly id: TokenId;
  readonly organizationId: OrganizationId;
  readonly technicianId: TechnicianId;
  /** Never more than the technician's own role gives. */
  readonly role: TechnicianRole;
  /** First characters, to tell tokens apart in a list. */
  readonly prefix: string;
  /** SHA-256 of the whole token, hex. */
  readonly digest: string;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly createdAt: Instant;
}

export interface ApiTokenStore {
  insert(token: ApiToken): Promise<void>;
  /** Whatever its state; the caller judges expiry and revocation. */
  byDigest(digest: string): Promise<ApiToken | null>;
  revoke(id: TokenId, at: Instant): Promise<boolean>;
  /** Every token of that person that isn't revoked yet; answers how many. */
  revokeAllOf(technicianId: TechnicianId, at: Instant): Promise<number>;
}
