import { idOf, type GroupId } from '#core/shared';
import { tenantSurveyContract, type SurveyWorld } from '#core/testing';
import {
  startTestSimulator,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { appFor, CLIENT_ID, CLIENT_SECRET, directoryTo, PERMISSIONS } from '../testing/simulated-tenant.js';

jest.setTimeout(90_000);

const HELPERS = idOf<'entra group'>('bbbbbbbb-0000-4000-8000-000000000001');
const NORTH = idOf<'entra unit'>('cccccccc-0000-4000-8000-000000000001');
const EVERYBODY = idOf<'entra group'>('bbbbbbbb-0000-4000-8000-000000000002');
const BUDGET_MS = 10_000;
/** Curfew's, and the one that opens Conditional Access. */
const PERMITTED = [...PERMISSIONS, 'Policy.Read.All'];

const specWith = (permissions: readonly string[], changes: Partial<TenantSpec> = {}): TenantSpec => ({
  displayName: 'Acme',
  licence: 'P2',
  domains: [{ name: 'acme.example', isVerified: true, authenticationType: 'Managed', isDefault: true }],
  apps: [
    {
      clientId: CLIENT_ID,
      secrets: [{ value: CLIENT_SECRET }],
      permissions: [...permissions],
      directoryRoles: ['Privileged Authentication Administrator'],
    },
  ],
  users: [{ userPrincipalName: 'boss@acme.example', roles: ['Global Administrator'] }],
  groups: [
    { id: HELPERS, displayName: 'Helpers' },
    { id: EVERYBODY, displayName: 'Everybody', dynamic: true },
  ],
  administrativeUnits: [{ id: NORTH, displayName: 'North' }],
  passPolicy: {
    state: 'enabled',
    minimumLifetimeInMinutes: 10,
    maximumLifetimeInMinutes: 480,
    isUsableOnce: false,
  },
  ...changes,
});

let simulator: TestSimulator;
let tenants = 0;
beforeAll(async () => {
  simulator = await startTestSimulator({ validation: 'all' });
});
afterAll(() => simulator.stopSimulator());

const enter = async (
  changes: Partial<TenantSpec> = {},
  permissions: readonly string[] = PERMITTED,
): Promise<SurveyWorld & { readonly tenantId: string }> => {
  tenants += 1;
  const tenantId = `0d0d0d0d-0000-4000-8000-${String(tenants).padStart(12, '0')}`;
  await simulator.makeTenant(tenantId, specWith(permissions, changes));
  const directory = directoryTo(simulator);
  return {
    surveyor: directory,
    app: appFor(tenantId),
    helpers: HELPERS,
    everybody: EVERYBODY,
    north: NORTH,
    tenantId,
    close: () => directory.close(),
  };
};

tenantSurveyContract('EntraDirectory', ({ closed }) =>
  enter({}, closed ? ['User.RevokeSessions.All'] : PERMITTED),
);

describe('EntraDirectory surveys a tenant', () => {
  let world: Awaited<ReturnType<typeof enter>>;
  afterEach(async () => {
    await world.close();
    await simulator.clearFaults();
  });
  const survey = (groups: readonly GroupId[] = []) =>
    world.surveyor.survey(world.app, { groups, units: [] }, BUDGET_MS);

  it('with the licence that its subscriptions bring', async () => {
    for (const [licence, told] of [
      ['free', 'none'],
      ['P1', 'P1'],
    ] as const) {
      world = await enter({ licence });
      expect(await survey()).toMatchObject({ licence: { known: true, value: told } });
      await world.close();
    }
    world = await enter();
  });

  it('and names permissions that it has no use for, with narrower ones where there are some', async () => {
    const held = PERMITTED.filter((name) => name !== 'Group.Read.All' && name !== 'Domain.Read.All');
    world = await enter({}, [...held, 'Domain.ReadWrite.All', 'User.Invite.All']);

    const { excessPermissions } = await survey();

    expect(excessPermissions).toEqual([
      { permission: 'Domain.ReadWrite.All', narrower: ['Domain.Read.All'] },
      { permission: 'User.Invite.All', narrower: [] },
    ]);
  });

  it('and tells for whom passes are', async () => {
    const target = { targetType: 'group' as const };
    world = await enter({
      passPolicy: {
        state: 'enabled',
        minimumLifetimeInMinutes: 10,
        maximumLifetimeInMinutes: 480,
        isUsableOnce: true,
        includeTargets: [{ ...target, id: HELPERS }],
        excludeTargets: [{ ...target, id: EVERYBODY }],
      },
    });

    expect(await survey()).toMatchObject({
      passPolicy: {
        value: { onceOnly: true, forEverybody: false, forGroups: [HELPERS], notForGroups: [EVERYBODY] },
      },
    });
  });

  describe('for policies that stop a fresh admin', () => {
    const PORTALS = { applications: { includeApplications: ['MicrosoftAdminPortals'] } };
    const EVERYONE = { ...PORTALS, users: { includeUsers: ['All'] } };
    const PHISHING_RESISTANT = '00000000-0000-0000-0000-000000000004';
    const MFA = '00000000-0000-0000-0000-000000000002';
    const control = (...builtInControls: readonly string[]) => ({ operator: 'AND', builtInControls });
    const strength = (id: string) => ({ operator: 'AND', authenticationStrength: { id } });
    const stoppingOf = async (policies: TenantSpec['conditionalAccess'] & object) => {
      world = await enter({ conditionalAccess: policies });
      const { stoppingPolicies } = await survey();
      return stoppingPolicies.known ? stoppingPolicies.value : stoppingPolicies.why;
    };

    it('names them with what they ask and of whom', async () => {
      const found = await stoppingOf([
        {
          displayName: 'Keys for admins',
          state: 'enabled',
          conditions: { ...PORTALS, users: { includeRoles: ['62e90394-69f5-4237-9190-012177145e10'] } },
          grantControls: strength(PHISHING_RESISTANT),
        },
        {
          displayName: 'Our laptops',
          state: 'enabledForReportingButNotEnforced',
          conditions: { ...EVERYONE, users: { includeUsers: ['All'], excludeGroups: [HELPERS] } },
          grantControls: control('mfa', 'compliantDevice'),
        },
        {
          displayName: 'Not from everywhere',
          state: 'enabled',
          conditions: {
            ...EVERYONE,
            locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] },
          },
          grantControls: { operator: 'OR', builtInControls: ['block'] },
        },
      ]);

      expect(found).toEqual([
        expect.objectContaining({
          displayName: 'Keys for admins',
          enforced: true,
          conditional: false,
          demands: ['phishing-resistant sign-in'],
          forEverybody: false,
          forRoles: ['62e90394-69f5-4237-9190-012177145e10'],
        }),
        expect.objectContaining({
          displayName: 'Our laptops',
          enforced: false,
          demands: ['a compliant device'],
          forEverybody: true,
          notForGroups: [HELPERS],
        }),
        expect.objectContaining({
          displayName: 'Not from everywhere',
          conditional: true,
          demands: ['block'],
        }),
      ]);
    });

    it('leaves out those that a pass meets, that are off, or that are for other apps', async () => {
      const found = await stoppingOf([
        { displayName: 'MFA', state: 'enabled', conditions: EVERYONE, grantControls: control('mfa') },
        { displayName: 'Strength', state: 'enabled', conditions: EVERYONE, grantControls: strength(MFA) },
        {
          displayName: 'Either',
          state: 'enabled',
          conditions: EVERYONE,
          grantControls: { operator: 'OR', builtInControls: ['mfa', 'compliantDevice'] },
        },
        { displayName: 'Off', state: 'disabled', conditions: EVERYONE, grantControls: control('block') },
        {
          displayName: 'Elsewhere',
          state: 'enabled',
          conditions: {
            users: { includeUsers: ['All'] },
            applications: { includeApplications: ['00000003-0000-0ff1-ce00-000000000000'] },
          },
          grantControls: control('block'),
        },
      ]);

      expect(found).toEqual([]);
    });

    it('says that it may not look where that was not consented to', async () => {
      world = await enter({}, PERMISSIONS);

      expect(await survey()).toMatchObject({
        stoppingPolicies: { known: false, why: { reason: 'consent_missing' } },
        licence: { known: true },
      });
    });
  });

  it('by one call beside the token, and one more for each further twenty questions', async () => {
    world = await enter();
    const groups = Array.from({ length: 30 }, (_, n) =>
      idOf<'entra group'>(`cccccccc-0000-4000-8000-${String(n).padStart(12, '0')}`),
    );
    const callsOf = async (): Promise<number> =>
      (await simulator.requests()).filter(
        ({ tenantId, kind }) => tenantId === world.tenantId && kind === 'batch',
      ).length;

    await survey([world.helpers]);
    expect(await callsOf()).toBe(1);
    await survey(groups);
    expect(await callsOf()).toBe(3);
  });

  it('and throws when the whole batch is refused, rather than to know nothing of everything', async () => {
    world = await enter();
    await simulator.addFault({
      tenantId: world.tenantId,
      match: { method: 'POST', path: '/$batch' },
      times: 2,
      effect: { status: 429, retryAfter: 3 },
    });

    await expect(survey()).rejects.toMatchObject({ reason: 'throttled', facts: { retryAfterSeconds: 3 } });
  });
});

it('never asked for anything in a way that Microsoft has not documented', async () => {
  expect((await simulator.violations()).requests).toEqual([]);
});
