import { routes } from '#contracts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ApiWorld, connectionBody, policyBody, READER_ROLE, type Answer } from './testing/api-world.js';
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
const at = (ms: number): string => new Date(world.clock.now() + ms).toISOString();
const ask = async (wish: object = {}, token = msp.technician): Promise<{ id: string; grantId: string }> => {
  const { status, text, body } = await world.send(routes.requestAccess, {
    token,
    body: { customerId, policyId, ...wish },
  });
  if (status !== 201) throw new Error(text);
  return body as { id: string; grantId: string };
};
const converge = () => world.converge(customerId, msp.organizationId);
const read = async (id: string, token = msp.technician): Promise<Answer['body']> =>
  (await world.send(routes.getGrant, { token, id })).body;

describe('A grant', () => {
  it('goes from asking to the proof of its end, and the log tells each step', async () => {
    await setUp();
    const { grantId } = await ask({ durationSeconds: 600, reason: 'Mailbox stuck' });
    expect(await read(grantId)).toMatchObject({
      state: 'scheduled',
      roles: [READER_ROLE],
      expiresAt: at(600_000),
    });

    await converge();
    const active = await read(grantId);
    expect(active).toMatchObject({ state: 'active', upn: 'jit-the-technician@contoso.onmicrosoft.com' });

    const shown = await world.send(routes.revealCredentials, { token: msp.technician, id: grantId });
    expect(shown.body).toMatchObject({ upn: active['upn'], password: null, pass: { usable: true } });
    const { value } = shown.body['pass'] as { readonly value: string };
    expect(world.log()).not.toContain(value);

    const until = { expiresAt: at(900_000) };
    const extended = await world.send(routes.extendGrant, {
      token: msp.technician,
      id: grantId,
      body: until,
    });
    expect(extended.body).toMatchObject(until);

    world.clock.advance(15 * MINUTE);
    await converge();
    expect(await read(grantId)).toMatchObject({ state: 'ending', endReason: 'expired', takenAt: at(0) });
    expect(world.tenant.user(String(active['upn']))).toMatchObject({ enabled: false, roles: [] });

    world.clock.advance(5 * SECOND);
    await converge();
    expect(await read(grantId)).toMatchObject({ state: 'ended', proofs: [{ enabled: false, roles: [] }] });

    const audit = await world.send(routes.listAuditEvents, { token: msp.auditor });
    const actions = (audit.body['items'] as { readonly action: string }[]).map(({ action }) => action);
    expect(actions.reverse().filter((action) => /^(access_request|grant|credential)\./.test(action))).toEqual(
      [
        'access_request.requested',
        'grant.scheduled',
        'grant.starting',
        'grant.activated',
        'credential.requested',
        'credential.revealed',
        'grant.extended',
        'grant.expired',
        'grant.taken_away',
        'grant.ended',
      ],
    );
  });

  it('shows its password to its technician while it runs, and to nobody afterwards', async () => {
    await setUp({ credential: 'password' });
    const { grantId } = await ask();
    await converge();

    const shown = await world.send(routes.revealCredentials, { token: msp.technician, id: grantId });
    const ended = await world.send(routes.endGrant, { token: msp.technician, id: grantId });
    const late = await world.send(routes.revealCredentials, { token: msp.technician, id: grantId });

    expect(shown.body).toMatchObject({ pass: null, password: expect.stringMatching(/^.{24,}$/) as string });
    expect(ended.body).toMatchObject({ state: 'ending', endReason: 'ended_by_technician' });
    expect([late.status, late.body['code']]).toEqual([409, 'grant.not_active']);
    expect(world.log()).not.toContain(shown.body['password']);
  });

  it('waits with a reveal until Entra knows the new account', async () => {
    await setUp();
    const { grantId } = await ask();
    await converge();
    world.directory.failNext('mintPass', { reason: 'replication', status: 404 });

    const shown = await world.send(routes.revealCredentials, { token: msp.technician, id: grantId });

    expect(shown.status).toBe(200);
    expect(await read(grantId)).toMatchObject({ reveals: 1 });
  });

  it('is nobody else’s: a colleague sees nothing, an admin sees and ends it, and nobody else reveals it', async () => {
    await setUp();
    const { id, grantId } = await ask();
    await converge();
    const body = { expiresAt: at(HOUR + MINUTE) };
    const by = (token: string) => ({ token, id: grantId });

    expect((await world.send(routes.getGrant, by(msp.colleague))).status).toBe(404);
    expect((await world.send(routes.endGrant, by(msp.colleague))).status).toBe(404);
    expect((await world.send(routes.revealCredentials, by(msp.colleague))).status).toBe(404);
    expect((await world.send(routes.getAccessRequest, { token: msp.colleague, id })).status).toBe(404);
    expect((await world.send(routes.listGrants, { token: msp.colleague })).body).toMatchObject({ items: [] });
    expect((await world.send(routes.revealCredentials, by(msp.owner))).status).toBe(403);
    expect((await world.send(routes.extendGrant, { ...by(msp.admin), body })).status).toBe(403);
    expect((await world.send(routes.endGrant, by(msp.auditor))).status).toBe(403);
    expect((await world.send(routes.endGrant, by(msp.admin))).body).toMatchObject({
      state: 'ending',
      endReason: 'ended_by_admin',
    });
  });

  it('loses at once what its policy no longer gives', async () => {
    await setUp();
    const { grantId } = await ask();
    await converge();
    const { upn } = await read(grantId);
    const other = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';
    const body = { ...policyBody, roles: [other], version: 1 };

    const changed = await world.send(routes.changeAccessPolicy, { token: msp.admin, id: policyId, body });
    await converge();

    expect(changed.body).toMatchObject({ version: 2, roles: [other] });
    expect(world.tenant.user(String(upn))).toMatchObject({ roles: [] });
    expect(await read(grantId)).toMatchObject({ state: 'active' });
  });

  it('ends when its policy is archived', async () => {
    await setUp();
    const { grantId } = await ask();
    await converge();
    const body = { ...policyBody, state: 'archived', version: 1 };

    await world.send(routes.changeAccessPolicy, { token: msp.admin, id: policyId, body });
    await converge();

    expect(await read(grantId)).toMatchObject({ endReason: 'policy_removed' });
  });

  it('is not made of a request that was cancelled in time', async () => {
    await setUp();
    const { id, grantId } = await ask({ startsAt: at(10 * MINUTE) });

    const cancelled = await world.send(routes.cancelAccessRequest, { token: msp.technician, id });
    world.clock.advance(10 * MINUTE);
    await converge();

    expect(cancelled.body).toMatchObject({ state: 'cancelled' });
    expect(await read(grantId)).toMatchObject({ state: 'ended', activeAt: null });
    expect(world.tenant.users()).toEqual([]);
  });
});

