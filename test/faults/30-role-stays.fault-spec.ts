import { faultScenario } from './support/scenario.js';

const PROMPT_MS = 15_000;
const STAYS_MS = 45_000;

faultScenario({
  number: 30,
  title: 'A role cannot be taken, the disable works',
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const effect = { status: 500 };
    const plain = await simulator.addFault({
      match: { method: 'DELETE', path: '/roleManagement/**' },
      effect,
    });
    const timed = await simulator.addFault({
      match: { method: 'POST', path: '/roleManagement/**', body: 'adminRemove' },
      effect,
    });
    const ends = await ground.end(grants, { spreadMs: 5_000 });

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(PROMPT_MS);
    // Where the licence has it, Privileged Identity Management ends the role by itself: nobody else may be closed.
    await ground.reach(Date.now() + STAYS_MS);
    expect(await ground.closedWhileHolding(grants)).toEqual([]);

    await simulator.clearFaults(plain.id);
    await simulator.clearFaults(timed.id);
    await ground.closed(grants);
  },
});
