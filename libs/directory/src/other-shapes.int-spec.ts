import type { IncomingMessage } from 'node:http';
import { DirectoryError, type DirectoryCall, type StepOutcome } from '#core/accounts';
import { idOf } from '#core/shared';
import { GraphProbe, type EntraDirectory } from './index.js';
import { odd, OddServer } from './testing/odd-server.js';

const BUDGET_MS = 10_000;
const USER = idOf<'entra object'>('aaaaaaaa-0000-4000-8000-000000000001');
const GROUP = 'bbbbbbbb-0000-4000-8000-000000000002';
const ROLE = 'cccccccc-0000-4000-8000-000000000003';
const UNIT = 'dddddddd-0000-4000-8000-000000000004';
const STRONG_ROLE = '7be44c8a-adaf-4e2a-84d6-ab2649e08a13';
const A_USER = { id: USER.toUpperCase(), userPrincipalName: 'jo@acme.example', accountEnabled: true };

describe('EntraDirectory takes what Graph may say in more than one way', () => {
  let server: OddServer;
  let directory: EntraDirectory;

  beforeEach(async () => {
    server = await OddServer.start();
    directory = server.directory();
  });
  afterEach(async () => {
    await directory.close();
    await server.stop();
  });

  /** What Graph says, by path and query behind the version. */
  const graphSays = (answers: Readonly<Record<string, object>>): void => {
    server.graph = (request: IncomingMessage, response) =>
      odd.body(answers[(request.url ?? '').replace('/v1.0', '')] ?? {})(request, response);
  };
  const inCapitals = (path: string): string => `${server.url.toUpperCase()}/v1.0${path}`;
  const perform = (...calls: DirectoryCall[]): Promise<readonly StepOutcome[]> =>
    directory.perform(
      server.app(),
      calls.map((call, at) => ({ ref: `${at}`, call })),
      BUDGET_MS,
    );
  const answersTo = async (...calls: DirectoryCall[]): Promise<readonly unknown[]> =>
    (await perform(...calls)).map((outcome) => (outcome.ok ? outcome.answer : outcome.error.message));

  it('goes on where a link names the host in capitals, and nowhere else', async () => {
    const units =
      '/directory/administrativeUnits?$select=id,displayName,isMemberManagementRestricted&$top=999';
    const listed = (next: string): Promise<unknown> => {
      graphSays({
        [units]: { value: [], '@odata.nextLink': next },
        '/directory/administrativeUnits?%24skiptoken=2': { value: [{ id: UNIT }] },
      });
      return directory.listUnits(server.app(), BUDGET_MS).then(
        ({ items }) => items.map(({ id }) => id),
        (error: unknown) => (error instanceof DirectoryError ? error.reason : String(error)),
      );
    };

    const further = '/directory/administrativeUnits?%24skiptoken=2';
    expect(await listed(inCapitals(further))).toEqual([UNIT]);
    expect(await listed(`${server.url}/v1.0/../beta${further}`)).toBe('unknown');
    expect(await listed(`https://elsewhere.example/v1.0${further}`)).toBe('unknown');
    expect(await listed(further)).toBe('unknown');
  });

  it('reads ids in whatever case they come as one and the same', async () => {
    const scope = `/administrativeUnits/${UNIT}`;
    const assignment = {
      id: 'Opaque-ID',
      roleDefinitionId: ROLE.toUpperCase(),
      directoryScopeId: `/administrativeUnits/${UNIT.toUpperCase()}`,
    };
    graphSays({
      '/$batch': {
        responses: [
          { id: '1', status: 200, body: A_USER },
          { id: '2', status: 200, body: { value: [assignment] } },
          { id: '3', status: 200, body: { value: [assignment] } },
          {
            id: '4',
            status: 200,
            body: { value: [{ '@odata.type': '#microsoft.graph.group', id: GROUP.toUpperCase() }] },
          },
        ],
      },
    });

    const answers = await answersTo(
      { do: 'readUser', user: USER },
      { do: 'listRoleAssignments', user: USER },
      { do: 'listRoleSchedules', user: USER },
      { do: 'listGroups', user: USER },
    );

    expect(answers).toMatchObject([
      { user: { objectId: USER } },
      { roles: [{ roleId: ROLE, scope, assignmentId: 'Opaque-ID' }] },
      { schedules: [{ roleId: ROLE, scope, scheduleId: 'Opaque-ID' }] },
      { groups: [GROUP] },
    ]);
  });

  it('tells a group that is not there whatever the case in which Graph quotes its id', async () => {
    const message = `Resource '${GROUP.toUpperCase()}' does not exist.`;
    const body = { error: { code: 'Request_ResourceNotFound', message } };
    graphSays({ '/$batch': { responses: ['1', '2'].map((id) => ({ id, status: '404', body })) } });
    const add: DirectoryCall = { do: 'addToGroup', user: USER, groupId: idOf(GROUP) };

    const [refused] = await perform(add, add);

    expect(refused).toMatchObject({ ok: false, error: { reason: 'gone' } });
  });

  it.each(['base64', 'base64url'] as const)('reads parts of a batch that come in %s', async (encoding) => {
    const body = Buffer.from(JSON.stringify({ ...A_USER, displayName: 'Jö??>' })).toString(encoding);
    graphSays({ '/$batch': { responses: ['1', '2'].map((id) => ({ id, status: 200, body })) } });
    const read: DirectoryCall = { do: 'readUser', user: USER };

    expect(await answersTo(read, read)).toMatchObject(Array(2).fill({ user: { objectId: USER } }));
  });

  it.each(['innerError', 'innererror'])(
    'names a request whose answer has no id by the one inside the error: %s',
    async (name) => {
      const error = { code: 'Odd', message: '', [name]: { 'request-id': 'the-request' } };
      server.graph = (_request, response) => response.writeHead(400).end(JSON.stringify({ error }));

      const [outcome] = await perform({ do: 'readUser', user: USER });

      expect(outcome).toMatchObject({ error: { facts: { requestId: 'the-request' } } });
    },
  );

  it('inspects lists to their end, empty pages in between, and enums in any case', async () => {
    const role = { roleDefinitionId: STRONG_ROLE.toUpperCase(), directoryScopeId: '/' };
    const policy = {
      state: 'Enabled',
      minimumLifetimeInMinutes: 60,
      maximumLifetimeInMinutes: 480,
      isUsableOnce: false,
    };
    const empty = (rest: string): object => ({ value: [], '@odata.nextLink': inCapitals(rest) });
    graphSays({
      '/$batch': {
        responses: [
          { id: 'organization', status: 200, body: empty('/organization?$skiptoken=2') },
          { id: 'domains', status: 200, body: empty('/domains?$skiptoken=2') },
          { id: 'passPolicy', status: 200, body: policy },
          { id: 'ownRoles', status: 200, body: empty('/roleManagement?$skiptoken=2') },
        ],
      },
      '/organization?$skiptoken=2': { value: [{ id: UNIT.toUpperCase(), displayName: 'Acme' }] },
      '/domains?$skiptoken=2': empty('/domains?$skiptoken=3'),
      '/domains?$skiptoken=3': {
        value: [{ id: 'a.example', isVerified: true, authenticationType: 'Managed' }],
      },
      '/roleManagement?$skiptoken=2': { value: [role] },
    });

    expect(await directory.inspect(server.app(), BUDGET_MS)).toMatchObject({
      tenantId: UNIT,
      displayName: 'Acme',
      domains: [{ name: 'a.example', verified: true, managed: true }],
      capabilities: { mayTouchRoleHolders: true, pass: { minimumMinutes: 60, maximumMinutes: 480 } },
    });
  });

  it('takes no part of a list for the whole when it inspects', async () => {
    const inspectedWith = (next: string): Promise<unknown> => {
      const body = { value: [], '@odata.nextLink': next };
      const questions = ['organization', 'domains', 'passPolicy', 'ownRoles'];
      const responses = questions.map((id) => ({ id, status: 200, body }));
      graphSays({ '/$batch': { responses }, '/domains?$skiptoken=1': body });
      return directory.inspect(server.app(), BUDGET_MS);
    };

    await expect(inspectedWith('https://elsewhere.example/v1.0/domains')).rejects.toMatchObject({
      reason: 'unknown',
    });
    await expect(inspectedWith(`${server.url}/v1.0/domains?$skiptoken=1`)).rejects.toMatchObject({
      reason: 'unknown',
    });
  });

  it('says who it is, and that it unpacks nothing, in every request', async () => {
    graphSays({});
    await perform({ do: 'readUser', user: USER });
    await perform({ do: 'disable', user: USER });
    const { url, caPem } = server;
    const probe = new GraphProbe({ custom: { authorityHost: url, graphHost: url, caPem } }, server.app());
    await probe.ask({ method: 'GET', path: '/organization' }, BUDGET_MS);
    await probe.close();

    const calls = server.seen.filter(({ path }) => path.startsWith('/v1.0/'));
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET']);
    for (const { headers } of calls)
      expect(headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'Curfew' });
    expect(calls.slice(0, 2).map(({ headers }) => typeof headers['client-request-id'])).toEqual([
      'string',
      'string',
    ]);
  });
});
