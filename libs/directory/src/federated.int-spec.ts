import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import type { StepOutcome } from '#core/accounts';
import { Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { verdictOf } from '#core/testing';
import { assertionFile, EntraDirectory } from './index.js';
import { alone, BUDGET_MS, Rig } from './testing/rig.js';
import { CLIENT_ID } from './testing/simulated-tenant.js';

const ISSUER = 'https://cluster.example';
const SUBJECT = 'system:serviceaccount:curfew:worker';
const AUDIENCE = 'api://AzureADTokenExchange';
const FIND = alone({ do: 'findUser', upn: 'x' });
const FEDERATED: EntraApp['credential'] = { kind: 'federated', value: new Secret('') };

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

describe('EntraDirectory signs in by a workload identity', () => {
  let rig: Rig;
  let key: Key;
  let jwk: JWK;
  let folder: string;
  let file: string;
  let directory: EntraDirectory;

  beforeAll(async () => {
    rig = await Rig.start();
    const pair = await generateKeyPair('RS256');
    key = pair.privateKey;
    jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' };
    folder = mkdtempSync(join(tmpdir(), 'curfew-workload-'));
    file = join(folder, 'token');
  });
  beforeEach(async () => {
    await rig.enter();
    const credential = { issuer: ISSUER, subject: SUBJECT, jwks: { keys: [jwk] } };
    await rig.simulator.patchTenant(rig.tenantId, {
      apps: [{ clientId: CLIENT_ID, federatedCredentials: [credential] }],
    });
    directory = opened(true);
    writeFileSync(file, await token());
  });
  afterEach(async () => {
    await directory.close();
    await rig.leave();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await rig.stop();
  });

  const opened = (hasIdentity: boolean): EntraDirectory => {
    const { url, caPem } = rig.simulator;
    return new EntraDirectory({
      clouds: { custom: { authorityHost: url, graphHost: url, caPem } },
      ...(hasIdentity ? { assertion: assertionFile(file) } : {}),
    });
  };
  const token = (claims: { iss?: string; sub?: string; aud?: string } = {}): Promise<string> =>
    new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: AUDIENCE, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(key);
  const find = async (version = 1): Promise<StepOutcome | undefined> =>
    (await directory.perform({ ...rig.world.app, version, credential: FEDERATED }, FIND, BUDGET_MS))[0];
  const verdict = async (version?: number): Promise<string> => {
    const outcome = await find(version);
    return outcome === undefined ? '' : verdictOf(outcome);
  };

  it('with no secret of its own, and reads the token anew each time', async () => {
    expect(await verdict()).toBe('ok');
    writeFileSync(file, `${await token()}\n`);
    expect(await verdict(2)).toBe('ok');
    rmSync(file);
    expect(await verdict(3)).toBe('credential_bad later');
    expect(await rig.tokenRequests()).toBe(2);
  });

  it.each([
    ['AADSTS700211', 'issuer', { iss: 'https://other.example' }],
    ['AADSTS700213', 'subject', { sub: 'somebody' }],
    ['AADSTS700212', 'audience', { aud: 'api://other' }],
  ])('S007: and says with %s which of its marks nobody registered: %s', async (code, word, claims) => {
    const shown = await token(claims);
    writeFileSync(file, shown);

    const outcome = await find();

    expect(outcome).toMatchObject({
      at: null,
      error: { reason: 'credential_bad', facts: { code, retry: 'later', workload: 'sign-in' } },
    });
    const text = outcome?.ok === false ? outcome.error.message : '';
    expect(text).toContain(`names the ${word} of the workload token`);
    expect(JSON.stringify(outcome) + text).not.toContain(shown);
  });

  it('S007: and says that nothing at all is registered', async () => {
    await rig.simulator.patchTenant(rig.tenantId, {
      apps: [{ clientId: CLIENT_ID, federatedCredentials: [] }],
    });

    expect(await find()).toMatchObject({
      error: { reason: 'credential_bad', facts: { code: 'AADSTS70021', retry: 'later' } },
    });
  });

  it('and says what is wrong without asking anybody when there is no token to show', async () => {
    const told = async (version: number): Promise<string> => {
      const outcome = await find(version);
      return outcome?.ok === false ? `${outcome.error.reason}: ${outcome.error.message}` : '';
    };

    writeFileSync(file, ' \n');
    expect(await told(1)).toBe('credential_bad: No token: the file with the workload token is empty.');
    writeFileSync(file, 'x'.repeat(70_000));
    expect(await told(2)).toContain('too long');
    rmSync(file);
    expect(await told(3)).toContain('(ENOENT)');
    expect(await told(3)).not.toContain(folder);
    await directory.close();
    directory = opened(false);
    expect(await told(4)).toContain('this deployment has no workload identity to show');
    expect(await rig.tokenRequests()).toBe(0);
  });
});
