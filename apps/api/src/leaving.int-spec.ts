import { routes, type ManagedAccountOut, type RemovalOut, type Route } from '#contracts';
import { FinishRemovals } from '#core/leaving';
import { ApiWorld, connectionBody, type Answer } from './testing/api-world.js';
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

const owner = (route: Route, id: string, body?: object): Promise<Answer> =>
  world.send(route, { token: msp.owner, id, ...(body === undefined ? {} : { body }) });

const ask = (token: string, place: { readonly customerId: string; readonly policyId: string }) =>
  world.send(routes.requestAccess, {
    token,
    body: { customerId: place.customerId, policyId: place.policyId },
  });

/** The technician has an active grant at a customer. */
const running = async (policy: object = {}) => {
  const place = await world.connected(msp, policy);
  const asked = await ask(msp.technician, place);
  expect(asked.status).toBe(201);
  await world.converge(place.customerId, msp.organizationId);
  const { grantId, technicianId } = asked.body as { readonly grantId: string; readonly technicianId: string };
  expect(await grantOf(grantId)).toMatchObject({ state: 'active' });
  return { ...place, grantId, technicianId };
};

const grantOf = async (id: string) => (await owner(routes.getGrant, id)).body;

/** As workers do, until nothing is left to do soon. */
const settle = async (customerId: string): Promise<void> => {
  for (let look = 0; look < 6; look += 1) {
    await world.converge(customerId, msp.organizationId);
    world.clock.advance(6_000);
  }
  await new FinishRemovals(world.ports).execute((_, error) => {
    throw error;
  });
};

const actions = async (): Promise<readonly unknown[]> => {
  const { body } = await world.send(routes.listAuditEvents, { token: msp.owner });
  return (body['items'] as readonly { readonly action: unknown }[]).map(({ action }) => action);
};

const refused = (answer: Answer) => [answer.status, answer.body['code']];

describe('A technician who is suspended', () => {
  it('is kept out, loses what runs at once, and gets nothing of it back', async () => {
    const { customerId, policyId, grantId, technicianId } = await running();

    const suspended = await owner(routes.suspendTechnician, technicianId, {});
    expect(suspended.body).toMatchObject({ state: 'suspended' });
    expect(refused(await world.send(routes.listGrants, { token: msp.technician }))).toEqual([
      401,
      'token.invalid',
    ]);
    // Taken back before anybody has looked: what was over stays over.
    await owner(routes.reinstateTechnician, technicianId, {});
    await settle(customerId);

    expect(await grantOf(grantId)).toMatchObject({ state: 'ended', endReason: 'technician_suspended' });
    expect((await ask(msp.technician, { customerId, policyId })).status).toBe(201);
  });

  it('twice is suspended once', async () => {
    const { technicianId } = await running();

    await owner(routes.suspendTechnician, technicianId, {});
    const again = await owner(routes.suspendTechnician, technicianId, {});

    expect(again.body).toMatchObject({ state: 'suspended' });
    expect((await actions()).filter((action) => action === 'technician.suspended')).toHaveLength(1);
  });
});

describe('A technician who leaves', () => {
  it('has the accounts deleted everywhere, each with the reading that did not find it', async () => {
    const first = await running();
    const second = await running();
    const { technicianId } = first;

    const left = await owner(routes.removeTechnician, technicianId, {});
    expect(left.body).toMatchObject({ state: 'left' });
    const during = await owner(routes.getTechnician, technicianId);
    expect(during.body).toMatchObject({
      accounts: { items: [{ state: 'removing' }, { state: 'removing' }] },
    });
    await settle(first.customerId);
    await settle(second.customerId);

    const after = await owner(routes.getTechnician, technicianId);
    const { items } = after.body['accounts'] as { readonly items: readonly ManagedAccountOut[] };
    expect(items.map(({ customerId }) => customerId)).toEqual([first.customerId, second.customerId]);
    for (const account of items)
      expect(account).toMatchObject({
        state: 'removed',
        why: 'technician_left',
        proof: { objectFound: false, readAt: account.removedAt },
        mayHold: { enabled: false, roles: [] },
      });
    expect(await grantOf(first.grantId)).toMatchObject({ state: 'ended', endReason: 'technician_left' });
    expect((await actions()).filter((action) => action === 'account.deleted')).toHaveLength(2);
    for (const route of [routes.suspendTechnician, routes.reinstateTechnician])
      expect(refused(await owner(route, technicianId, {}))).toEqual([409, 'technician.left']);
    expect((await owner(routes.removeTechnician, technicianId, {})).status).toBe(200);
  });

  it('is never the last owner, nor an owner by the word of an admin', async () => {
    const { body } = await world.send(routes.listTechnicians, { token: msp.owner });
    const people = body['items'] as readonly { readonly id: string; readonly role: string }[];
    const boss = people.find(({ role }) => role === 'owner')?.id ?? '';
    const helper = people.find(({ role }) => role === 'technician')?.id ?? '';
    const byAdmin = (route: Route, id: string, sent = {}) =>
      world.send(route, { token: msp.admin, id, body: sent });

    expect(refused(await owner(routes.removeTechnician, boss, {}))).toEqual([409, 'technician.last_owner']);
    expect(refused(await owner(routes.changeTechnicianRole, boss, { role: 'admin' }))).toEqual([
      409,
      'technician.last_owner',
    ]);
    expect(refused(await byAdmin(routes.suspendTechnician, boss))).toEqual([403, 'technician.is_owner']);
    expect(refused(await byAdmin(routes.changeTechnicianRole, helper, { role: 'owner' }))).toEqual([
      403,
      'technician.is_owner',
    ]);
    expect((await owner(routes.changeTechnicianRole, helper, { role: 'owner' })).body).toMatchObject({
      role: 'owner',
    });
    expect((await owner(routes.suspendTechnician, boss, {})).body).toMatchObject({ state: 'suspended' });
  });
});

