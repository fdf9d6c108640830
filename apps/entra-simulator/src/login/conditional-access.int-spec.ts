import type {
  ConditionalAccessSpec,
  SignInAttempt,
  TenantSpec,
  TestSimulator,
} from '../../../../test/support/simulator.js';
import { bodyOf, goodPassword, roles, setStage, startFrozen, tenantId } from '../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const upn = 'ann@contoso.onmicrosoft.com';
const groupId = '44444444-0000-4000-8000-000000000001';
const passes = `/users/${ann}/authentication/temporaryAccessPassMethods`;
const everywhere = { includeApplications: ['All'] };
const block = { operator: 'OR', builtInControls: ['block'] };
const phishingResistant = {
  operator: 'OR',
  authenticationStrength: { id: '00000000-0000-0000-0000-000000000004' },
};

const policy = (
  users: object,
  grantControls: object,
  more: Partial<ConditionalAccessSpec> = {},
): ConditionalAccessSpec => ({
  displayName: 'Policy',
  conditions: { users, applications: everywhere },
  grantControls,
  ...more,
});

describe('Conditional Access at sign-in', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const begin = (conditionalAccess: ConditionalAccessSpec[], spec: TenantSpec = {}) =>
    setStage(simulator, {
      groups: [{ id: groupId, displayName: 'Emergency' }],
      users: [
        {
          id: ann,
          userPrincipalName: upn,
          password: goodPassword,
          roles: ['Global Administrator'],
          groups: ['Emergency'],
        },
      ],
      conditionalAccess,
      ...spec,
    });
  const signIn = (attempt: Partial<SignInAttempt> = { password: goodPassword }) =>
    simulator.signIn(tenantId, { userPrincipalName: upn, ...attempt });
  const register = (kind: 'fido2' | 'phone') =>
    simulator.portal(tenantId, { do: 'addMethod', userId: ann, kind });

  const included: [string, object][] = [
    ['everybody', { includeUsers: ['All'] }],
    ['the user', { includeUsers: [ann] }],
    ['a group of his', { includeGroups: [groupId] }],
    ['a role of his', { includeRoles: [roles.globalAdministrator] }],
  ];
  it.each(included)('blocks when %s is included', async (_, users) => {
    await begin([policy(users, block)]);

    expect(await signIn()).toMatchObject({ ok: false, error: 'AADSTS53003', roles: [] });
  });

  const excluded: [string, object][] = [
    ['nobody is included', { includeUsers: ['None'] }],
    ['the user is excluded', { includeUsers: ['All'], excludeUsers: [ann] }],
    ['a group of his is excluded', { includeUsers: ['All'], excludeGroups: [groupId] }],
    ['a role of his is excluded', { includeUsers: ['All'], excludeRoles: [roles.globalAdministrator] }],
  ];
  it.each(excluded)('lets in when %s', async (_, users) => {
    await begin([policy(users, block)]);

    expect((await signIn()).ok).toBe(true);
  });

  it.each(['disabled', 'enabledForReportingButNotEnforced'] as const)(
    'enforces nothing while %s',
    async (state) => {
      await begin([policy({ includeUsers: ['All'] }, block, { state })]);

      expect((await signIn()).ok).toBe(true);
    },
  );

  it('leaves out what it cannot see here: risk, named places, other platforms', async () => {
    const users = { includeUsers: ['All'] };
    await begin(
      [
        { signInRiskLevels: ['high'] },
        { locations: { includeLocations: ['55555555-0000-4000-8000-000000000001'] } },
        { platforms: { includePlatforms: ['android'] } },
      ].map((condition, i) => ({
        displayName: `Policy ${i}`,
        conditions: { users, applications: everywhere, ...condition },
        grantControls: block,
      })),
    );

    expect((await signIn()).ok).toBe(true);
  });

  it('S108: asks for MFA, which a pass satisfies and a password alone does not', async () => {
    const mfa = { operator: 'OR', builtInControls: ['mfa'] };
    const { graph } = await begin([policy({ includeUsers: ['All'] }, mfa)], {
      signIn: { mandatoryMfa: false },
    });
    const pass = bodyOf(await graph('POST', passes, { body: {} }));

    expect(await signIn({ temporaryAccessPass: String(pass['temporaryAccessPass']) })).toMatchObject({
      ok: true,
      mfa: 'satisfied',
    });
    expect(await signIn()).toMatchObject({ ok: true, error: 'AADSTS50079' });
    await register('phone');
    expect(await signIn({ password: goodPassword, method: 'none' })).toMatchObject({
      ok: false,
      error: 'AADSTS50076',
    });
  });

  it('S108: that asks for phishing resistance lets a pass in to register only', async () => {
    const { graph } = await begin([policy({ includeRoles: [roles.globalAdministrator] }, phishingResistant)]);
    const pass = bodyOf(await graph('POST', passes, { body: {} }));
    const temporaryAccessPass = String(pass['temporaryAccessPass']);

    const portal = await signIn({ temporaryAccessPass });

    expect(portal).toMatchObject({ ok: false, error: 'AADSTS50074', mayRegister: true, roles: [] });
    expect(portal).not.toHaveProperty('session');
    expect((await signIn({ temporaryAccessPass, app: 'securityInfo' })).ok).toBe(true);
    await register('fido2');
    expect(await signIn({ method: 'fido2' })).toMatchObject({ ok: true, mfa: 'satisfied' });
  });

  it('refuses to register as well, where a policy guards that', async () => {
    await begin([
      {
        displayName: 'Registration',
        conditions: {
          users: { includeUsers: ['All'] },
          applications: { includeUserActions: ['urn:user:registersecurityinfo'] },
        },
        grantControls: block,
      },
    ]);

    expect(await signIn({ password: goodPassword, app: 'securityInfo' })).toMatchObject({
      error: 'AADSTS53003',
    });
    expect((await signIn()).ok).toBe(true);
  });

  it('takes one of several controls or all of them', async () => {
    const both = ['mfa', 'compliantDevice'];
    await begin([policy({ includeUsers: ['All'] }, { operator: 'OR', builtInControls: both })]);
    await register('phone');
    expect((await signIn()).ok).toBe(true);

    await simulator.patchTenant(tenantId, {
      conditionalAccess: [policy({ includeUsers: ['All'] }, { operator: 'AND', builtInControls: both })],
    });

    expect(await signIn()).toMatchObject({ ok: false, error: 'AADSTS53000' });
  });

  it('is judged at the token endpoint as well', async () => {
    await begin([policy({ includeUsers: ['All'] }, block)]);

    const answer = await simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
        username: upn,
        password: goodPassword,
        scope: 'https://graph.microsoft.com/.default',
      }).toString(),
    });

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_codes: [53003] } });
  });
});
