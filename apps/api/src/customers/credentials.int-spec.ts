import { routes } from '#contracts';
import type { KeyedCertificate } from '#core/access';
import { ApiWorld, connectionBody, type Answer } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';
import { pfxOf } from '../testing/pfx.js';

const DAY_MS = 86_400_000;
const PASSWORD = 'CANARY-Zürich-password';

let world: ApiWorld;
let msp: Msp;
let id: string;
let made: KeyedCertificate;

const make = (startsInDays: number, endsInDays: number) =>
  world.ports.certificates.make({
    commonName: 'Contoso',
    startsAt: world.clock.now() + startsInDays * DAY_MS,
    endsAt: world.clock.now() + endsInDays * DAY_MS,
  });

beforeAll(async () => {
  world = await ApiWorld.open();
  made = await make(-1, 200);
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
  ({ customerId: id } = await world.connected(msp));
  world.tenant.credential = made.pem.expose();
});
afterAll(() => world.close());

const connect = (credential: object): Promise<Answer> =>
  world.send(routes.connectCustomer, { token: msp.admin, id, body: { ...connectionBody, credential } });
const setSecond = (credential: object): Promise<Answer> =>
  world.send(routes.setRevokerCredential, {
    token: msp.admin,
    id,
    body: { clientId: connectionBody.clientId, credential },
  });
/** Which of what must never be told stands in that text. */
const secretsIn = (text: string): string[] =>
  [PASSWORD, made.pem.expose().split('\n').at(-4) ?? ''].filter((part) => text.includes(part));

describe('The credential of a connection', () => {
  it('may be a PFX: it is opened once, and neither its key nor its password is told again', async () => {
    const answer = await connect({ kind: 'pfx', value: pfxOf(made, PASSWORD), password: PASSWORD });

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ credentialKind: 'certificate', version: 2 });
    const audit = await world.send(routes.listAuditEvents, { token: msp.admin });
    for (const text of [answer.text, audit.text, world.log()]) expect(secretsIn(text)).toEqual([]);
  });

  it('may be a PEM, in whatever order it is', async () => {
    const [certificate = '', key = ''] = made.pem.expose().split(/(?=-----BEGIN PRIVATE KEY)/);

    const answer = await connect({ kind: 'certificate', value: `${key}\n${certificate}` });

    expect(answer.body).toMatchObject({ credentialKind: 'certificate', version: 2 });
  });

  it.each<[string, () => Promise<object> | object]>([
    ['certificate.password_wrong', () => ({ kind: 'pfx', value: pfxOf(made, 'x'), password: PASSWORD })],
    ['certificate.password_wrong', () => ({ kind: 'pfx', value: pfxOf(made, PASSWORD) })],
    ['certificate.pfx_unreadable', () => ({ kind: 'pfx', value: 'AAAA', password: PASSWORD })],
    ['certificate.unreadable', () => ({ kind: 'certificate', value: PASSWORD })],
    ['certificate.key_missing', () => ({ kind: 'certificate', value: made.certificate })],
    ['certificate.ended', async () => ({ kind: 'certificate', value: (await make(-9, -1)).pem.expose() })],
    [
      'certificate.not_yet_valid',
      async () => ({ kind: 'certificate', value: (await make(1, 9)).pem.expose() }),
    ],
    ['request.invalid', () => ({ kind: 'pfx', value: PASSWORD })],
    ['request.invalid', () => ({ kind: 'pfx', value: 'A'.repeat(65_540) })],
    ['request.invalid', () => ({ kind: 'certificate', value: 'x', password: PASSWORD })],
  ])(
    'is refused with %s, for the connection and for the revoker, and what was there stays',
    async (code, offer) => {
      const credential = await offer();
      const before = await world.send(routes.getEntraConnection, { token: msp.admin, id });

      for (const answer of [await connect(credential), await setSecond(credential)]) {
        expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status: 400, code });
        expect(secretsIn(answer.text)).toEqual([]);
      }

      const after = await world.send(routes.getEntraConnection, { token: msp.admin, id });
      expect(after.body).toEqual(before.body);
      expect(secretsIn(world.log())).toEqual([]);
    },
  );

  it('need not be kept at all where the deployment has an identity that vouches for the organization', async () => {
    world.tenant.credential = '';

    const answer = await connect({ kind: 'federated' });

    expect(answer.body).toMatchObject({ credentialKind: 'federated', credentialEndsAt: null, version: 2 });
    expect((await setSecond({ kind: 'federated' })).body['code']).toBe('revoker_credential.same');
  });

  it("is not the deployment's identity for any other organization", async () => {
    const other = await world.msp('globex');
    const customerId = await world.made(routes.createCustomer, {
      token: other.owner,
      body: { name: 'Fabrikam' },
    });
    world.tenant.credential = '';
    const body = { ...connectionBody, credential: { kind: 'federated' } };

    const answer = await world.send(routes.connectCustomer, { token: other.owner, id: customerId, body });

    expect(answer.status).toBe(409);
    expect(answer.body['code']).toBe('entra_connection.federation_unavailable');
  });

  it('stays in use when the tenant refuses the next one, and the answer says how to mend that', async () => {
    world.tenant.credential = 'another';

    const answer = await connect({ kind: 'certificate', value: made.pem.expose() });

    expect(answer.body).toMatchObject({ code: 'directory.credential_bad' });
    expect(answer.text).toContain('"mend"');
    const { body } = await world.send(routes.getEntraConnection, { token: msp.admin, id });
    expect(body).toMatchObject({ credentialKind: 'secret', version: 1 });
  });
});

describe("The revoker's own credential", () => {
  it('is not the certificate of the connection, whatever text it comes in', async () => {
    await connect({ kind: 'certificate', value: made.pem.expose() });

    const answer = await setSecond({ kind: 'pfx', value: pfxOf(made, PASSWORD), password: PASSWORD });

    expect(answer.body['code']).toBe('revoker_credential.same');
  });
});
