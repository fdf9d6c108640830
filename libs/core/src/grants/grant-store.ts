import type { AccountScope } from '#core/accounts';
import type { AccountId, CustomerId, GrantId, Instant, PolicyId, TechnicianId } from '#core/shared';
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

/** A grant whose end was moved earlier. */
export interface ShortenedGrant {
  readonly id: GrantId;
  readonly customerId: CustomerId;
  readonly from: Instant;
  readonly to: Instant;
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
  /**
   * In the transaction of a change that ends grants: every grant of the scope that isn't ending yet is over for good, also when
   * the change is taken back before anybody has looked. What was forbidden before stays so for its first reason.
   */
  forbid(scope: Exclude<AccountScope, { kind: 'group' | 'organization' }>, why: Bar): Promise<void>;
  /** The same for those in the scope whose technician is in none of their policy's groups, as these are now. */
  forbidUnentitled(scope: Extract<AccountScope, { kind: 'group' | 'policy' }>): Promise<void>;
  /**
   * Has every live grant under the policy end no later than this long after its start, and no earlier than now; returns
   * those that it changed, as they were and as they are.
   */
  shorten(
    policyId: PolicyId,
    to: { readonly maximumSeconds: number; readonly now: Instant },
  ): Promise<readonly ShortenedGrant[]>;
  /** Compare-and-swap on `version`, which is raised by one; false when somebody was faster. */
  save(grant: Grant): Promise<boolean>;
}

export interface GrantStores {
  readonly grants: GrantStore;
  readonly holds: HoldStore;
}
