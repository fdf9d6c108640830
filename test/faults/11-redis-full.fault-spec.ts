import { expectAsHealthy, expectBells, withRedis } from './support/bells.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 8_000;
const LASTS_SECONDS = 40;

faultScenario({
  number: 11,
  title: 'Redis is full and refuses writes',
  queues: ['redis'],
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const healthy = await ground.end(grants.slice(0, 20), { spreadMs: SPREAD_MS });
    await ground.settle(healthy);
    const { customer, policyId } = await ground.customer('crowded');
    const { customerId, tenantId } = customer;

    await withRedis(ground, (redis) => redis.config('SET', 'maxmemory', '1'));
    const refusal = await withRedis(ground, (redis) => redis.set('full', '1').then(String, String));
    expect(refusal).toContain('OOM');
    const hit = await ground.end(grants.slice(20), { spreadMs: SPREAD_MS });
    // A refusal of the API would be thrown.
    const from = Date.now();
    const asked = await ground.msp.technician.request({
      customerId,
      policyId,
      durationSeconds: LASTS_SECONDS,
    });
    const given = await ground.msp.reaches(asked.id, 'active');
    const account = { tenantId, upn: given.upn };
    const expiresAt = Date.parse(given.expiresAt);
    ground.promise(account, from, expiresAt);
    ground.owe({ ...account, expiresAt });
    await ground.settle(hit);
    await ground.reach(expiresAt);
    await ground.settle();
    await expectAsHealthy(ground, healthy, [...hit, { ...account, expiresAt }]);

    await withRedis(ground, (redis) => redis.config('SET', 'maxmemory', '0'));
    await expectBells(ground, Date.now());
    await ground.closed(grants);
  },
});
