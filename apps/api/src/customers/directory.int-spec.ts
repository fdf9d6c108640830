import { routes, type Route } from '#contracts';
import { MINUTE } from '#core/shared';
import { EntraDirectory } from '#directory';
import {
  startTestSimulator,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { ApiWorld, type Answer } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

jest.setTimeout(120_000);

const CLIENT_ID = '5f0e1c1a-52a6-4d36-9f52-0f3f3c3b2a10';
const SECRET = 'canary-of-the-client-secret';
const OTHER_SECRET = 'canary-of-the-next-secret';
const DOMAIN = 'acme.example';
const GLOBAL_ADMIN = '62e90394-69f5-4237-9190-012177145e10';
const PERMISSIONS = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthMethod-TAP.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
  'AdministrativeUnit.Read.All',
];

const specWith = (change: Partial<TenantSpec> = {}, permissions = PERMISSIONS): TenantSpec => ({
  displayName: 'Acme',
  licence: 'P2',
  domains: [
    { name: DOMAIN, isVerified: true, authenticationType: 'Managed', isDefault: true },
    { name: 'elsewhere.example', isVerified: true, authenticationType: 'Federated' },
    { name: 'tomorrow.example', isVerified: false, authenticationType: 'Managed' },
  ],
  apps: [
    {
      clientId: CLIENT_ID,
      secrets: [{ value: SECRET }, { value: OTHER_SECRET }],
      permissions,
      directoryRoles: ['Privileged Authentication Administrator'],
    },
  ],
  groups: [
    { displayName: 'Helpers' },
    { displayName: 'Protected', isAssignableToRole: true },
    { displayName: 'Everybody', dynamic: true },
    { displayName: 'From the office', onPremises: true },
    { displayName: 'Newsletter', mailEnabled: true },
    { displayName: 'Project', microsoft365: true },
  ],
  administrativeUnits: [
    { displayName: 'Berlin' },
    { displayName: 'Vault', isMemberManagementRestricted: true },
  ],
  ...change,
});

type Item = Readonly<Record<string, unknown>> & { readonly notes: readonly { readonly code: string }[] };

let simulator: TestSimulator;
let connecting: EntraDirectory;
let choosing: EntraDirectory;
let world: ApiWorld;
let acme: Msp;
let other: Msp;
let tenants = 0;
let since = 0;

beforeAll(async () => {
  simulator = await startTestSimulator({ validation: 'all' });
  const clouds = {
    custom: { authorityHost: simulator.url, graphHost: simulator.url, caPem: simulator.caPem },
  };
  // Two, so that what is asked while a customer is connected leaves no token behind for what is tested.
  connecting = new EntraDirectory({ clouds });
  choosing = new EntraDirectory({ clouds });
  world = await ApiWorld.open({ directory: connecting, catalogue: choosing });
  acme = await world.msp('acme');
  other = await world.msp('other');
});
afterAll(async () => {
  await world.close();
  await Promise.all([connecting.close(), choosing.close()]);
  await simulator.stopSimulator();
});
afterEach(async () => {
  await simulator.clearFaults();
  expect((await simulator.violations()).requests).toEqual([]);
});

const newTenant = async (spec = specWith()): Promise<string> => {
  tenants += 1;
  const tenantId = `0d0d0d0d-0000-4000-8000-${String(tenants).padStart(12, '0')}`;
  await simulator.makeTenant(tenantId, spec);
  return tenantId;
};

const connect = (customerId: string, tenantId: string, { by = acme, secret = SECRET } = {}) => {
  const credential = { kind: 'secret', value: secret };
  const body = { cloud: 'custom', tenantId, clientId: CLIENT_ID, domain: DOMAIN, credential };
  return world.made(routes.connectCustomer, { token: by.owner, id: customerId, body });
};

const newCustomer = (by = acme): Promise<string> =>
  world.made(routes.createCustomer, { token: by.owner, body: { name: 'Acme' } });

const connected = async (spec?: TenantSpec): Promise<{ id: string; tenantId: string }> => {
  const tenantId = await newTenant(spec);
  const id = await newCustomer();
  await connect(id, tenantId);
  await countFromHere();
  return { id, tenantId };
};

