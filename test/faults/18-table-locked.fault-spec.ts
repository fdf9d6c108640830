import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/stack-until.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 20_000;
/** The mirror is refreshed every five seconds. */
const MIRRORED_MS = 8_000;
/** The five minutes, shortened: nothing of ours waits for longer than a minute. */
const LOCKED_MS = 100_000;
const ALARM_MS = 60_000;

/** The API can tell nothing while its rows are locked: whoever is told reads the log, or the figures. */
const isAlarmed = (ground: FaultGround): boolean =>
  ['worker.log', 'revoker.log'].some((name) =>
    readFileSync(join(ground.stack.directory, 'logs', name), 'utf8').includes('"kind":"database.away"'),
  );

faultScenario({
  number: 18,
  title: 'Somebody locks the table of accounts',
  queues: ['postgres'],
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const ends = await ground.end(grants, { inMs: MIRRORED_MS + 4_000, spreadMs: SPREAD_MS });
    await ground.reach(Date.now() + MIRRORED_MS);

    await ground.stack.database(async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE managed_account IN ACCESS EXCLUSIVE MODE');
      const lockedAt = Date.now();
      await until(
        () => isAlarmed(ground),
        (alarmed) => alarmed,
        { what: 'somebody is alarmed', timeoutMs: ALARM_MS },
      );
      await ground.settle(ends);
      expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);
      await ground.reach(lockedAt + LOCKED_MS);
      await client.query('ROLLBACK');
    });

    await ground.closed(grants);
  },
});
