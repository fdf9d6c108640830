import type { CustomerId, Instant, OrganizationAppId, OrganizationId } from '#core/shared';
import type { Cloud, CredentialKind } from './entra-connection.js';

/**
 * One app registration of the organization's own, in its own tenant, that customers consent to: one per cloud, in place of
 * one registration in each customer's tenant. Its credential opens every tenant that has consented.
 */
export interface OrganizationApp {
  readonly id: OrganizationAppId;
  readonly organizationId: OrganizationId;
  readonly cloud: Cloud;
  /** Where a credential is proven before it is kept: the organization's own tenant, or any that has consented. */
  readonly tenantId: string;
  readonly clientId: string;
  readonly credentialKind: CredentialKind;
  readonly state: 'active' | 'removed';
  readonly checkedAt: Instant;
  /** When the credential ends, as far as it says so itself or we were told; null: nobody knows. */
  readonly credentialEndsAt: Instant | null;
  /** Compare-and-swap, and part of the credential's seal; it goes on rising after a removal. */
  readonly version: number;
}

/** One that can be opened. */
export interface UsableOrganizationApp extends OrganizationApp {
  readonly sealedCredential: string;
}

export interface OrganizationAppStore {
  /** One that was removed is told too, for its version. */
  inCloud(cloud: Cloud): Promise<OrganizationApp | null>;
  /** In use, and so until the end of this transaction: whoever removes or exchanges it waits. Null: there is none. */
  steady(cloud: Cloud): Promise<UsableOrganizationApp | null>;
  /** From here on nobody connects anybody by it until this transaction is over. */
  lock(cloud: Cloud): Promise<OrganizationApp | null>;
  /** Customers whose connection uses it, in the order of their ids, after one of them. */
  users(
    id: OrganizationAppId,
    page: { readonly after: CustomerId | null; readonly limit: number },
  ): Promise<readonly CustomerId[]>;
  countUsers(id: OrganizationAppId): Promise<number>;
  /** Inserts (version 1) or replaces it; a null `sealed` removes it. False when the expected version is not the kept one. */
  save(app: OrganizationApp, sealed: string | null, expectedVersion: number | null): Promise<boolean>;
}
