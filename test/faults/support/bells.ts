import { Redis } from 'ioredis';
import { until } from '../../support/stack-until.js';
import type { FaultGround } from './ground.js';

/** What every outage of the queue is allowed: then bells ring again. */
export const RING_AGAIN_MS = 30_000;
/** A worker writes down every five seconds that it took something from the queue. */
const WRITTEN_MS = 10_000;
/** With the bells gone an end waits for the sweep, up to a second, and on a busy machine for its turn besides. */
const NOISE_MS = 1_500;

/** Workers take jobs again, or canaries, no later than so long after an instant. */
export const expectBells = async (
  { stack }: FaultGround,
  since: number,
  withinMs = RING_AGAIN_MS,
): Promise<void> => {
  const lastTaken = () =>
    stack.database(async (client) => {
      const { rows } = await client.query<{ at: Date | null }>(
        "SELECT max(at) AS at FROM heartbeat WHERE layer = 'bells'",
      );
      return rows[0]?.at?.getTime() ?? 0;
    });
  const at = await until(lastTaken, (taken) => taken > since, {
    what: 'a worker takes jobs from the queue again',
    timeoutMs: Math.max(0, since + withinMs - Date.now()) + WRITTEN_MS,
  });
  expect(at - since).toBeLessThanOrEqual(withinMs);
};

type Ends = Parameters<FaultGround['settle']>[0];

/** Ends in spite of a queue in trouble: the latest is hardly later than the latest of the healthy ones. */
export const expectAsHealthy = async (ground: FaultGround, healthy: Ends, hit: Ends): Promise<void> => {
  const latest = async (ends: Ends): Promise<number> => Math.max(...(await ground.lateness(ends)));
  expect(await latest(hit)).toBeLessThanOrEqual(1.5 * Math.max(await latest(healthy), NOISE_MS));
};

/** Work on the stack's own Redis, past the proxy. */
export const withRedis = async <T>(ground: FaultGround, work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(ground.stack.environment['QUEUE_URL'] ?? '', { maxRetriesPerRequest: 1 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};
