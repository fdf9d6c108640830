import { expectAsHealthy, expectBells } from './support/bells.js';
import { faultScenario } from './support/scenario.js';

const PART = 20;
const SPREAD_MS = 10_000;
const OLD_MS = 60_000;

faultScenario({
  number: 13,
  title: 'Redis comes back as it was a minute ago',
  queues: ['redis'],
  technicians: 8,
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    // Their bells are armed in the copy, and have rung when it comes back.
    const healthy = await ground.end(grants.slice(0, PART), { inMs: 15_000, spreadMs: SPREAD_MS });
    const keptAt = Date.now();
    await ground.stack.redis('keep');
    await ground.settle(healthy);
    await ground.reach(keptAt + OLD_MS);
    // The copy knows nothing of these.
    const hit = await ground.end(grants.slice(PART), { inMs: 10_000, spreadMs: SPREAD_MS });
    await ground.stack.redis('rewind');
    const backAt = Date.now();

    await expectBells(ground, backAt);
    await ground.settle(hit);
    await expectAsHealthy(ground, healthy, hit);
    // That each end is told once is judged with the invariants.
    await ground.closed(grants);
  },
});
