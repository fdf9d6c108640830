import { expectAsHealthy, withRedis } from './support/bells.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';
import { until } from '../support/stack-until.js';

const ENDING = 100;
const SPREAD_MS = 20_000;
/** Far away: their bells are armed, lost, and armed again. */
const LATER = 200;
const LATER_MS = 5 * 60_000;
const LATER_SPREAD_MS = 5 * 60_000;
const ARMED_AGAIN_MS = 60_000;

const flush = async (ground: FaultGround): Promise<void> => {
  if (ground.queue === 'redis') return withRedis(ground, async (redis) => void (await redis.flushall()));
  await ground.stack.database(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables
       WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
    );
    await client.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
  });
};

const armed = (ground: FaultGround): Promise<number> => {
  if (ground.queue === 'redis') return withRedis(ground, (redis) => redis.zcard('bull:convergence:delayed'));
  return ground.stack.database(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM bullmq.job WHERE state = 'delayed'",
    );
    return rows[0]?.count ?? 0;
  });
};

const untilArmed = (ground: FaultGround, expected: number, latest: number): Promise<number> =>
  until(
    () => armed(ground),
    (count) => count >= expected,
    { what: `${expected} bells are armed`, timeoutMs: latest - Date.now() },
  );

faultScenario({
  number: 8,
  title: 'The queue is emptied under a thousand running grants',
  always: ['redis'],
  customers: 50,
  technicians: 20,
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const later = await ground.fleet.endWithin(grants.slice(-LATER), {
      from: Date.now() + LATER_MS,
      spreadMs: LATER_SPREAD_MS,
    });
    const bells = new Set(
      later.map(({ tenantId, expiresAt }) => `${tenantId} ${Math.floor(expiresAt / 1_000)}`),
    );
    await untilArmed(ground, bells.size, Date.now() + ARMED_AGAIN_MS);
    const healthy = await ground.end(grants.slice(0, ENDING), { spreadMs: SPREAD_MS });
    await ground.settle(healthy);

    const hit = await ground.end(grants.slice(ENDING, 2 * ENDING), { spreadMs: SPREAD_MS });
    const emptiedAt = Date.now();
    await flush(ground);
    await ground.settle(hit);

    await expectAsHealthy(ground, healthy, hit);
    await untilArmed(ground, bells.size, emptiedAt + ARMED_AGAIN_MS);
  },
});
