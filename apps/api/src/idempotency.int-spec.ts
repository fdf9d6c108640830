import { routes, type Route } from '#contracts';
import { ApiWorld, policyBody } from './testing/api-world.js';
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
  ({ customerId, policyId } = await world.connected(msp));
});
afterAll(() => world.close());

const grants = async (): Promise<unknown[]> => {
  const { body } = await world.send(routes.listGrants, { token: msp.owner });
  return body['items'] as unknown[];
};

describe('Fifty times the same request at once', () => {
  it('makes one grant under one key', async () => {
    const sent = { token: msp.technician, body: { customerId, policyId }, key: 'ticket-4711' };

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.send(routes.requestAccess, sent)),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await grants()).toHaveLength(1);
  });

  it('makes one grant without a key too, and tells the others of it', async () => {
    const sent = { token: msp.technician, body: { customerId, policyId } };

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.send(routes.requestAccess, sent)),
    );

    const [made] = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(49);
    for (const { body } of refused)
      expect(body).toMatchObject({ code: 'access_request.duplicate', grantId: made?.body['grantId'] });
    expect(await grants()).toHaveLength(1);
  });

  it('ends one grant once', async () => {
    const made = await world.send(routes.requestAccess, {
      token: msp.technician,
      body: { customerId, policyId },
    });
    const sent = { token: msp.technician, id: String(made.body['grantId']) };

    const answers = await Promise.all(Array.from({ length: 50 }, () => world.send(routes.endGrant, sent)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['code'] === 'grant.already_ended')).toHaveLength(49);
  });
});

describe('Thirty requests for as many hours at once', () => {
  it('make the twenty grants that one account may have open, and tell the others what to do', async () => {
    const begin = world.clock.now() + 3_600_000;
    const ask = (hour: number) => {
      const startsAt = new Date(begin + hour * 3_600_000).toISOString();
      const body = { customerId, policyId, durationSeconds: 3_600, startsAt };
      return world.send(routes.requestAccess, { token: msp.technician, body, key: `hour-${hour}` });
    };

    const answers = await Promise.all(Array.from({ length: 30 }, (_, hour) => ask(hour)));
    const again = await Promise.all(answers.map((_, hour) => ask(hour)));

    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(20);
    for (const { status, body } of answers.filter((each) => !made.includes(each)))
      expect([status, body]).toEqual([
        409,
        expect.objectContaining({ code: 'access_request.too_many_open', maximum: 20 }),
      ]);
    // Sent again, each is answered as before.
    expect(again.map(({ status, body }) => [status, body['id']])).toEqual(
      answers.map(({ status, body }) => [status, body['id']]),
    );
    const own = await world.send(routes.listGrants, { token: msp.technician, query: { limit: '100' } });
    expect(own.body['items']).toHaveLength(20);
  });
});

