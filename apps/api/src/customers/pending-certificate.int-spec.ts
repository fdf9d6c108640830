import { X509Certificate } from 'node:crypto';
import { routes } from '#contracts';
import { idOf } from '#core/shared';
import { openPending } from '#core/tenancy';
import { ApiWorld, connectionBody, type Answer } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

const DAY_MS = 86_400_000;

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
});
afterAll(() => world.close());

type Name = 'makeCertificate' | 'getPendingCertificate' | 'activateCertificate' | 'discardCertificate';

const send = (name: Name, sent: { readonly id?: string; readonly token?: string } = {}): Promise<Answer> =>
  world.send(routes[name], {
    token: msp.admin,
    id,
    ...sent,
    ...(name === 'makeCertificate' ? { body: { validDays: 90 } } : {}),
  });
const connection = async () => (await world.send(routes.getEntraConnection, { token: msp.admin, id })).body;
/** What the log holds of this action, the latest first. */
const logged = async (action: string): Promise<readonly unknown[]> => {
  const { body } = await world.send(routes.listAuditEvents, { token: msp.admin });
  const events = body['items'] as readonly { readonly action: string; readonly details: unknown }[];
  return events.filter((event) => event.action === action).map(({ details }) => details);
};
/** What whoever uploads the public part to the app registration brings about. */
const upload = async (customerId = id): Promise<string> => {
  const { unitOfWork, box } = world.ports;
  const pending = await unitOfWork.inOrganization(idOf(msp.organizationId), ({ pendingCertificates }) =>
    pendingCertificates.ofCustomer(idOf(customerId)),
  );
  if (pending === null) throw new Error('No certificate is pending.');
  world.tenant.credential = openPending(pending, box).expose();
  return world.tenant.credential;
};

describe('A certificate made by Curfew', () => {
  it('shows its public part, again and again, and its key to nobody', async () => {
    const made = await send('makeCertificate');

    expect(made.status).toBe(200);
    const certificate = new X509Certificate(Buffer.from(String(made.body['der']), 'base64'));
    expect(certificate.fingerprint.replaceAll(':', '')).toBe(made.body['thumbprint']);
    expect(certificate.subject).toBe('CN=Curfew for Contoso');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(new X509Certificate(String(made.body['certificate'])).fingerprint).toBe(certificate.fingerprint);
    expect(Date.parse(certificate.validTo) - world.clock.now()).toBeGreaterThan(89 * DAY_MS);
    const read = await send('getPendingCertificate');
    expect(read.body).toEqual(made.body);
    const audit = await world.send(routes.listAuditEvents, { token: msp.admin });
    expect(audit.text).toContain('certificate.made');
    for (const text of [made.text, read.text, audit.text, world.log()])
      expect(text).not.toContain('PRIVATE KEY');
  });

  it('takes the place of the credential in use once Entra takes it, and not before', async () => {
    const { thumbprint } = (await send('makeCertificate')).body;
    const before = await connection();

    const early = await send('activateCertificate');
    expect(early.body).toMatchObject({ code: 'directory.credential_bad' });
    expect(early.text).toContain('"mend"');
    expect(await connection()).toEqual(before);
    expect((await send('getPendingCertificate')).status).toBe(200);

    const key = await upload();
    const activated = await send('activateCertificate');
    expect(activated.body).toMatchObject({ credentialKind: 'certificate', version: 2 });
    expect(activated.body['credentialEndsAt']).not.toBeNull();
    const [changed, first] = await logged('entra_connection.changed');
    expect(changed).toMatchObject({ credentialKind: 'certificate', thumbprint });
    expect(first).not.toHaveProperty('thumbprint');
    expect((await send('getPendingCertificate')).body['code']).toBe('certificate.pending_not_found');
    for (const text of [early.text, activated.text, world.log()]) expect(text).not.toContain(key);
  });

  it('is the way to a first connection', async () => {
    const first = await world.made(routes.createCustomer, { token: msp.owner, body: { name: 'Fabrikam' } });
    expect((await send('makeCertificate', { id: first })).status).toBe(200);
    expect((await send('activateCertificate', { id: first })).body['code']).toBe(
      'entra_connection.not_found',
    );
    await upload(first);

    const credential = { kind: 'pending-certificate' };
    const connected = await world.send(routes.connectCustomer, {
      token: msp.admin,
      id: first,
      body: { ...connectionBody, credential },
    });

    expect(connected.body).toMatchObject({ credentialKind: 'certificate', version: 1 });
    expect((await send('getPendingCertificate', { id: first })).status).toBe(404);
  });

  it("may be the revoker's own, beside the credential of the connection", async () => {
    const made = await world.send(routes.makeCertificate, { token: msp.admin, id, body: { validDays: 30 } });
    const { thumbprint } = made.body;
    await upload();

    const set = await world.send(routes.setRevokerCredential, {
      token: msp.admin,
      id,
      body: { clientId: connectionBody.clientId, credential: { kind: 'pending-certificate' } },
    });

    expect(set.body).toMatchObject({ credentialKind: 'certificate', version: 1 });
    expect(await logged('revoker_credential.changed')).toMatchObject([{ thumbprint }]);
    expect((await send('getPendingCertificate')).status).toBe(404);
    const { body } = await world.send(routes.listAlarms, { token: msp.admin });
    expect(body['items']).toContainEqual(
      expect.objectContaining({ kind: 'credential.ending', cause: 'within_30_days', customerId: id }),
    );
  });

  it('is one at a time, and can be thrown away', async () => {
    await send('makeCertificate');

    expect((await send('makeCertificate')).body['code']).toBe('certificate.pending_exists');
    expect((await send('discardCertificate')).status).toBe(200);
    for (const name of ['discardCertificate', 'activateCertificate', 'getPendingCertificate'] as const)
      expect((await send(name)).body['code']).toBe('certificate.pending_not_found');
    expect((await send('makeCertificate')).status).toBe(200);
  });

  it('goes with the connection that is removed', async () => {
    const { thumbprint } = (await send('makeCertificate')).body;

    await world.send(routes.removeEntraConnection, { token: msp.owner, id });

    expect((await send('getPendingCertificate')).status).toBe(404);
    expect(await logged('certificate.discarded')).toMatchObject([{ thumbprint }]);
  });

  it('goes with a customer that is removed before it was connected', async () => {
    const other = await world.made(routes.createCustomer, { token: msp.owner, body: { name: 'Fabrikam' } });
    const { thumbprint } = (await send('makeCertificate', { id: other })).body;

    await world.send(routes.removeCustomer, { token: msp.owner, id: other });

    expect(await logged('certificate.discarded')).toMatchObject([{ thumbprint }]);
  });
});
