import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { factsAskedAt, type AlarmSource } from '#core/alarms';
import { DirectoryError, NO_DRIFT, type Directory } from '#core/accounts';
import { idOf, MINUTE, Secret, sharedErrors, type Clock } from '#core/shared';
import { aWorld, FakeIds, InMemoryUnitOfWork, plant } from '#core/testing';
import { createLogger } from '../logging/logger.js';
import { Lookout, type LookoutOptions } from './lookout.js';

const clock: Clock = { now: () => Date.now() };
const tempo = { beatMs: 5, lookMs: 5, pushMs: 5 };
const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
};

const lookout = async (wish: Partial<LookoutOptions> = {}) => {
  const lines: string[] = [];
  const unitOfWork = new InMemoryUnitOfWork();
  const source: AlarmSource = unitOfWork.alarms;
  const logger = createLogger({
    name: 'worker',
    level: 'debug',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const made = new Lookout({
    process: 'worker',
    source,
    clock,
    logger,
    metrics: { host: '127.0.0.1', port: 0 },
    deadmanUrl: null,
    tempo,
    ...wish,
  });
  running.push(() => made.stop());
  await made.start();
  const [, url = ''] = /"url":"([^"]+)"/.exec(lines.join('')) ?? [];
  const figures = async (): Promise<string> => (await fetch(url)).text();
  const beats = async () => (await source.ofDeployment(factsAskedAt(Date.now()))).beats;
  return { made, unitOfWork, lines, figures, url, beats };
};

/** The value of one figure; undefined: it is not shown. */
const figure = (text: string, name: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
};

describe('A lookout', () => {
  it('writes the beats of its process, and says goodbye', async () => {
    const { made, beats } = await lookout();
    made.beat('sweep');
    await until(async () => (await beats()).length === 1);

    await made.stop();

    expect(await beats()).toMatchObject([{ layer: 'sweep', instance: made.instance, ended: true }]);
  });

  it('shows what is overdue as figures, without anybody’s name or id', async () => {
    const { unitOfWork, figures } = await lookout();
    const world = aWorld(new FakeIds());
    const drift = { ...NO_DRIFT, enabledAt: [Date.now() - 2, Date.now() - 1] };
    await plant(unitOfWork, { ...world, account: { ...world.account, drift } });
    await unitOfWork.inOrganization(world.organization.id, ({ holds }) =>
      holds.insert({
        id: idOf(world.grant.id),
        organizationId: world.organization.id,
        scope: { kind: 'organization' },
        reason: 'a laptop was stolen',
        placedAt: Date.now() - MINUTE,
        placedBy: { kind: 'console' },
        liftedAt: null,
        liftedBy: null,
      }),
    );

    await until(async () => figure(await figures(), 'curfew_overdue_accounts') === 1);

    const text = await figures();
    expect(figure(text, 'curfew_database_up')).toBe(1);
    expect(figure(text, 'curfew_database_writable')).toBe(1);
    expect(figure(text, 'curfew_oldest_overdue_seconds')).toBeGreaterThan(60);
    expect(figure(text, 'curfew_enabled_without_grant')).toBe(1);
    expect(figure(text, 'curfew_enabled_again_accounts')).toBe(1);
    expect(figure(text, 'curfew_unreached_holds')).toBe(1);
    expect(figure(text, 'curfew_alarms{kind="end.overdue",severity="critical"}')).toBe(1);
    expect(figure(text, 'curfew_alarms{kind="database.away",severity="critical"}')).toBe(0);
    expect(figure(text, 'curfew_last_beat_age_seconds{layer="read-back"}')).toBe(0);
    expect(figure(text, 'process_cpu_seconds_total')).toBeDefined();
    for (const secret of [
      world.organization.id,
      world.customer.id,
      world.account.id,
      world.account.upn,
      'Zürich',
    ])
      expect(text).not.toContain(secret);
  });

  it('shows no number for what it does not know', async () => {
    const away: AlarmSource = {
      ofDeployment: () => Promise.reject(new Error('away')),
      ofOrganization: () => Promise.reject(new Error('away')),
      beat: () => Promise.reject(new Error('away')),
      farewell: () => Promise.reject(new Error('away')),
      unwritableSince: () => null,
    };
    const { figures } = await lookout({ source: away });

    await until(async () => figure(await figures(), 'curfew_database_up') === 0);

    expect(figure(await figures(), 'curfew_overdue_accounts')).toBeNaN();
  });

  it('shows that the database can be read and takes no writes', async () => {
    const { alarms } = new InMemoryUnitOfWork();
    const full: AlarmSource = {
      ofDeployment: (asked) => alarms.ofDeployment(asked),
      ofOrganization: (id, asked) => alarms.ofOrganization(id, asked),
      beat: () => Promise.reject(sharedErrors.refuse('database.unwritable')),
      farewell: () => Promise.reject(sharedErrors.refuse('database.unwritable')),
      unwritableSince: () => clock.now(),
    };
    const { figures } = await lookout({ source: full });

    await until(async () => figure(await figures(), 'curfew_database_writable') === 0);

    expect(figure(await figures(), 'curfew_database_up')).toBe(1);
  });

  it('serves nothing but figures', async () => {
    const { url } = await lookout();

    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
  });

  it('goes on working when its port is taken', async () => {
    const { url } = await lookout();
    const { made, beats, lines } = await lookout({
      metrics: { host: '127.0.0.1', port: Number(new URL(url).port) },
    });
    made.beat('sweep');

    await until(async () => (await beats()).length === 1);
    expect(lines.join('')).toContain('figures can not be served');
  });

  it('counts what Graph answers', async () => {
    const { made, figures } = await lookout();
    const facts = {
      retry: 'later',
      workload: 'directory',
      status: 429,
      code: null,
      retryAfterSeconds: 1,
    } as const;
    const error = new DirectoryError('throttled', '429', { ...facts, requestId: null });
    const directory: Directory = {
      perform: (_app, steps) =>
        Promise.resolve(
          steps.map(({ ref }, index) =>
            index === 0
              ? { ref, at: null, ok: true as const, answer: { did: 'disable' as const, already: false } }
              : { ref, at: null, ok: false as const, error },
          ),
        ),
      inspect: () => Promise.reject(error),
    };
    const measured = made.measured(directory);
    const steps = ['a', 'b'].map((ref) => ({ ref, call: { do: 'findUser' as const, upn: ref } }));

    await measured.perform({} as never, steps, 1);
    await expect(measured.inspect({} as never, 1)).rejects.toBe(error);

    const text = await figures();
    expect(figure(text, 'curfew_graph_steps_total{outcome="ok"}')).toBe(1);
    expect(figure(text, 'curfew_graph_steps_total{outcome="throttled"}')).toBe(2);
  });

  it('gives a sign of life to a service outside', async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    running.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const { made, lines } = await lookout({ deadmanUrl: new Secret(`http://127.0.0.1:${port}/planted`) });

    // In this deployment nobody sweeps and there is no revoker: with them it is well.
    await until(() => {
      for (const layer of ['sweep', 'revoker'] as const) made.beat(layer);
      return asked.length > 0;
    });

    expect(asked[0]).toBe('/planted');
    expect(lines.join('')).not.toContain('planted');
  });
});