describe('At the same moment', () => {
  const active = async (policy: object): Promise<string> => {
    await world.clear();
    msp = await world.msp('acme');
    ({ customerId, policyId } = await world.connected(msp, policy));
    const sent = { token: msp.technician, body: { customerId, policyId, durationSeconds: 3_600 } };
    const { body } = await world.send(routes.requestAccess, sent);
    await world.converge(customerId, msp.organizationId);
    return String(body['grantId']);
  };

  it('an end and many extensions leave a grant that is ended once and for all', async () => {
    const id = await active({});
    const body = { expiresAt: new Date(world.clock.now() + 7_200_000).toISOString() };
    const extend = () => world.send(routes.extendGrant, { token: msp.technician, id, body });

    const answers = await Promise.all([
      ...Array.from({ length: 10 }, extend),
      world.send(routes.endGrant, { token: msp.technician, id }),
      ...Array.from({ length: 10 }, extend),
    ]);

    // At most one of them was in time; whoever came later is told why not.
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ body: { code } }) => code));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length === 1 || done.length === 2).toBe(true);
    for (const code of codes) expect(['grant.already_ended', 'grant.extension_not_later']).toContain(code);
    expect((await world.send(routes.getGrant, { token: msp.technician, id })).body).toMatchObject({
      state: 'ending',
    });
  });

  it('an end, an extension and a kill switch end it once, and nothing brings it back', async () => {
    const id = await active({});
    const expiresAt = new Date(world.clock.now() + 7_200_000).toISOString();
    const { body: grant } = await world.send(routes.getGrant, { token: msp.technician, id });
    const scope = { scope: 'technician', technicianId: grant['technicianId'] };

    const [pulled, ended, extended] = await Promise.all([
      world.send(routes.pullKillSwitch, { token: msp.technician, body: scope }),
      world.send(routes.endGrant, { token: msp.technician, id }),
      world.send(routes.extendGrant, { token: msp.technician, id, body: { expiresAt } }),
    ]);
    await world.converge(customerId, msp.organizationId);
    const hold = { token: msp.owner, id: String(pulled.body['id']), body: {} };
    expect((await world.send(routes.liftKillSwitch, hold)).status).toBe(200);
    await world.converge(customerId, msp.organizationId);

    expect([pulled.status, ended.status]).toEqual([201, 200]);
    expect([undefined, 'grant.already_ended', 'access.held']).toContain(extended.body['code']);
    const { body } = await world.send(routes.getGrant, { token: msp.technician, id });
    expect(body).toMatchObject({ state: 'ending', takenAt: expect.any(String) as string });
    const late = await world.send(routes.extendGrant, { token: msp.technician, id, body: { expiresAt } });
    expect([late.status, late.body['code']]).toEqual([409, 'grant.already_ended']);
  });

  it('twenty reveals show a credential three times', async () => {
    const id = await active({ credential: 'password' });
    const reveal = () => world.send(routes.revealCredentials, { token: msp.technician, id });

    const answers = await Promise.all(Array.from({ length: 20 }, reveal));

    const shown = answers.filter(({ status }) => status === 200);
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ body: { code } }) => code));
    expect(shown).toHaveLength(3);
    expect(codes).toEqual(new Set(['grant.too_many_reveals']));
  });
});

describe('A create sent again under its key', () => {
  const creates: readonly (readonly [Route, () => object, string])[] = [
    [routes.createCustomer, () => ({ name: 'Fabrikam' }), 'name'],
    [routes.createAccessPolicy, () => policyBody, 'name'],
    [routes.requestAccess, () => ({ customerId, policyId, reason: 'as usual' }), 'reason'],
  ];

  const named = creates.map(([route, body, field]) => ({ route, body, field }));

  it.each(named)('answers the same: $route.id', async ({ route, body }) => {
    const sent = { token: msp.owner, body: body(), key: 'k1' };

    const [first, second] = [await world.send(route, sent), await world.send(route, sent)];

    expect(first.status).toBe(201);
    expect(second.body).toEqual(first.body);
  });

  it.each(named)('is refused with another body: $route.id', async ({ route, body, field }) => {
    await world.send(route, { token: msp.owner, body: body(), key: 'k1' });

    const changed = { ...body(), [field]: 'something else' };
    const answer = await world.send(route, { token: msp.owner, body: changed, key: 'k1' });

    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'idempotency.key_reused' });
  });

  it('is another create when somebody else sends it', async () => {
    const sent = { body: { name: 'Fabrikam' }, key: 'k1' };

    const [one, other] = [
      await world.send(routes.createCustomer, { ...sent, token: msp.owner }),
      await world.send(routes.createCustomer, { ...sent, token: msp.admin }),
    ];

    expect(one.body['id']).not.toBe(other.body['id']);
  });

  it('may be used again after it was refused', async () => {
    const refused = { token: msp.owner, body: { customerId, policyId, durationSeconds: 7_201 }, key: 'k1' };
    expect((await world.send(routes.requestAccess, refused)).status).toBe(400);

    const mended = { ...refused, body: { customerId, policyId, durationSeconds: 7_200 } };

    expect((await world.send(routes.requestAccess, mended)).status).toBe(201);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(201)])('is refused under the key %j', async (key) => {
    const { status, body } = await world.send(routes.createCustomer, {
      token: msp.owner,
      body: { name: 'Fabrikam' },
      key,
    });

    expect([status, body['code']]).toEqual([400, 'request.invalid']);
  });
});
