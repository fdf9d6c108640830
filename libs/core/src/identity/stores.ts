import type { OrganizationId } from '#core/shared';
import type { ApiToken, ApiTokenStore } from './api-token.js';
import type { TechnicianGroupStore, TechnicianStore } from './technician.js';

export interface IdentityStores {
  readonly technicians: TechnicianStore;
  readonly tokens: ApiTokenStore;
  readonly groups: TechnicianGroupStore;
}

/** The two look-ups that happen before an organization is known; each sees ids and nothing else of the row. */
export interface Doorway {
  /** To which organization a token of this digest belongs. */
  organizationOfToken(digest: ApiToken['digest']): Promise<OrganizationId | null>;
  organizationOfSlug(slug: string): Promise<OrganizationId | null>;
}
