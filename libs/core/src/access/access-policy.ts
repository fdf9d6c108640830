import type { AuditEvent } from '#core/audit';
import type { EndAction, Entitlement, GrantCredential } from '#core/grants';
import type { CustomerId, Instant, OrganizationId, PolicyId, TechnicianGroupId } from '#core/shared';
import { accessErrors } from './access.errors.js';

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
  /** Who may use it: members of any of these; none named means every technician. */
  readonly technicianGroups: readonly TechnicianGroupId[];
  readonly state: 'active' | 'archived';
  readonly version: number;
  readonly createdAt: Instant;
}

export interface AccessPolicyStore {
  insert(policy: AccessPolicy): Promise<void>;
  get(id: PolicyId): Promise<AccessPolicy | null>;
  /** As `get`; it stays as it is until the transaction ends. */
  steady(id: PolicyId): Promise<AccessPolicy | null>;
  /** Of that customer and organization-wide ones; all when no customer is named. Oldest first. */
  list(filter: {
    readonly customerId: CustomerId | null;
    readonly after: PolicyId | null;
    readonly limit: number;
  }): Promise<readonly AccessPolicy[]>;
  /** Compare-and-swap on `version`, which is raised by one. */
  save(policy: AccessPolicy): Promise<boolean>;
}

/** What an admin says of a policy. */
export type PolicyTerms = Pick<
  AccessPolicy,
  | 'name'
  | 'gives'
  | 'credential'
  | 'endAction'
  | 'defaultDurationSeconds'
  | 'maximumDurationSeconds'
  | 'reason'
  | 'ticket'
  | 'technicianGroups'
>;

/** Shortest and longest that any policy may give. */
export const SHORTEST_SECONDS = 30;
export const LONGEST_SECONDS = 7 * 24 * 3600;

/** The terms, each role and group once. Throws `access_policy.…` when nobody could use them. */
export const usableTerms = (terms: PolicyTerms): PolicyTerms => {
  const { defaultDurationSeconds: usual, maximumDurationSeconds: most } = terms;
  const gives = { roles: [...new Set(terms.gives.roles)], groups: [...new Set(terms.gives.groups)] };
  if (gives.roles.length + gives.groups.length === 0)
    throw accessErrors.refuse('access_policy.gives_nothing');
  if (usual < SHORTEST_SECONDS || most > LONGEST_SECONDS)
    throw accessErrors.refuse('access_policy.duration_out_of_range');
  if (usual > most) throw accessErrors.refuse('access_policy.durations_invalid');
  return { ...terms, gives, technicianGroups: [...new Set(terms.technicianGroups)] };
};

/** A policy as the audit log tells of it. */
export const factsOf = (
  policy: PolicyTerms & Pick<AccessPolicy, 'state' | 'version'>,
): AuditEvent['details'] => ({
  name: policy.name,
  roles: policy.gives.roles,
  groups: policy.gives.groups,
  credential: policy.credential,
  endAction: policy.endAction,
  defaultDurationSeconds: policy.defaultDurationSeconds,
  maximumDurationSeconds: policy.maximumDurationSeconds,
  reason: policy.reason,
  ticket: policy.ticket,
  technicianGroups: policy.technicianGroups,
  state: policy.state,
  version: policy.version,
});
