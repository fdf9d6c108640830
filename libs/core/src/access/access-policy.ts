import type { AuditEvent } from '#core/audit';
import type { AllowedHours, EndAction, Entitlement, GrantCredential, HoursWindow } from '#core/grants';
import type { CustomerId, Instant, OrganizationId, PolicyId, TechnicianGroupId } from '#core/shared';
import type { TicketPattern } from './ticket-pattern.js';

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
  /** A ticket that is given fits one of these; none: any ticket will do. */
  readonly ticketPatterns: readonly TicketPattern[];
  /** A grant begins within these hours and ends with them at the latest; null: at any time. */
  readonly allowedHours: AllowedHours | null;
  /** Who may use it: members of any of these; none named means every technician. */
  readonly technicianGroups: readonly TechnicianGroupId[];
  readonly state: 'active' | 'archived';
  readonly version: number;
  readonly createdAt: Instant;
}

/** An organization-wide policy under which a grant runs at a customer, and one of that customer's own. Both are in use. */
export interface Rivalry {
  readonly from: Pick<AccessPolicy, 'id' | 'customerId' | 'name' | 'gives'>;
  readonly own: Pick<AccessPolicy, 'id' | 'name' | 'gives'> & { readonly customerId: CustomerId };
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
  /** Those in use that may count at that customer, its own and those for all; null: everywhere. Oldest first. */
  inUse(customerId: CustomerId | null, limit: number): Promise<readonly AccessPolicy[]>;
  /** That customer's own that are in use, oldest first. */
  inUseAt(customerId: CustomerId): Promise<readonly AccessPolicy[]>;
  /**
   * Of an organization-wide policy: with each customer's own that are in use where grants run under it. Of a customer's own: each
   * organization-wide one in use under which grants run there, with each of that customer's own.
   */
  rivalries(policy: Pick<AccessPolicy, 'id' | 'customerId'>): Promise<readonly Rivalry[]>;
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
  | 'ticketPatterns'
  | 'allowedHours'
  | 'technicianGroups'
>;

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
  ticketPatterns: policy.ticketPatterns,
  timeZone: policy.allowedHours?.timeZone ?? null,
  allowedHours: policy.allowedHours?.windows.map(hoursInWords) ?? null,
  technicianGroups: policy.technicianGroups,
  state: policy.state,
  version: policy.version,
});

const hoursInWords = ({ days, from, to }: HoursWindow): string => `${days.join(' ')} ${from}-${to}`;
