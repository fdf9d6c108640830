import { routes } from '#contracts';
import { HOUR, MINUTE } from '#core/shared';
import { ApiWorld, policyBody, READER_ROLE, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

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
});
afterAll(() => world.close());

const setUp = async (policy: object = {}): Promise<void> => {
  ({ customerId, policyId } = await world.connected(msp, policy));
};
const change = (body: object): Promise<Answer> =>
  world.send(routes.changeAccessPolicy, {
    token: msp.admin,
    id: policyId,
    body: { ...policyBody, version: 1, ...body },
  });
const ask = (wish: object = {}): Promise<Answer> =>
  world.send(routes.requestAccess, { token: msp.technician, body: { customerId, policyId, ...wish } });
const grantOf = async (asked: Answer): Promise<Answer['body']> =>
  (await world.send(routes.getGrant, { token: msp.technician, id: String(asked.body['grantId']) })).body;

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const inUtc = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
/** From the minute that is this far from now until another, on each day. */
const windowAround = (from: number, to: number) => ({
  timeZone: 'UTC',
  windows: [{ days: DAYS, from: inUtc(world.clock.now() + from), to: inUtc(world.clock.now() + to) }],
});

describe('The conditions of an access policy', () => {
  it('are none where nobody named any', async () => {
    await setUp();

    const { body } = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });

    expect(body).toMatchObject({ ticket: 'optional', ticketPatterns: [], allowedHours: null });
  });

  it('come back as they were given, and are told in the audit log', async () => {
    const allowedHours = {
      timeZone: 'Europe/Zurich',
      windows: [{ days: ['monday', 'friday'], from: '22:00', to: '06:00' }],
    };
    await setUp({ ticket: 'required', ticketPatterns: ['INC-#######'], allowedHours });

    const { body } = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });
    const audit = await world.send(routes.listAuditEvents, { token: msp.auditor });

    expect(body).toMatchObject({ ticketPatterns: ['INC-#######'], allowedHours });
    expect(audit.body['items']).toContainEqual(
      expect.objectContaining({
        action: 'access_policy.created',
        details: expect.objectContaining({
          ticketPatterns: ['INC-#######'],
          timeZone: 'Europe/Zurich',
          allowedHours: ['monday friday 22:00-06:00'],
        }) as object,
      }),
    );
  });

  it('refuse a ticket that looks like none, and show what is wanted', async () => {
    await setUp({ ticketPatterns: ['INC-#######'] });

    const refused = await ask({ ticket: 'INC-12' });

    expect([refused.status, refused.body]).toMatchObject([
      400,
      { code: 'access_request.ticket_mismatch', patterns: ['INC-#######'] },
    ]);
    expect((await ask({ ticket: 'inc-0000012' })).status).toBe(201);
  });

  it('end a grant with the hours, and refuse one outside of them', async () => {
    await setUp({ allowedHours: windowAround(-HOUR, 30 * MINUTE) });

    const late = await ask({ durationSeconds: 3_600 });
    const elsewhen = await ask({ startsAt: new Date(world.clock.now() + HOUR).toISOString() });
    const given = await grantOf(await ask());

    expect([late.status, late.body['code']]).toEqual([400, 'access_request.beyond_hours']);
    expect([elsewhen.status, elsewhen.body['code']]).toEqual([400, 'access_request.outside_hours']);
    const minute = 60_000;
    const closesAt = Math.floor((world.clock.now() + 30 * MINUTE) / minute) * minute;
    expect(Date.parse(String(given['latestExpiresAt']))).toBe(closesAt);
    expect(Date.parse(String(given['expiresAt']))).toBeLessThanOrEqual(closesAt);
  });

  it('that change end what runs outside of the new hours, and forbid what was to begin there', async () => {
    await setUp();
    const running = await ask({ durationSeconds: 600 });
    const later = await ask({
      durationSeconds: 600,
      startsAt: new Date(world.clock.now() + 5 * HOUR).toISOString(),
    });
    await world.converge(customerId, msp.organizationId);
    world.clock.advance(MINUTE);

    const changed = await change({ allowedHours: windowAround(HOUR, 2 * HOUR) });
    await world.converge(customerId, msp.organizationId);

    expect(changed.status).toBe(200);
    expect(await grantOf(running)).toMatchObject({
      state: 'ending',
      endReason: 'expired',
      expiresAt: new Date(world.clock.now()).toISOString(),
    });
    expect(await grantOf(later)).toMatchObject({ endReason: 'outside_hours' });
  });
});

describe('A role in an administrative unit', () => {
  const unitRoles = [{ roleId: READER_ROLE, unitId: '0f0f0f0f-0000-4000-8000-000000000001' }];

  it('stands beside the others in policy and grant, is given there, and is taken with its policy', async () => {
    await setUp({ roles: [], unitRoles });
    const asked = await ask();
    await world.converge(customerId, msp.organizationId);

    const policy = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });
    const given = await grantOf(asked);
    expect(policy.body).toMatchObject({ roles: [], unitRoles });
    expect(given).toMatchObject({ state: 'active', roles: [], unitRoles });
    const [{ roleId, unitId } = { roleId: '', unitId: '' }] = unitRoles;
    const held = { roleId, scope: `/administrativeUnits/${unitId}` };
    const user = () => world.tenant.user(String(given['upn']));
    expect([...(user()?.assignments ?? []), ...(user()?.timedRoles ?? [])]).toMatchObject([held]);

    await change({ unitRoles: [] });
    await world.converge(customerId, msp.organizationId);
    expect(user()).toMatchObject({ roles: [], enabled: true });
  });
});

