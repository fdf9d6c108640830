import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL } from './fake-directory-tenant.js';
import { fakeCatalogueGroup, FakeTenantCatalogue } from './fake-tenant-catalogue.js';
import { tenantCatalogueContract } from './tenant-catalogue.contract.js';

const app: EntraApp = {
  connectionId: idOf('c'),
  version: 1,
  cloud: 'global',
  tenantId: 't',
  clientId: FAKE_CLIENT_ID,
  credential: { kind: 'secret', value: new Secret(FAKE_CREDENTIAL) },
};
const role = (displayName: string, id: string, privileged: boolean) => ({
  id: idOf<'entra role'>(id),
  templateId: idOf<'entra role'>(id),
  displayName,
  builtIn: true,
  privileged,
});
const domain = (name: string, managed: boolean) => ({
  name,
  verified: true,
  managed,
  isDefault: managed,
  initial: false,
});

tenantCatalogueContract('FakeTenantCatalogue', ({ closed }) => {
  const catalogue = new FakeTenantCatalogue();
  const tenant = catalogue.addTenant({
    tenantId: 't',
    groups: [
      fakeCatalogueGroup('Helpers'),
      fakeCatalogueGroup('Readers'),
      fakeCatalogueGroup('Protected', { roleAssignable: true }),
      fakeCatalogueGroup('Everybody', { dynamic: true, manageable: false }),
      fakeCatalogueGroup('From the office', { synced: true, manageable: false }),
      fakeCatalogueGroup('Newsletter', { mailEnabled: true, manageable: false }),
      fakeCatalogueGroup('Project', { mailEnabled: true }),
    ],
    roles: [
      role('Global Administrator', '62e90394-69f5-4237-9190-012177145e10', true),
      role('Message Center Reader', '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', false),
    ],
    units: [
      { id: idOf('u1'), displayName: 'Berlin', restricted: false },
      { id: idOf('u2'), displayName: 'Vault', restricted: true },
    ],
    domains: [domain('acme.example', true), domain('elsewhere.example', false)],
    closed: closed === true ? ['groups', 'roles', 'units', 'domains', 'changes'] : [],
  });
  let made = 0;
  return Promise.resolve({
    catalogue,
    app,
    makeUser: (upn, marker) => {
      made += 1;
      const id = idOf<'entra object'>(`user ${made}`);
      tenant.put(id, { upn, marker, enabled: false });
      return Promise.resolve(id);
    },
    enable: (user) => Promise.resolve(tenant.put(user, { enabled: true })),
    remove: (user) => Promise.resolve(tenant.remove(user, 'soft')),
    purge: (user) => Promise.resolve(tenant.remove(user, 'hard')),
    losePlace: () => Promise.resolve(tenant.forget()),
    close: () => Promise.resolve(),
  });
});
