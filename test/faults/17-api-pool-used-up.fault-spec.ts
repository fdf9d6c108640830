import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';
import { until } from '../support/stack-until.js';

const SPREAD_MS = 20_000;
const REQUESTS = 200;
/** An end waits for a bell, or the sweep, and on a busy machine for its turn besides. */
const NOISE_MS = 1_500;
/** Whoever asks the API meanwhile waits for so many connections. */
const POOL = 10;
/** As long as a statement may take; the next ones come after it. */
const LOCKED_MS = 30_000;

/** Nobody but the API reads tokens: each of its connections waits for the lock until its statement is stopped. */
const withTokensLocked = (ground: FaultGround, work: () => Promise<void>): Promise<void> =>
  ground.stack.database(async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE');
    await work();
    await client.query('ROLLBACK');
  });

const waiting = (ground: FaultGround): Promise<number> =>
  ground.stack.database(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%api_token%'`,
    );
    return rows[0]?.count ?? 0;
  });

faultScenario({
  number: 17,
  title: "The API's connections are used up by slow statements",
  queues: ['postgres'],
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const half = grants.length / 2;
    const calm = await ground.end(grants.slice(0, half), { spreadMs: SPREAD_MS });
    await ground.settle(calm);

    let asked: Promise<unknown> = Promise.resolve();
    await withTokensLocked(ground, async () => {
      const until30s = Date.now() + LOCKED_MS;
      asked = Promise.allSettled(
        Array.from({ length: REQUESTS }, () => ground.msp.owner.get('/grants?limit=1')),
      );
      await until(
        () => waiting(ground),
        (count) => count >= POOL,
        { what: 'every connection of the API waits', timeoutMs: LOCKED_MS },
      );
      const hit = await ground.end(grants.slice(half), { spreadMs: SPREAD_MS });
      await ground.settle(hit);
      const [before, after] = [await ground.lateness(calm), await ground.lateness(hit)].map((each) =>
        Math.max(...each),
      );
      expect(after).toBeLessThanOrEqual(1.5 * Math.max(before ?? 0, NOISE_MS));
      expect(Date.now()).toBeLessThanOrEqual(until30s);
    });
    await asked;

    await ground.closed(grants);
    await ground.msp.owner.get('/grants?limit=1');
  },
});
