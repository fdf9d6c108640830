import type { AccountScope } from '#core/accounts';
import type { AccountId, CustomerId, GrantId, Instant, PolicyId, TechnicianId } from '#core/shared';
import { MOST_OPEN_GRANTS, type Bar, type Entitlement, type Grant } from './grant.js';
import type { HoldStore } from './hold-store.js';

/** A grant, and what stands behind it at this moment. */
export interface GrantInForce {
  readonly grant: Grant;
  /** What its policy gives, as far as the organization's ceiling lets it; null: the policy is archived. */
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

/** A grant that has another policy now, with what is left of what was approved. */
export type MovedGrant = Pick<Grant, 'id' | 'organizationId' | 'customerId' | 'approved'>;

/** How long the grants of a policy may last by now. */
export interface GrantLimit {
  readonly now: Instant;
  /** Not later than its start: it may not even begin. */
  readonly until: (grant: Pick<Grant, 'startsAt' | 'expiresAt'>) => Instant;
}

/** Of live grants those that last too long, with their new end; and those that may not begin. */
export const shortenedTo = (
  live: readonly Pick<Grant, 'id' | 'customerId' | 'startsAt' | 'expiresAt'>[],
  { now, until }: GrantLimit,
): { readonly never: readonly GrantId[]; readonly shortened: readonly ShortenedGrant[] } => {
  const limited = live.map((grant) => ({ ...grant, to: Math.max(until(grant), now) }));
  const begins = limited.filter(({ startsAt, to }) => to > startsAt);
  return {
    never: limited.filter(({ startsAt, to }) => to <= startsAt).map(({ id }) => id),
    shortened: begins
      .filter(({ expiresAt, to }) => expiresAt > to)
      .map(({ id, customerId, expiresAt: from, to }) => ({ id, customerId, from, to })),
  };
};

/**
 * Of one account no more are read at once. There may be more from before there was a limit: the others come up as these
 * close, and whoever has read so many comes again.
 */
export const MOST_GRANTS_READ = 2 * MOST_OPEN_GRANTS;

export interface GrantFilter {
  readonly technicianId?: TechnicianId;
  readonly customerId?: CustomerId;
  readonly state?: Grant['state'];
  readonly after: GrantId | null;
  readonly limit: number;
}

export interface LiveFilter {
  readonly of: { readonly policyId: PolicyId } | { readonly customerId: CustomerId };
  readonly now: Instant;
  readonly limit: number;
}

/** What tells what a change of its policy would do to a grant. */
export type LiveGrant = Pick<
  Grant,
  'id' | 'customerId' | 'technicianId' | 'policyId' | 'approved' | 'startsAt' | 'expiresAt'
>;

export interface GrantStore {
  insert(grant: Grant): Promise<void>;
  get(id: GrantId): Promise<Grant | null>;
  /** Newest first. */
  list(filter: GrantFilter): Promise<readonly Grant[]>;
  /** Live ones that nothing forbids, oldest first: under one policy, or at one customer. */
  live(filter: LiveFilter): Promise<readonly LiveGrant[]>;
  /**
   * The grants of these accounts that are not final, one query for all; of an account that has more than `MOST_GRANTS_READ` so
   * many: those that give anything first, then those that are being ended, then those to come, and of each the earliest end.
   */
  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]>;
  /**
   * In the transaction of a change that ends grants: every grant of the scope that isn't ending yet is over for good, also when
   * the change is taken back before anybody has looked. What was forbidden before stays so for its first reason.
   */
  forbid(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' | 'policy' }>,
    why: Bar,
  ): Promise<void>;
  /** The same for those in the scope whose technician is in none of their policy's groups, as these are now. */
  forbidUnentitled(scope: Extract<AccountScope, { kind: 'group' | 'policy' }>): Promise<void>;
  /**
   * Has every grant under a policy at one customer that isn't ending yet stand on another policy. It gives nothing from then on that
   * the first did not give in the end: what was narrowed stays so, however much the other one gives.
   */
  move(
    from: { readonly policyId: PolicyId; readonly customerId: CustomerId; readonly gives: Entitlement },
    to: PolicyId,
  ): Promise<readonly MovedGrant[]>;
  /**
   * Has every live grant under the policy end no later than the limit says, and no earlier than now; one that may not begin by
   * then is over for good (`outside_hours`). Returns those that it shortened, as they were and as they are.
   */
  shorten(policyId: PolicyId, limit: GrantLimit): Promise<readonly ShortenedGrant[]>;
  /** Compare-and-swap on `version`, which is raised by one; false when somebody was faster. */
  save(grant: Grant): Promise<boolean>;
  /** The same for several in one statement; false when somebody was faster at any of them, whatever became of the others. */
  saveAll(grants: readonly Grant[]): Promise<boolean>;
}

export interface GrantStores {
  readonly grants: GrantStore;
  readonly holds: HoldStore;
}
