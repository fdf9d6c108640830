import type { CustomerId, Instant, OrganizationId } from '#core/shared';

/** Who did it: a person through a token, or Curfew itself. */
export type AuditActor =
  | { readonly kind: 'technician'; readonly id: string; readonly tokenId: string | null }
  | { readonly kind: 'console' }
  | { readonly kind: 'curfew' };

/** What was done, as noun.past; the closed list is docs/reference/audit-events.md. */
export type AuditAction =
  | 'access_request.requested'
  | 'access_request.cancelled'
  | 'access_policy.created'
  | 'access_policy.changed'
  | 'account.adopted'
  | 'account.conflicted'
  | 'account.created'
  | 'account.deleted'
  | 'account.disabled_unplanned'
  | 'account.drifted'
  | 'account.orphan_contained'
  | 'account.orphan_found'
  | 'account.retired'
  | 'account.taken_from_memory'
  | 'api_token.created'
  | 'api_token.revoked'
  | 'certificate.discarded'
  | 'certificate.made'
  | 'consent.link_made'
  | 'consent.proven'
  | 'consent.told'
  | 'consent.withdrawn'
  | 'credential.requested'
  | 'credential.revealed'
  | 'customer.created'
  | 'customer.markers_unkept'
  | 'customer.removal_begun'
  | 'customer.removed'
  | 'customer.validated'
  | 'deployment.accepted'
  | 'deployment.compared_again'
  | 'entra_connection.changed'
  | 'entra_connection.left_behind'
  | 'entra_connection.removal_begun'
  | 'entra_connection.removed'
  | 'grant.activated'
  | 'grant.end_requested'
  | 'grant.ended'
  | 'grant.expired'
  | 'grant.extended'
  | 'grant.failed'
  | 'grant.left_behind'
  | 'grant.moved'
  | 'grant.scheduled'
  | 'grant.shortened'
  | 'grant.starting'
  | 'grant.taken_away'
  | 'hold.lifted'
  | 'hold.placed'
  | 'hold.repeated'
  | 'organization.changed'
  | 'organization.created'
  | 'organization.resealed'
  | 'organization_app.changed'
  | 'organization_app.removed'
  | 'revoker_credential.changed'
  | 'revoker_credential.removed'
  | 'role_ceiling.changed'
  | 'take_back.failed'
  | 'take_back.found_again'
  | 'take_back.lost'
  | 'take_back.not_given'
  | 'take_back.proven'
  | 'take_back.started'
  | 'technician.created'
  | 'technician.left'
  | 'technician.reinstated'
  | 'technician.role_changed'
  | 'technician.suspended'
  | 'technician_group.archived'
  | 'technician_group.changed'
  | 'technician_group.created'
  | 'technician_group.members_changed'
  | 'validation_run.begun'
  | 'validation_run.cancelled';

/** One line of the audit log. `details` are plain facts; a secret in them is a bug that the redaction suite finds. */
export interface AuditEvent {
  readonly organizationId: OrganizationId;
  readonly at: Instant;
  readonly actor: AuditActor;
  readonly action: AuditAction;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly customerId: CustomerId | null;
  readonly details: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** Appends within the transaction of the change it speaks of; there is no way to change or remove an entry. */
export interface AuditLog {
  append(events: readonly AuditEvent[]): Promise<void>;
  /** Newest first, `before` a sequence number. */
  list(page: {
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly RecordedAuditEvent[]>;
}

/** An entry as kept: with its id and its place in the organization's order. */
export type RecordedAuditEvent = AuditEvent & { readonly id: string; readonly sequence: number };

export interface AuditStores {
  readonly audit: AuditLog;
}

export const CURFEW: AuditActor = { kind: 'curfew' };
