import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
} from '@azure/identity';
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  PageIterator,
  type PageCollection,
} from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import { SignJWT } from 'jose';
import { execFile, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { Agent } from 'undici';
import { startTestSimulator, type FaultRule, type TestSimulator } from '../../../test/support/simulator.js';
import { anError, aUser, clientId, secret, setStage, tenantId, usualPermissions } from './testing/stage.js';

// Microsoft's own libraries as they come, and curl: none of the product's code stands between them and the simulator.

const scope = 'https://graph.microsoft.com/.default';
const createPath: FaultRule['match'] = { method: 'POST', path: '/users' };

let simulator: TestSimulator;
let trusting: Agent;

beforeAll(async () => {
  simulator = await startTestSimulator();
  trusting = new Agent({ connect: { ca: simulator.caPem } });
});
afterAll(async () => {
  await trusting.close();
  await simulator.stopSimulator();
});
afterEach(async () => {
  await simulator.clearFaults();
  expect((await simulator.violations()).own).toEqual([]);
});

const authority = () => ({
  authorityHost: simulator.url,
  disableInstanceDiscovery: true,
  tlsOptions: { ca: simulator.caPem },
});

const tokenRequests = async () => (await simulator.requests()).filter(({ kind }) => kind === 'token').length;

describe("Microsoft's library for tokens", () => {
  it('S001: gets one with a secret, and asks once for what it may keep', async () => {
    await setStage(simulator);
    const credential = new ClientSecretCredential(tenantId, clientId, secret, authority());
    const before = await tokenRequests();

    const first = await credential.getToken(scope);
    const second = await credential.getToken(scope);

    expect(second.token).toBe(first.token);
    expect(first.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await tokenRequests()).toBe(before + 1);
  });

  it('S001: gets one with a certificate', async () => {
    const pems = await generate([{ name: 'commonName', value: 'app' }], {
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + 3_600_000),
    });
    await simulator.makeTenant(tenantId, {
      apps: [{ clientId, certificates: [pems.cert], permissions: ['User.Read.All'] }],
    });

    const credential = new ClientCertificateCredential(
      tenantId,
      clientId,
      { certificate: `${pems.private}\n${pems.cert}` },
      authority(),
    );
    const { token } = await credential.getToken(scope);

    expect((await simulator.call('GET', '/v1.0/users', { token })).status).toBe(200);
  });

  it('S002: reads the number of a refusal', async () => {
    await setStage(simulator);
    const credential = new ClientSecretCredential(tenantId, clientId, 'wrong', authority());

    await expect(credential.getToken(scope)).rejects.toThrow(/AADSTS7000215/);
  });

  it('S007: gets one with an assertion of an issuer that the app trusts, and of no other', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const issuer = 'https://issuer.example';
    const subject = 'repo:contoso/app:environment:production';
    await simulator.makeTenant(tenantId, {
      apps: [
        {
          clientId,
          permissions: usualPermissions,
          federatedCredentials: [
            { issuer, subject, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
          ],
        },
      ],
    });
    const assert = (sub: string) => () =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256' })
        .setIssuer(issuer)
        .setSubject(sub)
        .setAudience('api://AzureADTokenExchange')
        .setJti(randomUUID())
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime('5m')
        .sign(privateKey);
    const credentialOf = (sub: string) =>
      new ClientAssertionCredential(tenantId, clientId, assert(sub), authority());

    expect((await credentialOf(subject).getToken(scope)).token).toBeTruthy();
    await expect(credentialOf('repo:somebody/else').getToken(scope)).rejects.toThrow(/AADSTS7002\d/);
  });
});

