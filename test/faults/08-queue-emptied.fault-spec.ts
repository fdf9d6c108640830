import { Redis } from 'ioredis';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const ENDING = 100;
const SPREAD_MS = 20_000;
/** With the bells gone an end waits for the sweep, up to a second, and on a busy machine for its turn besides. */
const NOISE_MS = 1_500;

const flush = async (ground: FaultGround): Promise<void> => {
  if (ground.queue === 'redis') {
    const redis = new Redis(ground.stack.environment['QUEUE_URL'] ?? '', { maxRetriesPerRequest: 1 });
    await redis.flushall();
    redis.disconnect();
    return;
  }
  await ground.stack.database(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables
       WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
    );
    await client.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
  });
};

faultScenario({
  number: 8,
  title: 'The queue is emptied under a thousand running grants',
  customers: 50,
  technicians: 20,
  minutes: 5,
  play: async (ground) => {
    const grants = await ground.grants();
    const healthy = await ground.end(grants.slice(0, ENDING), { spreadMs: SPREAD_MS });
    await ground.settle(healthy);

    const hit = await ground.end(grants.slice(ENDING, 2 * ENDING), { spreadMs: SPREAD_MS });
    await flush(ground);
    await ground.settle(hit);

    const [before, after] = [await ground.lateness(healthy), await ground.lateness(hit)].map((each) =>
      Math.max(...each),
    );
    expect(after).toBeLessThanOrEqual(1.5 * Math.max(before ?? 0, NOISE_MS));
  },
});
