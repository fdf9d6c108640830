import type { AccountStores } from '#core/accounts';
import type { AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { IdentityStores } from '#core/identity';
import type { ProvingStores } from '#core/proving';
import type { IdempotencyStores, SealedStores } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';
import type { AccessPolicyStore } from './access-policy.js';
import type { AccessRequestStore } from './access-request.js';

export interface AccessStores {
  readonly policies: AccessPolicyStore;
  readonly requests: AccessRequestStore;
}

/** Every store there is: what a unit of work offers. A use case names only those that it needs. */
export type AllStores = AccessStores &
  AccountStores &
  AuditStores &
  GrantStores &
  IdempotencyStores &
  IdentityStores &
  ProvingStores &
  SealedStores &
  TenancyStores;
