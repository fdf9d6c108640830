import { faultScenario } from './support/scenario.js';

const UNSEEN_MS = 180_000;
/** What a grant may take until it is given up. */
const ACTIVE_MS = 300_000;

faultScenario({
  number: 25,
  title: 'A new user is not found for three minutes',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  minutes: 9,
  play: async (ground) => {
    const { msp, stack } = ground;
    const { customer, policyId } = await ground.customer('lagging');
    const { customerId, tenantId } = customer;
    await stack.simulator.addNamedFault('not-yet-there', { tenantId, ms: UNSEEN_MS });
    const from = Date.now();

    const { id } = await msp.technician.request({ customerId, policyId, durationSeconds: 400 });
    const { upn } = await msp.reaches(id, 'active', ACTIVE_MS);
    const { users } = await stack.simulator.truth(tenantId);
    expect(users).toMatchObject([{ userPrincipalName: upn, accountEnabled: true }]);
    const { endingAt } = await msp.technician.end(id);
    const endsAt = Date.parse(endingAt ?? '');

    ground.promise({ tenantId, upn }, from, endsAt);
    ground.owe({ tenantId, upn, expiresAt: endsAt });
    await ground.settle();
    await msp.reaches(id, 'ended', 240_000);
    expect((await stack.simulator.truth(tenantId)).users).toHaveLength(1);
  },
});
