import { problem, problemsOf, routes, type Route } from '#contracts';
import { mayAtAll, type TechnicianRole } from '#core/identity';
import { ApiWorld, connectionBody, policyBody, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const NOBODYS = '019ab0c4-0000-7000-8000-0000000000aa';
const ROLES = [
  'technician',
  'approver',
  'auditor',
  'admin',
  'owner',
] as const satisfies readonly TechnicianRole[];

type RouteName = keyof typeof routes;
const all = Object.entries(routes) as readonly (readonly [RouteName, Route])[];
const guarded = all.filter(([, { permission }]) => permission !== 'public');
const withId = guarded.filter(([, { request }]) => request.params !== undefined);
const withBody = guarded.filter(([, { request }]) => request.body !== undefined);
// A page takes whatever the identity provider that sends people there adds.
const withQuery = all.filter(([, { method, page }]) => method === 'GET' && page !== true);

let world: ApiWorld;
let acme: Msp;
let other: Msp;
/** An id of acme's for each kind of thing, by the first part of a route's path. */
let ids: Readonly<Record<string, string>>;
let bodies: Readonly<Partial<Record<RouteName, object>>>;

beforeAll(async () => {
  world = await ApiWorld.open();
  acme = await world.msp('acme');
  other = await world.msp('other');
  const { customerId, policyId } = await world.connected(acme);
  const wish = { customerId, policyId, startsAt: new Date(world.clock.now() + 86_400_000).toISOString() };
  const asked = await world.send(routes.requestAccess, { token: acme.owner, body: wish });
  const { id: requestId, grantId } = asked.body as { readonly id: string; readonly grantId: string };
  const fabrikam = await world.made(routes.createCustomer, { token: acme.owner, body: { name: 'Fabrikam' } });
  const pull = { scope: 'customer', customerId: fabrikam };
  const organizationApp = { ...connectionBody, domain: undefined };
  await world.send(routes.setOrganizationApp, { token: acme.owner, body: organizationApp });
  ids = {
    'kill-switch': await world.made(routes.pullKillSwitch, { token: acme.owner, body: pull }),
    'access-requests': requestId,
    grants: grantId,
    customers: customerId,
    'access-policies': policyId,
    validations: await world.made(routes.beginValidationRun, { token: acme.owner, body: {} }),
    technicians: await idOfTechnician(acme),
    'technician-groups': await world.made(routes.createTechnicianGroup, {
      token: acme.owner,
      body: { name: 'Helpdesk' },
    }),
  };
  bodies = {
    requestAccess: wish,
    pullKillSwitch: pull,
    extendGrant: { expiresAt: '2026-12-01T00:00:00Z' },
    createCustomer: { name: 'Fabrikam' },
    makeCertificate: { validDays: 90 },
    importCustomers: { csv: 'name\nFabrikam' },
    connectCustomer: connectionBody,
    setOrganizationApp: organizationApp,
    makeConsentLink: {},
    confirmConsent: { tenantId: connectionBody.tenantId, domain: connectionBody.domain },
    setRevokerCredential: { clientId: connectionBody.clientId, credential: connectionBody.credential },
    leaveBehind: { reason: 'The tenant is gone.', accounts: [] },
    createTechnicianGroup: { name: 'Seniors' },
    changeTechnicianGroup: { name: 'Helpdesk' },
    setGroupMembers: { technicianIds: [] },
    changeTechnicianRole: { role: 'auditor' },
    createAccessPolicy: policyBody,
    previewAccessPolicy: policyBody,
    changeRoleCeiling: { roles: null, version: 1 },
    changeAccessPolicy: { ...policyBody, version: 1 },
  };
});

afterAll(() => world.close());

const idOfTechnician = async (msp: Msp): Promise<string> => {
  const { body } = await world.send(routes.listTechnicians, { token: msp.owner });
  const [first] = body['items'] as readonly { readonly id: string }[];
  return String(first?.id);
};

const idFor = ({ path }: Route): string => ids[path.split('/')[3] ?? ''] ?? NOBODYS;
const bodyFor = (name: RouteName, { request }: Route): { readonly body?: object } =>
  request.body === undefined ? {} : { body: bodies[name] ?? {} };

const expectProblem = (answer: Answer, route: Route, status: number): void => {
  expect({ route: route.id, status: answer.status }).toEqual({ route: route.id, status });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(problemsOf(route)).toContain(status);
  const { requestId } = problem.parse(answer.body);
  expect(answer.headers['x-request-id']).toBe(requestId);
};

describe('Every route', () => {
  it.each(all)('%s says what it is, what it takes and how it refuses', (name, route) => {
    expect(route.id).toBe(name);
    expect(route.path).toMatch(/^\/api\/v1\/[a-z-]+(\/\{id\})?(\/[a-z-]+)*$/);
    expect(route.path.includes('{id}')).toBe(route.request.params !== undefined);
  });

  it.each(all)('%s keeps its answer out of every cache and every frame', async (_name, route) => {
    const { headers } = await world.send(route, { token: null, id: NOBODYS });

    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': expect.stringContaining('includeSubDomains') as string,
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['etag']).toBeUndefined();
  });
});

