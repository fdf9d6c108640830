import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

/** The quarter of an hour, shortened: nothing of ours waits longer than a minute. */
const AWAY_MS = 100_000;
const ALARM_MS = 60_000;

faultScenario({
  number: 22,
  title: 'Graph is away everywhere',
  queues: ['postgres'],
  minutes: 9,
  play: async (ground) => {
    const grants = await ground.grants();
    const ends = await ground.end(grants, { spreadMs: 5_000 });
    const { simulator } = ground.stack;
    const fault = await simulator.addFault({
      match: { path: '/**' },
      effect: { status: 503, code: 'serviceNotAvailable' },
    });
    const awayUntil = Date.now() + AWAY_MS;
    ground.excuse(AWAY_MS);

    const lastEnd = Math.max(...ends.map(({ expiresAt }) => expiresAt));
    await ground.alarm(({ kind }) => kind === 'end.overdue', lastEnd + ALARM_MS);
    await ground.reach(awayUntil);
    await simulator.clearFaults(fault.id);

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(AWAY_MS + LATEST_MS);
    await ground.closed(grants);
  },
});
