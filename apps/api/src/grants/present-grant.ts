import type { GrantOut } from '#contracts';
import type { EndReason, Grant, GrantState, Proof } from '#core/grants';
import { presentRoles } from '../present-roles.js';
import { iso, isoOrNull } from '../wire.js';

/** A grant with the name of the account that it gives. */
export interface NamedGrant {
  readonly grant: Grant;
  readonly upn: string;
  readonly waitsForRole: boolean;
}

const states = {
  scheduled: 'scheduled',
  starting: 'starting',
  active: 'active',
  failed: 'failed',
  ending: 'ending',
  ended: 'ended',
  left_behind: 'left_behind',
} as const satisfies Record<GrantState, GrantOut['state']>;

const endReasons = {
  expired: 'expired',
  ended_by_technician: 'ended_by_technician',
  ended_by_admin: 'ended_by_admin',
  policy_removed: 'policy_removed',
  outside_hours: 'outside_hours',
  failed: 'failed',
  stopped_in_entra: 'stopped_in_entra',
  killed: 'killed',
  restored: 'restored',
  technician_left: 'technician_left',
  technician_suspended: 'technician_suspended',
  not_entitled: 'not_entitled',
  customer_removed: 'customer_removed',
  connection_removed: 'connection_removed',
} as const satisfies Record<EndReason, GrantOut['endReason']>;

/** Graph's own words can be long. */
const LONGEST_MESSAGE = 2_000;

export const presentGrant = ({ grant, upn, waitsForRole }: NamedGrant): GrantOut => ({
  id: grant.id,
  requestId: grant.requestId,
  customerId: grant.customerId,
  technicianId: grant.technicianId,
  policyId: grant.policyId,
  upn,
  credential: grant.credential,
  endAction: grant.endAction,
  ...presentRoles(grant.approved.roles),
  groups: [...grant.approved.groups],
  state: states[grant.state],
  waitsForRole: waitsForRole && grant.state === 'starting',
  createdAt: iso(grant.createdAt),
  startsAt: iso(grant.startsAt),
  expiresAt: iso(grant.expiresAt),
  latestExpiresAt: iso(grant.latestExpiresAt),
  activeAt: isoOrNull(grant.activeAt),
  endingAt: isoOrNull(grant.endingAt),
  takenAt: isoOrNull(grant.takenAt),
  endedAt: isoOrNull(grant.endedAt),
  endReason: grant.endReason === null ? null : endReasons[grant.endReason],
  failure:
    grant.failure === null
      ? null
      : { code: grant.failure.code, message: grant.failure.message.slice(0, LONGEST_MESSAGE) },
  proofs: grant.proofs.map(presentProof),
  reveals: grant.reveals,
});

const presentProof = (proof: Proof): GrantOut['proofs'][number] => ({
  readAt: iso(proof.readAt),
  graphAt: iso(proof.graphAt),
  enabled: proof.enabled,
  objectFound: proof.objectFound,
  roles: [...proof.roles],
  groups: [...proof.groups],
  methods: [...proof.methods],
});
