import { faultScenario } from './support/scenario.js';

const PROMPT_MS = 15_000;
const REFUSED_MS = 90_000;
const ALARM_MS = 75_000;

faultScenario({
  number: 31,
  title: 'The disable is refused, the role can be taken',
  queues: ['postgres'],
  customers: 3,
  technicians: 3,
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const { id } = await simulator.addFault({
      match: { method: 'PATCH', path: '/users/*', body: '"accountEnabled":false' },
      effect: { status: 500 },
    });
    const refusedUntil = Date.now() + REFUSED_MS;
    ground.excuse(REFUSED_MS);
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    const lastEnd = Math.max(...ends.map(({ expiresAt }) => expiresAt));

    await ground.alarm(({ kind }) => kind === 'end.overdue', lastEnd + ALARM_MS);
    const removed = (await simulator.history()).filter(({ what }) => what === 'role.removed');
    expect(removed).toHaveLength(ends.length);
    expect(Math.max(...removed.map(({ at }) => Date.parse(at))) - lastEnd).toBeLessThanOrEqual(PROMPT_MS);
    await ground.reach(refusedUntil);
    expect(await ground.fleet.statesOf(grants)).not.toContain('ended');

    await simulator.clearFaults(id);
    await ground.settle();
    await ground.closed(grants);
  },
});
