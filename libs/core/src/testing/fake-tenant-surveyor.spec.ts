import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL } from './fake-directory-tenant.js';
import { fakeCatalogueGroup } from './fake-tenant-catalogue.js';
import { FAKE_PASS_POLICY, FakeTenantSurveyor } from './fake-tenant-surveyor.js';
import { tenantSurveyContract } from './tenant-survey.contract.js';

tenantSurveyContract('FakeTenantSurveyor', ({ closed }) => {
  const surveyor = new FakeTenantSurveyor();
  const helpers = fakeCatalogueGroup('Helpers');
  const everybody = fakeCatalogueGroup('Everybody', { dynamic: true, manageable: false });
  const north = idOf<'entra unit'>('cccccccc-0000-4000-8000-000000000001');
  const tenantId = 'aaaaaaaa-0000-4000-8000-000000000001';
  const paa = idOf<'entra role'>('7be44c8a-adaf-4e2a-84d6-ab2649e08a13');
  surveyor.set({
    tenantId,
    closed,
    groups: [helpers, everybody],
    units: [{ id: north, displayName: 'North', restricted: false }],
    ...(closed
      ? {}
      : {
          ownRoles: { known: true, value: [paa] },
          globalAdministrators: { known: true, value: 1 },
          passPolicy: { known: true, value: { ...FAKE_PASS_POLICY, minimumMinutes: 10 } },
        }),
  });
  const app: EntraApp = {
    connectionId: idOf('connection'),
    version: 1,
    cloud: 'global',
    tenantId,
    clientId: FAKE_CLIENT_ID,
    credential: { kind: 'secret', value: new Secret(FAKE_CREDENTIAL) },
  };
  return Promise.resolve({
    surveyor,
    app,
    helpers: helpers.id,
    everybody: everybody.id,
    north,
    close: () => Promise.resolve(),
  });
});
