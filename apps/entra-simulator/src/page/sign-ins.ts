import type { RequestLog } from '../control/records.js';
import type { Tenant } from '../state/tenant.js';

export interface SignInLine {
  readonly at: string;
  readonly who: string;
  readonly how: string;
  readonly outcome: string;
}

const mostLines = 50;

/** Who asked for a token of this tenant, the newest first. */
export function signInsOf({ requests }: { requests: RequestLog }, tenant: Tenant): SignInLine[] {
  return requests
    .since(0)
    .filter((entry) => entry.kind === 'token' && entry.tenantId === tenant.id)
    .slice(-mostLines)
    .reverse()
    .map(({ at, appId, status }) => ({
      at,
      who: tenant.apps.get(appId?.toLowerCase() ?? '')?.displayName ?? appId ?? 'unknown',
      how: 'token',
      outcome: status === 200 ? 'granted' : `refused (${status})`,
    }));
}
