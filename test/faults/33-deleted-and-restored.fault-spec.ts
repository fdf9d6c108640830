import { COMPARED_MS, objectOf, untilDisabled } from './support/by-hand.js';
import { faultScenario } from './support/scenario.js';

const LEAD_MS = 5_000;

faultScenario({
  number: 33,
  title: 'An account is deleted by hand, and restored after its end',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  minutes: 14,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const [grant, ...others] = grants;
    if (grant === undefined) throw new Error('There is no grant.');
    const { tenantId } = grant;
    const userId = await objectOf(ground, grant);
    await simulator.portal(tenantId, { do: 'deleteUser', userId });
    // Nobody was late with what somebody else has ended.
    await ground.fleet.endWithin([grant], { from: Date.now() + LEAD_MS, spreadMs: 0 });
    const ends = await ground.end(others, { spreadMs: 2_000 });

    await ground.settle(ends);
    // Gone is a proof; that no replica merely lags takes minutes.
    await ground.closed(grants);

    await simulator.portal(tenantId, { do: 'restoreUser', userId });
    await simulator.portal(tenantId, { do: 'patchUser', userId, changes: { accountEnabled: true } });
    ground.excuse(COMPARED_MS);
    await untilDisabled(ground, { tenantId, userId }, Date.now() + COMPARED_MS);
  },
});
