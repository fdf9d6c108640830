import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 4,
  title: 'A worker is killed after a disable, before it was written down',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const hook = await simulator.hold({
      match: { method: 'PATCH', path: '/users/*', body: '"accountEnabled":false' },
      at: 'after-commit',
    });
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    await simulator.waitHeld(hook);
    await ground.stack.kill('worker');
    await simulator.release(hook, 'cut');
    await ground.stack.start('worker');

    await ground.settle(ends);
    // That each end is told once is judged with the invariants.
    await ground.closed(grants);
  },
});
