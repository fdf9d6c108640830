import { decodeJwt } from 'jose';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startTestSimulator,
  type SignInAttempt,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { bodyOf, goodPassword, setStage, startFrozen, tenantId, type Stage } from '../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const upn = 'ann@contoso.onmicrosoft.com';
const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const users = [{ id: ann, userPrincipalName: upn, password: goodPassword, roles: ['Global Administrator'] }];
const passes = `/users/${ann}/authentication/temporaryAccessPassMethods`;
const graphScope = 'https://graph.microsoft.com/.default';
const armScope = 'https://management.azure.com/.default';
const minute = 60_000;

describe('A user who signs in', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const begin = (spec: TenantSpec = {}): Promise<Stage> => setStage(simulator, { users, ...spec });
  const signIn = (attempt: Partial<SignInAttempt>) =>
    simulator.signIn(tenantId, { userPrincipalName: upn, ...attempt });
  const ask = (form: Record<string, string> = {}, tenant = tenantId) =>
    simulator.call('POST', `/${tenant}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: azureCli,
        username: upn,
        password: goodPassword,
        scope: graphScope,
        ...form,
      }).toString(),
    });
  const aRefusal = (code: number) => ({
    status: 400,
    body: { error: 'invalid_grant', error_codes: [code] },
  });
  const patch = (changes: object) =>
    simulator.portal(tenantId, { do: 'patchUser', userId: ann, changes: { ...changes } });
  const register = (kind: 'fido2' | 'phone') =>
    simulator.portal(tenantId, { do: 'addMethod', userId: ann, kind });

  describe('with a password at the token endpoint', () => {
    it('S107: gets a token while enabled, and AADSTS50057 once disabled', async () => {
      const { graph } = await begin({
        directoryRoles: ['Privileged Authentication Administrator'],
      } as object);
      const before = await ask();

      await graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });

      expect(before.status).toBe(200);
      expect(decodeJwt(String(bodyOf(before)['access_token']))).toMatchObject({
        oid: ann,
        idtyp: 'user',
        upn,
      });
      expect(await ask()).toMatchObject(aRefusal(50057));
      expect(await ask({ password: 'wrong' })).toMatchObject(aRefusal(50126));
    });

    it('S107: is told by organizations as well, and an unknown user apart', async () => {
      await begin();

      expect((await ask({}, 'organizations')).status).toBe(200);
      expect(await ask({ username: 'x@contoso.onmicrosoft.com' })).toMatchObject(aRefusal(50034));
    });

    it('S108: is asked for MFA by Azure Resource Manager, registered or not, whoever it is', async () => {
      await begin();

      expect(await ask({ scope: armScope })).toMatchObject(aRefusal(50079));
      await register('phone');
      expect(await ask({ scope: armScope })).toMatchObject(aRefusal(50076));
      expect((await ask()).status).toBe(200);
    });

    it('S108: is let in without MFA only where the rule is not yet in force', async () => {
      await begin({ signIn: { mandatoryMfa: false } });

      expect((await ask({ scope: armScope })).status).toBe(200);
      expect(await signIn({ password: goodPassword })).toMatchObject({
        ok: true,
        mfa: 'registration-required',
      });
    });

    it('S109: cannot use a pass as a password', async () => {
      const { graph } = await begin();
      const pass = String(bodyOf(await graph('POST', passes, { body: {} }))['temporaryAccessPass']);

      expect(await ask({ password: pass })).toMatchObject(aRefusal(50126));
    });

    it('is refused while the password is to be changed', async () => {
      const { createUser } = await begin();
      await createUser({ passwordProfile: { password: goodPassword, forceChangePasswordNextSignIn: true } });

      expect(await ask({ username: 'ada.admin@contoso.onmicrosoft.com' })).toMatchObject(aRefusal(50055));
    });

    it('is locked out after ten different wrong passwords, and let in again a minute later', async () => {
      await begin();
      for (let i = 0; i < 12; i++) await ask({ password: 'the same wrong one' });
      expect((await ask()).status).toBe(200);

      for (let i = 0; i < 10; i++)
        expect(await ask({ password: `wrong ${i}` })).toMatchObject(aRefusal(50126));

      expect(await ask()).toMatchObject(aRefusal(50053));
      expect(await signIn({ password: goodPassword })).toMatchObject({ ok: false, error: 'AADSTS50053' });
      await simulator.advance(minute);
      expect((await ask()).status).toBe(200);
    });

    it('is not taken for an app by Graph', async () => {
      await begin();
      const token = String(bodyOf(await ask())['access_token']);

      expect((await simulator.call('GET', '/v1.0/users', { token })).status).toBe(401);
    });
  });

  describe('in a portal', () => {
    it('S108: needs the second factor that is registered', async () => {
      await begin();
      await register('phone');

      expect(await signIn({ password: goodPassword })).toMatchObject({ ok: true, mfa: 'satisfied' });
      expect(await signIn({ password: goodPassword, method: 'none' })).toMatchObject({
        ok: false,
        error: 'AADSTS50076',
      });
    });

    it('gets in with a passkey alone, when there is one', async () => {
      await begin();
      expect(await signIn({ method: 'fido2' })).toMatchObject({ ok: false, error: 'AADSTS135010' });

      await register('fido2');

      expect(await signIn({ method: 'fido2' })).toMatchObject({ ok: true, mfa: 'satisfied' });
      await patch({ accountEnabled: false });
      expect(await signIn({ method: 'fido2' })).toMatchObject({ ok: false, error: 'AADSTS50057' });
    });
  });

  describe('has a session', () => {
    const stateOf = async (session: string | undefined) => {
      const { isAlive, endedBy } = await simulator.session(tenantId, session ?? '');
      return isAlive ? 'alive' : endedBy;
    };
    const beginSession = async (attempt: Partial<SignInAttempt> = { password: goodPassword }) =>
      (await signIn(attempt)).session;

    it('S107: that is dead while the account is disabled; the access token lives on', async () => {
      await begin();
      const { session, accessTokenEndsAt } = await signIn({ password: goodPassword });
      expect(await stateOf(session)).toBe('alive');

      await patch({ accountEnabled: false });

      const state = await simulator.session(tenantId, session ?? '');
      expect(state).toMatchObject({ isAlive: false, endedBy: 'user-disabled', accessTokenEndsAt });
      const livesMinutes = (Date.parse(state.accessTokenEndsAt) - Date.parse(state.startedAt)) / minute;
      expect(livesMinutes).toBeGreaterThanOrEqual(60);
      expect(livesMinutes).toBeLessThan(90);
      await patch({ accountEnabled: true });
      expect(await stateOf(session)).toBe('alive');
    });

    it('S044, S107: that revokeSignInSessions ends for good, at the same instant even', async () => {
      const { graph } = await begin();
      const session = await beginSession();

      await graph('POST', `/users/${ann}/revokeSignInSessions`);

      expect(await stateOf(session)).toBe('sessions-revoked');
      expect(await stateOf(await beginSession())).toBe('alive');
    });

    it('S041: that a new password ends', async () => {
      await begin();
      const session = await beginSession();

      await patch({ passwordProfile: { password: `${goodPassword}x` } });

      expect(await stateOf(session)).toBe('password-changed');
    });

    it('S086: that ends with the deletion of the pass it was begun with, and no other', async () => {
      const { graph } = await begin();
      const pass = bodyOf(await graph('POST', passes, { body: {} }));
      const byPass = await beginSession({ temporaryAccessPass: String(pass['temporaryAccessPass']) });
      const byPassword = await beginSession();

      await graph('DELETE', `${passes}/${String(pass['id'])}`);

      expect([await stateOf(byPass), await stateOf(byPassword)]).toEqual(['pass-deleted', 'alive']);
    });

    it('S109: that does not outlive its pass, nor do its access tokens', async () => {
      const { graph } = await begin();
      const pass = bodyOf(await graph('POST', passes, { body: { lifetimeInMinutes: 60 } }));
      await simulator.advance(50 * minute);
      const { session, accessTokenEndsAt = '' } = await signIn({
        temporaryAccessPass: String(pass['temporaryAccessPass']),
      });

      const endsAt = Date.parse(String(pass['startDateTime'])) + 60 * minute;
      expect(Date.parse(accessTokenEndsAt)).toBeLessThanOrEqual(endsAt + 1000);
      await simulator.advance(10 * minute);
      expect(await stateOf(session)).toBe('pass-expired');
    });

    it('S109: a pass that is used up or switched off says so when it is read', async () => {
      const { graph } = await begin();
      const once = bodyOf(await graph('POST', passes, { body: { isUsableOnce: true } }));
      await signIn({ temporaryAccessPass: String(once['temporaryAccessPass']) });
      const reasonNow = async (id: unknown) =>
        bodyOf(await graph('GET', `${passes}/${String(id)}`))['methodUsabilityReason'];

      expect(await reasonNow(once['id'])).toBe('OneTimeUsed');
      await simulator.advance(30 * minute);
      const other = bodyOf(await graph('POST', passes, { body: { lifetimeInMinutes: 60 } }));
      expect(await reasonNow(other['id'])).toBe('EnabledByPolicy');
      await simulator.patchTenant(tenantId, { passPolicy: { state: 'disabled' } });
      expect(await reasonNow(other['id'])).toBe('DisabledByPolicy');
    });

    it('that a deleted user does not have', async () => {
      await begin();
      const session = await beginSession();

      await simulator.portal(tenantId, { do: 'deleteUser', userId: ann });

      expect(await stateOf(session)).toBe('user-deleted');
    });

    it('and renews its tokens over the wire until something ends it', async () => {
      await begin();
      const first = bodyOf(await ask({ scope: `${graphScope} offline_access` }));
      const renew = () => ask({ grant_type: 'refresh_token', refresh_token: String(first['refresh_token']) });
      expect((await renew()).status).toBe(200);

      await patch({ accountEnabled: false });
      expect(await renew()).toMatchObject(aRefusal(50057));
      await patch({ accountEnabled: true });
      await patch({ passwordProfile: { password: `${goodPassword}x` } });
      expect(await renew()).toMatchObject(aRefusal(50173));
      expect(JSON.stringify(await simulator.history())).not.toContain(String(first['refresh_token']));
    });

    it('that outlives a restart, and so does what ended it', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'simulator-sessions-'));
      const first = await startTestSimulator({ dataDir });
      const { graph } = await setStage(first, { users });
      const sessionNow = async () =>
        (await first.signIn(tenantId, { userPrincipalName: upn, password: goodPassword })).session ?? '';
      const revoked = await sessionNow();
      await graph('POST', `/users/${ann}/revokeSignInSessions`);
      const alive = await sessionNow();
      await first.stopSimulator();

      const second = await startTestSimulator({ dataDir });

      expect((await second.session(tenantId, revoked)).endedBy).toBe('sessions-revoked');
      expect((await second.session(tenantId, alive)).isAlive).toBe(true);
      await second.stopSimulator();
    });

    it('unless there never was one', async () => {
      await begin();

      await expect(simulator.session(tenantId, 'none')).rejects.toThrow('404');
    });
  });
});
