import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { Answer } from '../support/simulator.js';
import { CONSENTED, HELPDESK_ADMINISTRATOR, TestMsp } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { TestStack } from '../support/stack.js';

const HOME = randomUUID();
const APP = randomUUID();
const SECRET = `planted-organization-app-${randomUUID()}`;
const PASSWORD = 'correct-Horse-7-battery';
const KNOWN_WITHIN_MS = 60_000;

interface Consent {
  readonly state: string;
  readonly tenant: {
    readonly tenantId: string;
    readonly displayName: string;
    readonly domains: string[];
  } | null;
  readonly problem: {
    readonly code: string;
    readonly entraCode: string | null;
    readonly missingPermissions: string[];
  } | null;
}

interface Place {
  readonly tenantId: string;
  readonly domain: string;
  readonly customerId: string;
}

describe('The app of the organization, by the API and the simulator', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
    await stack.simulator.makeTenant(HOME, {
      displayName: 'Acme MSP',
      domains: [{ name: 'acme-msp.example' }],
      apps: [
        {
          clientId: APP,
          displayName: 'Acme just in time',
          secrets: [{ value: SECRET }],
          multiTenant: true,
          permissions: [],
          requiredPermissions: [...CONSENTED],
          redirectUris: ['http://localhost/api/v1/consent/callback'],
        },
      ],
    });
  }, 90_000);
  afterAll(() => stack.stop(), 60_000);

  const setApp = (secret = SECRET): Promise<{ redirectUri: string; version: number }> =>
    msp.owner.put('/organization-app', {
      cloud: 'custom',
      tenantId: HOME,
      clientId: APP,
      credential: { kind: 'secret', value: secret },
    });
  /** A customer whose tenant knows nothing of the app. */
  const place = async (name: string, consentLagMs = 0): Promise<Place> => {
    const [tenantId, domain] = [randomUUID(), `${name}.example`];
    await stack.simulator.makeTenant(tenantId, {
      displayName: name,
      domains: [{ name: domain }],
      lags: { consent: { minMs: consentLagMs, maxMs: consentLagMs } },
      users: [
        {
          userPrincipalName: `boss@${domain}`,
          password: PASSWORD,
          roles: ['Global Administrator'],
        },
        { userPrincipalName: `reader@${domain}`, password: PASSWORD, roles: ['Global Reader'] },
      ],
    });
    const { id: customerId } = await msp.owner.post<{ id: string }>('/customers', { name });
    return { tenantId, domain, customerId };
  };
  const linkFor = async (customerId: string, wish: object = {}): Promise<string> => {
    const made = await msp.owner.post<{ url: string }>(`/customers/${customerId}/consent-link`, {
      cloud: 'custom',
      ...wish,
    });
    return made.url;
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  /** The admin's click on Entra's own page; answers where his browser is sent. */
  const click = async (
    link: string,
    domain: string,
    { decision = 'accept', who = 'boss' } = {},
  ): Promise<URL> => {
    const { pathname, search } = new URL(link);
    const body = { userPrincipalName: `${who}@${domain}`, password: PASSWORD, decision };
    const answer: Answer = await stack.simulator.call('POST', `${pathname}${search}`, {
      headers: form,
      body: new URLSearchParams(body).toString(),
    });
    if (answer.status !== 302) throw new Error(`No redirect: ${answer.status} ${String(answer.body)}`);
    return new URL(answer.headers['location'] ?? '');
  };
  const visit = (url: URL): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest(url, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
      asked.on('error', reject);
      asked.end();
    });
  const consentOf = (customerId: string): Promise<Consent> =>
    msp.owner.get<Consent>(`/customers/${customerId}/consent`);
  const reaches = (customerId: string, wanted: (consent: Consent) => boolean): Promise<Consent> =>
    until(() => consentOf(customerId), wanted, {
      what: `the consent of ${customerId} has come so far`,
      timeoutMs: KNOWN_WITHIN_MS,
    });
  const strengthen = (tenantId: string): Promise<unknown> =>
    stack.simulator.patchTenant(tenantId, {
      apps: [{ clientId: APP, directoryRoles: ['Privileged Authentication Administrator'] }],
    });

  it('leads from a link over the customer’s consent to a first grant that ends', async () => {
    expect(await setApp()).toMatchObject({ version: 1 });
    const { tenantId, domain, customerId } = await place('first', 6_000);
    const back = await click(await linkFor(customerId, { tenantId, domain }), domain);
    expect(back.pathname).toBe('/api/v1/consent/callback');

    expect(await visit(back)).toContain('Thank you');
    expect(await visit(back)).toContain('used before');

    // Entra's servers don't all know of it at first.
    await reaches(customerId, ({ problem }) => problem !== null);
    await reaches(customerId, ({ state }) => state === 'connected');
    await strengthen(tenantId);
    const customer = { tenantId, domain, customerId, clientId: APP, secret: SECRET, groupId: '' };
    const policyId = await msp.policy(customer, { roles: [HELPDESK_ADMINISTRATOR] });
    const grant = await msp.activeGrant(customer, policyId);
    await msp.technician.post(`/grants/${grant.id}/end`);
    await msp.reaches(grant.id, 'ended');
    const truth = await stack.simulator.truth(tenantId);
    const made = truth.users.filter(({ userPrincipalName }) => userPrincipalName.startsWith('jit-'));
    expect(made.map(({ accountEnabled }) => accountEnabled)).toEqual([false]);
  }, 180_000);

  it('goes on with a new credential of the app at every customer, at once', async () => {
    const next = `planted-next-${randomUUID()}`;
    await stack.simulator.patchTenant(HOME, {
      apps: [{ clientId: APP, secrets: [{ value: SECRET }, { value: next }] }],
    });
    const [{ id: customerId }] = (await msp.owner.get<{ items: [{ id: string }] }>('/customers')).items;

    await setApp(next);
    await stack.simulator.patchTenant(HOME, { apps: [{ clientId: APP, secrets: [{ value: next }] }] });

    const found = await msp.owner.post<{ lines: { id: string; verdict: string }[] }>(
      `/customers/${customerId}/entra-connection/validate`,
    );
    expect(found.lines.find(({ id }) => id === 'token')).toMatchObject({ verdict: 'pass' });
    await expect(setApp('wrong')).rejects.toThrow('directory.credential_bad');
    await stack.simulator.patchTenant(HOME, {
      apps: [{ clientId: APP, secrets: [{ value: SECRET }, { value: next }] }],
    });
    await setApp();
  }, 60_000);

  it('shows a tenant that nobody had named to an admin, who confirms it', async () => {
    const { tenantId, domain, customerId } = await place('second');
    await visit(await click(await linkFor(customerId), domain));

    const { tenant } = await reaches(customerId, ({ state }) => state === 'to_confirm');

    expect(tenant).toMatchObject({ tenantId, displayName: 'second' });
    expect(tenant?.domains).toContain(domain);
    await expect(
      msp.owner.post(`/customers/${customerId}/consent/confirm`, { tenantId: HOME, domain }),
    ).rejects.toThrow('consent.tenant_differs');
    const confirm = msp.owner.post(`/customers/${customerId}/consent/confirm`, { tenantId, domain });
    expect(await confirm).toMatchObject({ app: 'organization', tenantId });
  }, 90_000);

  it('binds nobody else’s tenant by a link that went to the wrong admin', async () => {
    const first = await place('third');
    const second = await place('fourth');
    await visit(
      await click(
        await linkFor(first.customerId, { tenantId: first.tenantId, domain: first.domain }),
        first.domain,
      ),
    );
    await reaches(first.customerId, ({ state }) => state === 'connected');

    // The first one's admin opens the link that was meant for the second.
    await visit(await click(await linkFor(second.customerId), first.domain));

    const { problem } = await reaches(second.customerId, ({ state }) => state === 'failed');
    expect(problem).toMatchObject({ code: 'entra_connection.tenant_taken' });
    await expect(msp.owner.get(`/customers/${second.customerId}/entra-connection`)).rejects.toThrow(
      'entra_connection.not_found',
    );
  }, 90_000);

  it('names what a half consent lacks, and who may not consent, and who declined', async () => {
    const { tenantId, domain, customerId } = await place('fifth');
    const named = { tenantId, domain };
    await visit(await click(await linkFor(customerId, named), domain, { decision: 'decline' }));
    expect(await consentOf(customerId)).toMatchObject({
      state: 'failed',
      problem: { code: 'consent.declined', entraCode: 'AADSTS65004' },
    });
    await visit(await click(await linkFor(customerId, named), domain, { who: 'reader' }));
    expect(await consentOf(customerId)).toMatchObject({
      problem: { code: 'consent.not_permitted', entraCode: 'AADSTS90094' },
    });

    const back = await click(await linkFor(customerId, named), domain);
    const permissions = CONSENTED.filter((each) => each !== 'RoleManagement.ReadWrite.Directory');
    await stack.simulator.patchTenant(tenantId, { apps: [{ clientId: APP, permissions }] });
    await visit(back);
    const { problem } = await reaches(customerId, (consent) => consent.problem !== null);
    expect(problem).toMatchObject({
      code: 'directory.consent_missing',
      missingPermissions: ['RoleManagement.ReadWrite.Directory'],
    });
    await stack.simulator.patchTenant(tenantId, { apps: [{ clientId: APP, permissions: [...CONSENTED] }] });
    await reaches(customerId, ({ state }) => state === 'connected');
  }, 120_000);

  it('believes nobody who says that a tenant has consented', async () => {
    const { tenantId, domain, customerId } = await place('sixth');
    const link = new URL(await linkFor(customerId, { tenantId, domain }));
    const forged = new URL(link.searchParams.get('redirect_uri') ?? '');
    forged.searchParams.set('state', link.searchParams.get('state') ?? '');
    forged.searchParams.set('admin_consent', 'True');
    forged.searchParams.set('tenant', tenantId);

    await visit(forged);

    const { state, problem } = await reaches(customerId, (consent) => consent.problem !== null);
    expect({ state, entraCode: problem?.entraCode }).toEqual({ state: 'waiting', entraCode: 'AADSTS700016' });
    await expect(msp.owner.get(`/customers/${customerId}/entra-connection`)).rejects.toThrow(
      'entra_connection.not_found',
    );
  }, 90_000);
});
