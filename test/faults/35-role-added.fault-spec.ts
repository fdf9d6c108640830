import { COMPARED_MS, objectOf, untilTold, userOf } from './support/by-hand.js';
import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';
import { until } from '../support/stack-until.js';

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

faultScenario({
  number: 35,
  title: 'An account is given one more role by hand while its grant runs, and just before it ends',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  minutes: 10,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const [early, late] = grants;
    if (early === undefined || late === undefined) throw new Error('There are no two grants.');
    const add = async (grant: typeof early): Promise<void> =>
      simulator.portal(grant.tenantId, {
        do: 'addRole',
        userId: await objectOf(ground, grant),
        roleId: GLOBAL_ADMINISTRATOR,
      });
    const rolesOf = async (grant: typeof early) =>
      (await userOf(ground, grant))?.roles.map(({ id }) => id) ?? [];
    await add(early);
    await untilTold(ground, early, { found: /^role added/, latest: Date.now() + COMPARED_MS });
    await until(
      () => rolesOf(early),
      (roles) => !roles.includes(GLOBAL_ADMINISTRATOR),
      { what: 'the role is taken while the grant runs', timeoutMs: LATEST_MS },
    );
    expect((await userOf(ground, early))?.accountEnabled).toBe(true);

    const ends = await ground.end(grants, { spreadMs: 2_000 });
    await add(late);
    await ground.settle(ends);
    await until(
      () => rolesOf(late),
      (roles) => roles.length === 0,
      { what: 'no role is left', timeoutMs: LATEST_MS },
    );
    await ground.closed(grants);
  },
});
