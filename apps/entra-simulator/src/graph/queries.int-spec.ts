import type { TestSimulator } from '../../../../test/support/simulator.js';
import { anError, bodyOf, setStage, startFrozen, tenantId, valueOf, type Stage } from '../testing/stage.js';

const headers = { ConsistencyLevel: 'eventual' };
const ids = (answer: { body: unknown }) => valueOf(answer).map((row) => row['id']);
const unsupported = anError('Request_UnsupportedQuery', 'Unsupported Query.');

describe('Queries', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const someUsers = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      userPrincipalName: `u${String(i).padStart(3, '0')}@contoso.onmicrosoft.com`,
      displayName: `User ${i % 10} of ${i}`,
    }));
  const follow = ({ graph }: Stage, answer: { body: unknown }, own: Record<string, string> = {}) => {
    const url = new URL(String(bodyOf(answer)['@odata.nextLink']));
    return graph('GET', `${url.pathname.slice('/v1.0'.length)}${url.search}`, { headers: own });
  };

  it('S031: the index comes later than a reading by id, and never before it', async () => {
    const { graph, createUser } = await setStage(simulator, {
      lags: { directory: { minMs: 1_000, maxMs: 1_000 }, index: { minMs: 30_000, maxMs: 30_000 } },
    });
    const id = await createUser();
    const byName = "/users?$filter=userPrincipalName eq 'ada.admin@contoso.onmicrosoft.com'";
    const readings = async () => [
      (await graph('GET', `/users/${id}`)).status,
      ids(await graph('GET', '/users')).length,
      ids(await graph('GET', `/users?$filter=id eq '${id}'`)).length,
      ids(await graph('GET', byName)).length,
      ids(await graph('GET', '/users?$search="displayName:ada"', { headers })).length,
      ids(await graph('GET', '/users?$orderby=displayName')).length,
      (await graph('GET', '/users/$count', { headers })).body,
    ];

    expect(await readings()).toEqual([404, 0, 0, 0, 0, 0, 0]);
    await simulator.advance(1_000);
    expect(await readings()).toEqual([200, 1, 1, 0, 0, 0, 0]);
    await simulator.advance(29_000);
    expect(await readings()).toEqual([200, 1, 1, 1, 1, 1, 1]);
  });

  it('S032, S034: a count takes a filter, and $count=true without the header is ignored', async () => {
    const { graph } = await setStage(simulator, { users: someUsers(30) });

    const some = await graph(
      'GET',
      "/users/$count?$filter=endsWith(userPrincipalName,'5@contoso.onmicrosoft.com')",
      {
        headers,
      },
    );
    const counted = await graph('GET', '/users?$count=true&$top=5', { headers });
    const ignored = await graph('GET', '/users?$count=true&$top=5');

    expect(some.body).toBe(3);
    expect([bodyOf(counted)['@odata.count'], ids(counted).length]).toEqual([30, 5]);
    expect(bodyOf(ignored)).not.toHaveProperty('@odata.count');
    expect((await graph('GET', '/users?$count=maybe')).status).toBe(400);
  });

  it('S032: groups are counted like users', async () => {
    const { graph } = await setStage(simulator, {
      groups: [{ displayName: 'A' }, { displayName: 'B', isAssignableToRole: true }],
    });

    expect((await graph('GET', '/groups/$count')).body).toMatchObject(
      anError('Request_BadRequest', '$count is not currently supported.'),
    );
    expect((await graph('GET', '/groups/$count', { headers })).body).toBe(2);
    expect((await graph('GET', '/groups/$count?$filter=isAssignableToRole eq true', { headers })).body).toBe(
      1,
    );
  });

  it('S033: advanced means the header and $count=true, both', async () => {
    const { graph } = await setStage(simulator, { users: someUsers(3) });
    const path = "/users?$filter=endsWith(userPrincipalName,'001@contoso.onmicrosoft.com')";

    expect((await graph('GET', path)).body).toMatchObject(unsupported);
    expect((await graph('GET', path, { headers })).body).toMatchObject(unsupported);
    expect((await graph('GET', `${path}&$count=true`)).body).toMatchObject(unsupported);
    expect(ids(await graph('GET', `${path}&$count=true`, { headers }))).toHaveLength(1);
    const doubled = await graph('GET', `${path}&$count=true`, {
      headers: { ConsistencyLevel: 'eventual, eventual' },
    });
    expect(doubled.status).toBe(400);
  });

  it('S033: a filter is decoded like any query: plus signs, percent signs, quotes', async () => {
    const { graph } = await setStage(simulator, {
      users: [{ userPrincipalName: 'a@contoso.onmicrosoft.com', displayName: "Ann+Bob's 100%" }],
    });

    const found = await graph(
      'GET',
      '/users?$filter=displayName+eq+%27Ann%2BBob%27%27s%20100%25%27&$select=id',
    );

    expect(ids(found)).toHaveLength(1);
    expect((await graph('GET', "/users?$filter=id eq 'a'&$filter=id eq 'b'")).body).toMatchObject(
      anError(
        'BadRequest',
        "Query option '$filter' was specified more than once, but it must be specified at most once.",
      ),
    );
  });

  it('S035: the header does not come along to the next page, and without it an advanced query is refused', async () => {
    const stage = await setStage(simulator, { users: someUsers(120) });
    const first = await stage.graph('GET', "/users?$filter=displayName ne 'x'&$count=true", { headers });

    expect((await follow(stage, first)).body).toMatchObject(unsupported);
    const second = await follow(stage, first, headers);
    expect(ids(second)).toHaveLength(20);
    expect(bodyOf(second)).not.toHaveProperty('@odata.count');
  });

  it('S035: pages neither miss nor repeat anybody when others come and go meanwhile', async () => {
    const stage = await setStage(simulator, { users: someUsers(250) });
    const all = ids(await stage.graph('GET', '/users?$top=999&$select=id'));

    const first = await stage.graph('GET', '/users?$select=id');
    await stage.graph('DELETE', `/users/${String(all[3])}`);
    const second = await follow(stage, first);
    const third = await follow(stage, second);

    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(all);
    expect(bodyOf(third)).not.toHaveProperty('@odata.nextLink');
  });

  it('S035: a link is used whole, and not for ever', async () => {
    const stage = await setStage(simulator, { users: someUsers(120) });
    const first = await stage.graph('GET', '/users?$select=id&$top=50');
    const token = new URL(String(bodyOf(first)['@odata.nextLink'])).searchParams.get('$skiptoken')!;
    const invalid = anError('BadRequest', 'Invalid Skip Token');

    expect((await stage.graph('GET', `/users?$select=id&$top=99&$skiptoken=${token}`)).body).toMatchObject(
      invalid,
    );
    expect((await stage.graph('GET', `/groups?$skiptoken=${token}`)).body).toMatchObject(invalid);
    expect((await stage.graph('GET', '/users?$skiptoken=nonsense')).body).toMatchObject(invalid);
    await simulator.advance(59 * 60_000);
    expect((await follow(stage, first)).status).toBe(200);
    const late = await stage.graph('GET', '/users?$select=id&$top=50');
    expect(ids(late)).toHaveLength(50);
    await simulator.advance(50 * 60_000);
    const again = { ...stage, graph: stage.graph };
    const renewed = await simulator.token(tenantId, {
      clientId: '22222222-0000-4000-8000-000000000001',
      secret: 'a secret of the app',
    });
    again.graph = (method, path) => simulator.call(method, `/v1.0${path}`, { token: renewed });
    await simulator.advance(11 * 60_000);
    expect((await follow(again, late)).body).toMatchObject(
      anError(
        'Directory_ExpiredPageToken',
        'The specified page token value has expired and can no longer be included in your request.',
      ),
    );
  });

  it.each([
    ['$top=1000', "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."],
    ['$top=0', "Invalid page size specified: '0'. Must be between 1 and 999 inclusive."],
    [
      '$top=-1',
      "Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer value.",
    ],
    [
      '$top=ten',
      "Invalid value 'ten' for $top query option found. The $top query option requires a non-negative integer value.",
    ],
    ['$skip=5', "'$skip' is not supported by the service."],
    ['$apply=x', "The query parameter '$apply' is not supported."],
  ])('S035: %s is refused', async (option, message) => {
    const { graph } = await setStage(simulator);

    for (const path of ['/users', '/groups']) {
      const answer = await graph('GET', `${path}?${option}`);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: { message } });
    }
  });

  it('S033: $orderby knows few properties, and no filter beside it but in advanced queries', async () => {
    const { graph } = await setStage(simulator, { users: someUsers(12) });
    const names = (answer: { body: unknown }) => valueOf(answer).map((row) => row['displayName']);
    const filter = "$filter=startsWith(displayName,'User 1')";

    const sorted = await graph('GET', '/users?$orderby=displayName desc&$top=2');
    expect(names(sorted)).toEqual(['User 9 of 9', 'User 8 of 8']);
    expect((await graph('GET', '/users?$orderby=jobTitle')).body).toMatchObject(
      anError('Request_UnsupportedQuery', "Unsupported sort property 'jobTitle' for 'User'."),
    );
    expect((await graph('GET', '/users?$orderby=createdDateTime')).status).toBe(400);
    expect((await graph('GET', `/users?${filter}&$orderby=displayName`)).body).toMatchObject(
      anError('Request_UnsupportedQuery', 'Sorting not supported for current query.'),
    );
    const advanced = await graph('GET', `/users?${filter}&$orderby=displayName desc&$count=true`, {
      headers,
    });
    expect(names(advanced)).toEqual(['User 1 of 11', 'User 1 of 1']);
  });

  it('S061: a search needs the header, and finds by words', async () => {
    const { graph } = await setStage(simulator, {
      groups: [{ displayName: 'Tier0-Admins' }, { displayName: 'Server Admins' }, { displayName: 'Staff' }],
    });
    const search = (text: string) => graph('GET', `/groups?$search=${encodeURIComponent(text)}`, { headers });

    expect((await graph('GET', '/groups?$search="displayName:adm"')).body).toMatchObject(
      anError(
        'Request_UnsupportedQuery',
        "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
      ),
    );
    expect(ids(await search('"displayName:adm"'))).toHaveLength(2);
    expect(ids(await search('"displayName:tier" OR "displayName:staff"'))).toHaveLength(2);
    expect((await search('displayName:adm')).status).toBe(400);
  });

  it('S033: a cast with a query is an advanced query; a bare one is refused where the switch says so', async () => {
    const spec = {
      groups: [{ displayName: 'A' }, { displayName: 'B' }],
      users: [{ userPrincipalName: 'ann@contoso.onmicrosoft.com', groups: ['A', 'B'] }],
    };
    const bare = '/users/ann@contoso.onmicrosoft.com/memberOf/microsoft.graph.group';
    const filtered = `${bare}?$filter=displayName eq 'B'&$count=true`;
    const usual = await setStage(simulator, spec);

    expect(ids(await usual.graph('GET', bare))).toHaveLength(2);
    expect((await usual.graph('GET', filtered)).body).toMatchObject(unsupported);
    const found = await usual.graph('GET', filtered, { headers });
    expect([bodyOf(found)['@odata.count'], ids(found).length]).toEqual([1, 1]);
    const strict = await setStage(simulator, { ...spec, switches: { bareCasts: 'refused' } });
    expect((await strict.graph('GET', bare)).body).toMatchObject(unsupported);
    expect(ids(await strict.graph('GET', `${bare}?$count=true`, { headers }))).toHaveLength(2);
  });

  it('S035: twenty thousand groups are paged without reading all of them for every page', async () => {
    const groups = Array.from({ length: 20_000 }, (_, i) => ({ displayName: `Group ${i}` }));
    const stage = await setStage(simulator, { groups, throttling: false });
    const seen = new Set<unknown>();

    let answer = await stage.graph('GET', '/groups?$top=999&$select=id,displayName');
    for (let page = 0; page < 20; page++) {
      for (const id of ids(answer)) seen.add(id);
      answer = await follow(stage, answer);
    }
    for (const id of ids(answer)) seen.add(id);
    const spent = (await simulator.requests()).slice(-21).map(({ cpuMs }) => cpuMs);

    expect(seen.size).toBe(20_000);
    // Generous, for busy machines: reading everything for every page takes several times as long.
    expect(Math.min(...spent)).toBeLessThan(100);
  });
});
