import { COMPARED_MS, objectOf, untilDisabled, untilTold } from './support/by-hand.js';
import { faultScenario } from './support/scenario.js';

const TIMES = 3;
const ALARM_MS = 15_000;

faultScenario({
  number: 34,
  title: 'An account is enabled again by hand after its end',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  minutes: 20,
  play: async (ground) => {
    const grants = await ground.grants();
    const { msp, stack } = ground;
    const [grant] = grants;
    const customer = ground.fleet.customers.find(({ tenantId }) => tenantId === grant?.tenantId);
    if (grant === undefined || customer === undefined) throw new Error('There is no grant.');
    const { tenantId } = grant;
    const userId = await objectOf(ground, grant);
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    await ground.settle(ends);
    await ground.closed(grants);
    ground.excuse(COMPARED_MS);
    const alarms = async () => {
      const { items } = await msp.owner.get<{ items: readonly { kind: string }[] }>('/alarms?limit=100');
      return items.filter(({ kind }) => kind === 'account.enabled_again');
    };

    for (let time = 1; time <= TIMES; time += 1) {
      await stack.simulator.portal(tenantId, {
        do: 'patchUser',
        userId,
        changes: { accountEnabled: true },
      });
      await untilDisabled(ground, { tenantId, userId }, Date.now() + COMPARED_MS);
      await untilTold(ground, grant, { found: /^enabled$/, latest: Date.now() + ALARM_MS });
      if (time === 1) expect(await alarms()).toEqual([]);
      else
        await ground.alarm(
          ({ kind, customerId }) => kind === 'account.enabled_again' && customerId === customer.customerId,
          Date.now() + ALARM_MS,
        );
    }
  },
});
