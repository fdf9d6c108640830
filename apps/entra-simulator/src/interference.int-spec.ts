import type { TestSimulator } from '../../../test/support/simulator.js';
import { anError, aUser, setStage, startFrozen, tenantId } from './testing/stage.js';

describe('Faults and hold points', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  const userCount = async () => (await simulator.truth(tenantId)).users.length;

  it('S018: a create that commits but is answered 504 is a conflict when sent again', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({
      match: { method: 'POST', path: '/users' },
      times: 1,
      effect: { status: 504, commit: true },
    });

    const first = await graph('POST', '/users', { body: aUser() });
    const second = await graph('POST', '/users', { body: aUser() });

    expect(first.status).toBe(504);
    expect(second.body).toMatchObject({ error: { details: [{ code: 'ObjectConflict' }] } });
    expect(await userCount()).toBe(1);
  });

  it.each([
    ['S018: after the commit leaves the account', 'after-commit', 1],
    ['S019, S097: before the commit leaves nothing', 'before-commit', 0],
  ] as const)('a connection cut %s', async (_what, cut, users) => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({ match: { method: 'POST', path: '/users' }, times: 1, effect: { cut } });

    await expect(graph('POST', '/users', { body: aUser() })).rejects.toThrow();

    expect(await userCount()).toBe(users);
    expect((await simulator.requests()).at(-1)).toMatchObject({ path: '/v1.0/users', status: 0 });
  });

  it('S027: a good create is refused once in the words of a passing fault', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({
      match: { path: '/users', method: 'POST' },
      times: 1,
      effect: { status: 400 },
    });

    const first = await graph('POST', '/users', { body: aUser() });

    expect(first.body).toMatchObject(
      anError('Request_BadRequest', 'One or more property values specified are invalid'),
    );
    expect((await graph('POST', '/users', { body: aUser() })).status).toBe(201);
  });

  it('S048: a quota is a 403 with a code of its own', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({
      match: { path: '/users', method: 'POST' },
      effect: {
        status: 403,
        code: 'Directory_QuotaExceeded',
        message: 'The directory object quota limit is exceeded.',
      },
    });

    expect((await graph('POST', '/users', { body: aUser() })).body).toMatchObject({
      error: { code: 'Directory_QuotaExceeded' },
    });
  });

  it('S090: a Retry-After of 315 seconds, again and again', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({ match: { path: '/users/**' }, effect: { status: 429, retryAfter: 315 } });

    for (let i = 0; i < 3; i++) {
      expect(await graph('GET', '/users/x')).toMatchObject({
        status: 429,
        headers: { 'retry-after': '315' },
        body: { error: { code: 'TooManyRequests' } },
      });
    }
    expect(await simulator.faults()).toMatchObject([{ matched: 3, hits: 3 }]);
  });

  it('S091: a 429 without Retry-After', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({ match: { path: '/users' }, effect: { status: 429 } });

    expect((await graph('GET', '/users')).headers).not.toHaveProperty('retry-after');
  });

  it.each([
    ['carried out', true, 1],
    ['not carried out', false, 0],
  ])('S096: a 503 in the middle of a write that was %s', async (_what, commit, users) => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({ match: { method: 'POST', path: '/users' }, effect: { status: 503, commit } });

    expect((await graph('POST', '/users', { body: aUser() })).status).toBe(503);
    expect(await userCount()).toBe(users);
  });

  it('a rule lets some pass, hits some, and by a seed always the same share', async () => {
    const { graph } = await setStage(simulator);
    const hits = async (): Promise<number[]> => {
      await simulator.clearFaults();
      await simulator.addFault({
        match: { path: '^/users$', method: 'get' },
        after: 2,
        probability: 0.5,
        seed: 42,
        effect: { status: 500 },
      });
      const statuses: number[] = [];
      for (let i = 0; i < 12; i++) statuses.push((await graph('GET', '/users')).status);
      return statuses;
    };

    const first = await hits();

    expect(first.slice(0, 2)).toEqual([200, 200]);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await hits()).toEqual(first);
  });

  it('a hold point after the commit keeps the caller waiting while the write is already true', async () => {
    const { graph } = await setStage(simulator);
    const hook = await simulator.hold({ match: { method: 'POST', path: '/users' }, at: 'after-commit' });

    const pending = graph('POST', '/users', { body: aUser() });
    const held = await simulator.waitHeld(hook);

    expect(held).toMatchObject({ method: 'POST', path: '/users', tenantId });
    expect(await userCount()).toBe(1);
    await simulator.release(hook);
    expect((await pending).status).toBe(201);
  });

  it('a hold point before the commit can end in a dropped connection with nothing done', async () => {
    const { graph } = await setStage(simulator);
    const hook = await simulator.hold({ match: { method: 'POST', path: '/users' }, at: 'before-commit' });

    const pending = graph('POST', '/users', { body: aUser() }).catch((error: Error) => error.message);
    await simulator.waitHeld(hook);
    await simulator.release(hook, 'cut');

    expect(await pending).toBe('socket hang up');
    expect(await userCount()).toBe(0);
  });

  it('the control API refuses what it does not know instead of ignoring it', async () => {
    await expect(simulator.makeTenant(tenantId, { displyName: 'x' } as object)).rejects.toThrow('displyName');
    await expect(
      simulator.makeTenant(tenantId, { apps: [{ clientId: tenantId, permissions: ['User.WriteAll'] }] }),
    ).rejects.toThrow("no permission 'User.WriteAll'");
  });

  it('charged latency is drawn by the seed and told in the request log', async () => {
    const { graph } = await setStage(simulator);
    const run = async () => {
      await simulator.settings({ latency: { medianMs: 4, p99Ms: 12 }, seed: 7 });
      await simulator.clearRequests();
      for (let i = 0; i < 5; i++) await graph('GET', '/users');
      return (await simulator.requests()).map((entry) => entry.chargedMs);
    };

    const first = await run();
    const second = await run();
    await simulator.settings({ latency: { medianMs: 0, p99Ms: 0 } });

    expect(first).toEqual(second);
    expect(Math.max(...first)).toBeGreaterThan(0);
  });
});