const countFromHere = async (): Promise<void> => {
  since = Math.max(0, ...(await simulator.requests()).map(({ seq }) => seq));
};
const graphCalls = async (): Promise<readonly string[]> =>
  (await simulator.requests({ since })).map(({ path }) => path).filter((path) => path.startsWith('/v1.0/'));

const ask = (
  route: Route,
  id: string,
  { token = acme.admin, ...query }: Readonly<Record<string, string>> = {},
) => world.send(route, { token, id, query });
const groups = (id: string, query: Record<string, string> = {}) => ask(routes.listDirectoryGroups, id, query);
const itemsOf = ({ status, body, text }: Answer): readonly Item[] => {
  if (status !== 200) throw new Error(text);
  return body['items'] as readonly Item[];
};
const notesBy = (key: string, items: readonly Item[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(items.map((item) => [String(item[key]), item.notes.map(({ code }) => code)]));

const refusal = ({ status, body }: Answer) => ({ status, code: body['code'] });

describe('What a tenant has to choose from', () => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await connected());
  });

  it('domains, with why one cannot be chosen', async () => {
    const answer = await ask(routes.listDirectoryDomains, id);

    expect(answer.body).toMatchObject({ complete: true, why: null, nextCursor: null, total: 4 });
    const [own] = itemsOf(answer).filter(({ initial }) => initial === true);
    const named = itemsOf(answer).filter(({ initial }) => initial !== true);
    expect(own).toMatchObject({ verified: true, managed: true, usable: true, notes: [{ code: 'initial' }] });
    expect(named.map(({ name, usable }) => [name, usable])).toEqual([
      [DOMAIN, true],
      ['elsewhere.example', false],
      ['tomorrow.example', false],
    ]);
    expect(notesBy('name', named)).toEqual({
      [DOMAIN]: [],
      'elsewhere.example': ['federated'],
      'tomorrow.example': ['unverified'],
    });
  });

  it('groups, with what follows when one is given', async () => {
    const found = itemsOf(await groups(id));

    expect(found.map(({ displayName, manageable }) => [displayName, manageable])).toEqual([
      ['Everybody', false],
      ['From the office', false],
      ['Helpers', true],
      ['Newsletter', false],
      ['Project', true],
      ['Protected', true],
    ]);
    expect(notesBy('displayName', found)).toEqual({
      Everybody: ['dynamic'],
      'From the office': ['synced'],
      Helpers: [],
      Newsletter: ['mail_only'],
      Project: ['microsoft_365'],
      Protected: ['role_assignable'],
    });
  });

  it('roles, the privileged ones marked, and units, the restricted ones', async () => {
    const roles = itemsOf(await ask(routes.listDirectoryRoles, id, { limit: '100' }));
    const units = itemsOf(await ask(routes.listDirectoryUnits, id));

    const globalAdmin = roles.find(({ id: role }) => role === GLOBAL_ADMIN);
    expect(globalAdmin).toMatchObject({ builtIn: true, privileged: true, notes: [{ code: 'privileged' }] });
    expect(JSON.stringify(globalAdmin)).toContain('holds here');
    expect(units.map(({ displayName, restricted }) => [displayName, restricted])).toEqual([
      ['Berlin', false],
      ['Vault', true],
    ]);
    expect(notesBy('displayName', units)).toEqual({ Berlin: [], Vault: ['restricted'] });
  });

  it('page by page, from one call', async () => {
    await countFromHere();
    const seen: unknown[] = [];
    let query: Record<string, string> = { limit: '4', fresh: 'true' };
    for (let cursor: unknown = ''; cursor !== null;) {
      const answer = await groups(id, query);
      seen.push(...itemsOf(answer).map(({ displayName }) => displayName));
      cursor = answer.body['nextCursor'];
      query = { limit: '4', cursor: String(cursor) };
    }

    expect(seen).toEqual(['Everybody', 'From the office', 'Helpers', 'Newsletter', 'Project', 'Protected']);
    expect(await graphCalls()).toHaveLength(1);
  });

  it('not with a cursor that no page gave, nor with words that are none', async () => {
    const nobodys = Buffer.from('["a"]').toString('base64url');
    for (const query of [
      { cursor: 'abc' },
      { cursor: nobodys },
      { search: '' },
      { fresh: 'yes' },
      { limit: '0' },
    ])
      expect(refusal(await groups(id, query as Record<string, string>))).toEqual({
        status: 400,
        code: 'request.invalid',
      });
  });

  it('for owners and admins alone', async () => {
    for (const role of ['approver', 'technician', 'auditor'] as const)
      expect((await ask(routes.listDirectoryGroups, id, { token: acme[role] })).status).toBe(403);
    expect((await ask(routes.listDirectoryGroups, id, { token: acme.owner })).status).toBe(200);
  });
});

