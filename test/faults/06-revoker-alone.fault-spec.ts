import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 6,
  title: 'API and workers are dead: the revoker alone',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    await ground.stack.kill('worker');
    await ground.stack.kill('api');
    const ends = await ground.end(grants, { spreadMs: 10_000 });

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);
    await ground.stack.start('worker');
    await ground.stack.start('api');
    await ground.closed(grants);
  },
});
