import type { Cloud } from '#core/tenancy';
import { checkedClouds, type CloudSettings } from './clouds.js';

/** Which app an admin is to consent to, where, and how he comes back. */
export interface ConsentPage {
  readonly cloud: Cloud;
  /** Null: the tenant of whoever signs in. */
  readonly tenantId: string | null;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
}

/**
 * The address at which an admin consents to everything that an app is registered to need; null: there is no such cloud here.
 * Source: entra/identity-platform/v2-admin-consent.
 */
export const adminConsentUrl = (clouds: CloudSettings, page: ConsentPage): string | null => {
  const cloud = checkedClouds(clouds).get(page.cloud);
  if (cloud === undefined) return null;
  const url = new URL(`/${page.tenantId ?? 'organizations'}/v2.0/adminconsent`, cloud.authorityHost);
  url.searchParams.set('client_id', page.clientId);
  url.searchParams.set('scope', `${cloud.graphHost}/.default`);
  url.searchParams.set('redirect_uri', page.redirectUri);
  url.searchParams.set('state', page.state);
  return url.href;
};
