import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 10_000;
/** The two hours, shortened: longer than a claim, and than anything else of ours waits. */
const ASLEEP_MS = 90_000;
const PROCESSES = ['api', 'worker', 'revoker'] as const;

faultScenario({
  number: 38,
  title: 'The machine sleeps, its database too',
  minutes: 8,
  play: async (ground) => {
    const { stack } = ground;
    const grants = await ground.grants();
    const ends = await ground.end(grants, { spreadMs: SPREAD_MS });
    await ground.reach(ends[Math.floor(ends.length / 2)]?.expiresAt ?? 0);

    const asleepAt = Date.now();
    for (const name of PROCESSES) await stack.pause(name);
    await stack.postgres('pause');
    ground.excuse(ASLEEP_MS);
    await ground.reach(asleepAt + ASLEEP_MS);
    await stack.postgres('resume');
    for (const name of PROCESSES) await stack.resume(name);
    const awakeAt = Date.now();

    await ground.settle(ends);
    const late = await ground.lateness(ends);
    const endedAt = late.map((ms, index) => ms + (ends[index]?.expiresAt ?? 0));
    expect(Math.max(...endedAt)).toBeLessThanOrEqual(awakeAt + LATEST_MS);
    await ground.closed(grants);
  },
});