describe('Without a token', () => {
  it.each(guarded)('%s answers 401', async (name, route) => {
    const answer = await world.send(route, { token: null, id: idFor(route), ...bodyFor(name, route) });

    expectProblem(answer, route, 401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(answer.body['code']).toBe('token.missing');
  });

  it.each([`curfew_${'0'.repeat(30)}_000000`, 'x', `x${'y'.repeat(300)}`])(
    'nor with %j is anybody let in',
    async (token) => {
      const answer = await world.send(routes.listGrants, { token });

      expectProblem(answer, routes.listGrants, 401);
      expect(answer.body['code']).toBe('token.invalid');
    },
  );

  it.each(all.filter(([, { permission }]) => permission === 'public'))(
    '%s is open to everybody',
    async (_name, route) => {
      expect((await world.send(route, { token: null })).status).toBe(200);
    },
  );
});

describe('With a role that may not', () => {
  it.each(guarded)('%s answers 403', async (name, route) => {
    const refused = ROLES.filter(
      (role) => route.permission !== 'public' && !mayAtAll(role, route.permission),
    );
    for (const role of refused) {
      const sent = { token: acme[role], id: idFor(route), ...bodyFor(name, route) };
      expectProblem(await world.send(route, sent), route, 403);
    }
    // What everybody may do has nobody to refuse; anything that changes things has.
    expect(refused.length > 0 || route.method === 'GET').toBe(true);
  });
});

describe("From another organization, and for what doesn't exist", () => {
  it.each(withId)('%s answers 404', async (name, route) => {
    const theirs = { token: other.owner, id: idFor(route), ...bodyFor(name, route) };
    const nobodys = { token: acme.owner, id: NOBODYS, ...bodyFor(name, route) };

    const [foreign, missing] = [await world.send(route, theirs), await world.send(route, nobodys)];

    expectProblem(foreign, route, 404);
    expectProblem(missing, route, 404);
    // Nobody can tell the one from the other.
    expect(foreign.body['code']).toBe(missing.body['code']);
    expect(foreign.body['detail']).toBe(missing.body['detail']);
  });

  it('an access request or policy that names their customer answers 404', async () => {
    const policy = { token: other.owner, body: { ...policyBody, customerId: ids['customers'] } };
    const wish = { token: other.owner, body: bodies.requestAccess ?? {} };

    expectProblem(await world.send(routes.createAccessPolicy, policy), routes.createAccessPolicy, 404);
    expectProblem(await world.send(routes.requestAccess, wish), routes.requestAccess, 404);
  });

  it.each(guarded.filter(([, { id }]) => id.startsWith('list')))(
    '%s lists nothing of theirs',
    async (_name, route) => {
      const { text } = await world.send(route, { token: other.owner });

      for (const id of Object.values(ids)) expect(text).not.toContain(id);
      expect(text).not.toContain(acme.organizationId);
    },
  );
});

describe('A field that is not declared', () => {
  it.each(withBody)('in the body of %s answers 400', async (name, route) => {
    const body = { ...bodies[name], organizationId: other.organizationId };

    const answer = await world.send(route, { token: acme.owner, id: idFor(route), body });

    expectProblem(answer, route, 400);
    expect(answer.body).toMatchObject({
      code: 'request.invalid',
      errors: [{ path: 'body', reason: expect.stringContaining('organizationId') as string }],
    });
  });

  it.each(withQuery)('in the query of %s answers 400', async (_name, route) => {
    const answer = await world.send(route, {
      token: acme.owner,
      id: idFor(route),
      query: { organizationId: other.organizationId },
    });

    expectProblem(answer, route, 400);
  });
});

describe('An unknown path or method', () => {
  it.each<Pick<Route, 'method' | 'path'>>([
    { method: 'GET', path: '/api/v1/secrets' },
    { method: 'PUT', path: '/api/v1/grants' },
    { method: 'GET', path: '/api/v1/docs' },
    { method: 'GET', path: '/api/v1/metrics' },
    { method: 'GET', path: '/api/v1/%E0%A4%A' },
  ])('$method $path is refused with a problem', async ({ method, path }) => {
    const answer = await world.send({ ...routes.live, method, path }, { token: acme.owner });

    expect([400, 404]).toContain(answer.status);
    expect(problem.parse(answer.body).code).toMatch(/^(route\.not_found|request\.malformed)$/);
  });
});
