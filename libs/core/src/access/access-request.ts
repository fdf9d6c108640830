import type {
  CustomerId,
  GrantId,
  Instant,
  OrganizationId,
  PolicyId,
  RequestId,
  TechnicianId,
} from '#core/shared';

export type AccessRequestState = 'requested' | 'approved' | 'denied' | 'cancelled' | 'stale';

/** What a technician asked for. Kept as asked; what came of it is its grant. */
export interface AccessRequest {
  readonly id: RequestId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly technicianId: TechnicianId;
  readonly policyId: PolicyId;
  /** The policy's version that was asked under. */
  readonly policyVersion: number;
  readonly durationSeconds: number;
  /** Null: at once. */
  readonly startsAt: Instant | null;
  readonly reason: string | null;
  readonly ticket: string | null;
  readonly state: AccessRequestState;
  readonly grantId: GrantId | null;
  readonly createdAt: Instant;
}

export interface AccessRequestStore {
  insert(request: AccessRequest): Promise<void>;
  get(id: RequestId): Promise<AccessRequest | null>;
  /** Newest first. */
  list(filter: {
    readonly technicianId?: TechnicianId;
    readonly after: RequestId | null;
    readonly limit: number;
  }): Promise<readonly AccessRequest[]>;
  setState(id: RequestId, from: AccessRequestState, to: AccessRequestState): Promise<boolean>;
}
