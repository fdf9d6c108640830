import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestSimulator } from '../../../../test/support/simulator.js';
import { aUser, goodPassword, secret, setStage, startFrozen, tenantId } from '../testing/stage.js';
import type { News } from './news.js';

const nasty = '<img src=x onerror=alert(1)>';

describe('The page', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  const news = async (query: Record<string, string> = {}) => {
    const answer = await simulator.call('GET', `/__page/news?${new URLSearchParams(query).toString()}`);
    expect(answer.status).toBe(200);
    return answer.body as News;
  };

  it('is served whole by the simulator, and may load nothing else', async () => {
    const page = await simulator.call('GET', '/');
    const html = page.body as string;
    const parts = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map((match) => match[1] ?? '');

    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|style=|https?:/);
    expect(parts).toHaveLength(2);
    for (const part of parts) expect((await simulator.call('GET', part)).status).toBe(200);
  });

  it('has every module that its script imports', async () => {
    const script = (await simulator.call('GET', '/__page/page.js')).body as string;
    const imports = [...script.matchAll(/from '\.\/([^']+)'/g)].map((match) => match[1] ?? '');

    expect(imports.length).toBeGreaterThan(2);
    for (const name of imports) {
      const answer = await simulator.call('GET', `/__page/${name}`);
      expect([name, answer.status, answer.headers['content-type']]).toEqual([
        name,
        200,
        'text/javascript; charset=utf-8',
      ]);
    }
  });

  it('never reads markup: no script of it can turn a text into elements or code', () => {
    const folder = join(import.meta.dirname, 'assets');
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));

    expect(scripts.length).toBeGreaterThan(3);
    for (const name of scripts) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval\(|new Function|srcdoc/,
      );
    }
  });

  it.each([
    '/__page/',
    '/__page/..%2Fpage.ts',
    '/__page/../page.ts',
    '/__page/rows.d.ts',
    '/__page/constructor',
  ])('has no other part: %s', async (path) => {
    expect((await simulator.call('GET', path)).status).toBe(404);
  });

  it('is only read', async () => {
    expect((await simulator.call('POST', '/', { body: {} })).status).toBe(405);
  });

  it('shows users with their state, as data and not as part of the page', async () => {
    const { graph } = await setStage(simulator, {
      users: [
        { userPrincipalName: 'boss@contoso.onmicrosoft.com', roles: ['Global Administrator'] },
        { userPrincipalName: 'odd@contoso.onmicrosoft.com', displayName: nasty, accountEnabled: false },
      ],
    });
    await graph('POST', '/users', { body: aUser() });

    const { tenant, tenants, requests, changes } = await news({ tenant: tenantId });
    const answer = await simulator.call('GET', '/__page/news');

    expect(tenants).toMatchObject([{ id: tenantId, users: 3 }]);
    expect(tenant?.users.map((user) => [user.displayName, user.accountEnabled])).toEqual([
      ['boss', true],
      [nasty, false],
      ['Ada Admin', true],
    ]);
    expect(tenant?.roles).toEqual([
      { name: 'Global Administrator', holders: ['boss@contoso.onmicrosoft.com'] },
    ]);
    expect(requests.at(-1)).toMatchObject({ method: 'POST', path: '/v1.0/users', status: 201 });
    expect(changes.at(-1)).toMatchObject({ what: expect.stringMatching(/^user|^password/) as string });
    // A browser that is sent there by a link shows text, not markup.
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    });
    expect((await simulator.call('GET', '/')).body).not.toContain(nasty);
  });

  it('tells what is new since the last look, and no more', async () => {
    const { graph } = await setStage(simulator);
    const { cursors } = await news({ tenant: tenantId });
    await graph('GET', '/users');

    const next = await news({
      tenant: tenantId,
      requests: String(cursors.requests),
      changes: String(cursors.changes),
    });

    expect(next.requests.map(({ path }) => path)).toEqual(['/v1.0/users']);
    expect(next.changes).toEqual([]);
  });

  it('shows no more than a page can hold, and finds users by name', async () => {
    const users = Array.from({ length: 240 }, (_, i) => ({
      userPrincipalName: `user${i}@contoso.onmicrosoft.com`,
    }));
    await setStage(simulator, { users });

    const all = await news({ tenant: tenantId });
    const found = await news({ tenant: tenantId, find: 'USER23' });

    expect([all.tenant?.usersFound, all.tenant?.users.length]).toEqual([240, 200]);
    expect(found.tenant?.users.map(({ displayName }) => displayName)).toEqual([
      'user23',
      ...Array.from({ length: 10 }, (_, i) => `user23${i}`),
    ]);
  });

  it('lists sign-ins of users and apps, and the faults in force', async () => {
    const userPrincipalName = 'ada@contoso.onmicrosoft.com';
    await setStage(simulator, { users: [{ userPrincipalName, password: goodPassword }] });
    await simulator.signIn(tenantId, { userPrincipalName, password: 'Wr0ng-Kettle-9' });
    const { id } = await simulator.addFault({ match: { path: '/users' }, effect: { status: 503 } });

    const { signIns, faults } = await news({ tenant: tenantId });

    expect(signIns).toContainEqual(expect.objectContaining({ how: 'token', outcome: 'let in' }));
    expect(signIns).toContainEqual(
      expect.objectContaining({
        who: userPrincipalName,
        outcome: expect.stringMatching(/^AADSTS50126/) as string,
      }),
    );
    expect(faults).toMatchObject([{ id, hits: 0 }]);
  });

  it('adds a fault by a name out of those that are offered, and removes it', async () => {
    await setStage(simulator);
    const headers = { origin: simulator.url, 'sec-fetch-site': 'same-origin' };
    const offered = await simulator.call('GET', '/__control/faults/named', { headers });
    const named = (offered.body as { name: string; rule: object | null }[]).find(
      ({ rule }) => rule !== null,
    )?.name;

    const added = await simulator.call('POST', '/__control/faults', {
      headers,
      body: { named, tenantId, times: 3 },
    });
    const { id } = added.body as { id: string };
    const { faults } = await news();
    const removed = await simulator.call('DELETE', `/__control/faults/${id}`, { headers });

    expect(faults).toMatchObject([{ id, named, times: 3 }]);
    expect(removed.status).toBe(204);
    expect((await news()).faults).toEqual([]);
  });

  it('gives no secret away', async () => {
    const { graph } = await setStage(simulator, {
      users: [{ userPrincipalName: 'ada@contoso.onmicrosoft.com', password: goodPassword }],
    });
    const pass = await graph(
      'POST',
      '/users/ada@contoso.onmicrosoft.com/authentication/temporaryAccessPassMethods',
      {
        body: {},
      },
    );
    const { temporaryAccessPass } = pass.body as { temporaryAccessPass: string };

    const told = JSON.stringify(await news({ tenant: tenantId }));

    expect(temporaryAccessPass).toMatch(/./);
    for (const hidden of [temporaryAccessPass, goodPassword, secret]) expect(told).not.toContain(hidden);
  });

  describe('and a page of another site', () => {
    const evil = { origin: 'https://evil.example' };
    const fault = { match: {}, effect: { status: 500 } };

    it.each([
      ['steering', 'POST /__control/faults', evil],
      [
        'steering by a form without JavaScript',
        'POST /__control/faults',
        { ...evil, 'content-type': 'text/plain' },
      ],
      ['steering from nowhere', 'POST /__control/faults', { origin: 'null' }],
      ['steering from another port', 'POST /__control/faults', { origin: 'https://localhost:1' }],
      ['reading as an image', 'GET /__control/requests', { 'sec-fetch-site': 'cross-site' }],
      ['looking', 'GET /__page/news', { 'sec-fetch-site': 'same-site' }],
    ] as const)('is refused: %s', async (_what, call, headers) => {
      const [method = '', path = ''] = call.split(' ');
      const answer = await simulator.call(method, path, {
        headers,
        ...(method === 'POST' && { body: fault }),
      });

      expect(answer.status).toBe(403);
      expect(await simulator.faults()).toEqual([]);
    });

    it('is not what our own page is', async () => {
      const headers = { origin: simulator.url, 'sec-fetch-site': 'same-origin' };

      expect((await simulator.call('POST', '/__control/faults', { headers, body: fault })).status).toBe(200);
    });
  });
});