describe('A technician group', () => {
  const groupOf = async (technicianId: string) => {
    const id = await world.made(routes.createTechnicianGroup, {
      token: msp.owner,
      body: { name: 'Helpdesk' },
    });
    const technicianIds = [technicianId];
    expect((await owner(routes.setGroupMembers, id, { technicianIds })).body).toMatchObject({
      technicianIds,
    });
    return id;
  };
  const technicianId = async (): Promise<string> => {
    const { body } = await world.send(routes.listTechnicians, { token: msp.owner });
    const people = body['items'] as readonly { readonly id: string; readonly username: string }[];
    return people.find(({ username }) => username === 'the-technician')?.id ?? '';
  };

  it('says who may use an access policy', async () => {
    const group = await groupOf(await technicianId());
    const place = await world.connected(msp, { technicianGroups: [group] });
    const usable = async (token: string) =>
      (await world.send(routes.getAccessPolicy, { token, id: place.policyId })).body['usable'];

    expect([await usable(msp.technician), await usable(msp.colleague)]).toEqual([true, false]);
    expect(refused(await ask(msp.colleague, place))).toEqual([403, 'access_policy.not_entitled']);
    expect((await ask(msp.technician, place)).status).toBe(201);
  });

  it.each([
    ['left', (id: string) => owner(routes.setGroupMembers, id, { technicianIds: [] })],
    ['archived', (id: string) => owner(routes.changeTechnicianGroup, id, { name: 'Old', state: 'archived' })],
  ])('that is %s takes what stood on it', async (_, leave) => {
    const group = await groupOf(await technicianId());
    const { customerId, grantId } = await running({ technicianGroups: [group] });

    expect((await leave(group)).status).toBe(200);
    await settle(customerId);

    expect(await grantOf(grantId)).toMatchObject({ state: 'ended', endReason: 'not_entitled' });
  });

  it('that a policy names no more takes what stood on it, unless another entitles', async () => {
    const first = await groupOf(await technicianId());
    const { customerId, grantId, policyId } = await running({ technicianGroups: [first] });
    const other = await world.made(routes.createTechnicianGroup, {
      token: msp.owner,
      body: { name: 'Other' },
    });
    await owner(routes.setGroupMembers, other, { technicianIds: [await technicianId()] });
    const change = async (technicianGroups: readonly string[]) => {
      const { body } = await owner(routes.getAccessPolicy, policyId);
      const { name, roles, version } = body;
      const durations = { defaultDurationSeconds: 3_600, maximumDurationSeconds: 7_200 };
      return owner(routes.changeAccessPolicy, policyId, {
        name,
        roles,
        version,
        ...durations,
        technicianGroups,
      });
    };

    expect((await change([first, other])).status).toBe(200);
    await owner(routes.setGroupMembers, first, { technicianIds: [] });
    await settle(customerId);
    expect(await grantOf(grantId)).toMatchObject({ state: 'active' });
    expect((await change([first])).status).toBe(200);
    await settle(customerId);
    expect(await grantOf(grantId)).toMatchObject({ state: 'ended', endReason: 'not_entitled' });
  });
});

describe('An access policy that allows less time', () => {
  it('has running grants end no later than it allows by now', async () => {
    const { grantId, policyId } = await running();
    const { startsAt } = await grantOf(grantId);
    const { name, roles, version } = (await owner(routes.getAccessPolicy, policyId)).body;
    const durations = { defaultDurationSeconds: 600, maximumDurationSeconds: 900 };

    await owner(routes.changeAccessPolicy, policyId, { name, roles, version, ...durations });

    const until = new Date(Date.parse(String(startsAt)) + 900_000).toISOString();
    expect(await grantOf(grantId)).toMatchObject({ expiresAt: until, latestExpiresAt: until });
    expect(await actions()).toContain('grant.shortened');
  });
});

const removal = async (customerId: string): Promise<RemovalOut> =>
  (await owner(routes.getRemoval, customerId)).body as RemovalOut;

