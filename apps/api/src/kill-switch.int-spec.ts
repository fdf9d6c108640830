import { routes } from '#contracts';
import { FAKE_CREDENTIAL } from '#core/testing';
import { ApiWorld, TENANT } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

let world: ApiWorld;
let msp: Msp;

beforeAll(async () => {
  world = await ApiWorld.open();
});

beforeEach(async () => {
  await world.clear();
  msp = await world.msp(`msp-${world.clock.now()}`);
  world.clock.advance(60_000);
});

afterAll(() => world.close());

interface Account {
  readonly accountId: string;
  readonly customerName: string;
  readonly state: string;
  readonly cause: object | null;
}

/** The technician has an active grant at a customer. */
const running = async (policy: object = {}) => {
  const place = await world.connected(msp, policy);
  const asked = await world.send(routes.requestAccess, { token: msp.technician, body: place });
  expect(asked.status).toBe(201);
  await world.converge(place.customerId, msp.organizationId);
  const { grantId, technicianId } = asked.body as { readonly grantId: string; readonly technicianId: string };
  return { ...place, grantId, technicianId };
};

const pull = (body: object, token = msp.owner, key?: string) =>
  world.send(routes.pullKillSwitch, { token, body, ...(key === undefined ? {} : { key }) });

const ALL = { scope: 'organization', reason: 'a laptop was stolen' };

