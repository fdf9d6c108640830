import type {
  AccountsTogether,
  AccountsWithoutEnd,
  Beat,
  BeatingLayer,
  CredentialEnd,
  EnabledAgain,
  FloodedCustomer,
  LostTakeBack,
  FailingCustomer,
  MeasuredClock,
  OverdueEnds,
  UncomparedCustomer,
  UnreachedHold,
} from '#core/alarms';
import { idOf, type AccountId, type CustomerRef, type GrantId, type Instant } from '#core/shared';
import { oneOf } from './reading.js';

interface CustomerRow {
  readonly organizationId: string;
  readonly customerId: string;
}
interface TogetherRow extends CustomerRow {
  readonly accounts: number;
  readonly accountIds: readonly string[];
}
export interface OverdueRow extends TogetherRow {
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
  readonly owedSince: number | null;
}
export interface WithoutEndRow extends TogetherRow {
  readonly dueAt: number | null;
}
export interface EnabledAgainRow extends TogetherRow {
  readonly sinceAt: number;
  readonly lastAt: number;
}
export interface CredentialRow extends CustomerRow {
  readonly endsAt: number;
  readonly whose: string;
}
export interface ClockRow extends CustomerRow {
  readonly aheadMs: number;
  readonly measuredAt: number;
}
export interface UncomparedRow extends CustomerRow {
  readonly dueAt: number;
  readonly comparedAt: number;
}
export interface FloodedRow extends CustomerRow {
  readonly unkept: number;
  readonly at: number;
}
export interface UnreachedRow {
  readonly organizationId: string;
  readonly holdId: string;
  readonly sinceAt: number;
  readonly isLifted: boolean;
}
export interface CountsRow {
  readonly overdue: number;
  readonly overdueSince: Instant | null;
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

const togetherOf = (row: TogetherRow): AccountsTogether => ({
  ...refOf(row),
  accounts: row.accounts,
  accountIds: row.accountIds.map((id): AccountId => idOf(id)),
});

export const overdueEndsOf = (row: OverdueRow): OverdueEnds => ({
  ...togetherOf(row),
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
  owedSince: row.owedSince,
});

export const accountsWithoutEndOf = (row: WithoutEndRow): AccountsWithoutEnd => ({
  ...togetherOf(row),
  dueAt: row.dueAt,
});

export const enabledAgainOf = (row: EnabledAgainRow): EnabledAgain => ({
  ...togetherOf(row),
  sinceAt: row.sinceAt,
  lastAt: row.lastAt,
});

export const credentialEndOf = (row: CredentialRow): CredentialEnd => ({
  ...refOf(row),
  endsAt: row.endsAt,
  ...(row.whose === 'app' ? { ofOrganizationApp: true } : {}),
  ...(row.whose === 'revoker' ? { ofRevoker: true } : {}),
});

export const measuredClockOf = (row: ClockRow): MeasuredClock => ({
  ...refOf(row),
  aheadMs: row.aheadMs,
  measuredAt: row.measuredAt,
});

export const uncomparedCustomerOf = (row: UncomparedRow): UncomparedCustomer => ({
  ...refOf(row),
  dueAt: row.dueAt,
  comparedAt: row.comparedAt,
});

export const floodedCustomerOf = (row: FloodedRow): FloodedCustomer => ({
  ...refOf(row),
  unkept: row.unkept,
  at: row.at,
});

export interface LostRow extends CustomerRow {
  readonly tiers: readonly string[];
  readonly sinceAt: number;
}

export const lostTakeBackOf = (row: LostRow): LostTakeBack => ({
  ...refOf(row),
  tiers: row.tiers,
  sinceAt: row.sinceAt,
});

export const unreachedHoldOf = (row: UnreachedRow): UnreachedHold => ({
  organizationId: idOf(row.organizationId),
  holdId: idOf(row.holdId),
  sinceAt: row.sinceAt,
  isLifted: row.isLifted,
});

export const beatOf = (row: BeatRow): Beat => ({ ...row, layer: layer(row.layer, 'heartbeat.layer') });
