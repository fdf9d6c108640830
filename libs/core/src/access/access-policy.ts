import type { EndAction, Entitlement, GrantCredential } from '#core/grants';
import type { CustomerId, Instant, OrganizationId, PolicyId } from '#core/shared';

/** Whether a field of a request must be filled. */
export type FieldRule = 'off' | 'optional' | 'required';

/** A named bundle, for one customer or (customerId null) for all: what it gives, for how long, under which conditions. */
export interface AccessPolicy {
  readonly id: PolicyId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId | null;
  readonly name: string;
  readonly gives: Entitlement;
  readonly credential: GrantCredential;
  readonly endAction: EndAction;
  readonly defaultDurationSeconds: number;
  readonly maximumDurationSeconds: number;
  readonly reason: FieldRule;
  readonly ticket: FieldRule;
  readonly state: 'active' | 'archived';
  readonly version: number;
  readonly createdAt: Instant;
}

export interface AccessPolicyStore {
  insert(policy: AccessPolicy): Promise<void>;
  get(id: PolicyId): Promise<AccessPolicy | null>;
  /** Of that customer and organization-wide ones; all when no customer is named. */
  list(filter: {
    readonly customerId: CustomerId | null;
    readonly after: PolicyId | null;
    readonly limit: number;
  }): Promise<readonly AccessPolicy[]>;
  /** Compare-and-swap on `version`, which is raised by one. */
  save(policy: AccessPolicy): Promise<boolean>;
}

/** Shortest and longest that any policy may give. */
export const SHORTEST_SECONDS = 30;
export const LONGEST_SECONDS = 7 * 24 * 3600;
