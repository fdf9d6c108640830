import { percentile } from '../support/graph-witness.js';
import { until } from '../support/stack-until.js';
import { disableBare } from './support/bare-client.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

/** The hours, shortened: longer than anything of ours waits. */
const DEAD_MS = 70_000;
const TIMES_IDEAL = 1.5;
/** Our own milliseconds, and a look, which ten thousand ends would hide and some hundreds don't. */
const OWN_MS = 10_000;
const TIMES_IDLE = 2;
/** Below this an answer of the API is as quick as the machine has time for. */
const QUICK_MS = 500;
const LOOKS = 100;
const REMOVED_MS = 240_000;
/** PostgreSQL's code for a row that others point to. */
const RESTRICTED = '23001';

/** How long each of so many answers took, one after the other; until the work is done, where one is given. */
const answerTimes = async ({ msp }: FaultGround, work?: Promise<unknown>): Promise<readonly number[]> => {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  work?.then(done, done);
  const times: number[] = [];
  while (work === undefined ? times.length < LOOKS : !isDone) {
    const from = performance.now();
    await msp.owner.get('/grants?limit=20');
    times.push(performance.now() - from);
  }
  return times;
};

/** What is owed can't be deleted, not even by somebody whom no rule of ours binds. */
const deleteByForce = (ground: FaultGround, customerId: string): Promise<unknown> =>
  ground.stack.database((client) => client.query('DELETE FROM customer WHERE id = $1', [customerId]));

faultScenario({
  number: 44,
  title: 'Everything was dead, and all ends are late',
  queues: ['postgres'],
  customers: 40,
  technicians: 12,
  minutes: 14,
  play: async (ground) => {
    const { stack, fleet, msp } = ground;
    const grants = await ground.grants();
    const idle = percentile(await answerTimes(ground), 0.99);
    for (const name of ['worker', 'revoker', 'api'] as const) await stack.kill(name);
    const ends = await ground.end(grants, { inMs: 0, spreadMs: 1 });
    ground.excuse(DEAD_MS + OWN_MS);
    await ground.reach(Date.now() + DEAD_MS);

    await stack.start('api');
    const drainFrom = Date.now();
    await stack.start('worker');
    const [leaving] = fleet.customers;
    if (leaving === undefined) throw new Error('There is no customer.');
    await msp.owner.delete(`/customers/${leaving.customerId}`);
    await expect(deleteByForce(ground, leaving.customerId)).rejects.toMatchObject({
      code: RESTRICTED,
    });
    const drained = ground.settle(ends);
    const busy = percentile(await answerTimes(ground, drained), 0.99);
    await drained;
    await stack.start('revoker');
    const late = await ground.lateness(ends);
    const drainMs = Math.max(...late.map((ms, index) => ms + (ends[index]?.expiresAt ?? 0))) - drainFrom;

    const ids = new Map<string, readonly string[]>();
    for (const { tenantId } of fleet.customers)
      ids.set(
        tenantId,
        (await stack.simulator.truth(tenantId)).users
          .filter(({ userPrincipalName: upn }) => ground.rights.isOurs({ tenantId, upn }))
          .map(({ id }) => id),
      );
    const ideal = await disableBare(stack.simulator, fleet.customers, (tenantId) => ids.get(tenantId) ?? []);
    expect(drainMs).toBeLessThanOrEqual(TIMES_IDEAL * Math.max(ideal, OWN_MS));
    expect(busy).toBeLessThanOrEqual(TIMES_IDLE * Math.max(idle, QUICK_MS));

    await ground.closed(grants, REMOVED_MS);
    await until(
      () => msp.owner.get<{ notClosed: readonly unknown[] }>(`/customers/${leaving.customerId}/removal`),
      ({ notClosed }) => notClosed.length === 0,
      { what: 'whoever leaves has nothing of ours', timeoutMs: REMOVED_MS },
    );
  },
});