describe('A minute of memory', () => {
  it('spares the tenant every further question, until it is over or somebody asks anew', async () => {
    const { id } = await connected();
    await groups(id);
    await groups(id, { limit: '2' });
    expect(await graphCalls()).toHaveLength(1);

    await groups(id, { fresh: 'true' });
    expect(await graphCalls()).toHaveLength(2);
    await groups(id, { search: 'help' });
    expect(await graphCalls()).toHaveLength(3);
    world.clock.advance(MINUTE);
    await groups(id);
    expect(await graphCalls()).toHaveLength(4);
  });

  it('says since when', async () => {
    const { id } = await connected();
    const readAt = new Date(world.clock.now()).toISOString();
    await groups(id);
    world.clock.advance(MINUTE / 2);

    expect((await groups(id)).body['readAt']).toBe(readAt);
  });

  it('lets two who ask at once share one call', async () => {
    const { id } = await connected();
    const hook = await simulator.hold({ match: { method: 'GET', path: '/groups' }, at: 'before-commit' });
    const asking = [groups(id), groups(id)];
    await simulator.waitHeld(hook);
    asking.push(groups(id, { limit: '1' }));
    await simulator.release(hook);

    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await graphCalls()).toHaveLength(1);
  });

  it('is not told to another organization, nor at another customer of the same tenant', async () => {
    const { id, tenantId } = await connected();
    await groups(id);
    const theirs = await newCustomer(other);
    await connect(theirs, tenantId, { by: other });
    await simulator.patchTenant(tenantId, {
      apps: [{ clientId: CLIENT_ID, permissions: ['User.Read.All'] }],
    });
    await countFromHere();

    expect(refusal(await ask(routes.listDirectoryGroups, id, { token: other.owner }))).toEqual({
      status: 404,
      code: 'customer.not_found',
    });
    const asked = await ask(routes.listDirectoryGroups, theirs, { token: other.owner });
    expect(refusal(asked)).toEqual({ status: 409, code: 'directory.consent_missing' });
    expect((await groups(id)).status).toBe(200);
  });

  it('is forgotten with the credential that it was read with', async () => {
    const { id, tenantId } = await connected();
    await groups(id);
    await connect(id, tenantId, { secret: OTHER_SECRET });
    await countFromHere();

    expect(itemsOf(await groups(id))).toHaveLength(6);
    expect(await graphCalls()).toHaveLength(1);
  });
});

describe('Of twenty thousand groups', () => {
  it('a search asks for one page, and so does whoever has no words yet', async () => {
    const names = Array.from({ length: 20_000 }, (_, at) => ({ displayName: `Group ${at}` }));
    const { id } = await connected(specWith({ groups: [{ displayName: 'Helpers' }, ...names] }));

    const found = await groups(id, { search: 'help' });
    expect(found.body).toMatchObject({ total: 1, complete: true, items: [{ displayName: 'Helpers' }] });
    expect(await graphCalls()).toHaveLength(1);

    const many = await groups(id, { search: 'group' });
    expect(many.body).toMatchObject({ total: 999, complete: false, why: { code: 'more_than_read' } });
    expect(await graphCalls()).toHaveLength(2);

    expect((await groups(id)).body).toMatchObject({ total: 999, complete: false });
    expect(await graphCalls()).toHaveLength(3);
  });
});

