import request from 'supertest';
import { routes } from '#contracts';
import { ProveConsent } from '#core/consenting';
import { ApiWorld, connectionBody, DOMAIN, PUBLIC_URL, TENANT, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const SHARED_APP = '33333333-3333-4333-8333-333333333333';
const SHARED_SECRET = 'planted-organization-app-secret';
const OTHER_TENANT = '77777777-2222-4333-8444-555555555555';

let world: ApiWorld;
let acme: Msp;
let customerId: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
afterAll(() => world.close());

beforeEach(async () => {
  await world.clear();
  acme = await world.msp('acme');
  world.tenant.otherApps.set(SHARED_APP, SHARED_SECRET);
  customerId = await world.made(routes.createCustomer, { token: acme.owner, body: { name: 'Contoso' } });
});

const appBody = {
  tenantId: TENANT,
  clientId: SHARED_APP,
  credential: { kind: 'secret', value: SHARED_SECRET },
};
const setApp = (body: object = appBody): Promise<Answer> =>
  world.send(routes.setOrganizationApp, { token: acme.admin, body });
const linkFor = async (body: object = {}): Promise<URL> => {
  const made = await world.send(routes.makeConsentLink, { token: acme.admin, id: customerId, body });
  if (made.status !== 200) throw new Error(made.text);
  return new URL(String(made.body['url']));
};
const comeBack = (query: Readonly<Record<string, string>>): Promise<Answer> =>
  world.send(routes.consentCallback, { token: null, query });
const stateOf = (link: URL): string => link.searchParams.get('state') ?? '';
const yes = (link: URL, tenant = TENANT) => ({ state: stateOf(link), tenant, admin_consent: 'True' });
const consent = async () => (await world.send(routes.getConsent, { token: acme.admin, id: customerId })).body;
const prove = () =>
  new ProveConsent(world.ports).sweep((_, error) => {
    throw error;
  });
const connection = () => world.send(routes.getEntraConnection, { token: acme.admin, id: customerId });

describe("The organization's app, over the API", () => {
  it('is set, read and removed, and its credential never answered', async () => {
    const made = await setApp();

    expect(made).toMatchObject({
      status: 200,
      body: {
        ...{ cloud: 'global', clientId: SHARED_APP, version: 1, customers: 0 },
        redirectUri: `${PUBLIC_URL}/api/v1/consent/callback`,
      },
    });
    const read = await world.send(routes.getOrganizationApp, { token: acme.auditor });
    expect(read.body).toEqual(made.body);
    expect(made.text + read.text + world.log()).not.toContain(SHARED_SECRET);
    expect(await world.send(routes.removeOrganizationApp, { token: acme.admin })).toMatchObject({
      status: 200,
    });
    expect(await world.send(routes.getOrganizationApp, { token: acme.admin })).toMatchObject({ status: 404 });
  });

  it('connects a customer, and stays while one is connected by it', async () => {
    await setApp();
    const body = { app: 'organization', tenantId: TENANT, domain: DOMAIN };

    const connected = await world.send(routes.connectCustomer, { token: acme.admin, id: customerId, body });

    expect(connected).toMatchObject({ status: 200, body: { app: 'organization', clientId: SHARED_APP } });
    expect(await world.send(routes.removeOrganizationApp, { token: acme.admin })).toMatchObject({
      status: 409,
      body: { code: 'organization_app.in_use', customers: 1 },
    });
  });

  it.each([
    [{ app: 'organization' }, ['body.clientId', 'body.credential']],
    [{ app: 'own', clientId: undefined, credential: undefined }, ['body.clientId', 'body.credential']],
    [{ clientId: undefined }, ['body.clientId']],
  ])('is told apart from an app of the customer’s own: %j', async (change, paths) => {
    await setApp();
    const body = { ...connectionBody, ...change };

    const answer = await world.send(routes.connectCustomer, { token: acme.admin, id: customerId, body });

    expect(answer.status).toBe(400);
    const errors = answer.body['errors'] as readonly { readonly path: string }[];
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });
});

describe('A consent link, over the API', () => {
  it("is the cloud's own consent page, and its secret is in no log", async () => {
    await setApp();

    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });

    expect(`${link.origin}${link.pathname}`).toBe(
      `https://login.microsoftonline.com/${TENANT}/v2.0/adminconsent`,
    );
    expect(link.searchParams.get('client_id')).toBe(SHARED_APP);
    expect(link.searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/api/v1/consent/callback`);
    await comeBack(yes(link));
    expect(world.log()).not.toContain(stateOf(link));
  });

  it('leads to a connection once Entra has said so to Curfew itself', async () => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });
    expect(await consent()).toMatchObject({ state: 'open', tenant: null });

    const page = await comeBack({ ...yes(link), session_state: 'whatever', scope: 'x' });

    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Thank you') as string });
    expect(await consent()).toMatchObject({ state: 'waiting', claimedTenantId: TENANT });
    expect((await connection()).status).toBe(404);
    await prove();
    expect(await consent()).toMatchObject({ state: 'connected', tenant: { tenantId: TENANT } });
    expect(await connection()).toMatchObject({ body: { app: 'organization', domain: DOMAIN } });
  });

  it('without a tenant waits for an admin, and technicians are no admins', async () => {
    await setApp();
    const link = await linkFor();
    expect(link.pathname).toBe('/organizations/v2.0/adminconsent');
    await comeBack(yes(link));
    await prove();
    const shown = await consent();
    expect(shown).toMatchObject({ state: 'to_confirm', tenant: { tenantId: TENANT, domains: [DOMAIN] } });
    const confirm = (token: string, tenantId = TENANT) =>
      world.send(routes.confirmConsent, { token, id: customerId, body: { tenantId, domain: DOMAIN } });

    expect(await confirm(acme.technician)).toMatchObject({ status: 403 });
    expect(await confirm(acme.admin, OTHER_TENANT)).toMatchObject({
      status: 409,
      body: { code: 'consent.tenant_differs' },
    });
    expect(await confirm(acme.admin)).toMatchObject({ status: 200, body: { app: 'organization' } });
    expect(await consent()).toMatchObject({ state: 'connected' });
  });

  it('expires, and can be withdrawn', async () => {
    await setApp();
    const late = await linkFor({ expiresInSeconds: 300 });
    world.clock.advance(300_000);
    expect(await consent()).toMatchObject({ state: 'expired' });
    expect((await comeBack(yes(late))).text).toContain('not good any more');
    const withdrawn = await linkFor();
    expect(await world.send(routes.withdrawConsent, { token: acme.admin, id: customerId })).toMatchObject({
      status: 200,
      body: { state: 'withdrawn' },
    });
    expect((await comeBack(yes(withdrawn))).text).toContain('not good any more');
  });

  it.each([
    [299, 400],
    [2_592_001, 400],
    [2_592_000, 200],
  ])('lives for %i seconds: %i', async (expiresInSeconds, status) => {
    await setApp();

    const answer = await world.send(routes.makeConsentLink, {
      token: acme.admin,
      id: customerId,
      body: { expiresInSeconds },
    });

    expect(answer.status).toBe(status);
  });

  it.each([
    [{ error: 'access_denied', error_description: 'AADSTS65004: declined' }, 'consent.declined'],
    [{ error: 'permission_denied', error_description: 'AADSTS90094: no' }, 'consent.not_permitted'],
    [{ error: 'consent_required' }, 'consent.required'],
  ])('that was answered with %j tells the MSP why', async (says, code) => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });

    const page = await comeBack({ state: stateOf(link), ...says });

    expect(page.text).toContain('not given');
    expect(await consent()).toMatchObject({ state: 'failed', problem: { code } });
  });
});

describe('The page for those who come back', () => {
  it('is plain, and takes nothing into it', async () => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });
    const nasty = '"><script>alert(1)</script>';

    for (const query of [
      {},
      { state: nasty },
      { state: 'f'.repeat(96), tenant: nasty, admin_consent: nasty },
      { state: stateOf(link), error: nasty, error_description: nasty },
    ]) {
      const page = await comeBack(query);
      expect(page.status).toBe(200);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.headers['content-security-policy']).toBe(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(page.headers['referrer-policy']).toBe('no-referrer');
      expect(page.text).not.toContain('script');
      for (const told of [customerId, acme.organizationId, TENANT, 'Contoso'])
        expect(page.text).not.toContain(told);
    }
    expect(JSON.stringify(await consent())).not.toContain('script');
  });

  it('passes over what comes twice, or is longer than anything of Entra', async () => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });

    const twice = await request(world.server).get(
      `${routes.consentCallback.path}?state=${stateOf(link)}&state=${stateOf(link)}&admin_consent=True`,
    );
    const long = await comeBack({ ...yes(link), state: 'f'.repeat(5_000) });

    expect([twice.status, long.status]).toEqual([200, 200]);
    expect(await consent()).toMatchObject({ state: 'open' });
  });

  it('is not visited by whoever only asks for its head', async () => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });

    const head = await request(world.server).head(`${routes.consentCallback.path}${query(yes(link))}`);

    expect(head.status).toBe(200);
    expect(await consent()).toMatchObject({ state: 'open' });
  });

  it('turns strangers back who come by the hundred, without touching the link', async () => {
    await setApp();
    const link = await linkFor({ tenantId: TENANT, domain: DOMAIN });
    const wrong = { ...yes(link), state: `${stateOf(link).slice(0, 95)}x` };

    const answers = [];
    for (let each = 0; each < 90; each += 1) answers.push(await comeBack(wrong));

    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ body: { code: 'request.too_many' } });
    expect(await consent()).toMatchObject({ state: 'open' });
  });
});

const query = (params: Readonly<Record<string, string>>): string =>
  `?${new URLSearchParams(params).toString()}`;
