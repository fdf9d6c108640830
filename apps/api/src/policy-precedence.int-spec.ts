import { routes } from '#contracts';
import { ApiWorld, policyBody, READER_ROLE, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const OTHER_ROLE = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';

let world: ApiWorld;
let msp: Msp;
let customerId: string;
let forAll: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
  const made = await world.connected(msp, {
    customerId: null,
    name: 'Helpdesk',
    roles: [READER_ROLE, OTHER_ROLE],
  });
  ({ customerId, policyId: forAll } = made);
});
afterAll(() => world.close());

const ask = (policyId: string): Promise<Answer> =>
  world.send(routes.requestAccess, { token: msp.technician, body: { customerId, policyId } });
const override = (terms: object = {}): Promise<string> =>
  world.made(routes.createAccessPolicy, {
    token: msp.admin,
    body: { ...policyBody, name: 'helpdesk', customerId, ...terms },
  });
const listed = async (query: Record<string, string>) =>
  (await world.send(routes.listAccessPolicies, { token: msp.technician, query })).body['items'];
const grantOf = async (asked: Answer): Promise<Answer['body']> =>
  (await world.send(routes.getGrant, { token: msp.technician, id: String(asked.body['grantId']) })).body;

describe("A customer's own access policy by the name of an organization-wide one", () => {
  it('takes from what runs there what it does not give, in Entra too, and tells it', async () => {
    const asked = await ask(forAll);
    await world.converge(customerId, msp.organizationId);
    const upn = String((await grantOf(asked))['upn']);

    const own = await override({ maximumDurationSeconds: 3_600 });
    await world.converge(customerId, msp.organizationId);

    const grant = await grantOf(asked);
    expect(grant).toMatchObject({ policyId: own, state: 'active' });
    const user = world.tenant.user(upn);
    const held = [...(user?.assignments ?? []), ...(user?.timedRoles ?? [])];
    expect(held.map(({ roleId }) => roleId)).toEqual([READER_ROLE]);
    const longer = await world.send(routes.extendGrant, {
      token: msp.technician,
      id: String(grant['id']),
      body: { expiresAt: grant['latestExpiresAt'] },
    });
    expect([longer.status, longer.body['code']]).toEqual([400, 'grant.extension_too_long']);
    const audit = await world.send(routes.listAuditEvents, { token: msp.auditor });
    expect(audit.body['items']).toContainEqual(
      expect.objectContaining({
        action: 'grant.moved',
        customerId,
        details: expect.objectContaining({
          fromPolicyId: forAll,
          toPolicyId: own,
          rolesBefore: [READER_ROLE, OTHER_ROLE],
          roles: [READER_ROLE],
        }) as object,
      }),
    );
  });

  it('is named where the other one is asked for, and marked in the list of that customer alone', async () => {
    const own = await override();

    const refused = await ask(forAll);

    expect([refused.status, refused.body]).toMatchObject([
      409,
      { code: 'access_policy.overridden', policyId: own, name: 'helpdesk' },
    ]);
    expect(await listed({ customerId })).toMatchObject([
      { id: forAll, usable: false, overriddenBy: { id: own, name: 'helpdesk' } },
      { id: own, usable: true, overriddenBy: null },
    ]);
    expect(await listed({})).toMatchObject([
      { id: forAll, usable: true, overriddenBy: null },
      { id: own, overriddenBy: null },
    ]);
    expect((await ask(own)).status).toBe(201);
  });

  it('gives the other one back to new requests when it is archived', async () => {
    const own = await override();
    const body = { ...policyBody, version: 1, state: 'archived' };
    await world.send(routes.changeAccessPolicy, { token: msp.admin, id: own, body });

    expect((await ask(forAll)).status).toBe(201);
    expect(await listed({ customerId })).toMatchObject([
      { id: forAll, usable: true, overriddenBy: null },
      {},
    ]);
  });
});
