import { DirectoryError, type DirectoryStep } from '#core/accounts';
import { idOf } from '#core/shared';
import { verdictOf } from '#core/testing';
import type { EntraDirectory } from './index.js';
import { odd, OddServer } from './testing/odd-server.js';

// The machine is shared.
jest.setTimeout(60_000);

const BUDGET_MS = 10_000;
const SHORT_MS = 300;
/** What a call may need beside its time: the machine is shared. */
const SLACK_MS = 4_000;
const USER = idOf<'entra object'>('99999999-9999-4999-8999-999999999999');
const ONE: readonly DirectoryStep[] = [{ ref: 'only', call: { do: 'readUser', user: USER } }];
const BATCH = ['a', 'b', 'c'].map((ref): DirectoryStep => ({ ref, call: { do: 'disable', user: USER } }));

describe('EntraDirectory waits for nobody longer than it has time', () => {
  let server: OddServer;
  let directory: EntraDirectory;
  const open = (opened: OddServer): void => {
    server = opened;
    directory = server.directory();
  };
  afterEach(async () => {
    await directory.close();
    await server.stop();
  });

  /** Every way into the adapter, each with its answer: a step's verdict, or the reason of what was thrown. */
  const everything = async (timeoutMs: number): Promise<readonly string[]> => {
    const app = server.app();
    const told = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'answered',
        (error: unknown) => (error instanceof DirectoryError ? error.reason : String(error)),
      );
    const performed = async (steps: readonly DirectoryStep[]): Promise<string> =>
      [...new Set((await directory.perform(app, steps, timeoutMs)).map(verdictOf))].join();
    const before = Date.now();
    const answers = await Promise.all([
      performed(ONE),
      performed(BATCH),
      told(directory.inspect(app, timeoutMs)),
      told(directory.listGroups(app, { limit: 5 }, timeoutMs)),
      told(directory.listRoles(app, timeoutMs)),
      told(directory.listUnits(app, timeoutMs)),
      told(directory.listDomains(app, timeoutMs)),
      told(directory.readChanges(app, null, timeoutMs)),
    ]);
    expect(Date.now() - before).toBeLessThan(timeoutMs + SLACK_MS);
    // Not all of them may go at a time, and who waits for his turn comes back in his time too.
    return answers.map((answer) => answer.replace('not_tried', 'unanswered'));
  };
  const UNANSWERED = ['unanswered later', 'unanswered later', ...Array<string>(6).fill('unanswered')];

  it.each(['silent', 'bodiless', 'unfinished', 'endless'] as const)(
    'S097: when Graph is %s, and lets go of every connection when it is closed',
    async (way) => {
      open(await OddServer.start());
      await directory.perform(server.app(), ONE, BUDGET_MS);
      server.graph = odd[way];

      expect(await everything(SHORT_MS)).toEqual(UNANSWERED);
      await directory.close();
      await server.emptied();
    },
  );

  it.each(['silent', 'bodiless', 'unfinished', 'endless'] as const)(
    'S013: when sign-in is %s, and drops what is under way when it is closed',
    async (way) => {
      open(await OddServer.start());
      server.signIn = odd[way];

      expect(await everything(SHORT_MS)).toEqual(UNANSWERED);
      await directory.close();
      await server.emptied();
    },
  );

  it('when nobody shakes hands', async () => {
    open(await OddServer.mute());

    expect(await everything(SHORT_MS)).toEqual(UNANSWERED);
    await directory.close();
    await server.emptied();
  });

  it('when a token can be had, and Graph does not shake hands', async () => {
    const signIn = await OddServer.start();
    server = await OddServer.mute();
    directory = signIn.directory(server.url);

    expect(await everything(SHORT_MS)).toEqual(UNANSWERED);
    await directory.close();
    await server.emptied();
    await signIn.stop();
  });

  it('nor reads on for ever: an answer without end is no answer, long before the time is over', async () => {
    open(await OddServer.start());
    server.graph = odd.endless;
    const before = Date.now();

    expect((await directory.perform(server.app(), BATCH, 60_000)).map(verdictOf)).toEqual(
      Array(3).fill('unanswered later'),
    );
    expect(Date.now() - before).toBeLessThan(20_000);
  });

  it('nor takes a token without end', async () => {
    open(await OddServer.start());
    server.signIn = odd.endless;

    const [outcome] = await directory.perform(server.app(), ONE, 6_000);

    expect(outcome).toMatchObject({ error: { reason: 'unanswered', facts: { workload: 'sign-in' } } });
    await server.emptied();
  });

  it('nor follows a redirect, neither with the token nor with the secret', async () => {
    const elsewhere = await OddServer.start();
    open(await OddServer.start());
    server.graph = odd.redirect(`${elsewhere.url}/v1.0/users/x`);

    const [led] = await directory.perform(server.app(), ONE, BUDGET_MS);
    await expect(directory.listGroups(server.app(), { limit: 5 }, BUDGET_MS)).rejects.toMatchObject({
      reason: 'unknown',
    });
    server.signIn = odd.redirect(`${elsewhere.url}/token`);
    const [unsigned] = await directory.perform(server.app('two'), ONE, BUDGET_MS);

    expect(led).toMatchObject({ ok: false, error: { facts: { status: 302 } } });
    expect(unsigned).toMatchObject({ ok: false, error: { facts: { workload: 'sign-in' } } });
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.stop();
  });

  it.each([
    ['another host', 'https://elsewhere.example/v1.0/groups?$skiptoken=1'],
    ['another version', '/v1.0/../beta/groups?$skiptoken=1'],
    ['another version, in other letters', '/v1.0/%2e%2e/beta/groups?$skiptoken=1'],
    ['a host that begins like ours', '.elsewhere.example/v1.0/groups?$skiptoken=1'],
  ])('nor follows a list to %s', async (_where, link) => {
    open(await OddServer.start());
    const next = link.startsWith('https') ? link : `${server.url}${link}`;
    server.graph = odd.body({ value: [{ id: 'g' }], '@odata.nextLink': next });

    await expect(directory.listGroups(server.app(), { limit: 5 }, BUDGET_MS)).rejects.toMatchObject({
      reason: 'unknown',
    });
    expect(server.seen.filter(({ path }) => path.includes('/groups'))).toHaveLength(1);
  });

  it('and nothing at all once it is closed', async () => {
    open(await OddServer.start());
    await directory.close();

    expect(await everything(BUDGET_MS)).toEqual(UNANSWERED);
    expect(server.seen).toEqual([]);
  });

  it('asks sign-in for a hundred connections with so many requests, some at a time', async () => {
    open(await OddServer.start());

    await Promise.all(
      Array.from({ length: 300 }, (_, at) => directory.perform(server.app(`c${at % 100}`), ONE, 30_000)),
    );

    const tokens = server.seen.filter(
      ({ method, path }) => method === 'POST' && path.includes('/oauth2/v2.0/token'),
    );
    expect(tokens).toHaveLength(100);
    expect(server.mostSignIns).toBeGreaterThan(1);
    expect(server.mostSignIns).toBeLessThanOrEqual(48);
  });

  it('S092: says of what takes away that it must be throttled last, and of a picker that it may be first', async () => {
    open(await OddServer.start());
    const priorities = (): readonly unknown[] =>
      server.seen
        .filter(({ path }) => path.startsWith('/v1.0/'))
        .map(({ headers }) => headers['x-ms-throttle-priority']);
    const groupId = idOf<'entra group'>('g');
    const perform = (...steps: readonly DirectoryStep[]) => directory.perform(server.app(), steps, BUDGET_MS);

    await perform({ ref: 'off', call: { do: 'disable', user: USER } });
    await perform({ ref: 'on', call: { do: 'enable', user: USER } });
    await perform(
      { ref: 'off', call: { do: 'revokeSessions', user: USER } },
      { ref: 'in', call: { do: 'addToGroup', user: USER, groupId } },
    );
    await perform(
      { ref: 'on', call: { do: 'enable', user: USER } },
      { ref: 'in', call: { do: 'addToGroup', user: USER, groupId } },
    );
    await directory.listGroups(server.app(), { limit: 5 }, BUDGET_MS);
    await perform({ ref: 'look', call: { do: 'readUser', user: USER }, unhurried: true });

    expect(priorities()).toEqual(['High', undefined, 'High', undefined, 'Low', 'Low']);
    const [mixed, giving] = server.seen
      .filter(({ path }) => path.endsWith('/$batch'))
      .map(({ body }) =>
        (JSON.parse(body) as { requests: { headers?: Record<string, string> }[] }).requests.map(
          ({ headers }) => headers?.['x-ms-throttle-priority'],
        ),
      );
    expect([...(mixed ?? [])].sort()).toEqual(['High', 'Normal']);
    expect(giving).toEqual([undefined, undefined]);
  });

  it('S091: reckons a date to come back by the clock of the one who names it', async () => {
    open(await OddServer.start());
    server.graph = (request, response) => {
      const date = 'Mon, 05 Jan 2026 12:00:00 GMT';
      response.sendDate = false;
      response
        .writeHead(429, { date, 'retry-after': 'Mon, 05 Jan 2026 12:01:30 GMT' })
        .end(JSON.stringify({ asked: request.url }));
    };

    const [alone] = await directory.perform(server.app(), ONE, BUDGET_MS);

    expect(alone).toMatchObject({ error: { reason: 'throttled', facts: { retryAfterSeconds: 90 } } });
  });

  it('S088, S089: tells how near a limit is, which one it was and whose, alone and in a batch', async () => {
    open(await OddServer.start());
    const headers = {
      'x-ms-throttle-limit-percentage': '1.2',
      'x-ms-throttle-scope': 'Tenant_Application/ReadWrite/a/t',
      'x-ms-throttle-information': 'WriteLimitExceeded',
    };
    const throttled = {
      throttlePercentage: 1.2,
      error: {
        reason: 'throttled',
        facts: {
          throttleScope: 'Tenant_Application/ReadWrite/a/t',
          throttleInformation: 'WriteLimitExceeded',
        },
      },
    };

    server.graph = (_request, response) => void response.writeHead(429, headers).end('{}');
    expect(await directory.perform(server.app(), ONE, BUDGET_MS)).toMatchObject([throttled]);
    const fine = { 'X-Ms-Throttle-Limit-Percentage': 0.9 };
    server.graph = odd.body({
      responses: [
        { id: '1', status: 429, headers, body: {} },
        { id: '2', status: 204, headers: fine },
        { id: '3', status: 204, headers: {} },
      ],
    });
    const outcomes = await directory.perform(server.app(), BATCH, BUDGET_MS);

    expect(outcomes).toMatchObject([throttled, { ok: true, throttlePercentage: 0.9 }, { ok: true }]);
    expect(outcomes[2]).not.toHaveProperty('throttlePercentage');
  });

  it.each([
    ['Retry-After', '2.128', 3],
    ['retry-after', '7', 7],
    ['RETRY-AFTER', '86400', 600],
    ['Retry-After', '-1', 0],
    ['Retry-After', 'soon', null],
  ])('S092: reads the wait of a part whatever its letters: %s: %s', async (name, value, seconds) => {
    open(await OddServer.start());
    const part = (id: string): object => ({ id, status: 429, headers: { [name]: value }, body: {} });
    server.graph = odd.body({ responses: ['1', '2', '3'].map(part) });

    const outcomes = await directory.perform(server.app(), BATCH, BUDGET_MS);

    expect(outcomes).toMatchObject(
      Array(3).fill({ error: { reason: 'throttled', facts: { retryAfterSeconds: seconds } } }),
    );
  });
});
