import { ClientAssertionCredential } from '@azure/identity';
import { decodeJwt, exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import type { FederatedCredentialSpec, TestSimulator } from '../../../../test/support/simulator.js';
import { clientId, secret, startedAt, startFrozen, tenantId } from '../testing/stage.js';

const issuer = 'https://ci.example';
const subject = 'repo:curfew/curfew:ref:refs/heads/main';
const audience = 'api://AzureADTokenExchange';
const scope = 'https://graph.microsoft.com/.default';

describe('A federated credential', () => {
  let simulator: TestSimulator;
  let keys: { privateKey: CryptoKey; publicKey: CryptoKey };
  beforeAll(async () => {
    simulator = await startFrozen();
    keys = await generateKeyPair('RS256');
  });
  afterAll(() => simulator.stopSimulator());

  const credential = async (): Promise<FederatedCredentialSpec> => ({
    issuer,
    subject,
    jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one' }] },
  });
  const makeApp = (federatedCredentials: FederatedCredentialSpec[]) =>
    simulator.makeTenant(tenantId, {
      apps: [{ clientId, permissions: ['User.Read.All'], federatedCredentials }],
    });

  interface Claims {
    iss?: string;
    sub?: string;
    aud?: string;
    seconds?: number;
    nbfSeconds?: number;
  }
  const sign = ({
    iss = issuer,
    sub = subject,
    aud = audience,
    seconds = 600,
    nbfSeconds = 0,
  }: Claims = {}) => {
    const now = Math.floor(startedAt / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(iss)
      .setSubject(sub)
      .setAudience(aud)
      .setNotBefore(now + nbfSeconds)
      .setExpirationTime(now + seconds)
      .sign(keys.privateKey);
  };
  const ask = (assertion: string) =>
    simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        scope,
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }).toString(),
    });

  it('S001, S007: proves an app to the Azure client library', async () => {
    await makeApp([await credential()]);
    const azure = new ClientAssertionCredential(tenantId, clientId, () => sign(), {
      authorityHost: simulator.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: simulator.caPem },
    });

    const { token } = await azure.getToken(scope);

    expect(decodeJwt(token)).toMatchObject({ appid: clientId, appidacr: '2', roles: ['User.Read.All'] });
  });

  it('S007: may be one public key in PEM, and an assertion may come again', async () => {
    await makeApp([{ issuer, subject, publicKeyPem: await exportSPKI(keys.publicKey) }]);
    const assertion = await sign();

    expect([(await ask(assertion)).status, (await ask(assertion)).status]).toEqual([200, 200]);
  });

  const refusals: [string, Claims, number, number][] = [
    ['an unknown issuer', { iss: 'https://other.example' }, 401, 700211],
    ['an unknown subject', { sub: 'repo:curfew/fork' }, 401, 700213],
    ['another audience', { aud: 'api://other' }, 401, 700212],
    ['an assertion of yesterday', { seconds: -86_400 }, 401, 700024],
    ['an assertion of tomorrow', { nbfSeconds: 86_400, seconds: 90_000 }, 401, 700024],
  ];
  it.each(refusals)('S007: refuses %s', async (...[, claims, status, code]) => {
    await makeApp([await credential()]);

    expect(await ask(await sign(claims))).toMatchObject({ status, body: { error_codes: [code] } });
  });

  it('S007: refuses an assertion that another key signed', async () => {
    const other = await generateKeyPair('RS256');
    await makeApp([{ issuer, subject, publicKeyPem: await exportSPKI(other.publicKey) }]);

    expect(await ask(await sign())).toMatchObject({ status: 401, body: { error_codes: [50013] } });
  });

  it('S007: says what was presented when the app has none at all', async () => {
    await simulator.makeTenant(tenantId, { apps: [{ clientId, secrets: [{ value: secret }] }] });

    expect(await ask(await sign())).toMatchObject({
      status: 400,
      body: {
        error_codes: [70021],
        error_description: expect.stringContaining(`Assertion Subject: '${subject}'`) as string,
      },
    });
  });

  it('is refused by the control API with private keys', async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(pair.privateKey);

    await expect(makeApp([{ issuer, subject, jwks: { keys: [jwk] } }])).rejects.toThrow('public keys only');
  });
});