describe('A tenant that refuses', () => {
  const TOKEN = { path: '**/oauth2/v2.0/token' };

  it.each([
    [401, '7000215'],
    [401, '7000222'],
    [400, '700016'],
    [400, '90002'],
    [400, '500011'],
    [400, '7000112'],
    [401, '7000218'],
    [401, '700027'],
    [400, '70021'],
    [400, '700211'],
    [401, '700213'],
    [400, '70011'],
    [400, '53003'],
  ])('the sign-in by %i AADSTS%s is told as a bad credential, with its code', async (status, code) => {
    const { id } = await connected();
    await simulator.addFault({ match: TOKEN, times: 5, effect: { status, code } });

    const answer = await groups(id);

    expect(refusal(answer)).toEqual({ status: 409, code: 'directory.credential_bad' });
    expect(answer.body).toMatchObject({
      entraCode: `AADSTS${code}`,
      mend: expect.stringMatching(/^(?!.*learn\.microsoft).{20,}/) as string,
    });
    expect(answer.text + world.log()).not.toContain('canary-of-the');
  });

  it.each([
    [429, '90055'],
    [400, '90055'],
    [503, '90033'],
    [400, '90006'],
    [400, '90024'],
  ])('the sign-in for a while, by %i AADSTS%s, is told as one to come back to', async (status, code) => {
    const { id } = await connected();
    const fault = await simulator.addFault({ match: TOKEN, times: 5, effect: { status, code } });

    expect(refusal(await groups(id))).toEqual({ status: 503, code: 'directory.unavailable' });
    await simulator.clearFaults(fault.id);
  });

  it('with a throttle is told with how long to wait, and asked again afterwards', async () => {
    const { id } = await connected();
    const effect = { status: 429, retryAfter: 7 };
    await simulator.addFault({ match: { method: 'GET', path: '/groups' }, times: 1, effect });

    const answer = await groups(id);

    expect(refusal(answer)).toEqual({ status: 503, code: 'directory.unavailable' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(7);
    expect(Number(answer.body['retryAfterSeconds'])).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['groups', routes.listDirectoryGroups, 'Group.Read.All'],
    ['units', routes.listDirectoryUnits, 'AdministrativeUnit.Read.All'],
  ])(
    'to show its %s is told with the consent that is missing, and not remembered',
    async (...[, route, missing]) => {
      const { id, tenantId } = await connected();
      const permissions = ['Domain.Read.All', 'RoleManagement.ReadWrite.Directory'];
      await simulator.patchTenant(tenantId, { apps: [{ clientId: CLIENT_ID, permissions }] });

      const answer = await ask(route, id);

      expect(refusal(answer)).toEqual({ status: 409, code: 'directory.consent_missing' });
      expect(answer.body['missingPermissions']).toEqual([missing]);
      expect((await ask(routes.listDirectoryDomains, id)).status).toBe(200);
      await ask(route, id);
      expect((await graphCalls()).filter((path) => !path.endsWith('/domains')).length).toBeGreaterThan(1);
    },
  );

  it('nothing is told as such when it answers again', async () => {
    const { id } = await connected();
    await simulator.addFault({
      match: { method: 'GET', path: '/groups' },
      times: 2,
      effect: { status: 503 },
    });
    expect(refusal(await groups(id))).toEqual({ status: 503, code: 'directory.unavailable' });

    expect(itemsOf(await groups(id))).toHaveLength(6);
  });

  it('is not asked where there is no connection, nor for a customer that goes', async () => {
    const bare = await newCustomer();
    const { id } = await connected();
    await groups(id);
    await world.made(routes.removeCustomer, { token: acme.owner, id });
    await countFromHere();

    expect(refusal(await groups(bare))).toEqual({ status: 409, code: 'customer.not_connected' });
    expect(refusal(await groups(id))).toEqual({ status: 409, code: 'customer.removed' });
    expect(await graphCalls()).toEqual([]);
  });
});
