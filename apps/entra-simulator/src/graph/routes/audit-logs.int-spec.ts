import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  aUser,
  bodyOf,
  clientId,
  goodPassword,
  setStage,
  startedAt,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const audits = '/auditLogs/directoryAudits';
const signIns = '/auditLogs/signIns';
const minute = 60_000;
const day = 24 * 60 * minute;
const correlationId = '66666666-0000-4000-8000-000000000001';
const permissions = [...usualPermissions, 'AuditLog.Read.All'];
const withoutLogs = usualPermissions.filter((permission) => permission !== 'Directory.Read.All');

describe('The audit log', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const begin = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, { permissions, throttling: false, ...spec });
  const made = async ({ graph }: Stage, changes: object = {}) => {
    const headers = { 'client-request-id': correlationId };
    const answer = await graph('POST', '/users', { body: aUser(changes), headers });
    return String(bodyOf(answer)['id']);
  };
  const named = async ({ graph }: Stage, query = '') =>
    valueOf(await graph('GET', `${audits}${query}`)).map((entry) => entry['activityDisplayName']);

  it('S101: shows our write minutes later, under its client-request-id', async () => {
    const stage = await begin({ lags: { reports: { minMs: 5 * minute, maxMs: 5 * minute } } });
    const id = await made(stage);
    const ours = `?$filter=correlationId eq '${correlationId}'`;

    expect(await named(stage, ours)).toEqual([]);
    await simulator.advance(5 * minute);

    const [entry] = valueOf(await stage.graph('GET', `${audits}${ours}`));
    expect(entry).toMatchObject({
      activityDisplayName: 'Add user',
      category: 'UserManagement',
      correlationId,
      initiatedBy: { app: { appId: clientId }, user: null },
      targetResources: [{ id, type: 'User', userPrincipalName: 'ada.admin@contoso.onmicrosoft.com' }],
      result: 'success',
    });
    expect((await stage.graph('GET', `${audits}/${String(entry!['id'])}`)).body).toMatchObject({
      correlationId,
    });
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('S101: is up to date at once when the tenant is settled', async () => {
    const stage = await begin({ lags: { reports: { minMs: 5 * minute, maxMs: 15 * minute } } });
    await made(stage);

    await simulator.settle(tenantId);

    expect(await named(stage)).toContain('Add user');
  });

  it('S101: says who did what, newest first, and no secret', async () => {
    const stage = await begin();
    const id = await made(stage);
    await stage.graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } });
    const pass = await stage.graph('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, {
      body: {},
    });
    await simulator.portal(tenantId, { do: 'addRole', userId: id, roleId: 'Global Reader' });

    const entries = valueOf(await stage.graph('GET', audits));

    expect(entries.map((entry) => entry['activityDisplayName'])).toEqual([
      'Add member to role',
      'Admin registered security info',
      'Disable account',
      'Add user',
    ]);
    expect(entries[0]).toMatchObject({
      initiatedBy: { app: null, user: { userPrincipalName: 'admin@contoso.onmicrosoft.com' } },
      targetResources: [
        { id, modifiedProperties: [{ displayName: 'Role.DisplayName', newValue: '"Global Reader"' }, {}] },
        { type: 'Role', displayName: 'Global Reader' },
      ],
    });
    expect(entries[2]).toMatchObject({
      targetResources: [
        {
          modifiedProperties: [
            { displayName: 'AccountEnabled', oldValue: '[true]', newValue: '[false]' },
            {},
          ],
        },
      ],
    });
    const text = JSON.stringify(entries);
    expect(text).not.toContain(goodPassword);
    expect(text).not.toContain(JSON.stringify(bodyOf(pass)['temporaryAccessPass']).slice(1, -1));
  });

  const filters: [string, number][] = [
    [`activityDateTime ge ${new Date(startedAt).toISOString()}`, 2],
    ['activityDateTime le 2020-01-01', 0],
    ["activityDisplayName eq 'Add user'", 2],
    ["category eq 'RoleManagement'", 0],
    [`initiatedBy/app/appId eq '${clientId}'`, 2],
    ["targetResources/any(t:t/userPrincipalName eq 'bo@contoso.onmicrosoft.com')", 1],
    ["targetResources/any(t:startswith(t/userPrincipalName,'ada'))", 1],
    ["category eq 'UserManagement' and result eq 'success'", 2],
  ];
  it.each(filters)('is filtered by %s', async (filter, count) => {
    const stage = await begin();
    await made(stage);
    await made(stage, { userPrincipalName: 'bo@contoso.onmicrosoft.com', mailNickname: 'bo' });

    const answer = await stage.graph('GET', `${audits}?$filter=${encodeURIComponent(filter)}`);

    expect(answer.status).toBe(200);
    expect(valueOf(answer)).toHaveLength(count);
  });

  it('is ordered and paged', async () => {
    const stage = await begin();
    await made(stage);
    await simulator.advance(1000);
    await made(stage, { userPrincipalName: 'bo@contoso.onmicrosoft.com', mailNickname: 'bo' });
    const query = "?$filter=category eq 'UserManagement'&$orderby=activityDateTime asc&$top=1";

    const first = await stage.graph('GET', `${audits}${query}`);
    const next = String(bodyOf(first)['@odata.nextLink']).replace(`${simulator.url}/v1.0`, '');
    const second = await stage.graph('GET', next);

    expect([first, second].map((page) => valueOf(page)[0]?.['targetResources'])).toMatchObject([
      [{ userPrincipalName: 'ada.admin@contoso.onmicrosoft.com' }],
      [{ userPrincipalName: 'bo@contoso.onmicrosoft.com' }],
    ]);
    expect(bodyOf(second)).not.toHaveProperty('@odata.nextLink');
  });

  it.each([
    ['free', 8 * day, 0],
    ['free', 6 * day, 1],
    ['P1', 8 * day, 1],
    ['P1', 31 * day, 0],
  ])('in a tenant that is %s keeps an entry for its time: after %d ms %d', async (licence, ms, count) => {
    const stage = await begin({ licence });
    await made(stage);

    await simulator.advance(ms);

    const token = await simulator.token(tenantId, { clientId, secret: 'a secret of the app' });
    expect(valueOf(await stage.graph('GET', audits, { token }))).toHaveLength(count);
  });

  it('does not know what an older tenant of the same id did', async () => {
    await made(await begin());

    expect(await named(await begin())).toEqual([]);
  });

  it('S100: needs AuditLog.Read.All, and so does signInActivity', async () => {
    const stage = await begin({
      permissions: withoutLogs,
      users: [{ userPrincipalName: 'a@contoso.onmicrosoft.com' }],
    });
    const paths = [audits, signIns, '/users?$select=id,signInActivity'];

    for (const path of paths) {
      expect(await stage.graph('GET', path)).toMatchObject({
        status: 403,
        body: {
          error: {
            code: 'Authentication_MSGraphPermissionMissing',
            message: expect.stringContaining('AuditLog.Read.All') as string,
          },
        },
      });
    }
    expect((await stage.graph('GET', '/users?$select=id')).status).toBe(200);
  });

  it('S091: answers five requests in ten seconds, and tells nobody how long to wait', async () => {
    const { graph } = await begin({ throttling: true });
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await graph('GET', audits));

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[5]!.headers).not.toHaveProperty('retry-after');
    await simulator.advance(10_000);
    expect((await graph('GET', audits)).status).toBe(200);
  });
});

