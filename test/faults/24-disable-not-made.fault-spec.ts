import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

const DISABLE = { method: 'PATCH', path: '/users/*', body: '"accountEnabled":false' };
const PUT_OFF_MS = 120_000;
const FOR_EVER_MS = 3_600_000;
/** What Graph accepted may lag for five minutes; an alarm comes within one. */
const ALARM_MS = 360_000;

faultScenario({
  number: 24,
  title: 'A disable is answered 204 and made two minutes later, or never',
  queues: ['postgres'],
  customers: 3,
  technicians: 2,
  minutes: 14,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const [slow, lying] = ground.fleet.customers;
    if (slow === undefined || lying === undefined) throw new Error('There are no two customers.');
    await simulator.addFault({ tenantId: slow.tenantId, match: DISABLE, effect: { deferMs: PUT_OFF_MS } });
    const lie = await simulator.addFault({
      tenantId: lying.tenantId,
      match: DISABLE,
      effect: { deferMs: FOR_EVER_MS },
    });
    const ends = await ground.end(grants, { spreadMs: 2_000 });
    const lastEnd = Math.max(...ends.map(({ expiresAt }) => expiresAt));
    const of = ({ tenantId }: { readonly tenantId: string }) =>
      ends.filter((end) => end.tenantId === tenantId);
    ground.excuse(ALARM_MS);

    const honest = ends.filter(({ tenantId }) => tenantId !== slow.tenantId && tenantId !== lying.tenantId);
    await ground.settle([...of(slow), ...honest]);
    expect(Math.max(...(await ground.lateness(honest)))).toBeLessThanOrEqual(LATEST_MS);
    expect(Math.max(...(await ground.lateness(of(slow))))).toBeLessThanOrEqual(PUT_OFF_MS + LATEST_MS);
    await ground.alarm(({ customerId }) => customerId === lying.customerId, lastEnd + ALARM_MS);
    expect(await ground.fleet.statesOf(of(lying))).not.toContain('ended');

    await simulator.clearFaults(lie.id);
    await ground.settle();
    await ground.closed(grants);
  },
});
