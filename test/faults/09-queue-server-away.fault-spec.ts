import { expectAsHealthy, expectBells } from './support/bells.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const PART = 20;
const SPREAD_MS = 8_000;
/** The ten minutes, shortened: no wait for a queue is longer than a minute. */
const AWAY_MS = 75_000;
const LASTS_SECONDS = 40;

const become = async ({ queue, stack }: FaultGround, what: 'away' | 'back'): Promise<void> => {
  if (queue === 'redis') return stack.redis(what === 'away' ? 'stop' : 'start');
  // On PostgreSQL it has no server of its own that could be away alone.
  return stack.network('queue', what === 'away' ? 'refuse' : 'pass');
};

faultScenario({
  number: 9,
  title: 'The server of the queue is away, and comes back',
  technicians: 8,
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const healthy = await ground.end(grants.slice(0, PART), { spreadMs: SPREAD_MS });
    await ground.settle(healthy);

    const awayUntil = Date.now() + AWAY_MS;
    await become(ground, 'away');
    // Who asks meanwhile gets it.
    const { customer, policyId } = await ground.customer('meanwhile');
    const { customerId, tenantId } = customer;
    const from = Date.now();
    const asked = await ground.msp.technician.request({
      customerId,
      policyId,
      durationSeconds: LASTS_SECONDS,
    });
    const { upn, expiresAt } = await ground.msp.reaches(asked.id, 'active');
    const given = { tenantId, upn, expiresAt: Date.parse(expiresAt) };
    ground.promise(given, from, given.expiresAt);
    ground.owe(given);
    const meanwhile = await ground.end(grants.slice(PART, 2 * PART), { spreadMs: SPREAD_MS });
    await ground.reach(given.expiresAt);
    await ground.settle();
    await ground.reach(awayUntil);
    await become(ground, 'back');
    const backAt = Date.now();

    await expectBells(ground, backAt);
    const after = await ground.end(grants.slice(2 * PART), { spreadMs: SPREAD_MS });
    await ground.settle(after);
    await expectAsHealthy(ground, healthy, [...meanwhile, given, ...after]);
    await ground.closed(grants);
  },
});