describe('The ceiling of roles', () => {
  const OTHER_ROLE = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';
  const read = async (token: string): Promise<Answer['body']> =>
    (await world.send(routes.getRoleCeiling, { token })).body;
  const lower = (roles: readonly string[] | null, version: number, token = msp.owner): Promise<Answer> =>
    world.send(routes.changeRoleCeiling, { token, body: { roles, version } });

  it('is all roles at first, is changed by an owner alone, and names the policies above it', async () => {
    await setUp({ roles: [READER_ROLE, OTHER_ROLE] });
    expect(await read(msp.auditor)).toEqual({ roles: null, version: 1, policiesAbove: [] });

    const refused = await lower([READER_ROLE], 1, msp.admin);
    const changed = await lower([READER_ROLE], 1);
    const stale = await lower(null, 1);

    expect(refused.status).toBe(403);
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        roles: [READER_ROLE],
        version: 2,
        policiesAbove: [{ id: policyId, customerId, withheldRoles: [OTHER_ROLE] }],
      },
    ]);
    expect([stale.status, stale.body]).toMatchObject([
      409,
      { code: 'role_ceiling.changed_meanwhile', version: 2, newer: { roles: [READER_ROLE], version: 2 } },
    ]);
    const { body } = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });
    expect(body).toMatchObject({ roles: [READER_ROLE, OTHER_ROLE], withheldRoles: [OTHER_ROLE] });
  });

  it('takes a role from whoever holds it, in the tenant and in a unit, and gives nobody more', async () => {
    const unitRoles = [{ roleId: OTHER_ROLE, unitId: '0f0f0f0f-0000-4000-8000-000000000001' }];
    await setUp({ roles: [READER_ROLE, OTHER_ROLE], unitRoles });
    const asked = await ask();
    await world.converge(customerId, msp.organizationId);
    const { upn } = await grantOf(asked);
    expect(world.tenant.user(String(upn))?.roles).toHaveLength(3);

    await lower([READER_ROLE], 1);
    await world.converge(customerId, msp.organizationId);

    expect(world.tenant.user(String(upn))).toMatchObject({ enabled: true, roles: [READER_ROLE] });
    await lower([], 2);
    const refused = await world.send(routes.requestAccess, {
      token: msp.colleague,
      body: { customerId, policyId },
    });
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { code: 'access_policy.withheld', roles: [READER_ROLE, OTHER_ROLE] },
    ]);
  });

  it('refuses a policy above it', async () => {
    await setUp();
    await lower([READER_ROLE], 1);

    const created = await world.send(routes.createAccessPolicy, {
      token: msp.owner,
      body: { ...policyBody, roles: [READER_ROLE, OTHER_ROLE] },
    });
    const changed = await change({ roles: [OTHER_ROLE] });

    for (const { status, body } of [created, changed])
      expect([status, body]).toMatchObject([
        409,
        { code: 'access_policy.above_role_ceiling', roles: [OTHER_ROLE] },
      ]);
  });

  it.each([
    ['without a version', { roles: null }],
    ['with a role that is no id', { version: 1, roles: ['Global Administrator'] }],
    ['with more roles than there are', { version: 1, roles: Array(501).fill(READER_ROLE) }],
    ['without saying which roles', { version: 1 }],
  ])('is not changed %s', async (_, body) => {
    const answer = await world.send(routes.changeRoleCeiling, { token: msp.owner, body });

    expect([answer.status, answer.body['code']]).toEqual([400, 'request.invalid']);
  });
});

describe('Of two admins who change a policy at once', () => {
  it('one wins, and the other is shown what there is by now', async () => {
    await setUp();

    const answers = await Promise.all([change({ name: 'One' }), change({ name: 'Other' })]);

    const won = answers.find(({ status }) => status === 200)?.body;
    const lost = answers.find(({ status }) => status !== 200);
    expect(lost?.status).toBe(409);
    expect(lost?.body).toMatchObject({ code: 'access_policy.changed_meanwhile', newer: won });
    expect(won).toMatchObject({ id: policyId, version: 2 });
  });

  it('whoever comes later with the old version is shown it too', async () => {
    await setUp();
    const first = await change({ name: 'One' });

    const late = await change({ name: 'Late' });

    expect([late.status, late.body]).toMatchObject([
      409,
      { code: 'access_policy.changed_meanwhile', newer: first.body },
    ]);
    const again = await change({ name: 'Late', version: 2 });
    expect(again.body).toMatchObject({ name: 'Late', version: 3 });
  });
});
