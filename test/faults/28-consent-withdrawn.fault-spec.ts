import { LATEST_MS } from './support/checker.js';
import { forgetTokens } from './support/refusals.js';
import { faultScenario } from './support/scenario.js';

const ALARM_MS = 75_000;
/** Long enough for tries at their longest distance, a minute. */
const WITHDRAWN_MS = 100_000;

faultScenario({
  number: 28,
  title: 'Consent is withdrawn before grants end',
  queues: ['postgres'],
  customers: 3,
  technicians: 3,
  minutes: 9,
  play: async (ground) => {
    const grants = await ground.grants();
    const { stack } = ground;
    const [customer] = ground.fleet.customers;
    if (customer === undefined) throw new Error('There is no customer.');
    const { customerId, tenantId, clientId } = customer;
    const consent = (consented: boolean) =>
      stack.simulator.patchTenant(tenantId, { apps: [{ clientId, consented }] });
    await consent(false);
    await forgetTokens(ground);
    const withdrawnUntil = Date.now() + WITHDRAWN_MS;
    ground.excuse(WITHDRAWN_MS);

    const ends = await ground.end(grants, { spreadMs: 2_000 });
    const beside = ends.filter((end) => end.tenantId !== tenantId);
    const blocked = ends.filter((end) => end.tenantId === tenantId);
    const lastEnd = Math.max(...ends.map(({ expiresAt }) => expiresAt));
    await ground.settle(beside);
    expect(Math.max(...(await ground.lateness(beside)))).toBeLessThanOrEqual(LATEST_MS);
    for (const kind of ['customer.blocked', 'end.overdue'])
      await ground.alarm(
        (alarm) => alarm.kind === kind && alarm.customerId === customerId,
        lastEnd + ALARM_MS,
      );
    await ground.reach(withdrawnUntil);
    expect(await ground.fleet.statesOf(blocked)).not.toContain('ended');

    await consent(true);
    await ground.settle(blocked);
    await ground.closed(grants);
  },
});
