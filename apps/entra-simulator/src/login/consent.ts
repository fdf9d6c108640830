import { roleIdsOf } from '../directory/reach.js';
import type { ConsentAnswer, ConsentDecision } from '../control/contract.js';
import type { App, User } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { registrationOf } from './registrations.js';
import { servicePrincipalIdOf } from './tokens.js';

const everything = 'https://graph.microsoft.com/.default';

const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const applicationAdministrator = '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3';
const cloudApplicationAdministrator = '158c047a-c907-4556-b7ef-446551a6b5f7';

/** Application permissions of Graph are for the two highest; the others may consent to an app that asks for none. */
export function mayConsent(tenant: Tenant, user: User, registration: App): boolean {
  const roles = roleIdsOf(tenant, user.id);
  const highest = [globalAdministrator, privilegedRoleAdministrator];
  const asksForNone = (registration.requiredPermissions ?? []).length === 0;
  const admitted = asksForNone
    ? [...highest, applicationAdministrator, cloudApplicationAdministrator]
    : highest;
  return admitted.some((role) => roles.has(role));
}

export const declined: ConsentAnswer = {
  error: 'access_denied',
  error_description: 'AADSTS65004: User declined to consent to access the app.',
};

export const notPermitted: ConsentAnswer = {
  error: 'permission_denied',
  error_description:
    'AADSTS90094: An administrator of the organization is required to grant the permissions that the application requested.',
};

interface Grant {
  readonly registration: App;
  readonly scope: string;
  readonly admin: User | undefined;
}

/**
 * Grants what the app is registered to need, beside what it has; the service principal is made when there is none.
 * Tokens issued before keep their roles, and the next ones wait for the consent lag. Only `.default` stands for
 * application permissions: single scopes are delegated ones, which a token for an app never carries.
 */
export function grant(world: World, tenant: Tenant, { registration, scope, admin }: Grant): ConsentAnswer {
  const { clientId, displayName } = registration;
  const held = tenant.apps.get(clientId.toLowerCase());
  const before = held?.consented === true ? held.permissions : null;
  const asked = scope.split(' ').some((one) => one.endsWith('/.default'))
    ? (registration.requiredPermissions ?? [])
    : [];
  const permissions = [...new Set([...(before ?? []), ...asked])];
  const now = world.clock.now();
  const app: App = {
    ...(held ?? newPrincipal(tenant, clientId, displayName)),
    permissions,
    consented: true,
    consent: { at: now, before },
  };
  world.putApp(tenant, app);
  const writer = new Writer(world, tenant, { by: 'portal', requestId: 'consent' });
  writer.note(
    'consent.given',
    { id: app.servicePrincipalId },
    { appId: clientId, displayName, permissions: asked, admin: admin?.userPrincipalName ?? null },
  );
  return { admin_consent: 'True', tenant: tenant.id, scope };
}

const newPrincipal = (tenant: Tenant, clientId: string, displayName: string): App => ({
  clientId,
  servicePrincipalId: servicePrincipalIdOf(tenant.id, clientId),
  displayName,
  secrets: [],
  certificates: [],
  permissions: [],
  disabled: false,
  consented: true,
});

/** The decision of the consent page without the page; undefined when there is no such app. */
export function decide(world: World, tenant: Tenant, decision: ConsentDecision): ConsentAnswer | undefined {
  const registration = registrationOf(world, tenant, decision.clientId);
  if (registration === undefined) return undefined;
  if (decision.decision === 'decline') return declined;
  if (decision.by === undefined)
    return grant(world, tenant, { registration, scope: everything, admin: undefined });
  const [admin] = tenant.users.lookUp('upn', decision.by.toLowerCase());
  if (admin === undefined || !mayConsent(tenant, admin, registration)) return notPermitted;
  return grant(world, tenant, { registration, scope: everything, admin });
}
