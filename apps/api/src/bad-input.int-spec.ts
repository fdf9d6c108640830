import request from 'supertest';
import { problem, routes, type Route } from '#contracts';
import type { TenantInspection } from '#core/accounts';
import { ApiWorld, connectionBody, DOMAIN, policyBody, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

const NOBODYS = '019ab0c4-0000-7000-8000-0000000000aa';
/** Recognizable wherever they turn up. */
const CANARY = 'CANARY-wX7-do-not-show-me';

let world: ApiWorld;
let msp: Msp;
let customerId: string;
let policyId: string;

beforeAll(async () => {
  world = await ApiWorld.open();
  msp = await world.msp('acme');
  ({ customerId, policyId } = await world.connected(msp));
});
afterAll(() => world.close());

/** Everything that an organization keeps, to be compared. */
const everything = async (): Promise<string> => {
  const lists = [
    routes.listAccessRequests,
    routes.listGrants,
    routes.listCustomers,
    routes.listAccessPolicies,
    routes.listAuditEvents,
  ];
  const answers = [];
  for (const route of lists) answers.push((await world.send(route, { token: msp.owner })).text);
  return answers.join('\n');
};

const expectRefusal = (answer: Answer, status: number, code: string): void => {
  expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  const { detail, remedy } = problem.parse(answer.body);
  expect(detail.length).toBeGreaterThan(10);
  expect(remedy.length).toBeGreaterThan(5);
  expect(answer.text).not.toContain(CANARY);
  expect(world.log()).not.toContain(CANARY);
};

type Case = readonly [
  what: string,
  status: number,
  code: string,
  route: Route,
  sent: () => { readonly id?: string; readonly body: object },
];

const wish = (change: object) => () => ({ body: { customerId, policyId, ...change } });
const policy = (change: object) => () => ({ body: { ...policyBody, ...change } });
const hours = (change: object, timeZone = 'UTC') =>
  policy({
    allowedHours: { timeZone, windows: [{ days: ['monday'], from: '08:00', to: '18:00', ...change }] },
  });
const connection = (change: object) => () => ({ id: customerId, body: { ...connectionBody, ...change } });

const cases: readonly Case[] = [
  ['an unknown customer', 404, 'customer.not_found', routes.requestAccess, wish({ customerId: NOBODYS })],
  ['an unknown policy', 404, 'access_policy.not_found', routes.requestAccess, wish({ policyId: NOBODYS })],
  [
    'a duration over the maximum',
    400,
    'access_request.duration_too_long',
    routes.requestAccess,
    wish({ durationSeconds: 7_201 }),
  ],
  [
    'a start in the past',
    400,
    'access_request.start_out_of_range',
    routes.requestAccess,
    wish({ startsAt: '2020-01-01T00:00:00Z' }),
  ],
  ['a duration of no length', 400, 'request.invalid', routes.requestAccess, wish({ durationSeconds: 0 })],
  ['a duration as a text', 400, 'request.invalid', routes.requestAccess, wish({ durationSeconds: '600' })],
  ['half a second', 400, 'request.invalid', routes.requestAccess, wish({ durationSeconds: 60.5 })],
  ['a start that is no instant', 400, 'request.invalid', routes.requestAccess, wish({ startsAt: 'soon' })],
  ['an id that is none', 400, 'request.invalid', routes.requestAccess, wish({ policyId: `${CANARY}` })],
  [
    'an operator for a text',
    400,
    'request.invalid',
    routes.requestAccess,
    wish({ reason: { contains: CANARY } }),
  ],
  ['a list for a text', 400, 'request.invalid', routes.requestAccess, wish({ reason: [CANARY] })],
  ['a reason of two lines', 400, 'request.invalid', routes.requestAccess, wish({ reason: `a\n${CANARY}` })],
  ['an endless reason', 400, 'request.invalid', routes.requestAccess, wish({ reason: CANARY.repeat(50) })],
  [
    'a customer without a name',
    400,
    'request.invalid',
    routes.createCustomer,
    () => ({ body: { name: ' ' } }),
  ],
  [
    'a policy of nothing',
    400,
    'access_policy.gives_nothing',
    routes.createAccessPolicy,
    policy({ roles: [] }),
  ],
  [
    'a pattern for tickets in another language',
    400,
    'access_policy.ticket_pattern_invalid',
    routes.createAccessPolicy,
    policy({ ticketPatterns: ['^(a+)+$'] }),
  ],
  [
    'a pattern of two lines',
    400,
    'request.invalid',
    routes.createAccessPolicy,
    policy({ ticketPatterns: [`#\n${CANARY}`] }),
  ],
  [
    'an endless pattern',
    400,
    'request.invalid',
    routes.createAccessPolicy,
    policy({ ticketPatterns: [`#${CANARY.repeat(9)}`] }),
  ],
  [
    'a pattern without a ticket',
    400,
    'access_policy.ticket_pattern_unused',
    routes.createAccessPolicy,
    policy({ ticket: 'off', ticketPatterns: ['#'] }),
  ],
  [
    'a unit for all customers',
    400,
    'access_policy.unit_needs_customer',
    routes.createAccessPolicy,
    policy({ unitRoles: [{ roleId: NOBODYS, unitId: NOBODYS }] }),
  ],
  [
    'a unit that is no id',
    400,
    'request.invalid',
    routes.createAccessPolicy,
    policy({ unitRoles: [{ roleId: NOBODYS, unitId: `${NOBODYS}/../x` }] }),
  ],
  [
    'a role with its unit in one text',
    400,
    'request.invalid',
    routes.createAccessPolicy,
    policy({ roles: [`${NOBODYS}@/administrativeUnits/${NOBODYS}`] }),
  ],
  [
    'a place that is none',
    400,
    'access_policy.time_zone_unknown',
    routes.createAccessPolicy,
    hours({}, 'Mars/Base'),
  ],
  ['no hours', 400, 'access_policy.hours_empty', routes.createAccessPolicy, hours({ days: [] })],
  ['a time that is none', 400, 'request.invalid', routes.createAccessPolicy, hours({ from: '25:00' })],
  ['a time with seconds', 400, 'request.invalid', routes.createAccessPolicy, hours({ to: '18:00:01' })],
  ['a day that is none', 400, 'request.invalid', routes.createAccessPolicy, hours({ days: [CANARY] })],
  [
    'a default over the maximum',
    400,
    'access_policy.durations_invalid',
    routes.createAccessPolicy,
    policy({ defaultDurationSeconds: 7_201 }),
  ],
  ['a role that is no id', 400, 'request.invalid', routes.createAccessPolicy, policy({ roles: ['Owner'] })],
  [
    'an unknown credential kind',
    400,
    'request.invalid',
    routes.createAccessPolicy,
    policy({ credential: CANARY }),
  ],
  [
    'a change of an old version',
    409,
    'access_policy.changed_meanwhile',
    routes.changeAccessPolicy,
    () => ({ id: policyId, body: { ...policyBody, version: 7 } }),
  ],
  [
    'a wrong secret',
    409,
    'directory.credential_bad',
    routes.connectCustomer,
    connection({ credential: { kind: 'secret', value: CANARY } }),
  ],
  [
    'a workload identity with a value, of which there is none',
    400,
    'request.invalid',
    routes.connectCustomer,
    connection({ credential: { kind: 'federated', value: CANARY } }),
  ],
  [
    'a secret without its value',
    400,
    'request.invalid',
    routes.connectCustomer,
    connection({ credential: { kind: 'secret' } }),
  ],
  [
    'an unknown tenant',
    409,
    'directory.credential_bad',
    routes.connectCustomer,
    connection({ tenantId: NOBODYS }),
  ],
  [
    'a domain of somebody else',
    400,
    'directory.domain_unknown',
    routes.connectCustomer,
    connection({ domain: 'elsewhere.example' }),
  ],
  [
    'a domain that is none',
    400,
    'request.invalid',
    routes.connectCustomer,
    connection({ domain: `${CANARY}@x` }),
  ],
  [
    'a host for a cloud',
    400,
    'request.invalid',
    routes.connectCustomer,
    connection({ cloud: 'https://evil.example' }),
  ],
  [
    'a credential in the wrong place',
    400,
    'request.invalid',
    routes.connectCustomer,
    connection({ clientSecret: CANARY }),
  ],
];

describe('Bad input', () => {
  it.each(cases.map(([what, status, code, route, sent]) => ({ what, status, code, route, sent })))(
    '$what is refused with $status $code, and nothing of it is done',
    async ({ status, code, route, sent }) => {
      const before = await everything();

      const answer = await world.send(route, { token: msp.owner, ...sent() });

      expectRefusal(answer, status, code);
      expect(await everything()).toBe(before);
    },
  );

  it.each<[string, Partial<TenantInspection>]>([
    ['directory.consent_missing', { missingPermissions: ['Domain.Read.All'] }],
    ['directory.domain_unverified', { domains: [{ name: DOMAIN, verified: false, managed: true }] }],
    ['directory.domain_federated', { domains: [{ name: DOMAIN, verified: true, managed: false }] }],
    ['directory.tenant_mismatch', { tenantId: NOBODYS }],
  ])('a tenant with %s is not connected, and the connection before stays', async (code, told) => {
    const inspect = world.directory.inspect.bind(world.directory);
    world.directory.inspect = async (...args) => ({ ...(await inspect(...args)), ...told });
    const before = await world.send(routes.getEntraConnection, { token: msp.owner, id: customerId });

    const answer = await world.send(routes.connectCustomer, {
      token: msp.owner,
      id: customerId,
      body: connectionBody,
    });

    world.directory.inspect = inspect;
    expectRefusal(answer, answer.status, code);
    expect([400, 409]).toContain(answer.status);
    const after = await world.send(routes.getEntraConnection, { token: msp.owner, id: customerId });
    expect(after.body).toEqual(before.body);
  });

  it('tells everything that is wrong at once, and where', async () => {
    const { body } = await world.send(routes.requestAccess, {
      token: msp.owner,
      body: { customerId: 1, durationSeconds: 'x' },
    });

    const errors = body['errors'] as { readonly path: string }[];
    expect(errors.map(({ path }) => path).sort()).toEqual([
      'body.customerId',
      'body.durationSeconds',
      'body.policyId',
    ]);
  });

  it('refuses a query parameter that is given twice', async () => {
    const answer = await request(world.server)
      .get(`/api/v1/grants?limit=1&limit=2`)
      .set('Authorization', `Bearer ${msp.owner}`);

    expectRefusal(answer, 400, 'request.invalid');
  });
});

describe('What is not even a request', () => {
  const post = (body: string | Buffer, type = 'application/json') =>
    request(world.server)
      .post('/api/v1/customers')
      .set('Authorization', `Bearer ${msp.owner}`)
      .set('Content-Type', type)
      .send(body) as unknown as Promise<Answer>;

  it('10 MB are refused unread', async () => {
    expectRefusal(await post(`{"name":"${'x'.repeat(10_485_760)}"}`), 413, 'request.too_large');
  });

  it('a body just over the limit is refused', async () => {
    expectRefusal(await post(`{"name":"${'x'.repeat(102_400)}"}`), 413, 'request.too_large');
  });

  it.each(['{', `{"name": ${CANARY}}`, '"Contoso"', 'null', ''])('%j is refused', async (text) => {
    const answer = await post(text);

    expectRefusal(answer, 400, text === '' ? 'request.invalid' : 'request.malformed');
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'name=Contoso'],
    ['XML', 'application/xml', '<name>Contoso</name>'],
    ['plain text', 'text/plain', '{"name":"Contoso"}'],
    ['another character set', 'application/json; charset=utf-7', '{"name":"Contoso"}'],
  ])('%s is refused', async (_what, type, text) => {
    expectRefusal(await post(text, type), 415, 'request.not_json');
  });

  it('a compressed body is refused', async () => {
    const answer = await request(world.server)
      .post('/api/v1/customers')
      .set('Authorization', `Bearer ${msp.owner}`)
      .set('Content-Type', 'application/json')
      .set('Content-Encoding', 'gzip')
      .send('x');

    expectRefusal(answer, 415, 'request.not_json');
  });

  it.each([
    '{"name":"Contoso","__proto__":{"role":"owner"}}',
    '{"name":"Contoso","constructor":{"prototype":{"role":"owner"}}}',
    '{"name":"Contoso","toString":"x"}',
  ])('keys that mean something to JavaScript are refused: %s', async (text) => {
    expectRefusal(await post(text), 400, 'request.invalid');
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  it('a thousand brackets are refused', async () => {
    const deep = `{"name":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;

    expectRefusal(await post(deep), 400, 'request.invalid');
  });
});

describe('A secret', () => {
  it('that was taken is in no answer and no log', async () => {
    world.tenant.credential = CANARY;
    const credential = { kind: 'secret', value: CANARY };
    const sent = { token: msp.owner, id: customerId, body: { ...connectionBody, credential } };

    const written = await world.send(routes.connectCustomer, sent);
    const read = await world.send(routes.getEntraConnection, sent);

    expect([written.status, read.status]).toEqual([200, 400]);
    for (const text of [written.text, read.text, await everything(), world.log()])
      expect(text).not.toContain(CANARY);
    expect(world.log()).not.toContain(msp.owner);
  });
});
