import { routes } from '#contracts';
import { ApiWorld, policyBody, READER_ROLE, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const OTHER_ROLE = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';

let world: ApiWorld;
let msp: Msp;
let customerId: string;
let policyId: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
  const terms = { customerId: null, name: 'Helpdesk', roles: [READER_ROLE, OTHER_ROLE] };
  ({ customerId, policyId } = await world.connected(msp, terms));
});
afterAll(() => world.close());

const preview = (body: object, query: Record<string, string> = {}): Promise<Answer> =>
  world.send(routes.previewAccessPolicy, { token: msp.admin, body: { ...policyBody, ...body }, query });
const listed = async (): Promise<unknown> =>
  (await world.send(routes.listAccessPolicies, { token: msp.admin })).body['items'];
const audited = async (): Promise<unknown> =>
  (await world.send(routes.listAuditEvents, { token: msp.auditor })).body['items'];

describe('A preview of an access policy', () => {
  it('tells who may get what, where and for how long, and what saving would do, and saves nothing', async () => {
    const body = { customerId, policyId, durationSeconds: 7_200 };
    await world.send(routes.requestAccess, { token: msp.technician, body });
    const before = [await listed(), await audited()];

    const told = await preview({ customerId, name: 'helpdesk', maximumDurationSeconds: 3_600 });

    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      policyId: null,
      customerId,
      technicians: { total: 5, nextCursor: null },
      customers: { total: 1, usableAt: 1, items: [{ id: customerId, usable: true, obstacles: [] }] },
      roles: [{ roleId: READER_ROLE, tier: 'limited', withheld: false }],
      longestSeconds: 3_600,
      warnings: [{ code: 'overrides' }],
      complete: true,
      effects: {
        ...{ ended: 0, shortened: 1, reduced: 1, moved: 1 },
        customers: [{ customerId, ended: 0, shortened: 1, reduced: 1, moved: 1 }],
      },
    });
    expect([await listed(), await audited()]).toEqual(before);
  });

  it('of a change goes by the policy that there is', async () => {
    await world.send(routes.requestAccess, { token: msp.technician, body: { customerId, policyId } });

    const narrowed = await preview({ policyId, name: 'Helpdesk' });
    const archived = await preview({ policyId, name: 'Helpdesk', state: 'archived' });

    expect(narrowed.body).toMatchObject({ policyId, effects: { ended: 0, reduced: 1 } });
    expect(archived.body).toMatchObject({ effects: { ended: 1 }, warnings: [] });
  });

  it('is refused with what saving would be refused with', async () => {
    const nobodys = '019ab0c4-0000-7000-8000-0000000000aa';
    const codes = [
      await preview({ defaultDurationSeconds: 7_201 }),
      await preview({ customerId: nobodys }),
      await preview({ policyId: nobodys }),
      await preview({ technicianGroups: [nobodys] }),
    ].map(({ status, body }) => [status, body['code']]);

    expect(codes).toEqual([
      [400, 'access_policy.durations_invalid'],
      [404, 'customer.not_found'],
      [404, 'access_policy.not_found'],
      [404, 'technician_group.not_found'],
    ]);
  });

  it('comes in pages of technicians and of customers', async () => {
    const first = await preview({}, { limit: '3' });
    const { nextCursor } = first.body['technicians'] as { readonly nextCursor: string };
    const second = await preview({}, { limit: '3', technicianCursor: nextCursor });

    const ids = [first, second].map(
      ({ body }) => (body['technicians'] as { readonly items: readonly { readonly id: string }[] }).items,
    );
    expect(ids.map(({ length }) => length)).toEqual([3, 2]);
    expect(new Set(ids.flat().map(({ id }) => id)).size).toBe(5);
    expect((await preview({}, { customerCursor: customerId })).body).toMatchObject({
      customers: { total: 1, items: [], nextCursor: null },
    });
  });
});

describe('The reach of an access policy', () => {
  it('is told as it is, to whoever may see the technicians', async () => {
    const read = (token: string) => world.send(routes.getAccessPolicyReach, { token, id: policyId });

    const { status, body } = await read(msp.auditor);

    expect([status, body]).toMatchObject([
      200,
      { policyId, customerId: null, name: 'Helpdesk', warnings: [] },
    ]);
    expect(body).not.toHaveProperty('effects');
    expect((await read(msp.technician)).status).toBe(403);
  });
});

describe('Whoever saves an access policy', () => {
  it('is told what keeps people from using it, and what its name does', async () => {
    const group = await world.made(routes.createTechnicianGroup, {
      token: msp.owner,
      body: { name: 'Tier 2' },
    });

    const made = await world.send(routes.createAccessPolicy, {
      token: msp.admin,
      body: { ...policyBody, customerId, name: 'HELPDESK', technicianGroups: [group] },
    });
    const changed = await world.send(routes.changeAccessPolicy, {
      token: msp.admin,
      id: String(made.body['id']),
      body: { ...policyBody, version: 1, name: 'Its own' },
    });

    expect([made.status, made.body]).toMatchObject([
      201,
      { warnings: [{ code: 'groups_empty' }, { code: 'overrides' }] },
    ]);
    expect([changed.status, changed.body]).toMatchObject([200, { warnings: [] }]);
  });
});