describe('An Entra connection that is removed', () => {
  it('ends what runs, deletes our accounts with proof, and goes last; then the customer may be connected anew', async () => {
    const { customerId, policyId, grantId } = await running();

    const begun = await owner(routes.removeEntraConnection, customerId);
    expect([begun.status, begun.body]).toMatchObject([
      202,
      { connection: 'removing', notClosed: [{ state: 'removing', why: 'connection_removed' }] },
    ]);
    expect(refused(await ask(msp.technician, { customerId, policyId }))).toEqual([
      409,
      'entra_connection.removing',
    ]);
    expect(refused(await owner(routes.connectCustomer, customerId, connectionBody))).toEqual([
      409,
      'entra_connection.removing',
    ]);
    expect(refused(await owner(routes.listDirectoryGroups, customerId))).toEqual([
      409,
      'entra_connection.removing',
    ]);
    expect((await owner(routes.removeEntraConnection, customerId)).body).toMatchObject({
      connection: 'removing',
    });
    await settle(customerId);

    expect(await grantOf(grantId)).toMatchObject({ state: 'ended', endReason: 'connection_removed' });
    expect(await removal(customerId)).toMatchObject({ customer: 'active', connection: null, notClosed: [] });
    const accounts = await owner(routes.listCustomerAccounts, customerId);
    expect(accounts.body).toMatchObject({ items: [{ state: 'removed', proof: { objectFound: false } }] });
    expect((await owner(routes.getEntraConnection, customerId)).status).toBe(404);
    expect((await actions()).filter((action) => String(action).startsWith('entra_connection.rem'))).toEqual([
      'entra_connection.removed',
      'entra_connection.removal_begun',
    ]);

    expect((await owner(routes.connectCustomer, customerId, connectionBody)).status).toBe(200);
    const again = await ask(msp.technician, { customerId, policyId });
    await world.converge(customerId, msp.organizationId);
    expect(await grantOf(String(again.body['grantId']))).toMatchObject({ state: 'active' });
  });
});

describe('A customer that is removed', () => {
  it('goes with all that runs there, and stays in the log', async () => {
    const { customerId, policyId, grantId } = await running();

    expect((await owner(routes.removeCustomer, customerId)).body).toMatchObject({
      customer: 'removing',
      notClosed: [{ why: 'customer_removed' }],
    });
    await settle(customerId);

    expect(await grantOf(grantId)).toMatchObject({ state: 'ended', endReason: 'customer_removed' });
    expect((await owner(routes.getCustomer, customerId)).body).toMatchObject({ state: 'removed' });
    expect(refused(await ask(msp.technician, { customerId, policyId }))).toEqual([409, 'customer.removed']);
    expect(refused(await owner(routes.connectCustomer, customerId, connectionBody))).toEqual([
      409,
      'customer.removed',
    ]);
    expect((await owner(routes.removeCustomer, customerId)).status).toBe(202);
  });

  it('that was never connected is gone at once', async () => {
    const id = await world.made(routes.createCustomer, { token: msp.owner, body: { name: 'Fabrikam' } });

    expect((await owner(routes.removeCustomer, id)).body).toMatchObject({
      customer: 'removed',
      notClosed: [],
    });
  });
});

describe('What can not be proven closed', () => {
  it('is left behind by an owner who names exactly it, and never shown as ended', async () => {
    const { customerId, grantId } = await running();
    await owner(routes.removeCustomer, customerId);
    const [account] = (await removal(customerId)).notClosed;
    const id = account?.id ?? '';
    const leave = (token: string, accounts: readonly string[]) =>
      world.send(routes.leaveBehind, {
        token,
        id: customerId,
        body: { reason: 'The tenant is gone.', accounts },
      });

    expect((await leave(msp.admin, [id])).status).toBe(403);
    const unseen = await leave(msp.owner, []);
    expect([...refused(unseen), unseen.body['accounts']]).toEqual([
      409,
      'entra_connection.list_differs',
      [id],
    ]);
    const left = await leave(msp.owner, [id]);

    expect(left.body).toMatchObject({
      customer: 'removed',
      connection: null,
      notClosed: [],
      leftBehind: [{ id, state: 'left_behind', mayHold: { enabled: true } }],
    });
    expect(await grantOf(grantId)).toMatchObject({ state: 'left_behind', endedAt: null, proofs: [] });
    expect((await removal(customerId)).leftBehind).toHaveLength(1);
    await settle(customerId);
    expect((await removal(customerId)).leftBehind).toHaveLength(1);
    const { body } = await world.send(routes.listAuditEvents, { token: msp.owner });
    const events = body['items'] as readonly { readonly action: string; readonly details: object }[];
    const told = events.filter(({ action }) => action === 'entra_connection.left_behind');
    expect(told).toMatchObject([
      { details: { reason: 'The tenant is gone.', accounts: [expect.stringContaining('maybe enabled')] } },
    ]);
  });

  it('is not left behind where nothing is being removed', async () => {
    const { customerId } = await running();

    const left = await owner(routes.leaveBehind, customerId, { reason: 'why not', accounts: [] });

    expect(refused(left)).toEqual([409, 'entra_connection.not_removing']);
  });
});
