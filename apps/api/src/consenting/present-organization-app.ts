import type { OrganizationAppOut } from '#contracts';
import type { OrganizationApp } from '#core/tenancy';
import { clouds, credentialKinds } from '../customers/present-customer.js';
import { iso, isoOrNull } from '../wire.js';

/** Everything of it but its credential. */
export const presentOrganizationApp = (
  app: OrganizationApp,
  { customers, redirectUri }: Pick<OrganizationAppOut, 'customers' | 'redirectUri'>,
): OrganizationAppOut => ({
  id: app.id,
  cloud: clouds[app.cloud],
  tenantId: app.tenantId,
  clientId: app.clientId,
  credentialKind: credentialKinds[app.credentialKind],
  checkedAt: iso(app.checkedAt),
  credentialEndsAt: isoOrNull(app.credentialEndsAt),
  version: app.version,
  redirectUri,
  customers,
});