describe('A list', () => {
  it('is read page by page, the newest first, without a gap or a double', async () => {
    await setUp();
    const made = [];
    for (let hour = 0; hour < 5; hour += 1) {
      made.push((await ask({ startsAt: at(hour * HOUR), durationSeconds: 3_600 })).grantId);
    }

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor === null ? {} : { cursor }) };
      const { body } = await world.send(routes.listGrants, { token: msp.technician, query });
      seen.push(...(body['items'] as { readonly id: string }[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | null;
    } while (cursor !== null);

    expect(seen).toEqual(made.reverse());
  });

  it('is narrowed by what the caller may see', async () => {
    await setUp();
    await ask();
    await ask({}, msp.colleague);

    const all = await world.send(routes.listGrants, { token: msp.approver });
    const own = await world.send(routes.listGrants, { token: msp.technician });
    const [mine] = own.body['items'] as { readonly technicianId: string }[];
    const query = { technicianId: mine?.technicianId ?? '' };
    const narrowed = await world.send(routes.listGrants, { token: msp.approver, query });
    const theirs = await world.send(routes.listGrants, { token: msp.colleague, query });

    expect(all.body['items']).toHaveLength(2);
    expect(own.body['items']).toHaveLength(1);
    expect(narrowed.body['items']).toEqual(own.body['items']);
    expect(theirs.body['items']).toEqual([]);
  });
});

describe('A connection', () => {
  it('warns where our app may not disable role holders, and is read back without its credential', async () => {
    world.tenant.mayTouchRoleHolders = false;
    await setUp();

    const { body } = await world.send(routes.getEntraConnection, { token: msp.auditor, id: customerId });

    world.tenant.mayTouchRoleHolders = true;
    expect(body).toMatchObject({
      tenantId: connectionBody.tenantId,
      capabilities: { mayTouchRoleHolders: false },
      notes: [expect.stringContaining('Privileged Authentication Administrator')],
    });
    expect(body['credential']).toBeUndefined();
  });

  it('does not exist before it was made', async () => {
    const id = await world.made(routes.createCustomer, { token: msp.owner, body: { name: 'New' } });

    const { status, body } = await world.send(routes.getEntraConnection, { token: msp.owner, id });

    expect([status, body['code']]).toEqual([404, 'entra_connection.not_found']);
  });
});
