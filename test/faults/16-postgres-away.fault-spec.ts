import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 30_000;
/** The mirror is refreshed every five seconds. */
const MIRRORED_MS = 8_000;
/** The ten minutes, shortened: nothing of ours waits for longer than a minute. */
const AWAY_MS = 90_000;

faultScenario({
  number: 16,
  title: 'PostgreSQL cannot be reached while grants end',
  queues: ['postgres'],
  minutes: 9,
  play: async (ground) => {
    const grants = await ground.grants();
    const ends = await ground.end(grants, { inMs: MIRRORED_MS + 4_000, spreadMs: SPREAD_MS });
    await ground.reach(Date.now() + MIRRORED_MS);

    const awayUntil = Date.now() + AWAY_MS;
    await ground.stack.network('database', 'refuse');
    await ground.stack.network('queue', 'refuse');
    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);
    await ground.reach(awayUntil);
    await ground.stack.network('database', 'pass');
    await ground.stack.network('queue', 'pass');

    await ground.closed(grants);
  },
});
