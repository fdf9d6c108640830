import type { EndReason, Grant, GrantState, Proof } from '#core/grants';
import { idOf } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { AccessGrantModel } from '../generated/models.js';
import {
  dateOf,
  dateOrNull,
  flag,
  instantOf,
  instantOrNull,
  isoOf,
  isoOrNull,
  listOf,
  oneOf,
  orNull,
  shape,
  text,
  whole,
} from '../reading.js';
import { credential, endAction, entitlement, entitlementJson } from './entitlement.js';

export const grantState = oneOf<GrantState>(
  'scheduled',
  'starting',
  'active',
  'failed',
  'ending',
  'ended',
  'left_behind',
);
const endReason = oneOf<EndReason>(
  'expired',
  'ended_by_technician',
  'ended_by_admin',
  'policy_removed',
  'failed',
  'stopped_in_entra',
  'killed',
  'restored',
  'technician_left',
  'technician_suspended',
  'not_entitled',
  'outside_hours',
  'customer_removed',
  'connection_removed',
);
const failure = orNull(shape<NonNullable<Grant['failure']>>({ code: text, message: text }));
const proofs = listOf(
  shape<Proof>({
    readAt: whole,
    graphAt: whole,
    enabled: orNull(flag),
    objectFound: flag,
    roles: listOf(text),
    groups: listOf(text),
    methods: listOf(text),
  }),
);

/** What stays as it was when the grant was made. */
export const fixedColumns = (grant: Grant) =>
  ({
    organizationId: grant.organizationId,
    id: grant.id,
    customerId: grant.customerId,
    technicianId: grant.technicianId,
    accountId: grant.accountId,
    requestId: grant.requestId,
    policyId: grant.policyId,
    createdAt: dateOf(grant.createdAt),
  }) satisfies Partial<Prisma.AccessGrantUncheckedCreateInput>;

/** What was approved, and what people change of it. */
const intendedColumns = (grant: Grant) =>
  ({
    approved: entitlementJson(grant.approved),
    credential: grant.credential,
    endAction: grant.endAction,
    startsAt: dateOf(grant.startsAt),
    expiresAt: dateOf(grant.expiresAt),
    latestExpiresAt: dateOf(grant.latestExpiresAt),
    reveals: grant.reveals,
  }) satisfies Prisma.AccessGrantUncheckedUpdateManyInput;

/** How far it is in its life: all that whoever only takes away may write. */
const lifeColumns = (grant: Grant) =>
  ({
    state: grant.state,
    endReason: grant.endReason,
    failure: grant.failure === null ? Prisma.DbNull : { ...grant.failure },
    activeAt: dateOrNull(grant.activeAt),
    endingAt: dateOrNull(grant.endingAt),
    takenAt: dateOrNull(grant.takenAt),
    endedAt: dateOrNull(grant.endedAt),
    proofs: grant.proofs.map((proof) => ({
      ...proof,
      roles: [...proof.roles],
      groups: [...proof.groups],
      methods: [...proof.methods],
    })),
  }) satisfies Prisma.AccessGrantUncheckedUpdateManyInput;

export const changeableColumns = (grant: Grant) =>
  ({
    ...intendedColumns(grant),
    ...lifeColumns(grant),
  }) satisfies Prisma.AccessGrantUncheckedUpdateManyInput;

/** With the names of `jsonb_to_recordset` in the statement that takes it. */
export const savedColumns = (grant: Grant) => ({
  id: grant.id,
  version: grant.version,
  approved: entitlementJson(grant.approved),
  credential: grant.credential,
  end_action: grant.endAction,
  starts_at: isoOf(grant.startsAt),
  expires_at: isoOf(grant.expiresAt),
  latest_expires_at: isoOf(grant.latestExpiresAt),
  reveals: grant.reveals,
  state: grant.state,
  end_reason: grant.endReason,
  failure: grant.failure,
  active_at: isoOrNull(grant.activeAt),
  ending_at: isoOrNull(grant.endingAt),
  taken_at: isoOrNull(grant.takenAt),
  ended_at: isoOrNull(grant.endedAt),
  proofs: grant.proofs,
});

export const grantFromRow = (row: AccessGrantModel): Grant => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: idOf(row.customerId),
  technicianId: idOf(row.technicianId),
  accountId: idOf(row.accountId),
  requestId: idOf(row.requestId),
  policyId: idOf(row.policyId),
  approved: entitlement(row.approved, 'access_grant.approved'),
  credential: credential(row.credential, 'access_grant.credential'),
  endAction: endAction(row.endAction, 'access_grant.end_action'),
  startsAt: instantOf(row.startsAt),
  expiresAt: instantOf(row.expiresAt),
  latestExpiresAt: instantOf(row.latestExpiresAt),
  state: grantState(row.state, 'access_grant.state'),
  endReason: orNull(endReason)(row.endReason, 'access_grant.end_reason'),
  failure: failure(row.failure, 'access_grant.failure'),
  activeAt: instantOrNull(row.activeAt),
  endingAt: instantOrNull(row.endingAt),
  takenAt: instantOrNull(row.takenAt),
  endedAt: instantOrNull(row.endedAt),
  proofs: proofs(row.proofs, 'access_grant.proofs'),
  reveals: row.reveals,
  version: row.version,
  createdAt: instantOf(row.createdAt),
});