describe('POST /kill-switch', () => {
  it('ends what runs, tells how far it is, and keeps out what is asked for until an owner lifts it', async () => {
    const { customerId, policyId, grantId } = await running();
    const wish = { customerId, policyId };

    const pulled = await pull(ALL);

    expect(pulled.status).toBe(201);
    const id = String(pulled.body['id']);
    expect(pulled.body).toMatchObject({
      scope: 'organization',
      technicianId: null,
      reason: 'a laptop was stolen',
      placedBy: { kind: 'technician' },
      liftedAt: null,
      accounts: { total: 1, open: 1, closed: 0 },
      items: [{ customerName: 'Contoso', tenantId: TENANT, state: 'open', cause: null }],
      nextCursor: null,
    });
    const asked = await world.send(routes.requestAccess, { token: msp.technician, body: wish });
    expect([asked.status, asked.body['code'], asked.body['holdId']]).toEqual([409, 'access.held', id]);
    const extend = { token: msp.technician, id: grantId, body: { expiresAt: '2026-12-01T00:00:00Z' } };
    expect((await world.send(routes.extendGrant, extend)).body['code']).toBe('access.held');
    const reveal = { token: msp.technician, id: grantId, body: {} };
    expect((await world.send(routes.revealCredentials, reveal)).body['code']).toBe('access.held');

    await world.converge(customerId, msp.organizationId);
    world.clock.advance(6_000);
    await world.converge(customerId, msp.organizationId);
    const told = await world.send(routes.getKillSwitch, { token: msp.auditor, id });
    expect(told.body).toMatchObject({
      accounts: { total: 1, closed: 1 },
      items: [{ state: 'closed', closedAt: expect.any(String) as string }],
    });
    const grant = await world.send(routes.getGrant, { token: msp.technician, id: grantId });
    expect(grant.body).toMatchObject({ state: 'ended', endReason: 'killed' });

    const byAdmin = await world.send(routes.liftKillSwitch, { token: msp.admin, id, body: {} });
    expect([byAdmin.status, byAdmin.body['code']]).toEqual([403, 'permission.missing']);
    const lifted = await world.send(routes.liftKillSwitch, { token: msp.owner, id, body: {} });
    expect([lifted.status, lifted.body['liftedAt']]).toEqual([200, expect.any(String)]);
    const twice = await world.send(routes.liftKillSwitch, { token: msp.owner, id, body: {} });
    expect([twice.status, twice.body['code']]).toEqual([409, 'hold.already_lifted']);
    world.clock.advance(1_000);
    expect((await world.send(routes.requestAccess, { token: msp.technician, body: wish })).status).toBe(201);
  });

  it('lists what is left with the steps to do it by hand, and what keeps it', async () => {
    const { customerId } = await running();
    const { body } = await pull({ scope: 'customer', customerId });
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 30 });
    await world.converge(customerId, msp.organizationId);
    const id = String(body['id']);

    const left = await world.send(routes.listByHand, { token: msp.approver, id });

    const until = new Date(world.clock.now() + 30_000).toISOString();
    expect(left.body).toMatchObject({
      items: [
        {
          customerName: 'Contoso',
          tenantId: TENANT,
          state: 'ending',
          cause: { reason: 'throttled', until },
          mayHold: { enabled: true },
          portalUrl: expect.stringContaining(`https://entra.microsoft.com/${TENANT}/`) as string,
          commands: expect.arrayContaining(['Update-MgUser -UserId $id -AccountEnabled:$false']) as string[],
        },
      ],
    });
    expect(left.text).not.toContain(FAKE_CREDENTIAL);
    const ending = { token: msp.owner, id, query: { state: 'ending' } };
    const items = (await world.send(routes.getKillSwitch, ending)).body['items'] as readonly Account[];
    expect(items.map(({ cause }) => cause)).toMatchObject([{ reason: 'throttled', until }]);
    const closed = { token: msp.owner, id, query: { state: 'closed' } };
    expect((await world.send(routes.getKillSwitch, closed)).body['items']).toEqual([]);
  });

  it('is one hold, pulled twice or sent twice', async () => {
    await running();
    const first = await pull(ALL, msp.owner, 'key');
    const again = await pull(ALL, msp.owner, 'key');
    const byAdmin = await pull({ scope: 'organization' }, msp.admin);

    expect([again.body['id'], byAdmin.body['id']]).toEqual([first.body['id'], first.body['id']]);
    const other = await pull({ scope: 'organization' }, msp.owner, 'key');
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency.key_reused']);
    const listed = await world.send(routes.listKillSwitches, { token: msp.auditor });
    expect(listed.body['items']).toHaveLength(1);
  });

  it('may be pulled by a technician for himself, and for nobody else', async () => {
    const { technicianId, customerId } = await running();
    const own = { scope: 'technician', technicianId, reason: 'I lost my laptop' };

    const pulled = await pull(own, msp.technician);
    const id = String(pulled.body['id']);

    expect([pulled.status, pulled.body['technicianId']]).toEqual([201, technicianId]);
    const colleague = await pull(own, msp.colleague);
    expect([colleague.status, colleague.body['code']]).toEqual([403, 'permission.missing']);
    expect((await pull({ scope: 'customer', customerId }, msp.technician)).status).toBe(403);
    expect((await pull(ALL, msp.approver)).status).toBe(403);
    expect((await world.send(routes.getKillSwitch, { token: msp.technician, id })).status).toBe(200);
    const foreign = await world.send(routes.getKillSwitch, { token: msp.colleague, id });
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'hold.not_found']);
    const lists = await Promise.all(
      [msp.technician, msp.colleague].map((token) => world.send(routes.listKillSwitches, { token })),
    );
    expect(lists.map(({ body }) => (body['items'] as readonly object[]).length)).toEqual([1, 0]);
  });

  it('pulled by whoever it is about, while another stands for them, says that it stands, and not who placed it or why', async () => {
    const { technicianId } = await running();
    const scope = { scope: 'technician', technicianId };
    const placed = await pull({ ...scope, reason: 'under investigation' }, msp.admin);

    const own = await pull({ ...scope, reason: 'I lost my laptop' }, msp.technician, 'own');
    const id = String(own.body['id']);
    const again = await pull({ ...scope, reason: 'I lost my laptop' }, msp.technician, 'own');
    await world.send(routes.liftKillSwitch, { token: msp.owner, id, body: {} });
    const late = await pull({ ...scope, reason: 'I lost my laptop' }, msp.technician, 'own');

    expect(own.status).toBe(201);
    expect(own.body).toMatchObject({
      id: placed.body['id'],
      placedAt: placed.body['placedAt'],
      technicianId,
      reason: null,
      placedBy: null,
      liftedBy: null,
      accounts: { total: 1 },
    });
    expect(again.body).toEqual(own.body);
    expect(late.body).toMatchObject({
      reason: null,
      placedBy: null,
      liftedBy: null,
      liftedAt: expect.any(String) as string,
    });
    expect([own.text, again.text, late.text].join()).not.toContain('investigation');
    const byAdmin = await pull(scope, msp.admin);
    expect(byAdmin.body).toMatchObject({ reason: 'No reason was given.' });
    expect((await world.send(routes.getKillSwitch, { token: msp.technician, id })).status).toBe(404);
  });

  it('pulled again and again writes one entry of the log, and moves no account', async () => {
    const { customerId, technicianId } = await running();
    const scope = { scope: 'technician', technicianId };
    const first = await pull(scope, msp.technician);
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 30 });
    await world.converge(customerId, msp.organizationId);
    const seen = async () => {
      const { body } = await world.send(routes.getKillSwitch, {
        token: msp.owner,
        id: String(first.body['id']),
      });
      return body['items'];
    };
    const waits = await seen();
    const calls = world.directory.calls.length;

    for (let repeat = 0; repeat < 10; repeat += 1) {
      expect((await pull(scope, msp.technician)).body['id']).toBe(first.body['id']);
      await world.converge(customerId, msp.organizationId);
    }

    expect(await seen()).toEqual(waits);
    expect(world.directory.calls).toHaveLength(calls);
    const log = await world.send(routes.listAuditEvents, { token: msp.owner });
    const told = (log.body['items'] as readonly { readonly action: string }[]).map(({ action }) => action);
    expect(told.filter((action) => action.startsWith('hold.'))).toEqual(['hold.placed']);
  });

  it.each([
    ['technician.not_found', { scope: 'technician', technicianId: '019ab0c4-0000-7000-8000-0000000000aa' }],
    ['customer.not_found', { scope: 'customer', customerId: '019ab0c4-0000-7000-8000-0000000000aa' }],
  ])('refuses with %s whom it does not know', async (code, body) => {
    const refused = await pull(body);

    expect([refused.status, refused.body['code']]).toEqual([404, code]);
  });

  it.each([
    {},
    { scope: 'everything' },
    { scope: 'technician' },
    { scope: 'organization', technicianId: '019ab0c4-0000-7000-8000-0000000000aa' },
    { scope: 'organization', reason: 'two\nlines' },
  ])('refuses %j, which is no scope', async (body) => {
    expect((await pull(body)).status).toBe(400);
  });

  it('goes page by page', async () => {
    await running();
    const place = await world.connected(msp);
    await world.send(routes.requestAccess, { token: msp.colleague, body: place });
    const { body } = await pull(ALL);
    const id = String(body['id']);
    const page = (query: Readonly<Record<string, string>>) =>
      world.send(routes.getKillSwitch, { token: msp.owner, id, query });

    const first = await page({ limit: '1' });
    const rest = await page({ limit: '9', cursor: String(first.body['nextCursor']) });

    const [one, other] = [first, rest].map(({ body: { items } }) => items as readonly Account[]);
    expect([one?.length, other?.length, rest.body['nextCursor']]).toEqual([1, 1, null]);
    expect(one?.[0]?.accountId).not.toBe(other?.[0]?.accountId);
  });
});
