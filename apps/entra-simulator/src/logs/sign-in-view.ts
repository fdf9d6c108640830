import { isoMillis, isoSeconds } from '../foundation/clock.js';
import type { Json } from '../foundation/json.js';
import type { Reader } from '../graph/select.js';
import type { AppliedPolicy, SignInRow } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import { isRowShown } from './visible.js';

/** What v1.0 shows of a sign-in; the last only to those who may read policies. */
export const signInNames: readonly string[] = [
  'id',
  'createdDateTime',
  'userDisplayName',
  'userPrincipalName',
  'userId',
  'appId',
  'appDisplayName',
  'ipAddress',
  'clientAppUsed',
  'correlationId',
  'conditionalAccessStatus',
  'isInteractive',
  'riskDetail',
  'riskLevelAggregated',
  'riskLevelDuringSignIn',
  'riskState',
  'riskEventTypes',
  'riskEventTypes_v2',
  'resourceDisplayName',
  'resourceId',
  'status',
  'deviceDetail',
  'location',
];

const fixed: Json = {
  ipAddress: '192.0.2.10',
  isInteractive: true,
  riskDetail: 'none',
  riskLevelAggregated: 'none',
  riskLevelDuringSignIn: 'none',
  riskState: 'none',
  riskEventTypes: [],
  riskEventTypes_v2: [],
  deviceDetail: {
    deviceId: '',
    displayName: '',
    operatingSystem: 'Windows10',
    browser: 'Edge',
    isCompliant: false,
    isManaged: false,
    trustType: '',
  },
  location: null,
};

export function signInReader(row: SignInRow): Reader {
  const { policies, errorCode, failureReason, at, ...plain } = row;
  const shown: Json = {
    ...fixed,
    ...plain,
    createdDateTime: isoSeconds(at),
    conditionalAccessStatus: statusOf(policies),
    appliedConditionalAccessPolicies: policies.map((policy) => ({ ...policy, enforcedSessionControls: [] })),
    status: { errorCode, failureReason, additionalDetails: null },
  };
  return (property) => shown[property];
}

function statusOf(policies: readonly AppliedPolicy[]): string {
  const results = new Set(policies.map(({ result }) => result));
  if (results.has('failure')) return 'failure';
  return results.has('success') ? 'success' : 'notApplied';
}

/** A user's last sign-ins as `signInActivity` tells them, as far as the log has come. */
export function signInActivityOf(tenant: Tenant, userId: string, now: number): Json | null {
  const rows = [...tenant.signIns.truths()].filter(
    (row) => row.userId === userId && isRowShown(tenant, row, now),
  );
  const last = rows.at(-1);
  if (last === undefined) return null;
  const good = rows.findLast((row) => row.errorCode === 0);
  return {
    lastSignInDateTime: isoSeconds(last.at),
    lastSignInRequestId: last.id,
    lastNonInteractiveSignInDateTime: null,
    lastNonInteractiveSignInRequestId: null,
    lastSuccessfulSignInDateTime: good === undefined ? null : isoMillis(good.at),
    lastSuccessfulSignInRequestId: good?.id ?? null,
  };
}
