import { decodeJwt } from 'jose';
import type { AppSpec, TenantSpec, TestSimulator } from '../../../../test/support/simulator.js';
import { bodyOf, clientId, goodPassword, secret, startFrozen, tenantId } from '../testing/stage.js';

const customer = '11111111-0000-4000-8000-0000000000c1';
const redirectUri = 'https://portal.curfew.example/consent';
const boss = 'boss@customer.example';
const minute = 60_000;

const app: AppSpec = {
  clientId,
  displayName: 'Curfew <just in time>',
  secrets: [{ value: secret }],
  multiTenant: true,
  redirectUris: [redirectUri, 'http://localhost:3000/consent'],
  requiredPermissions: ['User.ReadWrite.All', 'Domain.Read.All'],
};

describe('Admin consent', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const makeTenants = async (spec: TenantSpec = {}) => {
    await simulator.makeTenant(tenantId, { apps: [app] });
    await simulator.makeTenant(customer, {
      displayName: 'Customer',
      domains: [{ name: 'customer.example' }],
      users: [
        { userPrincipalName: boss, password: goodPassword, roles: ['Global Administrator'] },
        { userPrincipalName: 'reader@customer.example', password: goodPassword, roles: ['Global Reader'] },
      ],
      ...spec,
    });
  };

  const usual = {
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'https://graph.microsoft.com/.default',
    state: 'a state+&',
  };
  const urlOf = (query: Record<string, string> = {}, path = `/${customer}/v2.0/adminconsent`) =>
    `${path}?${new URLSearchParams({ ...usual, ...query }).toString()}`;
  const click = (form: Record<string, string>, url = urlOf()) =>
    simulator.call('POST', url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ userPrincipalName: boss, password: goodPassword, ...form }).toString(),
    });
  const wentTo = (answer: { headers: Record<string, string> }) => {
    const url = new URL(answer.headers['location'] ?? 'https://nowhere.example');
    return { at: `${url.origin}${url.pathname}`, ...Object.fromEntries(url.searchParams) };
  };
  const ask = () =>
    simulator.call('POST', `/${customer}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope: usual.scope,
      }).toString(),
    });
  const rolesNow = async () => decodeJwt(String(bodyOf(await ask())['access_token']))['roles'];

  it('S012: shows an accessible page that lists what is asked, and no text of the app as markup', async () => {
    await makeTenants();

    const page = await simulator.call('GET', urlOf());

    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toEqual(expect.stringContaining('<code>User.ReadWrite.All</code>'));
    expect(page.body).toEqual(expect.stringContaining('<label for="password">'));
    expect(page.body).toEqual(expect.stringContaining('Curfew &lt;just in time&gt;'));
    expect(page.body).not.toEqual(expect.stringContaining('<script'));
  });

  it('S012: accepted, goes back with tenant and state, and the next token has the permissions', async () => {
    await makeTenants();
    expect(await ask()).toMatchObject({ status: 400, body: { error_codes: [700016] } });

    const answer = await click({ decision: 'accept' });

    expect(answer.status).toBe(302);
    expect(wentTo(answer)).toEqual({
      at: redirectUri,
      admin_consent: 'True',
      tenant: customer,
      scope: usual.scope,
      state: usual.state,
    });
    expect(await rolesNow()).toEqual(['User.ReadWrite.All', 'Domain.Read.All']);
  });

  it('S012: declined, goes back with AADSTS65004 and changes nothing', async () => {
    await makeTenants();

    const answer = await click({ decision: 'decline' });

    expect(wentTo(answer)).toEqual({
      at: redirectUri,
      error: 'access_denied',
      error_description: expect.stringMatching(/^AADSTS65004: /) as string,
      state: usual.state,
    });
    expect((await ask()).status).toBe(400);
  });

  it('S012: is not for somebody without the role', async () => {
    await makeTenants();

    const answer = await click({ decision: 'accept', userPrincipalName: 'reader@customer.example' });

    expect(wentTo(answer)).toMatchObject({ at: redirectUri, error: 'permission_denied' });
    expect((await ask()).status).toBe(400);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'AADSTS50126'],
    ['somebody of another tenant', { userPrincipalName: 'x@contoso.onmicrosoft.com' }, 'no account of'],
  ])('S012: shows the page again for %s', async (_, form, text) => {
    await makeTenants();

    const answer = await click({ decision: 'accept', ...form });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(expect.stringContaining(text));
    expect(answer.body).toEqual(expect.stringContaining('role="alert"'));
  });

  it('S012: under organizations is given in the tenant of who signs in', async () => {
    await makeTenants();

    const answer = await click({ decision: 'accept' }, urlOf({}, '/organizations/v2.0/adminconsent'));

    expect(wentTo(answer)).toMatchObject({ admin_consent: 'True', tenant: customer });
  });

  it('S012: by the old path needs no scope and tells none', async () => {
    await makeTenants();
    const { scope: _, ...query } = usual;

    const url = `/${customer}/adminconsent?${new URLSearchParams(query).toString()}`;

    expect(Object.keys(wentTo(await click({ decision: 'accept' }, url))).sort()).toEqual([
      'admin_consent',
      'at',
      'state',
      'tenant',
    ]);
  });

  it.each([
    ['an address that is not registered', { redirect_uri: 'https://evil.example/' }, 'AADSTS50011'],
    ['an address that only begins alike', { redirect_uri: `${redirectUri}/more` }, 'AADSTS50011'],
    ['an app that nobody registered', { client_id: customer }, 'AADSTS700016'],
    ['no scope', { scope: '' }, 'AADSTS900144'],
  ])('S012: redirects nobody for %s', async (_, query, code) => {
    await makeTenants();

    for (const answer of [
      await simulator.call('GET', urlOf(query)),
      await click({ decision: 'accept' }, urlOf(query)),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.headers).not.toHaveProperty('location');
      expect(answer.body).toEqual(expect.stringContaining(code));
    }
  });

  it('S012: takes any port of this machine for a local address', async () => {
    await makeTenants();

    expect(
      (await simulator.call('GET', urlOf({ redirect_uri: 'http://localhost:41234/consent' }))).status,
    ).toBe(200);
    expect((await simulator.call('GET', urlOf({ redirect_uri: 'http://localhost:41234/x' }))).status).toBe(
      400,
    );
  });

  it('S012, S004: is not known everywhere at once: not found, then not usable, then without roles', async () => {
    await makeTenants({ lags: { consent: { minMs: 8 * minute, maxMs: 8 * minute } } });
    await simulator.consent(customer, { clientId, decision: 'accept' });

    expect((await ask()).body).toMatchObject({ error_codes: [700016] });
    await simulator.advance(4 * minute);
    expect((await ask()).body).toMatchObject({ error_codes: [7000112] });
    await simulator.advance(2 * minute);
    expect(await rolesNow()).toBeUndefined();
    await simulator.advance(2 * minute);
    expect(await rolesNow()).toEqual(['User.ReadWrite.All', 'Domain.Read.All']);
  });

  it('S012: given again for more keeps the older permissions until it is known', async () => {
    await makeTenants({ lags: { consent: { minMs: minute, maxMs: minute } } });
    await simulator.consent(customer, { clientId, decision: 'accept' });
    await simulator.settle(customer);
    await simulator.patchTenant(tenantId, {
      apps: [{ clientId, requiredPermissions: [...app.requiredPermissions!, 'AuditLog.Read.All'] }],
    });

    await simulator.consent(customer, { clientId, decision: 'accept' });

    expect(await rolesNow()).toHaveLength(2);
    await simulator.advance(minute);
    expect(await rolesNow()).toHaveLength(3);
  });

  it('S012: works without a browser, and asks for the role of whoever is named', async () => {
    await makeTenants();

    expect(await simulator.consent(customer, { clientId, decision: 'decline' })).toMatchObject({
      error: 'access_denied',
    });
    expect(
      await simulator.consent(customer, { clientId, decision: 'accept', by: 'reader@customer.example' }),
    ).toMatchObject({ error: 'permission_denied' });
    expect(await simulator.consent(customer, { clientId, decision: 'accept', by: boss })).toEqual({
      admin_consent: 'True',
      tenant: customer,
      scope: usual.scope,
    });
  });

  it('keeps the password out of the request log', async () => {
    await makeTenants();
    await click({ decision: 'accept' });

    const log = await simulator.requests();

    expect(log.at(-1)).toMatchObject({ kind: 'consent', tenantId: customer, appId: clientId, status: 302 });
    expect(JSON.stringify(log)).not.toContain(goodPassword);
  });
});
