import type { App, AppSecret } from '../state/model.js';
import type { FederatedCredential } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';

/** The app as its home tenant has registered it, when other tenants may consent to it. */
export function homeOf(world: World, clientId: string): App | undefined {
  for (const tenant of world.tenants.values()) {
    const app = tenant.apps.get(clientId.toLowerCase());
    if (app?.multiTenant === true) return app;
  }
  return undefined;
}

/** What consent in this tenant is about: the world-wide registration, or the tenant's own app. */
export const registrationOf = (world: World, tenant: Tenant | undefined, clientId: string): App | undefined =>
  homeOf(world, clientId) ?? tenant?.apps.get(clientId.toLowerCase());

export interface Credentials {
  readonly clientId: string;
  readonly secrets: readonly AppSecret[];
  readonly certificates: readonly string[];
  readonly federated: readonly FederatedCredential[];
}

/** An app proves itself with what it has at home, and with what this tenant's entry names. */
export function credentialsOf(world: World, app: App): Credentials {
  const home = app.multiTenant === true ? undefined : homeOf(world, app.clientId);
  const both = home === undefined ? [app] : [app, home];
  return {
    clientId: app.clientId,
    secrets: both.flatMap((one) => one.secrets),
    certificates: both.flatMap((one) => one.certificates),
    federated: both.flatMap((one) => one.federatedCredentials ?? []),
  };
}
