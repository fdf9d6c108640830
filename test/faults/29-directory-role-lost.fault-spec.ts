import { faultScenario } from './support/scenario.js';

/** Until Entra has noticed that a role is gone it protects its holder: longer than what is taken for lag. */
const LAG_MS = 150_000;
const PROMPT_MS = 15_000;
/** A minute of nothing but refusals, and until somebody looks. */
const NAMED_MS = 90_000;

faultScenario({
  number: 29,
  title: 'Our app loses the role by which it may touch admins',
  queues: ['postgres'],
  customers: 2,
  technicians: 3,
  minutes: 10,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const [customer] = ground.fleet.customers;
    if (customer === undefined) throw new Error('There is no customer.');
    const { customerId, tenantId, clientId } = customer;
    // One after the other: of our own role Entra knows at once.
    await simulator.patchTenant(tenantId, { apps: [{ clientId, directoryRoles: [] }] });
    await simulator.patchTenant(tenantId, {
      lags: { authorisation: { minMs: LAG_MS, maxMs: LAG_MS } },
    });
    ground.excuse(LAG_MS);
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    const hit = ends.filter((end) => end.tenantId === tenantId);
    const lastEnd = Math.max(...hit.map(({ expiresAt }) => expiresAt));

    await ground.alarm(
      (alarm) => alarm.customerId === customerId && alarm.cause === 'directory_role_lost',
      lastEnd + NAMED_MS,
    );
    await ground.settle(ends);
    const history = await simulator.history({ tenantId });
    // Our app's own role went before.
    const removed = history
      .filter(({ what }) => what === 'role.removed')
      .map(({ at }) => Date.parse(at))
      .filter((at) => at >= Math.min(...hit.map(({ expiresAt }) => expiresAt)));
    expect(removed).toHaveLength(hit.length);
    expect(Math.max(...removed) - lastEnd).toBeLessThanOrEqual(PROMPT_MS);
    await ground.closed(grants);
  },
});
