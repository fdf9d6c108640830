/** Active assignments and eligibilities are scheduled alike; only the first give power. */
export type ScheduleKind = 'assignment' | 'eligibility';

export interface RoleAtScope {
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly directoryScopeId: string;
}

/** As it was asked for; shown again word by word, the type in camelCase. */
export interface Expiration {
  readonly type: 'noExpiration' | 'afterDateTime' | 'afterDuration';
  readonly endDateTime: string | null;
  readonly duration: string | null;
}

export interface Period {
  readonly startAt: number;
  /** Null: for ever. */
  readonly endAt: number | null;
  readonly expiration: Expiration;
}

/** What Privileged Identity Management keeps about one role of one principal. */
export interface RoleSchedule extends RoleAtScope, Period {
  readonly id: string;
  readonly kind: ScheduleKind;
  /** The request that made it. */
  readonly createdUsing: string;
  readonly createdAt: number;
  readonly modifiedAt: number | null;
  /** Since when it is in force; null: not yet. */
  readonly activeSince: number | null;
  /** When it starts or ends by itself. */
  readonly dueAt: number | null;
}

export type AdminAction = 'adminAssign' | 'adminUpdate' | 'adminRemove' | 'adminExtend' | 'adminRenew';
type RequestStatus = 'Granted' | 'PendingProvisioning' | 'Provisioned' | 'Revoked' | 'Canceled' | 'Failed';

/** A request to Privileged Identity Management, kept for its list until it is purged. */
export interface RoleRequest extends RoleAtScope {
  readonly id: string;
  readonly kind: ScheduleKind;
  readonly action: AdminAction;
  readonly status: RequestStatus;
  readonly isValidationOnly: boolean;
  readonly period: Period | null;
  readonly targetScheduleId: string | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly customData: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly completedAt: number | null;
  /** When it is purged. */
  readonly dueAt: number;
}
