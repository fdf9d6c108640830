import type { RequestLog } from '../control/records.js';
import { isoMillis } from '../foundation/clock.js';
import type { Tenant } from '../state/tenant.js';

export interface SignInLine {
  readonly at: string;
  readonly who: string;
  readonly how: string;
  readonly outcome: string;
}

const mostLines = 50;

/** Who signed in to this tenant or tried to, users and apps, the newest first. */
export function signInsOf(simulator: { requests: RequestLog }, tenant: Tenant): SignInLine[] {
  return [...usersIn(tenant), ...appsIn(simulator.requests, tenant)]
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, mostLines);
}

function usersIn(tenant: Tenant): SignInLine[] {
  const rows = [...tenant.signIns.truths()].slice(-mostLines);
  return rows.map(({ at, userPrincipalName, clientAppUsed, errorCode, failureReason }) => ({
    at: isoMillis(at),
    who: userPrincipalName,
    how: clientAppUsed,
    outcome: errorCode === 0 ? 'let in' : `AADSTS${errorCode} ${failureReason}`,
  }));
}

function appsIn(requests: RequestLog, tenant: Tenant): SignInLine[] {
  const entries = requests
    .since(0)
    .filter(({ kind, tenantId }) => kind === 'token' && tenantId === tenant.id);
  return entries.slice(-mostLines).map(({ at, appId, status }) => ({
    at,
    who: tenant.apps.get(appId?.toLowerCase() ?? '')?.displayName ?? appId ?? 'an unknown app',
    how: 'token',
    outcome: status === 200 ? 'let in' : `refused (${status})`,
  }));
}