describe('The sign-in log', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const ann = '33333333-0000-4000-8000-000000000001';
  const upn = 'ann@contoso.onmicrosoft.com';
  const noLicence = anError(
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
  const begin = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, {
      permissions,
      throttling: false,
      users: [{ id: ann, userPrincipalName: upn, password: goodPassword }],
      ...spec,
    });
  const attempt = (password: string) => simulator.signIn(tenantId, { userPrincipalName: upn, password });

  it('has a row for every attempt, without what was typed', async () => {
    const { graph } = await begin();
    await attempt('a wrong password');
    await simulator.advance(1000);
    await attempt(goodPassword);

    const rows = valueOf(await graph('GET', signIns));

    expect(rows).toMatchObject([
      { userId: ann, userPrincipalName: upn, appDisplayName: 'Azure Portal', status: { errorCode: 50079 } },
      { conditionalAccessStatus: 'notApplied', status: { errorCode: 50126 } },
    ]);
    expect(rows[0]).not.toHaveProperty('appliedConditionalAccessPolicies');
    expect(JSON.stringify(rows)).not.toContain('a wrong password');
    const one = await graph('GET', `${signIns}/${String(rows[0]!['id'])}`);
    expect(one).toMatchObject({ status: 200, body: { id: rows[0]!['id'] } });
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('has the id of the caller, which the refusal names too', async () => {
    const { graph } = await begin();
    const form = {
      grant_type: 'password',
      client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      username: upn,
      password: 'a wrong password',
      scope: 'https://graph.microsoft.com/.default',
    };
    const refusal = await simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'client-request-id': correlationId,
      },
      body: new URLSearchParams(form).toString(),
    });

    expect(refusal).toMatchObject({ status: 400, body: { correlation_id: correlationId } });
    expect(valueOf(await graph('GET', signIns))).toMatchObject([
      { correlationId, status: { errorCode: 50126 } },
    ]);
  });

  it('is filtered by user, time and outcome', async () => {
    const { graph } = await begin();
    await attempt('a wrong password');
    const filter = `userPrincipalName eq '${upn}' and createdDateTime ge 2026-01-01T00:00:00Z and status/errorCode eq 50126`;

    expect(valueOf(await graph('GET', `${signIns}?$filter=${encodeURIComponent(filter)}`))).toHaveLength(1);
  });

  it('shows what Conditional Access did to those who may read policies', async () => {
    const { graph } = await begin({
      permissions: [...permissions, 'Policy.Read.All'],
      conditionalAccess: [
        {
          displayName: 'Nobody',
          conditions: { users: { includeUsers: ['All'] }, applications: { includeApplications: ['All'] } },
          grantControls: { operator: 'OR', builtInControls: ['block'] },
        },
      ],
    });
    await attempt(goodPassword);

    expect(valueOf(await graph('GET', signIns))[0]).toMatchObject({
      conditionalAccessStatus: 'failure',
      status: { errorCode: 53003 },
      appliedConditionalAccessPolicies: [
        { displayName: 'Nobody', result: 'failure', enforcedGrantControls: ['block'] },
      ],
    });
    expect((await simulator.violations()).own).toEqual([]);
  });

  it('S099: needs P1, and so does signInActivity; the audit log does not', async () => {
    const { graph } = await begin({ licence: 'free' });

    for (const path of [signIns, `/users/${ann}?$select=id,signInActivity`]) {
      expect(await graph('GET', path)).toMatchObject({ status: 403, body: noLicence });
    }
    expect((await graph('GET', audits)).status).toBe(200);
  });

  it('S113: is refused now and then in a licensed tenant as well, each time the same ones', async () => {
    const statuses = async () => {
      const { graph } = await begin({ signIn: { licenceCheckFails: 0.4 } });
      const seen: number[] = [];
      for (const path of [signIns, audits, `/users/${ann}?$select=signInActivity`]) {
        for (let i = 0; i < 8; i++) seen.push((await graph('GET', path)).status);
      }
      return seen;
    };

    const first = await statuses();

    expect(new Set(first)).toEqual(new Set([200, 403]));
    expect(await statuses()).toEqual(first);
  });

  it('is what signInActivity tells of a user', async () => {
    const { graph } = await begin();
    await simulator.portal(tenantId, { do: 'addMethod', userId: ann, kind: 'phone' });
    await attempt(goodPassword);
    await simulator.advance(minute);
    await attempt('a wrong password');

    const { signInActivity } = bodyOf(await graph('GET', `/users/${ann}?$select=id,signInActivity`)) as {
      signInActivity: Record<string, string>;
    };

    expect(Date.parse(signInActivity['lastSignInDateTime']!)).toBeGreaterThan(
      Date.parse(signInActivity['lastSuccessfulSignInDateTime']!),
    );
    expect((await simulator.violations()).own).toEqual([]);
  });
});
