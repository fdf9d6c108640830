import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 20_000;
const HEALED_MS = 10_000;

faultScenario({
  number: 14,
  title: 'PostgreSQL dies at once at the peak, and comes back',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const ends = await ground.end(grants, { spreadMs: SPREAD_MS });
    await ground.reach(ends[Math.floor(ends.length / 2)]?.expiresAt ?? 0);

    const downAt = Date.now();
    await ground.stack.postgres('crash');
    await ground.stack.postgres('restart');
    const downMs = Date.now() - downAt;

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(downMs + HEALED_MS);
    await ground.closed(grants);
  },
});
