import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StackProcess } from '../support/stack.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const MINUTE_MS = 60_000;
const SPREAD_MS = 15_000;
const LEAD_MS = 10_000;
/** Healthy is less than 3 s; on a busy machine a process has to come up besides. */
const HEALTHY_MS = 15_000;
const PRELOAD = pathToFileURL(resolve(__dirname, '../support/wrong-wall-clock.mjs')).href;

/** Starts it anew with a wall clock that is wrong by so much, from an instant on. */
const mislead = async (
  { stack }: FaultGround,
  name: StackProcess,
  { minutes, from = 0 }: { readonly minutes: number; readonly from?: number },
): Promise<void> => {
  await stack.kill(name);
  await stack.start(name, {
    NODE_OPTIONS: `--import=${PRELOAD}`,
    WALL_CLOCK_OFF_MS: String(minutes * MINUTE_MS),
    WALL_CLOCK_JUMPS_AT: String(from),
  });
};

/** Whoever connects from now on. */
const RECONNECT = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
const inDatabase = (setting: string): string =>
  `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${setting}', current_database()); END $$;`;

const setDatabaseRight = ({ stack }: FaultGround): Promise<unknown> =>
  stack.database((client) =>
    client.query(`${inDatabase('RESET search_path')} DROP SCHEMA faults CASCADE; ${RECONNECT}`),
  );

/** A time that goes before PostgreSQL's own. */
const setDatabaseBack = ({ stack }: FaultGround, minutes: number): Promise<unknown> =>
  stack.database((client) =>
    client.query(`
      CREATE SCHEMA faults;
      GRANT USAGE ON SCHEMA faults TO PUBLIC;
      CREATE FUNCTION faults.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
        $$ SELECT pg_catalog.clock_timestamp() - interval '${minutes} minutes' $$;
      CREATE FUNCTION faults.now() RETURNS timestamptz LANGUAGE sql AS
        $$ SELECT pg_catalog.now() - interval '${minutes} minutes' $$;
      ${inDatabase('SET search_path = faults, pg_catalog, public')}
      ${RECONNECT}`),
  );

faultScenario({
  number: 36,
  title: "Clocks are wrong: a worker's, the revoker's, the database's",
  queues: ['postgres'],
  customers: 6,
  technicians: 8,
  minutes: 10,
  play: async (ground) => {
    const grants = await ground.grants();
    const part = grants.length / 4;
    const play = async (index: number): Promise<readonly number[]> => {
      const some = grants.slice(index * part, (index + 1) * part);
      const ends = await ground.end(some, { inMs: LEAD_MS, spreadMs: SPREAD_MS });
      await ground.settle(ends);
      return ground.lateness(ends);
    };

    // That none is early is judged with the invariants.
    await mislead(ground, 'worker', { minutes: 10 });
    await mislead(ground, 'revoker', { minutes: -10 });
    expect(Math.max(...(await play(0)))).toBeLessThanOrEqual(HEALTHY_MS);
    await ground.alarm(({ kind }) => kind === 'clock.differs', Date.now() + MINUTE_MS);
    await mislead(ground, 'worker', { minutes: -10 });
    await mislead(ground, 'revoker', { minutes: 10 });
    expect(Math.max(...(await play(1)))).toBeLessThanOrEqual(HEALTHY_MS);
    const jumpsAt = Date.now() + LEAD_MS + SPREAD_MS / 2;
    await mislead(ground, 'worker', { minutes: 10, from: jumpsAt });
    await mislead(ground, 'revoker', { minutes: -10, from: jumpsAt });
    expect(Math.max(...(await play(2)))).toBeLessThanOrEqual(HEALTHY_MS);

    await setDatabaseBack(ground, 5);
    expect(Math.max(...(await play(3)))).toBeLessThanOrEqual(LATEST_MS);
    await setDatabaseRight(ground);
    await ground.closed(grants);
  },
});
