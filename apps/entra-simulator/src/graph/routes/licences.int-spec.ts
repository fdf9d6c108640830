import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const bob = '33333333-0000-4000-8000-000000000002';
const office = '66666666-0000-4000-8000-000000000001';
const mailPlan = '77777777-0000-4000-8000-000000000001';
const badLocation = {
  status: 400,
  body: anError(
    'Request_BadRequest',
    'License assignment cannot be done for user with invalid usage location.',
  ),
};

describe('Licences', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    expect((await simulator.violations()).own).toEqual([]);
    await simulator.stopSimulator();
  });

  const stage = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, {
      permissions: [...usualPermissions, 'LicenseAssignment.ReadWrite.All'],
      users: [
        { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' },
        { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com' },
      ],
      skus: [
        {
          skuPartNumber: 'OFFICE',
          skuId: office,
          units: 1,
          servicePlans: [{ servicePlanId: mailPlan, servicePlanName: 'MAIL' }],
        },
      ],
      ...spec,
    });

  const assign = ({ graph }: Stage, changes: object, id = ann) =>
    graph('POST', `/users/${id}/assignLicense`, {
      body: { addLicenses: [], removeLicenses: [], ...changes },
    });
  const give = (on: Stage, id = ann, skuId = office) => assign(on, { addLicenses: [{ skuId }] }, id);
  const locate = ({ graph }: Stage, id = ann) =>
    graph('PATCH', `/users/${id}`, { body: { usageLocation: 'NL' } });

  it('S105: are not assigned without a usage location', async () => {
    const on = await stage();

    expect(await give(on)).toMatchObject(badLocation);
    await locate(on);
    expect((await give(on)).status).toBe(200);
  });

  it('S112: the licence service hears of the location later, and then takes it', async () => {
    const on = await stage({ lags: { directory: { minMs: 4_000, maxMs: 4_000 } } });

    expect((await locate(on)).status).toBe(204);

    expect(await give(on)).toMatchObject(badLocation);
    await simulator.advance(3_999);
    expect(await give(on)).toMatchObject(badLocation);
    await simulator.advance(1);
    expect((await give(on)).status).toBe(200);
  });

  it('S112: a location in the body of the create is known as soon as the user is', async () => {
    const on = await stage({ lags: { directory: { minMs: 4_000, maxMs: 4_000 } } });
    const id = await on.createUser({ usageLocation: 'NL' });

    expect((await give(on, id)).status).toBe(404);
    await simulator.advance(4_000);
    expect((await give(on, id)).status).toBe(200);
  });

  it('show on the user, in their details and in what the tenant has left', async () => {
    const on = await stage();
    await locate(on);
    await give(on);

    expect(
      bodyOf(await on.graph('GET', `/users/${ann}?$select=assignedLicenses`))['assignedLicenses'],
    ).toEqual([{ skuId: office, disabledPlans: [] }]);
    expect(valueOf(await on.graph('GET', `/users/${ann}/licenseDetails`))).toMatchObject([
      { skuPartNumber: 'OFFICE', servicePlans: [{ servicePlanName: 'MAIL', provisioningStatus: 'Success' }] },
    ]);
    expect(valueOf(await on.graph('GET', '/subscribedSkus'))).toMatchObject([
      { skuId: office, consumedUnits: 1, prepaidUnits: { enabled: 1 } },
    ]);
    expect((await simulator.truth(tenantId)).users[0]?.licences).toEqual([
      { skuId: office, skuPartNumber: 'OFFICE' },
    ]);
  });

  it('are refused when there is no such product, no unit left, or none to take away', async () => {
    const on = await stage();
    await locate(on);
    await locate(on, bob);
    const unknown = '66666666-0000-4000-8000-00000000dead';

    expect((await give(on, ann, unknown)).body).toMatchObject(
      anError('Request_BadRequest', `License ${unknown} does not correspond to a valid company License.`),
    );
    expect((await assign(on, { removeLicenses: [office] })).body).toMatchObject(
      anError('Request_BadRequest', 'User does not have a corresponding license.'),
    );
    await give(on);
    expect((await give(on, bob)).body).toMatchObject(
      anError('Request_BadRequest', `Subscription with SKU ${office} does not have any available licenses.`),
    );
    expect((await assign(on, { removeLicenses: [office] })).status).toBe(200);
    expect((await give(on, bob)).status).toBe(200);
  });

  it('can be assigned again with another choice of plans, and a plan of another product is refused', async () => {
    const on = await stage();
    await locate(on);
    await give(on);

    const narrower = await assign(on, { addLicenses: [{ skuId: office, disabledPlans: [mailPlan] }] });
    const strange = await assign(on, {
      addLicenses: [{ skuId: office, disabledPlans: ['77777777-0000-4000-8000-00000000dead'] }],
    });

    expect([narrower.status, strange.status]).toEqual([200, 400]);
    expect(valueOf(await on.graph('GET', `/users/${ann}/licenseDetails`))).toMatchObject([
      { servicePlans: [{ provisioningStatus: 'Disabled' }] },
    ]);
  });

  it('need both lists in the body', async () => {
    const { graph } = await stage();

    const answer = await graph('POST', `/users/${ann}/assignLicense`, { body: { removeLicenses: [] } });

    expect(answer.status).toBe(400);
    expect(String((bodyOf(answer)['error'] as { message: string }).message)).toContain('addLicenses');
  });

  it('S047: an assignment that meets another write to the user is turned away, where the switch says so', async () => {
    const on = await stage({ switches: { concurrentWriteConflicts: true } });
    const hook = await simulator.hold({ match: { method: 'PATCH', path: '/users/*' }, at: 'after-commit' });

    const first = locate(on);
    await simulator.waitHeld(hook);
    const second = await give(on);
    await simulator.release(hook);

    expect(second).toMatchObject({
      status: 409,
      body: { error: { code: 'Directory_ConcurrencyViolation' } },
    });
    expect((await first).status).toBe(204);
    expect((await give(on)).status).toBe(200);
  });

  it('cannot be written as a property, and come with the licence of the tenant unless its spec says otherwise', async () => {
    const on = await stage({ skus: undefined, licence: 'P1' });

    const patched = await on.graph('PATCH', `/users/${ann}`, { body: { assignedLicenses: [] } });

    expect(patched.status).toBe(400);
    expect(valueOf(await on.graph('GET', '/subscribedSkus'))).toMatchObject([
      { skuPartNumber: 'AAD_PREMIUM', consumedUnits: 0 },
    ]);
    await simulator.patchTenant(tenantId, { skus: [] });
    expect(valueOf(await on.graph('GET', '/subscribedSkus'))).toEqual([]);
  });
});
