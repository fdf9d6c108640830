import { digest } from '../foundation/ids.js';
import { hashUnit } from '../foundation/random.js';
import type { App } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import { appDisabled, appNotFound } from './errors.js';

/**
 * What the token endpoint knows of an app shortly after a consent: a new service principal is not found at first,
 * then not usable, then there without permissions; an older one keeps the permissions that it had.
 * When the lag is over it is the app as it is.
 */
export function knownApp(tenant: Tenant, app: App, now: number): App {
  const { consent } = app;
  if (consent === undefined) return app;
  const elapsed = now - consent.at;
  const lag = lagOf(tenant, app, consent.at);
  if (elapsed >= lag) return app;
  if (consent.before !== null) return { ...app, permissions: consent.before };
  if (elapsed < lag / 2) throw appNotFound(app.clientId, tenant.config.displayName);
  if (elapsed < (lag * 3) / 4) throw appDisabled(app.clientId);
  return { ...app, permissions: [] };
}

function lagOf(tenant: Tenant, app: App, at: number): number {
  const { minMs, maxMs } = tenant.config.lags.consent ?? { minMs: 0, maxMs: 0 };
  const number = Buffer.from(digest(app.servicePrincipalId, String(at))).readUInt32BE(0);
  return minMs + (maxMs - minMs) * hashUnit(number, 0);
}
