import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 26,
  title: 'Parts of batches fail alone, and come in another order',
  minutes: 7,
  play: async (ground) => {
    const { simulator } = ground.stack;
    // The simulator answers the parts of every batch in an order of their own.
    const part = { part: 'batch-part' } as const;
    const rules = [
      { match: part, effect: { status: 429, retryAfter: 2 } },
      { match: part, effect: { status: 500 } },
      { match: { ...part, method: 'write' }, effect: { status: 424, code: 'FailedDependency' } },
    ];
    for (const rule of rules) await simulator.addFault({ ...rule, probability: 0.05, times: 40 });

    const grants = await ground.grants();
    await ground.end(grants, { spreadMs: 5_000 });
    await ground.settle();
    await ground.closed(grants);
  },
});
