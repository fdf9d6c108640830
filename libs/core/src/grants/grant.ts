import type {
  AccountId,
  CustomerId,
  GrantId,
  GroupId,
  Instant,
  OrganizationId,
  PolicyId,
  RequestId,
  RoleId,
  TechnicianId,
} from '#core/shared';

export type GrantState = 'scheduled' | 'starting' | 'active' | 'failed' | 'ending' | 'ended' | 'left_behind';

/** Why a grant is over before, or at, its `expiresAt`. */
export type EndReason =
  | 'expired'
  | 'ended_by_technician'
  | 'ended_by_admin'
  | 'failed'
  /** Somebody disabled or deleted the account in Entra: the customer has the last word. */
  | 'stopped_in_entra'
  | Bar;

/** What forbids a grant to give anything, whatever was approved: it ends as soon as anybody looks. */
export type Bar =
  | 'killed'
  | 'restored'
  | 'technician_left'
  | 'technician_suspended'
  | 'not_entitled'
  | 'policy_removed'
  | 'outside_hours'
  | 'customer_removed'
  | 'connection_removed';

/** How the technician gets in. */
export type GrantCredential = 'pass' | 'password' | 'both';

/** What becomes of the account when nothing of it is needed any more. */
export type EndAction = 'disable' | 'delete';

/** Roles and groups: what a policy gives, a request asks for and an account holds. */
export interface Entitlement {
  readonly roles: readonly RoleId[];
  readonly groups: readonly GroupId[];
}

/** What two have in common, in the order of the first. */
export const common = (one: Entitlement, other: Entitlement): Entitlement => ({
  roles: one.roles.filter((role) => other.roles.includes(role)),
  groups: one.groups.filter((group) => other.groups.includes(group)),
});

/** The read-back that proved an end: what Entra said, and when. */
export interface Proof {
  readonly readAt: Instant;
  /** Graph's own time of the reading. */
  readonly graphAt: Instant;
  readonly enabled: boolean | null;
  readonly objectFound: boolean;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly methods: readonly string[];
}

/** An approved request in time: from `startsAt` to `expiresAt`. */
export interface Grant {
  readonly id: GrantId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly technicianId: TechnicianId;
  readonly accountId: AccountId;
  readonly requestId: RequestId;
  readonly policyId: PolicyId;
  /** What was approved. What it gives now is this, as far as the policy still gives it. */
  readonly approved: Entitlement;
  readonly credential: GrantCredential;
  readonly endAction: EndAction;
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
  /** The furthest that `expiresAt` may be moved by extending: start plus the policy's maximum when approved. */
  readonly latestExpiresAt: Instant;
  readonly state: GrantState;
  readonly endReason: EndReason | null;
  /** Code and plain sentence of what made it fail. */
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly activeAt: Instant | null;
  /** When ending was asked for, or fell due. */
  readonly endingAt: Instant | null;
  /** When every take-away was answered. */
  readonly takenAt: Instant | null;
  /** First proof: when a read-back showed nothing left. */
  readonly endedAt: Instant | null;
  readonly proofs: readonly Proof[];
  readonly reveals: number;
  readonly version: number;
  readonly createdAt: Instant;
}

/**
 * An account has no more grants at a time that are not final: whoever works on it reads them all, each time. A technician who
 * works at one customer all week plans a handful.
 */
export const MOST_OPEN_GRANTS = 20;

/** Nothing can happen to it any more: its end is proven, or was given up by somebody who said so. */
export const isFinal = (grant: Pick<Grant, 'state'>): boolean =>
  grant.state === 'ended' || grant.state === 'left_behind';

/** It gives rights at that moment: begun, not past its end, and nobody ended it. */
export const isRunning = (grant: Pick<Grant, 'state' | 'startsAt' | 'expiresAt'>, now: Instant): boolean =>
  (grant.state === 'scheduled' || grant.state === 'starting' || grant.state === 'active') &&
  grant.startsAt <= now &&
  now < grant.expiresAt;

/** It will give, or gives, rights unless something ends it. */
export const isLive = (grant: Pick<Grant, 'state' | 'expiresAt'>, now: Instant): boolean =>
  (grant.state === 'scheduled' || grant.state === 'starting' || grant.state === 'active') &&
  now < grant.expiresAt;

/** Its end is owed and not yet confirmed as taken away. */
export const owesEnd = (grant: Pick<Grant, 'state' | 'takenAt'>): boolean =>
  !isFinal(grant) && grant.takenAt === null;

/** When its rights end at the latest: now-past for one that is ending or failed. */
export const endsAt = (grant: Pick<Grant, 'endingAt' | 'expiresAt'>): Instant =>
  grant.endingAt === null ? grant.expiresAt : Math.min(grant.endingAt, grant.expiresAt);
