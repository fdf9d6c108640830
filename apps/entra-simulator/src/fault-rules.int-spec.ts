import { startTestSimulator, type TestSimulator } from '../../../test/support/simulator.js';
import { FaultRules } from './control/fault-rules.js';
import { aUser, clientId, secret, setStage, startedAt, tenantId } from './testing/stage.js';

let now = startedAt;
let begunAt = now;
const at = (ms: number): string => new Date(begunAt + ms).toISOString();
const users = { method: 'GET', path: '/users' };

describe('The rules of faults', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startTestSimulator({ now: () => now });
  });
  beforeEach(() => {
    begunAt = now;
  });
  afterEach(() => simulator.clearFaults());
  afterAll(() => simulator.stopSimulator());

  const advance = (ms: number): void => {
    now += ms;
  };

  const statuses = async (count: number, method = 'GET'): Promise<number[]> => {
    const token = await simulator.token(tenantId, { clientId, secret });
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      const body = method === 'POST' ? { body: aUser() } : {};
      found.push((await simulator.call(method, '/v1.0/users', { token, ...body })).status);
    }
    return found;
  };

  it('hit from one instant until another, by the clock of the simulator', async () => {
    await setStage(simulator);
    await simulator.addFault({ match: users, from: at(5_000), until: at(9_000), effect: { status: 500 } });

    const seen: number[] = [];
    for (const step of [0, 4_999, 1, 3_999, 1]) {
      advance(step);
      seen.push(...(await statuses(1)));
    }

    expect(seen).toEqual([200, 200, 500, 500, 200]);
    expect(await simulator.faults()).toMatchObject([{ matched: 2, hits: 2 }]);
  });

  it('may end so long after now, also those with a name, and tell when', async () => {
    await setStage(simulator);
    const rule = await simulator.addNamedFault('endless-429', { forMs: 60_000 });

    expect(rule.until).toBe(at(60_000));
    expect(await statuses(1)).toEqual([429]);
    advance(60_000);
    expect(await statuses(1)).toEqual([200]);
  });

  it('draw alike for the same seed, whatever other rules draw beside them', async () => {
    await setStage(simulator);
    const draw = async (beside: boolean): Promise<number[]> => {
      await simulator.clearFaults();
      if (beside) await simulator.addFault({ match: users, probability: 0.5, effect: { lagMs: 1 } });
      await simulator.addFault({ match: users, probability: 0.5, seed: 4, effect: { status: 500 } });
      return statuses(16);
    };

    const alone = await draw(false);

    expect(new Set(alone)).toEqual(new Set([200, 500]));
    expect(await draw(true)).toEqual(alone);
  });

  it('draw each for themselves when no seed is given', async () => {
    await setStage(simulator);
    await simulator.addFault({ match: users, probability: 0.5, effect: { lagMs: 1 } });
    await simulator.addFault({ match: users, probability: 0.5, effect: { lagMs: 2 } });
    const hits: string[] = [];
    for (let i = 0; i < 16; i++) {
      await statuses(1);
      hits.push((await simulator.faults()).map((rule) => rule.hits).join());
    }

    expect(hits.some((pair) => pair.split(',')[0] !== pair.split(',')[1])).toBe(true);
  });

  it('answer one at a time, in the order in which they were set; the next is left for the next request', async () => {
    await setStage(simulator);
    await simulator.addNamedFault('commit-then-504');
    await simulator.addNamedFault('quota-403');
    await simulator.addNamedFault('spurious-401');

    expect(await statuses(4, 'POST')).toEqual([504, 403, 401, 400]);
    expect((await simulator.truth(tenantId)).users).toHaveLength(1);
    expect((await simulator.faults()).map(({ hits }) => hits)).toEqual([1, 1, 1]);
  });

  it('add up where they only change the course of a request', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addNamedFault('not-yet-there');
    await simulator.addNamedFault('pass-404-after-create');
    await simulator.addNamedFault('commit-then-504');

    expect((await graph('POST', '/users', { body: aUser() })).status).toBe(504);
    const id = (await simulator.truth(tenantId)).users[0]?.id ?? '';
    const seen = async () => [
      (await graph('GET', `/users/${id}`)).status,
      (await graph('GET', `/users/${id}/authentication/methods`)).status,
    ];
    expect(await seen()).toEqual([404, 404]);
    advance(10_000);
    expect(await seen()).toEqual([200, 404]);
    advance(10_000);
    expect(await seen()).toEqual([200, 200]);
  });

  it('keep to their tenant', async () => {
    await setStage(simulator);
    await simulator.addNamedFault('endless-429', { tenantId: '11111111-0000-4000-8000-000000000002' });

    expect(await statuses(2)).toEqual([200, 200]);
  });

  it('never make a slow tenant faster', async () => {
    const lag = { minMs: 60_000, maxMs: 60_000 };
    const { graph, createUser } = await setStage(simulator, { lags: { directory: lag } });
    await simulator.addNamedFault('not-yet-there');
    const id = await createUser();

    advance(59_999);
    expect((await graph('GET', `/users/${id}`)).status).toBe(404);
    advance(1);
    expect((await graph('GET', `/users/${id}`)).status).toBe(200);
  });

  it('know what a body says, and keep nothing of it', async () => {
    const { graph } = await setStage(simulator);
    await simulator.addFault({
      match: { method: 'write', path: '/users', body: '"displayName":"Ada' },
      effect: { status: 500 },
    });
    const hook = await simulator.hold({ match: { method: 'write', path: '/users' }, at: 'before-commit' });

    const pending = graph('POST', '/users', { body: aUser() });
    const held = await simulator.waitHeld(hook);
    await simulator.release(hook);

    expect((await pending).status).toBe(500);
    expect(Object.keys(held).sort()).toEqual(['method', 'partId', 'path', 'requestId', 'tenantId']);
  });

  it('what was put off is done when everything is to settle', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();
    await simulator.addNamedFault('204-but-not-yet');
    await graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } });

    await simulator.settle(tenantId);

    expect((await simulator.truth(tenantId)).users).toMatchObject([{ accountEnabled: false }]);
    const history = await simulator.history({ tenantId, userId: id });
    expect(history.map(({ what }) => what)).toEqual(['user.created', 'user.disabled']);
  });

  it.each([
    ['an end before the beginning', { from: at(2), until: at(1) }, 'would end before it begins'],
    ['two ends', { until: at(1), forMs: 1 }, 'not by both'],
    ['a time that is none', { from: 'tomorrow' }, 'from'],
    ['a pattern that is none', { match: { path: '^(' } }, 'no regular expression'],
    ['a share of more than all', { probability: 2 }, 'probability'],
  ])('are refused with %s', async (_what, wrong, why) => {
    await expect(simulator.addFault({ match: users, effect: { status: 500 }, ...wrong })).rejects.toThrow(
      why,
    );
  });

  it('are a thousand at most', () => {
    const rules = new FaultRules();
    const rule = { match: users, effect: { status: 500 } };
    for (let i = 0; i < 1_000; i++) rules.add(rule, now);

    expect(() => rules.add(rule, now)).toThrow('1000 fault rules already');
  });
});
