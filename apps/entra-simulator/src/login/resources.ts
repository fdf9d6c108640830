import type { Tenant } from '../state/tenant.js';
import { cloudOf, graphAudienceOf, graphAudiences } from './clouds.js';
import { badScope, unknownResource } from './errors.js';

/** What a token is for. */
export interface Resource {
  readonly audience: string;
  readonly displayName: string;
  /** Azure Resource Manager: Microsoft's mandatory MFA covers it. */
  readonly isAdminSurface: boolean;
  readonly isOffline: boolean;
}

const graphId = '00000003-0000-0000-c000-000000000000';
/** Scopes that name no resource. */
const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Apps ask for everything that was consented to, of one resource. */
export function resourceOfApp(scope: string, tenant: Tenant, origin: string): Resource {
  if (!scope.endsWith('/.default')) throw badScope(scope);
  const name = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
  const found = graphOf(name, tenant, origin);
  if (found === undefined) throw unknownResource(name);
  return found;
}

/** Users ask for scopes of one resource; a bare name is a scope of Graph. */
export function resourceOfUser(scope: string, tenant: Tenant, origin: string): Resource {
  const scopes = scope.split(' ').filter((one) => one !== '');
  const isOffline = scopes.includes('offline_access');
  const [first] = scopes.filter((one) => !openIdScopes.has(one));
  if (scopes.length === 0) throw badScope(scope);
  const name = first?.includes('/') === true ? first.slice(0, first.lastIndexOf('/')).replace(/\/$/, '') : '';
  const found =
    name === '' ? graphOf(graphId, tenant, origin) : (graphOf(name, tenant, origin) ?? armOf(name, tenant));
  if (found === undefined) throw unknownResource(name);
  return { ...found, isOffline };
}

function graphOf(name: string, tenant: Tenant, origin: string): Resource | undefined {
  const own = graphAudienceOf(tenant);
  const isKnown = [own, graphAudiences[0], graphId, origin].includes(name);
  if (!isKnown) return undefined;
  const audience = name === graphAudiences[0] ? name : own;
  return { audience, displayName: 'Microsoft Graph', isAdminSurface: false, isOffline: false };
}

function armOf(name: string, tenant: Tenant): Resource | undefined {
  const isArm = cloudOf(tenant).armHosts.some((host) => name === `https://${host}`);
  if (!isArm) return undefined;
  return {
    audience: name,
    displayName: 'Windows Azure Service Management API',
    isAdminSurface: true,
    isOffline: false,
  };
}
