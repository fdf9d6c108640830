import type { AccessRequestOut, routes } from '#contracts';
import type { AccessRequest, AccessRequestState } from '#core/access';
import { idOf } from '#core/shared';
import type { CallOf } from '../http/call.js';
import { instantOf, iso, isoOrNull } from '../wire.js';

const states = {
  requested: 'requested',
  approved: 'approved',
  denied: 'denied',
  cancelled: 'cancelled',
  stale: 'stale',
} as const satisfies Record<AccessRequestState, AccessRequestOut['state']>;

export const presentAccessRequest = (request: AccessRequest): AccessRequestOut => ({
  id: request.id,
  customerId: request.customerId,
  technicianId: request.technicianId,
  policyId: request.policyId,
  durationSeconds: request.durationSeconds,
  startsAt: isoOrNull(request.startsAt),
  reason: request.reason,
  ticket: request.ticket,
  state: states[request.state],
  grantId: request.grantId,
  createdAt: iso(request.createdAt),
});

/** What is asked for, in the core's words: what was left out is null. */
export const wishOf = (body: CallOf<typeof routes.requestAccess>['body']) => ({
  customerId: idOf<'customer'>(body.customerId),
  policyId: idOf<'policy'>(body.policyId),
  durationSeconds: body.durationSeconds ?? null,
  startsAt: body.startsAt === undefined ? null : instantOf(body.startsAt),
  reason: body.reason ?? null,
  ticket: body.ticket ?? null,
});
