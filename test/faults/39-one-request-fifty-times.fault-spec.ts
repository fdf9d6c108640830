import { randomUUID } from 'node:crypto';
import { faultScenario } from './support/scenario.js';

const TIMES = 50;
const LASTS_SECONDS = 40;

interface Request {
  readonly grantId: string | null;
}

faultScenario({
  number: 39,
  title: 'One request is sent fifty times',
  queues: ['postgres'],
  customers: 1,
  technicians: 1,
  minutes: 7,
  play: async (ground) => {
    const { customer, policyId } = await ground.customer('doubled');
    const wish = { customerId: customer.customerId, policyId, durationSeconds: LASTS_SECONDS };
    const key = randomUUID();
    const from = Date.now();
    const send = () =>
      ground.msp.technician.post<Request>('/access-requests', wish, { 'idempotency-key': key });

    const answers = await Promise.all(Array.from({ length: TIMES }, send));

    const ids = new Set(answers.map(({ grantId }) => grantId));
    expect(ids.size).toBe(1);
    const [id] = ids;
    // A second click, without a key: it meets the grant that is there.
    const clicks = await Promise.allSettled(
      [1, 2].map(() => ground.msp.technician.post<Request>('/access-requests', wish)),
    );
    for (const click of clicks)
      if (click.status === 'rejected') expect(String(click.reason)).toContain('409');
    const others = clicks.flatMap((click) => (click.status === 'fulfilled' ? [click.value.grantId] : []));

    const grants = await Promise.all(
      [...new Set([id, ...others])].map((each) => ground.msp.reaches(each ?? '', 'active')),
    );
    const latest = Math.max(...grants.map(({ expiresAt }) => Date.parse(expiresAt)));
    const account = { tenantId: customer.tenantId, upn: grants[0]?.upn ?? '' };
    ground.promise(account, from, latest);
    ground.owe({ ...account, expiresAt: latest });
    await ground.reach(latest);
    await ground.settle();
    for (const grant of grants) await ground.msp.reaches(grant.id, 'ended', 240_000);
    expect((await ground.stack.simulator.truth(customer.tenantId)).users).toHaveLength(1);
  },
});
