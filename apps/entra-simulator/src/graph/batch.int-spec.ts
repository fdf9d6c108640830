import type { TestSimulator } from '../../../../test/support/simulator.js';
import { anError, aUser, bodyOf, reference, setStage, startFrozen, tenantId } from '../testing/stage.js';

const json = { 'Content-Type': 'application/json' };
const ann = '33333333-0000-4000-8000-000000000001';
const users = [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }];
const get = (id: string, url = `/users/${ann}`) => ({ id, method: 'GET', url });

describe('$batch', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  it('answers every part with its own status, headers and body, in mixed order', async () => {
    const { batch } = await setStage(simulator, { users });
    const ids = Array.from({ length: 20 }, (_, i) => String(i));

    const parts = await batch(ids.map((id) => get(id)));

    expect(parts.map((part) => part.id)).not.toEqual(ids);
    expect(
      parts
        .map((part) => Number(part.id))
        .sort((a, b) => a - b)
        .map(String),
    ).toEqual(ids);
    expect(parts[0]).toMatchObject({
      status: 200,
      headers: { 'x-ms-resource-unit': '1' },
      body: { id: ann },
    });
  });

  it('is charged once and logged with its parts', async () => {
    const { batch } = await setStage(simulator, { users });
    await simulator.clearRequests();

    await batch([
      { id: 'a', method: 'PATCH', url: `users/${ann}`, headers: json, body: { accountEnabled: false } },
      get('b', '/users/nobody@contoso.onmicrosoft.com'),
    ]);

    expect(await simulator.requests()).toMatchObject([
      {
        kind: 'batch',
        status: 200,
        tenantId,
        parts: [
          { id: 'a', method: 'PATCH', url: `/users/${ann}`, status: 204 },
          { id: 'b', method: 'GET', status: 404 },
        ],
      },
    ]);
  });

  it('S092: parts are throttled one by one, with a Retry-After each', async () => {
    const { batch } = await setStage(simulator, { users });
    await simulator.addFault({
      match: { path: '/users/*', part: 'batch-part' },
      times: 3,
      effect: { status: 429, retryAfter: 9 },
    });

    const parts = await batch(Array.from({ length: 20 }, (_, i) => get(String(i))));

    const throttled = parts.filter((part) => part.status === 429);
    expect(throttled).toHaveLength(3);
    expect(throttled[0]?.headers['Retry-After']).toBe('9');
    expect(parts.filter((part) => part.status === 200)).toHaveLength(17);
  });

  it('S093: a part that is answered 429 may have been carried out', async () => {
    const { batch } = await setStage(simulator);
    await simulator.addFault({
      match: { path: '/users', part: 'batch-part' },
      effect: { status: 429, commit: true },
    });

    const [part] = await batch([{ id: '1', method: 'POST', url: '/users', headers: json, body: aUser() }]);

    expect(part?.status).toBe(429);
    expect((await simulator.truth(tenantId)).users).toHaveLength(1);
  });

  it('S094: what depends on a failed part fails with 424, in a chain to its end', async () => {
    const { batch } = await setStage(simulator, { users });

    const parts = await batch([
      get('1', '/users/nobody@contoso.onmicrosoft.com'),
      { ...get('2'), dependsOn: ['1'] },
      { ...get('3'), dependsOn: ['2'] },
    ]);

    expect(Object.fromEntries(parts.map((part) => [part.id, part.status]))).toEqual({
      1: 404,
      2: 424,
      3: 424,
    });
  });

  it('runs a chain in its order, whatever the order of the envelope', async () => {
    const { batch } = await setStage(simulator, { users, groups: [{ displayName: 'G' }] });
    const [group] = (await simulator.truth(tenantId)).groups;
    const members = `/groups/${group!.id}/members`;

    const parts = await batch([
      { id: 'leave', method: 'DELETE', url: `${members}/${ann}/$ref`, dependsOn: ['join'] },
      { id: 'join', method: 'POST', url: `${members}/$ref`, headers: json, body: reference(ann) },
    ]);

    expect(parts.map((part) => part.status)).toEqual([204, 204]);
  });

  it.each([
    ['more than twenty parts', Array.from({ length: 21 }, (_, i) => get(String(i)))],
    ['one id twice', [get('1'), get('1')]],
    ['no parts', []],
    ['an absolute url', [get('1', 'https://graph.microsoft.com/v1.0/users')]],
    ['a url of another host', [get('1', '//graph.microsoft.com/v1.0/users')]],
    ['an id that is no text', [{ ...get('1'), id: 1 }]],
    ['an empty id', [get('')]],
    ['no method', [{ id: '1', url: '/users' }]],
    ['headers that are no object', [{ ...get('1'), headers: 'none' }]],
    ['dependsOn that is no list', [get('1'), { ...get('2'), dependsOn: '1' }]],
    ['a part that waits for itself', [{ ...get('1'), dependsOn: ['1'] }]],
    ['a part that waits for two', [get('1'), get('2'), { ...get('3'), dependsOn: ['1', '2'] }]],
    ['a dependency that is not there', [{ ...get('1'), dependsOn: ['9'] }]],
    [
      'dependencies in a pattern of their own',
      [get('1'), get('2'), { ...get('3'), dependsOn: ['1'] }, { ...get('4'), dependsOn: ['2'] }],
    ],
    [
      'a circle',
      [
        { ...get('1'), dependsOn: ['2'] },
        { ...get('2'), dependsOn: ['1'] },
      ],
    ],
  ])('S095: an envelope with %s is refused whole', async (_what, requests) => {
    const { graph } = await setStage(simulator, { users });

    const answer = await graph('POST', '/$batch', { body: { requests } });

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BadRequest' } } });
  });

  it('S095: a body without Content-Type and a batch in a batch fail as parts', async () => {
    const { batch } = await setStage(simulator, { users });

    const parts = await batch([
      { id: '1', method: 'PATCH', url: `/users/${ann}`, body: { accountEnabled: false } },
      { id: '2', method: 'POST', url: '/$batch', headers: json, body: { requests: [] } },
    ]);

    expect(parts.map((part) => part.status)).toEqual([400, 400]);
    expect((await simulator.truth(tenantId)).users[0]?.accountEnabled).toBe(true);
  });

  it('S095: urls are relative to the version, with or without a slash, and never name it', async () => {
    const { batch } = await setStage(simulator, { users });

    const parts = await batch([
      get('1', `users/${ann}`),
      get('2', `/users/${ann}`),
      get('3', `/v1.0/users/${ann}`),
    ]);

    const byId = Object.fromEntries(parts.map((part) => [part.id, part]));
    expect([byId['1']?.status, byId['2']?.status]).toEqual([200, 200]);
    expect(byId['3']).toMatchObject({
      status: 400,
      body: anError('BadRequest', "Resource not found for the segment 'v1.0'."),
    });
  });

  it('S095: a reading with a body and a body that is not JSON fail as parts', async () => {
    const { batch } = await setStage(simulator, { users });
    const xml = { 'Content-Type': 'application/xml' };

    const parts = await batch([
      { ...get('1'), headers: json, body: {} },
      { id: '2', method: 'PATCH', url: `/users/${ann}`, headers: xml, body: { jobTitle: 'x' } },
      { id: '3', method: 'PATCH', url: `/users/${ann}`, headers: json, body: ['x'] },
      { id: '4', method: 'PATCH', url: `/users/${ann}`, headers: json, body: { jobTitle: 'x' } },
    ]);

    const statuses = Object.fromEntries(parts.map((part) => [part.id, part.status]));
    expect(statuses).toEqual({ 1: 400, 2: 400, 3: 400, 4: 204 });
  });

  it('S095: a write without a body refuses the batch as a whole, unless the switch takes it', async () => {
    const revoke = { id: '1', method: 'POST', url: `/users/${ann}/revokeSignInSessions` };
    const usual = await setStage(simulator, { users });
    const refused = await usual.graph('POST', '/$batch', { body: { requests: [revoke, get('2')] } });
    expect(refused).toMatchObject({
      status: 400,
      body: anError('BadRequest', 'Write request id : 1 does not contain Content-Type header or body.'),
    });
    const [part] = await usual.batch([{ ...revoke, headers: json, body: {} }]);
    expect(part?.status).toBe(200);

    const lenient = await setStage(simulator, { users, switches: { bodylessBatchWrites: 'taken' } });
    expect((await lenient.batch([revoke])).map(({ status }) => status)).toEqual([200]);
  });

  it('S033, S034: a part brings its own ConsistencyLevel', async () => {
    const { batch } = await setStage(simulator, { users });
    const url = "/users?$filter=endsWith(userPrincipalName,'onmicrosoft.com')&$count=true";

    const parts = await batch([
      get('1', url),
      { ...get('2', url), headers: { ConsistencyLevel: 'eventual' } },
    ]);

    const byId = Object.fromEntries(parts.map((part) => [part.id, part]));
    expect(byId['1']).toMatchObject({
      status: 400,
      body: anError('Request_UnsupportedQuery', 'Unsupported Query.'),
    });
    expect(byId['2']).toMatchObject({ status: 200, body: { '@odata.count': 1 } });
  });

  it('S088, S089: the write bucket of app and tenant holds 3,000, and refills by 20 a second', async () => {
    const { batch, graph } = await setStage(simulator, { users });
    const write = (id: string) => ({
      id,
      method: 'PATCH',
      url: `/users/${ann}`,
      headers: json,
      body: { jobTitle: id },
    });
    const twenty = Array.from({ length: 20 }, (_, i) => write(String(i)));
    // 150 batches take the 3,000; the resource units stay below theirs.
    for (let i = 0; i < 150; i++) {
      await batch(twenty);
      if (i % 50 === 0) await simulator.advance(1);
    }

    const refused = await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'x' } });

    expect(refused).toMatchObject({
      status: 429,
      headers: {
        'x-ms-throttle-information': 'WriteLimitExceeded',
        'x-ms-throttle-scope': `Tenant_Application/ReadWrite/22222222-0000-4000-8000-000000000001/${tenantId}`,
        'x-ms-throttle-limit-percentage': '1.00',
        'retry-after': '1',
      },
      body: anError('TooManyRequests', 'Please retry again later.'),
    });
    expect((await simulator.requests()).at(-1)).toMatchObject({ throttled: true });
    await simulator.advance(1_000);
    expect((await graph('PATCH', `/users/${ann}`, { body: { jobTitle: 'x' } })).status).toBe(204);
  });

  it('a tenant without throttling is never refused', async () => {
    const { graph } = await setStage(simulator, { users, throttling: false });

    expect((await graph('GET', '/users')).headers).not.toHaveProperty('x-ms-throttle-limit-percentage');
    expect(bodyOf(await graph('GET', '/users'))).toHaveProperty('value');
  });
});
