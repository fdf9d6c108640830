import { faultScenario } from './support/scenario.js';

const LATEST_BY_SWEEP_MS = 15_000;

faultScenario({
  number: 7,
  title: 'The revoker and the queue are dead: the sweep alone',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    await ground.stack.kill('revoker');
    await ground.stack.network('queue', 'refuse');
    const ends = await ground.end(grants, { spreadMs: 10_000 });

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_BY_SWEEP_MS);
    await ground.stack.start('revoker');
    await ground.stack.network('queue', 'pass');
    await ground.closed(grants);
  },
});
