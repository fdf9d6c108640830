import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const policies = '/identity/conditionalAccess/policies';
const permissions = [
  ...usualPermissions,
  'Policy.Read.All',
  'Policy.ReadWrite.ConditionalAccess',
  'Policy.ReadWrite.AuthenticationMethod',
];
const body = {
  displayName: 'MFA for admins',
  state: 'enabledForReportingButNotEnforced',
  conditions: {
    clientAppTypes: ['all'],
    applications: { includeApplications: ['All'] },
    users: { includeRoles: ['62e90394-69f5-4237-9190-012177145e10'] },
  },
  grantControls: {
    operator: 'OR',
    authenticationStrength: { id: '00000000-0000-0000-0000-000000000004' },
  },
};

describe('Conditional Access over Graph', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const begin = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, { permissions, throttling: false, ...spec });

  it('policies are made, listed, changed and deleted', async () => {
    const { graph } = await begin();

    const made = await graph('POST', policies, { body });
    const path = `${policies}/${String(bodyOf(made)['id'])}`;

    expect(made).toMatchObject({
      status: 201,
      body: { displayName: 'MFA for admins', modifiedDateTime: null },
    });
    expect(valueOf(await graph('GET', policies))).toMatchObject([
      { grantControls: { authenticationStrength: { displayName: 'Phishing-resistant MFA' } } },
    ]);
    expect((await graph('PATCH', path, { body: { state: 'disabled' } })).status).toBe(204);
    expect((await graph('GET', path)).body).toMatchObject({
      state: 'disabled',
      displayName: 'MFA for admins',
    });
    expect((await graph('DELETE', path)).status).toBe(204);
    expect((await graph('GET', path)).status).toBe(404);
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('policies that say nothing are refused', async () => {
    const { graph } = await begin();
    const { conditions: _, ...without } = body;

    expect((await graph('POST', policies, { body: without })).status).toBe(400);
    expect((await graph('POST', policies, { body: { ...body, grantControls: {} } })).status).toBe(400);
    const unknown = { operator: 'OR', authenticationStrength: { id: tenantId } };
    expect((await graph('POST', policies, { body: { ...body, grantControls: unknown } })).status).toBe(400);
  });

  it('policies are not switched on while security defaults are', async () => {
    const { graph } = await begin({ signIn: { securityDefaults: true } });

    expect((await graph('POST', policies, { body: { ...body, state: 'enabled' } })).status).toBe(400);
    expect((await graph('GET', '/policies/identitySecurityDefaultsEnforcementPolicy')).body).toMatchObject({
      isEnabled: true,
    });
  });

  it('need P1', async () => {
    const { graph } = await begin({ licence: 'free' });

    expect(await graph('GET', policies)).toMatchObject({
      status: 403,
      body: anError('AccessDenied', 'Your tenant is not licensed for this feature'),
    });
  });

  it('need all three permissions to be written', async () => {
    const { graph } = await begin({ permissions: ['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess'] });

    expect((await graph('GET', policies)).status).toBe(200);
    expect(await graph('POST', policies, { body })).toMatchObject({
      status: 403,
      body: { error: { code: 'AccessDenied' } },
    });
  });

  it('S091: are answered once a second, and nobody is told how long to wait', async () => {
    const { graph } = await begin({ throttling: true });
    const [first, second] = [await graph('GET', policies), await graph('GET', policies)];

    expect([first.status, second.status]).toEqual([200, 429]);
    expect(second.headers).not.toHaveProperty('retry-after');
    await simulator.advance(1000);
    expect((await graph('GET', policies)).status).toBe(200);
    expect((await simulator.requests()).filter((entry) => entry.throttled === true)).toHaveLength(1);
  });

  it('authentication strengths are the three that every tenant has', async () => {
    const { graph } = await begin();

    const strengths = valueOf(await graph('GET', '/policies/authenticationStrengthPolicies'));

    const admits = (combination: string) =>
      strengths.map(({ allowedCombinations }) => (allowedCombinations as string[]).includes(combination));
    expect(admits('fido2')).toEqual([true, true, true]);
    expect(admits('temporaryAccessPassOneTime')).toEqual([true, false, false]);
  });

  describe('and the policy of authentication methods', () => {
    const configurations = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations';

    it('lists every kind, and keeps what is changed', async () => {
      const { graph } = await begin();

      const change = { '@odata.type': '#microsoft.graph.fido2AuthenticationMethodConfiguration' };
      const patched = await graph('PATCH', `${configurations}/fido2`, {
        body: { ...change, isAttestationEnforced: true },
      });

      expect(patched.status).toBe(204);
      expect(valueOf(await graph('GET', configurations)).map(({ id, state }) => [id, state])).toEqual([
        ['Fido2', 'enabled'],
        ['MicrosoftAuthenticator', 'enabled'],
        ['TemporaryAccessPass', 'enabled'],
        ['SoftwareOath', 'disabled'],
      ]);
      expect((await graph('GET', `${configurations}/Fido2`)).body).toMatchObject({
        isAttestationEnforced: true,
      });
      expect((await graph('GET', `${configurations}/smokeSignal`)).status).toBe(404);
      expect((await simulator.violations()).own).toEqual([]);
    });

    it('refuses lifetimes that contradict each other', async () => {
      const { graph } = await begin();
      const type = '#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration';

      const answer = await graph('PATCH', `${configurations}/temporaryAccessPass`, {
        body: { '@odata.type': type, minimumLifetimeInMinutes: 500 },
      });

      expect(answer.status).toBe(400);
      expect((await simulator.truth(tenantId)).passPolicy.minimumLifetimeInMinutes).toBe(60);
    });
  });
});
