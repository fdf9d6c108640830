import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 23,
  title: 'Writes are carried out and their answers are lost',
  minutes: 7,
  play: async (ground) => {
    const { simulator } = ground.stack;
    // Sparsely: each try of a batch has many chances to be hit.
    const rule = { match: { method: 'write' }, effect: { cut: 'after-commit' } } as const;
    const giving = await simulator.addFault({ ...rule, probability: 0.1, times: 30 });
    const grants = await ground.grants();
    await simulator.clearFaults(giving.id);

    const ending = await simulator.addFault({ ...rule, probability: 0.1, times: 30 });
    await ground.end(grants, { spreadMs: 5_000 });
    await ground.settle();
    await simulator.clearFaults(ending.id);
    await ground.closed(grants);
  },
});
