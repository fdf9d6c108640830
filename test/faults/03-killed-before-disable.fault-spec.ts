import { faultScenario } from './support/scenario.js';

/** A claim lasts 30 s; whoever takes over needs no more than 5 s. */
const TAKEN_OVER_MS = 35_000;

faultScenario({
  number: 3,
  title: 'A worker is killed between its claim and the disable',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const hook = await simulator.hold({
      match: { method: 'PATCH', path: '/users/*', body: '"accountEnabled":false' },
      at: 'before-commit',
    });
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    await simulator.waitHeld(hook);
    await ground.stack.kill('worker');
    await simulator.release(hook, 'cut');

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(TAKEN_OVER_MS);
    await ground.stack.start('worker');
    await ground.closed(grants);
  },
});
