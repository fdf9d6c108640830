import type {
  AccountWithoutEnd,
  Beat,
  BeatingLayer,
  CredentialEnd,
  FailingCustomer,
  MeasuredClock,
  OverdueEnd,
} from '#core/alarms';
import { idOf, type CustomerRef, type GrantId, type Instant } from '#core/shared';
import { oneOf } from './reading.js';

interface CustomerRow {
  readonly organizationId: string;
  readonly customerId: string;
}
export interface OverdueRow extends CustomerRow {
  readonly accountId: string;
  readonly takeAt: number;
  readonly grantIds: readonly string[];
  readonly failureReason: string | null;
  readonly throttledBy: string | null;
  readonly claimed: boolean;
}
export interface FailingRow extends CustomerRow {
  readonly reason: string;
  readonly sinceAt: number;
  readonly accounts: number;
  readonly owed: number;
}
export interface WithoutEndRow extends CustomerRow {
  readonly accountId: string;
  readonly dueAt: number | null;
}
export interface CredentialRow extends CustomerRow {
  readonly endsAt: number;
}
export interface ClockRow extends CustomerRow {
  readonly aheadMs: number;
  readonly measuredAt: number;
}
export interface CountsRow {
  readonly overdue: number;
  readonly enabledWithoutGrant: number;
  readonly readBackOwedAt: Instant | null;
}
export interface BeatRow extends Omit<Beat, 'layer'> {
  readonly layer: string;
}

const layer = oneOf<BeatingLayer>('api', 'bells', 'sweep', 'revoker', 'drift');
const workload = oneOf<'directory' | 'sign-in'>('directory', 'sign-in');

const refOf = ({ organizationId, customerId }: CustomerRow): CustomerRef => ({
  organizationId: idOf(organizationId),
  customerId: idOf(customerId),
});

export const overdueEndOf = (row: OverdueRow): OverdueEnd => ({
  ...refOf(row),
  accountId: idOf(row.accountId),
  takeAt: row.takeAt,
  grantIds: row.grantIds.map((id): GrantId => idOf(id)),
  failureReason: row.failureReason,
  throttledBy: row.throttledBy === null ? null : workload(row.throttledBy, 'customer_throttle.workload'),
  claimed: row.claimed,
});

export const failingCustomerOf = (row: FailingRow): FailingCustomer => ({
  ...refOf(row),
  reason: row.reason,
  sinceAt: row.sinceAt,
  accounts: row.accounts,
  owed: row.owed,
});

export const accountWithoutEndOf = (row: WithoutEndRow): AccountWithoutEnd => ({
  ...refOf(row),
  accountId: idOf(row.accountId),
  dueAt: row.dueAt,
});

export const credentialEndOf = (row: CredentialRow): CredentialEnd => ({ ...refOf(row), endsAt: row.endsAt });

export const measuredClockOf = (row: ClockRow): MeasuredClock => ({
  ...refOf(row),
  aheadMs: row.aheadMs,
  measuredAt: row.measuredAt,
});

export const beatOf = (row: BeatRow): Beat => ({ ...row, layer: layer(row.layer, 'heartbeat.layer') });