describe("Microsoft's library for Graph, with its own middleware", () => {
  /** As the library's manual has it; only the host and the certificate authority are ours. */
  const aClient = () =>
    Client.initWithMiddleware({
      baseUrl: `${simulator.url}/`,
      customHosts: new Set(['localhost']),
      authProvider: new TokenCredentialAuthenticationProvider(
        new ClientSecretCredential(tenantId, clientId, secret, authority()),
        { scopes: [scope] },
      ),
      // The built-in fetch has it too; its type is of another version's.
      fetchOptions: { dispatcher: trusting } as object,
    });

  const callsTo = async (path: string, method: string) =>
    (await simulator.requests()).filter((entry) => entry.path.startsWith(path) && entry.method === method);

  it('S014, S030: creates a user and reads what it selects', async () => {
    const { simulator: stage } = await setStage(simulator);
    const client = aClient();

    const { id } = (await client.api('/users').post(aUser())) as { id: string };
    const shown = (await client.api(`/users/${id}`).select('accountEnabled').get()) as object;

    expect(shown).toMatchObject({ accountEnabled: true });
    expect((await stage.truth(tenantId)).users).toHaveLength(1);
  });

  it('S018: sends a create again after a 504 that was carried out, and is told of a conflict', async () => {
    await setStage(simulator);
    const rule = { match: createPath, times: 1, effect: { status: 504, commit: true, retryAfter: 0 } };
    await simulator.addFault(rule);
    await simulator.clearRequests();

    await expect(aClient().api('/users').post(aUser())).rejects.toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('ObjectConflict') as string,
    });

    expect(await callsTo('/v1.0/users', 'POST')).toHaveLength(2);
    expect((await simulator.truth(tenantId)).users).toHaveLength(1);
  });

  it('S088, S090: waits as long as a 429 says, and then succeeds', async () => {
    await setStage(simulator);
    await simulator.addFault({ match: createPath, times: 2, effect: { status: 429, retryAfter: 0 } });
    await simulator.clearRequests();

    await aClient().api('/users').post(aUser());

    const statuses = (await callsTo('/v1.0/users', 'POST')).map(({ status }) => status);
    expect(statuses).toEqual([429, 429, 201]);
  });

  it('S035: goes through more users than a page holds', async () => {
    const users = Array.from({ length: 230 }, (_, i) => ({
      userPrincipalName: `user${i}@contoso.onmicrosoft.com`,
    }));
    await setStage(simulator, { users });
    const client = aClient();
    const seen = new Set<string>();

    const first = (await client.api('/users').select('userPrincipalName').get()) as PageCollection;
    await new PageIterator(client, first, (user: { userPrincipalName: string }) => {
      seen.add(user.userPrincipalName);
      return true;
    }).iterate();

    expect(first.value).toHaveLength(100);
    expect(seen.size).toBe(230);
  });

  it('S092: sends a batch and finds each answer by its id', async () => {
    await setStage(simulator);
    const match: FaultRule['match'] = { part: 'batch-part', path: '/organization' };
    await simulator.addFault({ match, effect: { status: 429, retryAfter: 7 } });
    const part = (id: string, path: string) => ({ id, request: new Request(`https://localhost${path}`) });
    const content = await new BatchRequestContent([
      part('users', '/users?$top=5'),
      part('organization', '/organization'),
      part('nobody', `/users/${randomUUID()}`),
    ]).getContent();

    const answer = new BatchResponseContent(
      (await aClient().api('/$batch').post(content)) as ConstructorParameters<typeof BatchResponseContent>[0],
    );

    expect(answer.getResponseById('users').status).toBe(200);
    expect(await answer.getResponseById('users').json()).toMatchObject({ value: [] });
    expect(answer.getResponseById('nobody').status).toBe(404);
    const throttled = answer.getResponseById('organization');
    expect([throttled.status, throttled.headers.get('Retry-After')]).toEqual([429, '7']);
  });

  it('S103: follows changes by delta links', async () => {
    await setStage(simulator);
    const client = aClient();
    const readAll = async (link: string) => {
      const page = (await client.api(link).get()) as PageCollection;
      const found: Record<string, unknown>[] = [];
      const iterator = new PageIterator(
        client,
        page,
        (user: Record<string, unknown>) => found.push(user) > 0,
      );
      await iterator.iterate();
      return { found, next: iterator.getDeltaLink() ?? '' };
    };
    const start = await readAll('/users/delta');
    const { id } = (await client.api('/users').post(aUser())) as { id: string };
    const created = await readAll(start.next);
    await client.api(`/users/${id}`).delete();
    const deleted = await readAll(created.next);

    expect(created.found).toMatchObject([{ id, userPrincipalName: 'ada.admin@contoso.onmicrosoft.com' }]);
    expect(deleted.found).toMatchObject([{ id, '@removed': { reason: 'changed' } }]);
  });
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe(hasCurl ? 'curl' : 'The lines for curl, sent by node:https since this machine has no curl', () => {
  interface Line {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
  }

  const curl = async (path: string, { method = 'GET', headers = {}, body }: Line) => {
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--cacert', simulator.caFile, '--request', method, '--write-out', '\n%{http_code}'],
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      ...(body === undefined ? [] : ['--data', body]),
      `${simulator.url}${path}`,
    ]);
    const [text = '', status = ''] = stdout.split(/\n(?=\d+$)/);
    return { status: Number(status), body: JSON.parse(text) as Record<string, unknown> };
  };

  const ask = (path: string, line: Line) =>
    hasCurl ? curl(path, line) : simulator.call(line.method ?? 'GET', path, line);

  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope,
  }).toString();

  it('S001, S009: gets a token and the users with it, and nothing without', async () => {
    await setStage(simulator, { users: [{ userPrincipalName: 'ada@contoso.onmicrosoft.com' }] });

    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const granted = await ask(`/${tenantId}/oauth2/v2.0/token`, { method: 'POST', headers, body: form });
    const { access_token: token } = granted.body as { access_token: string };
    const users = await ask('/v1.0/users', { headers: { Authorization: `Bearer ${token}` } });
    const nothing = await ask('/v1.0/users', {});

    expect(users).toMatchObject({
      status: 200,
      body: { value: [{ userPrincipalName: 'ada@contoso.onmicrosoft.com' }] },
    });
    expect(nothing.status).toBe(401);
    expect(nothing.body).toMatchObject(anError('InvalidAuthenticationToken', 'Access token is empty.'));
  });
});
