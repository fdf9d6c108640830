import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { generate } from 'selfsigned';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSimulator, type TestSimulator } from '../../../test/support/simulator.js';

const tenantId = '11111111-0000-4000-8000-000000000001';
const clientId = '22222222-0000-4000-8000-000000000001';
const secret = 'correct horse battery staple';
const scope = 'https://graph.microsoft.com/.default';

describe('Tokens for an app', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startTestSimulator();
  });
  afterAll(() => simulator.stopSimulator());

  const makeTenant = (app: object = {}) =>
    simulator.makeTenant(tenantId, {
      apps: [{ clientId, secrets: [{ value: secret }], permissions: ['User.ReadWrite.All'], ...app }],
    });

  const askToken = (form: Record<string, string>, tenant = tenantId) =>
    simulator.call('POST', `/${tenant}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope,
        ...form,
      }).toString(),
    });

  it('S001: the Azure client library gets a token by secret, with the consent as roles', async () => {
    await makeTenant();
    const credential = new ClientSecretCredential(tenantId, clientId, secret, {
      authorityHost: simulator.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: simulator.caPem },
    });

    const token = await credential.getToken(scope);

    const claims = JSON.parse(Buffer.from(token.token.split('.')[1]!, 'base64url').toString()) as object;
    expect(claims).toMatchObject({
      aud: 'https://graph.microsoft.com',
      tid: tenantId,
      appid: clientId,
      idtyp: 'app',
      roles: ['User.ReadWrite.All'],
    });
    const users = await simulator.call('GET', '/v1.0/users', { token: token.token });
    expect(users.status).toBe(200);
  });

  it('S001: the Azure client library gets a token by certificate', async () => {
    const pems = await generate([{ name: 'commonName', value: 'app' }], {
      algorithm: 'sha256',
      keySize: 2048,
    });
    const file = join(mkdtempSync(join(tmpdir(), 'app-cert-')), 'app.pem');
    writeFileSync(file, `${pems.private}\n${pems.cert}`);
    await makeTenant({ certificates: [pems.cert] });
    const credential = new ClientCertificateCredential(tenantId, clientId, file, {
      authorityHost: simulator.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: simulator.caPem },
    });

    expect((await credential.getToken(scope)).token).toBeTruthy();
  });

  it.each([
    ['S002', 'a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['S004', 'an app that nobody consented to', { client_id: tenantId }, 400, 'unauthorized_client', 700016],
    ['facts 5', 'a scope without /.default', { scope: 'User.Read' }, 400, 'invalid_scope', 70011],
    [
      'facts 5',
      'a resource that is not there',
      { scope: 'https://x.example/.default' },
      400,
      'invalid_resource',
      500011,
    ],
  ])('%s: refuses %s', async (_id, _what, form, status, error, code) => {
    await makeTenant();

    const answer = await askToken(form);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      error,
      error_codes: [code],
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      error_description: expect.stringMatching(
        /^AADSTS\d+: .*\r\nTrace ID: .*\r\nCorrelation ID: .*\r\nTimestamp: /,
      ) as string,
    });
  });
});
