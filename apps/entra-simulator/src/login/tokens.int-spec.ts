import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { decodeJwt, SignJWT } from 'jose';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { AppSpec, TestSimulator } from '../../../../test/support/simulator.js';
import { anError, clientId, secret, setStage, startFrozen, tenantId } from '../testing/stage.js';

const scope = 'https://graph.microsoft.com/.default';
const hour = 3_600_000;

describe('A token for an app', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  const makeApp = (app: Partial<AppSpec> = {}) =>
    simulator.makeTenant(tenantId, {
      apps: [{ clientId, secrets: [{ value: secret }], permissions: ['User.ReadWrite.All'], ...app }],
    });

  const ask = (form: Record<string, string> = {}, tenant = tenantId) => {
    const usual = { grant_type: 'client_credentials', client_id: clientId, scope };
    return simulator.call('POST', `/${tenant}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...usual, ...form }).toString(),
    });
  };

  const authority = () => ({
    authorityHost: simulator.url,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: simulator.caPem },
  });

  it('S001: comes to the Azure client library by secret, with the consent as roles', async () => {
    await makeApp();

    const { token } = await new ClientSecretCredential(tenantId, clientId, secret, authority()).getToken(
      scope,
    );

    expect(decodeJwt(token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `https://sts.windows.net/${tenantId}/`,
      tid: tenantId,
      appid: clientId,
      idtyp: 'app',
      roles: ['User.ReadWrite.All'],
    });
    expect((await simulator.call('GET', '/v1.0/users', { token })).status).toBe(200);
  });

  it('S001: comes to the Azure client library by a registered certificate', async () => {
    const pems = await generate([{ name: 'commonName', value: 'app' }], {
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + hour),
    });
    const file = join(mkdtempSync(join(tmpdir(), 'app-cert-')), 'app.pem');
    writeFileSync(file, `${pems.private}\n${pems.cert}`);
    await simulator.advance(Math.max(0, Date.now() - Date.UTC(2026, 2, 1, 9)));
    await makeApp({ certificates: [pems.cert] });

    const credential = new ClientCertificateCredential(tenantId, clientId, file, authority());

    expect((await credential.getToken(scope)).token).toBeTruthy();
  });

  describe('by a certificate', () => {
    const now = () => Math.floor(nowMs / 1000);
    let nowMs = 0;
    let pems: Awaited<ReturnType<typeof generate>>;
    beforeEach(async () => {
      pems = await generate([], { algorithm: 'sha256', notAfterDate: new Date(Date.now() + hour) });
      const reply = await simulator.call('POST', '/__control/clock', { body: { advanceMs: 0 } });
      nowMs = Date.parse((reply.body as { now: string }).now);
      await makeApp({ certificates: [pems.cert] });
    });
    const assertionOf = (claims: { aud?: string; sub?: string; seconds?: number } = {}) => {
      const {
        aud = `${simulator.url}/${tenantId}/oauth2/v2.0/token`,
        sub = clientId,
        seconds = 600,
      } = claims;
      const certificate = new X509Certificate(pems.cert);
      return new SignJWT({})
        .setProtectedHeader({
          alg: 'PS256',
          'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
        })
        .setIssuer(clientId)
        .setSubject(sub)
        .setAudience(aud)
        .setExpirationTime(now() + seconds)
        .sign(createPrivateKey(pems.private));
    };
    const send = async (claims: Parameters<typeof assertionOf>[0]) =>
      ask({
        client_assertion: await assertionOf(claims),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });

    it('S001: comes for its SHA-256 thumbprint', async () => {
      expect((await send({})).status).toBe(200);
    });

    it.each([
      ['an hour ago', { seconds: -3600 }, 700024],
      ['for another audience', { aud: 'https://other.example' }, 700023],
      ['for another app', { sub: tenantId }, 700021],
    ])('is refused to an assertion made %s', async (_, claims, code) => {
      expect(await send(claims)).toMatchObject({ status: 401, body: { error_codes: [code] } });
    });
  });

  it('is refused to an assertion that another key signed', async () => {
    const [registered, other] = await Promise.all([generate([], {}), generate([], {})]);
    await makeApp({ certificates: [registered.cert] });
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', x5t: 'bm90IHJlZ2lzdGVyZWQ' })
      .setIssuer(clientId)
      .sign(createPrivateKey(other.private));

    const answer = await ask({
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });

    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [700027] } });
  });

  it('S007: is refused to a federated assertion that nobody registered', async () => {
    await makeApp();
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://ci.example')
      .sign(new Uint8Array(32));

    const answer = await ask({
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });

    expect(answer).toMatchObject({ status: 400, body: { error_codes: [70021] } });
  });

  const refusals: [string, Record<string, string>, number, string, number][] = [
    ['S002: is refused for a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['is refused without secret or assertion', {}, 401, 'invalid_client', 7000218],
    [
      'S004: is refused to an app without consent',
      { client_id: tenantId, client_secret: secret },
      400,
      'unauthorized_client',
      700016,
    ],
    ['is refused for a scope without /.default', { scope: 'User.Read' }, 400, 'invalid_scope', 70011],
    [
      'is refused for an unknown resource',
      { scope: 'https://x.example/.default' },
      400,
      'invalid_resource',
      500011,
    ],
    [
      'is refused for another grant type',
      { grant_type: 'device_code' },
      400,
      'unsupported_grant_type',
      70003,
    ],
  ];
  it.each(refusals)('%s', async (...[, form, status, error, code]) => {
    await makeApp();

    const answer = await ask(form);

    expect(answer).toMatchObject({
      status,
      body: {
        error,
        error_codes: [code],
        error_uri: `https://login.microsoftonline.com/error?code=${code}`,
        trace_id: expect.any(String) as string,
        correlation_id: expect.any(String) as string,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/) as string,
        error_description: expect.stringMatching(
          /^AADSTS\d+: .*\r\nTrace ID: .*\r\nCorrelation ID: .*\r\nTimestamp: /,
        ) as string,
      },
    });
  });

  it('S002: is refused with the ids by which request and caller know it', async () => {
    await makeApp();
    const correlationId = '77777777-0000-4000-8000-000000000001';
    const refused = (headers: Record<string, string>) =>
      simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ grant_type: 'client_credentials' }).toString(),
      });

    const answer = await refused({ 'client-request-id': correlationId });

    expect(answer.body).toMatchObject({
      trace_id: answer.headers['x-ms-request-id'],
      correlation_id: correlationId,
      error_description: expect.stringContaining(`Correlation ID: ${correlationId}`) as string,
    });
    const unnamed = await refused({ 'client-request-id': 'no id' });
    expect(unnamed.body).toMatchObject({ correlation_id: unnamed.headers['x-ms-request-id'] });
  });

  it('S003: is refused for an expired secret, in other words than for a wrong one', async () => {
    await makeApp({ secrets: [{ value: secret, endDateTime: '2026-01-01T00:00:00Z' }] });

    expect(await ask({ client_secret: secret })).toMatchObject({
      status: 401,
      body: { error_codes: [7000222] },
    });
  });

  it('S005: is refused in a tenant that does not exist', async () => {
    const answer = await ask({ client_secret: secret }, 'nowhere.example');

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [90002] } });
  });

  it('S006: is refused to a disabled app, while its older tokens go on working', async () => {
    await makeApp();
    const token = await simulator.token(tenantId, { clientId, secret });

    await simulator.patchTenant(tenantId, { apps: [{ clientId, disabled: true }] });

    expect(await ask({ client_secret: secret })).toMatchObject({
      status: 400,
      body: { error_codes: [7000112] },
    });
    expect((await simulator.call('GET', '/v1.0/users', { token })).status).toBe(200);
  });

  it('S008: without any consent has no roles, and every call is refused', async () => {
    const { token, graph } = await setStage(simulator, { permissions: [] });

    expect(decodeJwt(token)).not.toHaveProperty('roles');
    expect((await graph('GET', '/users')).body).toMatchObject(
      anError('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
    );
  });

  it('S009: is refused by Graph once it has expired, and so is none at all', async () => {
    const { graph } = await setStage(simulator);

    await simulator.advance(hour);

    expect((await graph('GET', '/users')).body).toMatchObject(
      anError('InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.'),
    );
    expect((await simulator.call('GET', '/v1.0/users')).body).toMatchObject(
      anError('InvalidAuthenticationToken', 'Access token is empty.'),
    );
  });

  it('S010: is refused once by a rule, then works again', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({ match: { path: '/users' }, times: 1, effect: { status: 401 } });

    const statuses = [(await graph('GET', '/users')).status, (await graph('GET', '/users')).status];

    expect(statuses).toEqual([401, 200]);
  });

  it('S011: keeps its roles when the consent is withdrawn; the next token lacks them', async () => {
    const { graph } = await setStage(simulator);

    await simulator.patchTenant(tenantId, { apps: [{ clientId, permissions: [] }] });

    expect((await graph('GET', '/users')).status).toBe(200);
    const next = await simulator.token(tenantId, { clientId, secret });
    expect((await simulator.call('GET', '/v1.0/users', { token: next })).status).toBe(403);
  });

  it('S013: is refused while the token endpoint is overloaded', async () => {
    await makeApp();
    await simulator.addFault({
      match: { path: '/oauth2/v2.0/token' },
      times: 1,
      effect: { status: 503, code: '90033', retryAfter: 7 },
    });

    const [first, second] = [await ask({ client_secret: secret }), await ask({ client_secret: secret })];

    expect(first).toMatchObject({
      status: 503,
      body: { error_codes: [90033] },
      headers: { 'retry-after': '7' },
    });
    expect(second.status).toBe(200);
  });
});
