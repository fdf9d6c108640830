import type { AccountId, CustomerId, GrantId, PolicyId, TechnicianId } from '#core/shared';
import type { Bar, Entitlement, Grant } from './grant.js';
import type { HoldStore } from './hold-store.js';

/** A grant, and what stands behind it at this moment. */
export interface GrantInForce {
  readonly grant: Grant;
  /** What its policy gives; null: the policy is archived. */
  readonly policyGives: Entitlement | null;
  /** Null: nothing forbids it. */
  readonly bar: Bar | null;
}

export interface GrantFilter {
  readonly technicianId?: TechnicianId;
  readonly customerId?: CustomerId;
  readonly state?: Grant['state'];
  readonly after: GrantId | null;
  readonly limit: number;
}

export interface GrantStore {
  insert(grant: Grant): Promise<void>;
  get(id: GrantId): Promise<Grant | null>;
  /** Newest first. */
  list(filter: GrantFilter): Promise<readonly Grant[]>;
  /** Every grant of these accounts that is not final; one query for all. */
  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]>;
  /** Accounts with an open grant under this policy. */
  accountsUnder(policyId: PolicyId): Promise<readonly AccountId[]>;
  /** Compare-and-swap on `version`, which is raised by one; false when somebody was faster. */
  save(grant: Grant): Promise<boolean>;
}

export interface GrantStores {
  readonly grants: GrantStore;
  readonly holds: HoldStore;
}
