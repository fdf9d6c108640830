import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  goodPassword,
  setStage,
  startedAt,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const upn = 'ann@contoso.onmicrosoft.com';
const users = [{ id: ann, userPrincipalName: upn, password: goodPassword, roles: ['Global Administrator'] }];
const passes = `/users/${ann}/authentication/temporaryAccessPassMethods`;
const hour = 3_600_000;

describe('Temporary access passes', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  it('S079: are shown once, at the create, with the policy as default', async () => {
    const { graph } = await setStage(simulator, { users });

    const made = await graph('POST', passes, { body: {} });
    const read = await graph('GET', `${passes}/${String(bodyOf(made)['id'])}`);

    expect(made).toMatchObject({
      status: 201,
      body: {
        temporaryAccessPass: expect.stringMatching(/^.{8}$/) as string,
        lifetimeInMinutes: 60,
        isUsable: true,
        methodUsabilityReason: 'EnabledByPolicy',
      },
    });
    expect(bodyOf(read)['temporaryAccessPass']).toBeNull();
  });

  it('S080: may start later', async () => {
    const { graph } = await setStage(simulator, { users });
    const now = startedAt + 2 * hour;

    const made = await graph('POST', passes, { body: { startDateTime: new Date(now).toISOString() } });

    expect(made).toMatchObject({
      status: 201,
      body: { isUsable: false, methodUsabilityReason: 'NotYetValid' },
    });
  });

  it("S081: stay inside the policy's lifetime", async () => {
    const { graph } = await setStage(simulator, { users });

    expect((await graph('POST', passes, { body: { lifetimeInMinutes: 10 } })).body).toMatchObject(
      anError('badRequest', 'Invalid LifetimeInMinutes specified. The valid range between 60 and 480.'),
    );
  });

  it('S082: are refused in camelCase without the permission', async () => {
    const without = usualPermissions.filter((permission) => !permission.includes('Auth'));
    const { graph } = await setStage(simulator, { users, permissions: without });

    expect(await graph('POST', passes, { body: {} })).toMatchObject({
      status: 403,
      body: anError('accessDenied', 'Request Authorization failed'),
    });
  });

  it('S083: are made but useless while the policy is off, or by switch refused', async () => {
    const { graph } = await setStage(simulator, { users, passPolicy: { state: 'disabled' } });

    expect(await graph('POST', passes, { body: {} })).toMatchObject({
      status: 201,
      body: { isUsable: false, methodUsabilityReason: 'DisabledByPolicy' },
    });
    await simulator.patchTenant(tenantId, { switches: { passWhenPolicyOff: 'refused' } });
    expect((await graph('POST', passes, { body: {} })).status).toBe(400);
  });

  it('S083: are made but useless for a user whom the policy does not mean', async () => {
    const groupId = '44444444-0000-4000-8000-000000000001';
    const { graph } = await setStage(simulator, {
      users,
      groups: [{ id: groupId, displayName: 'May use passes' }],
      passPolicy: { includeTargets: [{ targetType: 'group', id: groupId }] },
    });

    const made = await graph('POST', passes, { body: {} });
    const reasonNow = async () =>
      bodyOf(await graph('GET', `${passes}/${String(bodyOf(made)['id'])}`))['methodUsabilityReason'];

    expect(made).toMatchObject({
      status: 201,
      body: { isUsable: false, methodUsabilityReason: 'DisabledByPolicy' },
    });
    const temporaryAccessPass = String(bodyOf(made)['temporaryAccessPass']);
    expect(await simulator.signIn(tenantId, { userPrincipalName: upn, temporaryAccessPass })).toMatchObject({
      ok: false,
      error: 'AADSTS130500',
    });
    await simulator.portal(tenantId, { do: 'addToGroup', userId: ann, groupId });
    expect(await reasonNow()).toBe('EnabledByPolicy');
    await simulator.patchTenant(tenantId, {
      passPolicy: { excludeTargets: [{ targetType: 'user', id: ann }] },
    });
    expect(await reasonNow()).toBe('DisabledByPolicy');
  });

  it('S085: replace the one before, or by switch are refused while it is valid', async () => {
    const { graph } = await setStage(simulator, { users });
    const first = await graph('POST', passes, { body: {} });

    await graph('POST', passes, { body: {} });

    const held = valueOf(await graph('GET', passes));
    expect(held).toHaveLength(1);
    expect(held[0]!['id']).not.toBe(bodyOf(first)['id']);
    await simulator.patchTenant(tenantId, { switches: { secondPass: 'refused' } });
    expect((await graph('POST', passes, { body: {} })).status).toBe(400);
  });

  it('S086: are deleted once', async () => {
    const { graph } = await setStage(simulator, { users });
    const id = String(bodyOf(await graph('POST', passes, { body: {} }))['id']);

    expect((await graph('DELETE', `${passes}/${id}`)).status).toBe(204);
    expect((await graph('DELETE', `${passes}/${id}`)).status).toBe(404);
    expect((await simulator.history({ userId: ann })).slice(-2).map((entry) => entry.what)).toEqual([
      'pass.minted',
      'pass.deleted',
    ]);
  });

  it('S087: do not exist in the China cloud', async () => {
    const { graph } = await setStage(simulator, { users, switches: { cloud: 'china' } });

    expect((await graph('POST', passes, { body: {} })).status).toBe(404);
  });

  it('S043: a password is not reset by an app', async () => {
    const { graph } = await setStage(simulator, { users });

    const answer = await graph(
      'POST',
      `/users/${ann}/authentication/methods/28c10230-6103-485e-b985-444c60001490/resetPassword`,
      { body: { newPassword: goodPassword } },
    );

    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'accessDenied' } } });
  });

  const kinds = [
    ['fido2', 'fido2Methods'],
    ['softwareOath', 'softwareOathMethods'],
    ['phone', 'phoneMethods'],
    ['microsoftAuthenticator', 'microsoftAuthenticatorMethods'],
  ] as const;
  it.each(kinds)(
    'a method of kind %s is listed, read, found among all, and deleted',
    async (kind, segment) => {
      const { graph } = await setStage(simulator, { users });
      await simulator.portal(tenantId, { do: 'addMethod', userId: ann, kind });
      const base = `/users/${ann}/authentication`;

      const [listed] = valueOf(await graph('GET', `${base}/${segment}`));
      const path = `${base}/${segment}/${String(listed!['id'])}`;

      expect((await graph('GET', path)).body).toMatchObject({ id: listed!['id'] });
      expect((await graph('GET', `${base}/methods/${String(listed!['id'])}`)).body).toMatchObject({
        '@odata.type': expect.stringContaining(kind) as string,
      });
      expect((await graph('DELETE', path)).status).toBe(204);
      expect((await graph('GET', path)).status).toBe(404);
      expect((await simulator.violations()).own).toEqual([]);
    },
  );

  it('the password is a method like the others, but for its deletion', async () => {
    const { graph } = await setStage(simulator, { users });
    const base = `/users/${ann}/authentication`;
    const passwordId = '28c10230-6103-485e-b985-444c60001490';

    expect((await graph('GET', `${base}/passwordMethods/${passwordId}`)).body).toMatchObject({
      id: passwordId,
      password: null,
    });
    expect((await graph('GET', `${base}/methods/${passwordId}`)).status).toBe(200);
    expect((await graph('DELETE', `${base}/passwordMethods/${passwordId}`)).status).toBe(405);
    expect((await graph('GET', `${base}/operations/${ann}`)).status).toBe(404);
  });

  it('methods that were registered meanwhile are listed with their types and deleted', async () => {
    const { graph } = await setStage(simulator, { users: [{ id: ann, userPrincipalName: upn }] });
    await simulator.portal(tenantId, { do: 'addMethod', userId: ann, kind: 'phone' });

    const all = valueOf(await graph('GET', `/users/${ann}/authentication/methods`));

    expect(all.map((method) => method['@odata.type'])).toEqual([
      '#microsoft.graph.passwordAuthenticationMethod',
      '#microsoft.graph.phoneAuthenticationMethod',
    ]);
    const phone = `/users/${ann}/authentication/phoneMethods/${String(all[1]!['id'])}`;
    expect((await graph('DELETE', phone)).status).toBe(204);
  });

  describe('at sign-in', () => {
    const signIn = (attempt: object) => simulator.signIn(tenantId, { userPrincipalName: upn, ...attempt });
    const mint = async (body: object = {}): Promise<string> => {
      const { graph } = await setStage(simulator, { users });
      return String(bodyOf(await graph('POST', passes, { body }))['temporaryAccessPass']);
    };

    it('S108: satisfy MFA, while a password alone asks for its registration', async () => {
      const temporaryAccessPass = await mint();

      expect(await signIn({ temporaryAccessPass })).toMatchObject({
        ok: true,
        mfa: 'satisfied',
        roles: [{ name: 'Global Administrator' }],
      });
      expect(await signIn({ password: goodPassword })).toMatchObject({
        ok: true,
        error: 'AADSTS50079',
        mfa: 'registration-required',
      });
    });

    it('S107: a disabled user is told so, whatever the credential', async () => {
      const temporaryAccessPass = await mint();
      await simulator.portal(tenantId, { do: 'patchUser', userId: ann, changes: { accountEnabled: false } });

      for (const credential of [{ temporaryAccessPass }, { password: goodPassword }]) {
        expect(await signIn(credential)).toMatchObject({ ok: false, error: 'AADSTS50057', roles: [] });
      }
    });

    it('S109: are refused when they are used up or expired', async () => {
      const once = await mint({ isUsableOnce: true });
      expect((await signIn({ temporaryAccessPass: once })).ok).toBe(true);
      expect((await signIn({ temporaryAccessPass: once })).ok).toBe(false);

      const twice = await mint();
      await simulator.advance(hour);
      expect(await signIn({ temporaryAccessPass: twice })).toMatchObject({
        ok: false,
        error: 'AADSTS130502',
      });
    });

    it('a wrong password and an unknown user have codes of their own', async () => {
      await mint();

      expect((await signIn({ password: 'wrong' })).error).toBe('AADSTS50126');
      expect((await signIn({ userPrincipalName: 'x@contoso.onmicrosoft.com' })).error).toBe('AADSTS50034');
    });
  });
});
