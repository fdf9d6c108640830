import { routes } from '#contracts';
import { ApiWorld, connectionBody } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const OWN_APP = '22222222-2222-4222-8222-222222222222';
const OWN_SECRET = "the-revoker's-own-secret";

let world: ApiWorld;
let msp: Msp;
let id: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
  ({ customerId: id } = await world.connected(msp));
  world.tenant.otherApps.set(OWN_APP, OWN_SECRET);
});
afterAll(() => world.close());

const body = { clientId: OWN_APP, credential: { kind: 'secret', value: OWN_SECRET } };

describe("The revoker's own credential", () => {
  it('is written, told of without itself, exchanged and removed', async () => {
    const token = msp.admin;
    expect((await world.send(routes.getRevokerCredential, { token, id })).status).toBe(404);

    const set = await world.send(routes.setRevokerCredential, { token, id, body });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({ customerId: id, clientId: OWN_APP, state: 'active', version: 1 });
    const read = await world.send(routes.getRevokerCredential, { token, id });
    expect(read.body).toEqual(set.body);
    const exchanged = await world.send(routes.setRevokerCredential, { token, id, body });
    expect(exchanged.body).toMatchObject({ version: 2 });

    const removed = await world.send(routes.removeRevokerCredential, { token, id });
    expect(removed.body).toMatchObject({ state: 'removed', version: 3 });
    expect((await world.send(routes.removeRevokerCredential, { token, id })).status).toBe(404);
    expect((await world.send(routes.getRevokerCredential, { token, id })).status).toBe(404);

    const audit = await world.send(routes.listAuditEvents, { token });
    expect(audit.text).toContain('revoker_credential.removed');
    for (const { text } of [set, read, exchanged, removed, audit]) expect(text).not.toContain(OWN_SECRET);
    expect(world.log()).not.toContain(OWN_SECRET);
  });

  it("is not the connection's own", async () => {
    const { clientId, credential } = connectionBody;

    const answer = await world.send(routes.setRevokerCredential, {
      token: msp.owner,
      id,
      body: { clientId, credential },
    });

    expect(answer.status).toBe(400);
    expect(answer.body['code']).toBe('revoker_credential.same');
  });
});
