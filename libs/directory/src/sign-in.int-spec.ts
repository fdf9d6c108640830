import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import type { StepOutcome } from '#core/accounts';
import { Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { verdictOf } from '#core/testing';
import { alone, BUDGET_MS, createCall, Rig, ROLES } from './testing/rig.js';
import { CLIENT_ID, CLIENT_SECRET, directoryTo } from './testing/simulated-tenant.js';

const FIND = alone({ do: 'findUser', upn: 'x' });
const REFUSED = { status: 401, code: 'InvalidAuthenticationToken', message: 'Lifetime validation failed.' };
const TOKEN_PATH = '**/oauth2/v2.0/token';

describe('EntraDirectory signs in', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(() => rig.leave());
  afterAll(() => rig.stop());

  const findAs = async (change: Partial<EntraApp>): Promise<StepOutcome | undefined> =>
    (await rig.world.directory.perform({ ...rig.world.app, ...change }, FIND, BUDGET_MS))[0];

  it('once, however many want a token at the same time', async () => {
    await rig.enter();

    await Promise.all(Array.from({ length: 50 }, () => rig.perform(FIND)));

    expect(await rig.tokenRequests()).toBe(1);
  });

  it('past a proxy of the environment, as the calls to Graph go', async () => {
    await rig.enter();
    const before = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:9';
    try {
      expect((await rig.perform(FIND)).map(verdictOf)).toEqual(['ok']);
    } finally {
      if (before === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = before;
    }
  });

  it('again when a valid token is refused, without anybody noticing', async () => {
    const { domain } = await rig.enter();
    await rig.make();
    await rig.fault({ match: { method: 'POST', path: '/users' }, effect: REFUSED });

    expect(await rig.verdict(createCall(`kim@${domain}`))).toBe('ok');
    expect(await rig.tokenRequests()).toBe(2);
  });

  it('once for fifty, of which all that may go at the same time are refused', async () => {
    await rig.enter();
    await rig.make();
    await rig.countFromHere();
    await rig.fault({ times: 3, match: { method: 'GET', path: '/users/*' }, effect: REFUSED });

    const hook = await rig.simulator.hold({ match: { path: TOKEN_PATH }, at: 'before-commit' });

    const performing = Promise.all(Array.from({ length: 50 }, () => rig.perform(FIND)));
    // All of them are refused with the old token before there is another.
    while ((await rig.graphCalls()).length < 3);
    await rig.simulator.release(hook);

    const outcomes = await performing;
    expect(outcomes.flat().every(({ ok }) => ok)).toBe(true);
    expect(await rig.tokenRequests()).toBe(1);
  });

  it.each(['Authentication_ExpiredToken', 'unauthorized', ''])(
    'again after a 401 with whatever code: "%s"',
    async (code) => {
      await rig.enter();
      await rig.make();
      await rig.countFromHere();
      await rig.fault({
        match: { method: 'GET', path: '/users/*' },
        effect: { status: 401, code, message: 'Access is denied.' },
      });

      expect((await rig.perform(FIND)).map(verdictOf)).toEqual(['ok']);
      expect(await rig.tokenRequests()).toBe(1);
    },
  );

  it('before the next work when a part of a batch was refused, but not for each one within seconds', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.countFromHere();
    await rig.fault({
      times: 9,
      match: { method: 'GET', path: '/users/*', part: 'batch-part' },
      effect: REFUSED,
    });
    const readTwice = () =>
      rig.perform([
        { ref: 'one', call: { do: 'readUser', user } },
        { ref: 'two', call: { do: 'readUser', user } },
      ]);

    expect((await readTwice()).map(verdictOf)).toEqual(['unanswered later', 'unanswered later']);
    expect(await rig.tokenRequests()).toBe(0);
    await readTwice();
    await readTwice();
    await readTwice();
    expect(await rig.tokenRequests()).toBe(1);
  });

  it('no third time when the fresh token is refused too', async () => {
    await rig.enter();
    await rig.fault({ times: 9, match: { method: 'GET', path: '/users/*' }, effect: REFUSED });

    expect((await rig.perform(FIND)).map(verdictOf)).toEqual(['credential_bad later']);
    expect(await rig.graphCalls()).toHaveLength(2);
  });

  it('and tells a wrong secret, an expired one, an unknown tenant and a disabled app by their codes', async () => {
    await rig.enter();
    const expired = 'expired-canary-secret';
    const codeFor = async (change: Partial<EntraApp>): Promise<unknown> => {
      const outcome = await findAs(change);
      return outcome?.ok === false
        ? { reason: outcome.error.reason, code: outcome.error.facts.code }
        : outcome;
    };
    const refusal = (code: string): object => ({ reason: 'credential_bad', code });
    const secrets = [{ value: CLIENT_SECRET }, { value: expired, endDateTime: '2020-01-01T00:00:00Z' }];
    await rig.simulator.patchTenant(rig.tenantId, { apps: [{ clientId: CLIENT_ID, secrets }] });

    expect(await codeFor({ credential: secret('wrong-canary') })).toEqual(refusal('AADSTS7000215'));
    expect(await codeFor({ credential: secret(expired) })).toEqual(refusal('AADSTS7000222'));
    expect(await codeFor({ tenantId: '00000000-0000-4000-8000-00000000dead' })).toEqual(
      refusal('AADSTS90002'),
    );
    await rig.simulator.patchTenant(rig.tenantId, { apps: [{ clientId: CLIENT_ID, disabled: true }] });
    expect(await codeFor({ version: 2 })).toEqual(refusal('AADSTS7000112'));
  });

  it('and refuses by itself what can be no credential, no tenant and no cloud', async () => {
    await rig.enter();

    for (const change of [
      { credential: secret('') },
      { tenantId: 'no tenant!' },
      { cloud: 'china' as const },
      { credential: { kind: 'certificate' as const, value: new Secret('no pem') } },
    ]) {
      expect(await findAs(change)).toMatchObject({ ok: false, error: { reason: 'credential_bad' } });
    }
    expect(await rig.tokenRequests()).toBe(0);
  });

  it('and goes on with its token while sign-in is throttled, which it tells for what it is', async () => {
    await rig.enter();
    await rig.make();
    await rig.fault({ times: 9, match: { path: TOKEN_PATH }, effect: { status: 429, retryAfter: 17 } });

    expect((await rig.perform(FIND)).map(verdictOf)).toEqual(['ok']);
    expect(await findAs({ version: 2 })).toMatchObject({
      at: null,
      error: { reason: 'throttled', facts: { workload: 'sign-in', retryAfterSeconds: 17, retry: 'later' } },
    });
  });

  it('and is back in time when sign-in does not answer', async () => {
    await rig.enter();
    const hook = await rig.simulator.hold({ match: { path: TOKEN_PATH }, at: 'before-commit' });
    const before = Date.now();

    const outcomes = await rig.perform(FIND, 300);

    expect(Date.now() - before).toBeLessThan(2_000);
    expect(outcomes).toMatchObject([
      { at: null, error: { reason: 'unanswered', facts: { workload: 'sign-in' } } },
    ]);
    await rig.simulator.release(hook, 'cut');
  });

  it('with a certificate too, and says at once when the PEM holds no fitting key', async () => {
    await rig.enter();
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'curfew' }], {
      keySize: 2048,
    });
    await rig.simulator.patchTenant(rig.tenantId, { apps: [{ clientId: CLIENT_ID, certificates: [cert] }] });
    const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    const findWith = async (pem: string): Promise<string> => {
      const outcome = await findAs({ credential: { kind: 'certificate', value: new Secret(pem) } });
      return outcome === undefined ? '' : verdictOf(outcome);
    };

    expect(await findWith(`${cert}\n${key}`)).toBe('ok');
    expect(await findWith(cert)).toBe('credential_bad later');
    expect(await findWith(`${cert}\n${foreignKey.toString()}`)).toBe('credential_bad later');
  });

  it('anew within a minute of a missing consent, and then sees what was consented to meanwhile', async () => {
    const { app } = await rig.enter({ without: ['RoleManagement.ReadWrite.Directory'] });
    const user = await rig.make();
    let now = Date.now();
    const directory = directoryTo(rig.simulator, () => now);
    const assign = async (): Promise<string[]> =>
      (await directory.perform(app, alone({ do: 'assignRole', user, roleId: ROLES[0] }), BUDGET_MS)).map(
        verdictOf,
      );
    const permissions = ['RoleManagement.ReadWrite.Directory'];

    expect(await assign()).toEqual(['consent_missing never']);
    await rig.simulator.patchTenant(rig.tenantId, { apps: [{ clientId: CLIENT_ID, permissions }] });
    now += 61_000;
    await assign();
    expect(await assign()).toEqual(['ok']);
    await directory.close();
  });
});

const secret = (value: string): EntraApp['credential'] => ({ kind: 'secret', value: new Secret(value) });
