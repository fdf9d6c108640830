import type { AuditAction, AuditActor, AuditEvent } from '#core/audit';
import type { Instant } from '#core/shared';
import { grantErrors } from './grant.errors.js';
import type { EndReason, Grant, GrantState, Proof } from './grant.js';

/** What can happen to a grant. */
export type GrantEvent =
  | { readonly what: 'start' }
  | { readonly what: 'activate' }
  | { readonly what: 'fail'; readonly code: string; readonly message: string }
  | { readonly what: 'end'; readonly reason: EndReason }
  | { readonly what: 'confirm' }
  | { readonly what: 'prove'; readonly proof: Proof }
  /** Its account is left behind in a tenant that we can't reach: never shown as ended. */
  | { readonly what: 'leave_behind'; readonly reason: EndReason };

/** From which states each event may happen, and where it leads. `null`: the state stays. */
export const grantTransitions: Readonly<
  Record<GrantEvent['what'], { readonly from: readonly GrantState[]; readonly to: GrantState | null }>
> = {
  start: { from: ['scheduled'], to: 'starting' },
  activate: { from: ['starting'], to: 'active' },
  fail: { from: ['scheduled', 'starting', 'active'], to: 'failed' },
  end: { from: ['scheduled', 'starting', 'active', 'failed'], to: 'ending' },
  confirm: { from: ['ending'], to: null },
  prove: { from: ['ending'], to: 'ended' },
  leave_behind: { from: ['scheduled', 'starting', 'active', 'failed', 'ending'], to: 'left_behind' },
};

const audited: Readonly<Record<GrantEvent['what'], AuditAction>> = {
  start: 'grant.starting',
  activate: 'grant.activated',
  fail: 'grant.failed',
  end: 'grant.end_requested',
  confirm: 'grant.taken_away',
  prove: 'grant.ended',
  leave_behind: 'grant.left_behind',
};

/** The grant after the event, and the audit event that speaks of it. Throws `grant.illegal_transition`. */
export const transition = (
  grant: Grant,
  event: GrantEvent,
  by: { readonly actor: AuditActor; readonly now: Instant },
): { readonly grant: Grant; readonly audit: AuditEvent } => {
  const rule = grantTransitions[event.what];
  if (!rule.from.includes(grant.state)) {
    throw grantErrors.refuse('grant.illegal_transition', { state: grant.state, event: event.what });
  }
  return {
    grant: { ...grant, ...changes(grant, event, by.now), state: rule.to ?? grant.state },
    audit: auditOf(grant, event, by),
  };
};

const changes = (grant: Grant, event: GrantEvent, now: Instant): Partial<Grant> => {
  switch (event.what) {
    case 'start':
      return {};
    case 'activate':
      return { activeAt: now };
    case 'fail':
      return { failure: { code: event.code, message: event.message } };
    case 'end':
      // An end by time is owed from its own instant, not from when somebody noticed.
      return { endReason: event.reason, endingAt: Math.min(now, grant.expiresAt) };
    case 'confirm':
      return { takenAt: now };
    case 'leave_behind':
      return {
        endReason: grant.endReason ?? event.reason,
        endingAt: grant.endingAt ?? Math.min(now, grant.expiresAt),
      };
    case 'prove':
      return { endedAt: now, takenAt: grant.takenAt ?? now, proofs: [...grant.proofs, event.proof] };
  }
};

const auditOf = (
  grant: Grant,
  event: GrantEvent,
  by: { readonly actor: AuditActor; readonly now: Instant },
): AuditEvent => ({
  organizationId: grant.organizationId,
  at: by.now,
  actor: by.actor,
  action: event.what === 'end' && event.reason === 'expired' ? 'grant.expired' : audited[event.what],
  subject: { kind: 'grant', id: grant.id },
  customerId: grant.customerId,
  details: facts(event),
});

const facts = (event: GrantEvent): AuditEvent['details'] => {
  switch (event.what) {
    case 'fail':
      return { code: event.code };
    case 'end':
    case 'leave_behind':
      return { reason: event.reason };
    case 'prove':
      return {
        graphAt: new Date(event.proof.graphAt).toISOString(),
        enabled: event.proof.enabled,
        rolesLeft: event.proof.roles,
        groupsLeft: event.proof.groups,
      };
    case 'start':
    case 'activate':
    case 'confirm':
      return {};
  }
};
