import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/stack-until.js';
import { expectAsHealthy, expectBells, withRedis } from './support/bells.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 10_000;
/** As soon as the worker first asks whether it is heard. */
const TOLD_MS = 15_000;

const told = ({ stack }: FaultGround): number =>
  readFileSync(join(stack.directory, 'logs', 'worker.log'), 'utf8').split('may throw bells away').length - 1;

/** Throws away whatever was used least lately; with room for nothing that is everything, as when somebody else's keys fill it. */
const press = (ground: FaultGround): Promise<number> =>
  withRedis(ground, async (redis) => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'maxmemory', '1');
    await redis.set('junk', '1').catch(() => undefined);
    await redis.config('SET', 'maxmemory', '0');
    return redis.zcard('bull:convergence:delayed');
  });

faultScenario({
  number: 12,
  title: 'Redis throws away what it likes',
  queues: ['redis'],
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const healthy = await ground.end(grants.slice(0, 20), { spreadMs: SPREAD_MS });
    await ground.settle(healthy);

    const hit = await ground.end(grants.slice(20), { inMs: 15_000, spreadMs: SPREAD_MS });
    expect(await press(ground)).toBe(0);
    await ground.settle(hit);
    await expectAsHealthy(ground, healthy, hit);
    await expectBells(ground, Date.now());

    const before = told(ground);
    await ground.stack.kill('worker');
    await ground.stack.start('worker');
    await until(
      () => told(ground),
      (count) => count > before,
      { what: 'the start says so', timeoutMs: TOLD_MS },
    );
    await ground.closed(grants);
  },
});
