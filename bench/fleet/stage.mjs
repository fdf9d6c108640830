// Where the metrics of many customers are played: everything that `npm start` starts, and a way past the product to each part.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { startRedis } from '../../scripts/lib/redis.mjs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { startStack } from '../../scripts/lib/stack.mjs';
import { withEndings } from '../lib/with-endings.mjs';
import { simulatorOf } from '../grant/simulator.mjs';
import { Fleet } from './fleet.mjs';
import { COUNTING } from './statements.mjs';

/** Graph's answer times as they are told: half of them faster, one in a hundred slower than that. */
export const LATENCY = { medianMs: 120, p99Ms: 400 };
/** What the simulator checks against Microsoft's schema takes its time, and the product's machine has only two cores. */
const CHECKED = { sampled: 100 };

/**
 * Opens a stage, plays on it, and clears it away.
 * @param {{ name: string, seed: number, size: { customers: number, each: number }, log: (line: string) => void, redis?: 'queue' | 'apart',
 *   environment?: Record<string, string> }} order
 *   a Redis carries our queue, or stands there for others
 * @param {(stage: Stage) => Promise<T>} play
 * @typedef {{ stack: object, simulator: ReturnType<typeof simulatorOf>, fleet: Fleet, database: pg.Client, redis: Redis | null }} Stage
 * @template T
 */
export const onStage = ({ name, seed, size, log, redis, environment = {} }, play) =>
  withEndings(async (atEnd) => {
    const directory = scratchDirectory(`bench-${name}`);
    atEnd(() => rmSync(directory, { recursive: true, force: true }));
    const server = redis === undefined ? null : await openRedis(directory);
    if (server !== null) atEnd(server.stop);
    log('starting PostgreSQL, the simulator, worker, revoker and API');
    // A port that somebody chose for a Curfew that is to stay is not for this one.
    for (const variable of ['CURFEW_API_PORT', 'PORT']) delete process.env[variable];
    const stack = await startStack({
      directory,
      // Its migrations say nothing of what is measured.
      log: (line) => /^applying migration /.test(line) || log(line),
      restarts: false,
      forgetful: true,
      // With a profile of the processes comes PostgreSQL's own account of its statements.
      ...('CURFEW_BENCH_PROFILES' in environment && { databaseSettings: COUNTING }),
      environment: { ...(redis === 'queue' && { QUEUE_URL: server.url }), ...environment },
    });
    atEnd(stack.stop);
    const simulator = simulatorOf(stack.simulator);
    atEnd(simulator.close);
    const database = new pg.Client({ connectionString: stack.adminUrl });
    await database.connect();
    atEnd(() => database.end());
    log(`planting ${size.customers * size.each} running grants at ${size.customers} customers`);
    const fleet = await Fleet.plant({ stack, simulator, database, size });
    await fleet.refill();
    await simulator.settings({ latency: LATENCY, seed, validation: CHECKED });
    const stage = { directory, stack, simulator, fleet, database, redis: server };
    const result = await play(stage);
    await requireLawful(simulator);
    return result;
  });

/** `stop` and `start` keep its address and its data. */
const openRedis = async (directory) => {
  const dataDir = resolve(directory, 'redis');
  let server = await startRedis({ dataDir });
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    start: async () => {
      server = await startRedis({ dataDir, port: server.port, password: server.password });
    },
  };
};

const requireLawful = async (simulator) => {
  const { requests } = await simulator.violations();
  if (requests.length > 0)
    throw new Error(`A request broke Microsoft's schema: ${JSON.stringify(requests[0])}`);
};
