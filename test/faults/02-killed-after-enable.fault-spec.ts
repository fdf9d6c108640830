import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 2,
  title: 'A worker is killed after an enable, before it was written down',
  minutes: 7,
  play: async (ground) => {
    const { simulator } = ground.stack;
    const hook = await simulator.hold({
      match: { method: 'PATCH', path: '/users/*', body: '"accountEnabled":true' },
      at: 'after-commit',
    });
    const given = ground.grants();
    await simulator.waitHeld(hook);
    await ground.stack.kill('worker');
    await simulator.release(hook, 'cut');
    await ground.stack.start('worker');
    const grants = await given;

    await ground.end(grants, { spreadMs: 5_000 });
    await ground.settle();
    await ground.closed(grants);
  },
});
