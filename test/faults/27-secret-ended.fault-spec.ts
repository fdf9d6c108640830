import { randomUUID } from 'node:crypto';
import { CONSENTED } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { LATEST_MS } from './support/checker.js';
import { forgetTokens, refusalOf } from './support/refusals.js';
import { faultScenario } from './support/scenario.js';

/** The revoker's success is one; a worker fails again after 50 s, and a minute later that is an alarm. */
const ALARM_MS = 150_000;
const REFUSED_MS = 75_000;

faultScenario({
  number: 27,
  title: 'A client secret runs out before grants end',
  queues: ['postgres'],
  customers: 3,
  technicians: 3,
  minutes: 9,
  play: async (ground) => {
    const grants = await ground.grants();
    const { msp, stack } = ground;
    const [customer] = ground.fleet.customers;
    if (customer === undefined) throw new Error('There is no customer.');
    const { customerId, tenantId, clientId, secret } = customer;
    const own = { clientId: randomUUID(), secret: `planted-revoker-${randomUUID()}` };
    ground.secrets.push(own.secret);
    await stack.simulator.patchTenant(tenantId, {
      apps: [
        {
          clientId: own.clientId,
          secrets: [{ value: own.secret }],
          permissions: [...CONSENTED],
          directoryRoles: ['Privileged Authentication Administrator'],
        },
      ],
    });
    await msp.owner.put(`/customers/${customerId}/entra-connection/revoker-credential`, {
      clientId: own.clientId,
      credential: { kind: 'secret', value: own.secret },
    });
    const policyId = await msp.policy(customer);
    const endSecret = (endDateTime: string) =>
      stack.simulator.patchTenant(tenantId, {
        apps: [{ clientId, secrets: [{ value: secret, endDateTime }] }],
      });
    await endSecret('2020-01-01T00:00:00Z');
    await forgetTokens(ground);

    const ends = await ground.end(grants, { spreadMs: 3_000 });
    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);
    // The read-back is a worker's, with the first credential.
    await ground.alarm(
      (alarm) => alarm.kind === 'customer.blocked' && alarm.customerId === customerId,
      Date.now() + ALARM_MS,
    );
    // Between two tries nobody knows: what is promised then counts as any other.
    const ask = async (): Promise<void> => {
      const from = Date.now();
      const { upn, expiresAt } = await msp.technician.request({ customerId, policyId, durationSeconds: 30 });
      ground.promise({ tenantId, upn }, from, Date.parse(expiresAt));
    };
    await until(
      () => refusalOf(ask()),
      (code) => code === 'customer.credential_refused',
      { what: 'nothing new is given', timeoutMs: REFUSED_MS },
    );

    await endSecret('2999-01-01T00:00:00Z');
    await msp.connect(customerId, customer);
    await ground.closed(grants);
  },
});
