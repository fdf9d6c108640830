import type { Refusal } from '../support/stack-api.js';
import { until } from '../support/stack-until.js';
import type { FaultGround } from './support/ground.js';
import { copyDatabase, isMarked, putBackCopy } from './support/other-database.js';
import { faultScenario } from './support/scenario.js';

const PROCESSES = ['api', 'worker', 'revoker'] as const;
/** Passes over each customer, on a machine that is busy with tests. */
const COMPARED_MS = 150_000;
/** The mark is written every five seconds. */
const MARKED_MS = 60_000;
const LASTS_S = 1_800;

const each = async (what: (name: (typeof PROCESSES)[number]) => Promise<void>): Promise<void> => {
  for (const name of PROCESSES) await what(name);
};

const enabledOf = async ({ stack }: FaultGround, tenantId: string): Promise<readonly string[]> =>
  (await stack.simulator.truth(tenantId)).users
    .filter(({ accountEnabled }) => accountEnabled)
    .map(({ userPrincipalName }) => userPrincipalName);

faultScenario({
  number: 19,
  title: 'A backup of some hours ago is restored',
  queues: ['postgres'],
  customers: 3,
  minutes: 12,
  play: async (ground) => {
    const { msp, stack } = ground;
    const { customer, policyId } = await ground.customer('restored');
    const [bea] = await msp.technicians(['bea']);
    if (bea === undefined) throw new Error('Nobody was hired.');
    const wish = { customerId: customer.customerId, policyId, durationSeconds: LASTS_S };
    const running = await ground.grants();
    const promisedFrom = Date.now();
    const ended = await msp.activeGrant(customer, policyId, LASTS_S);
    const endIt = ground.promise({ ...customer, upn: ended.upn }, promisedFrom, Date.parse(ended.expiresAt));
    await each((name) => stack.kill(name));
    await copyDatabase(stack);
    await each((name) => stack.start(name));

    await msp.technician.end(ended.id);
    endIt(Date.now());
    await msp.reaches(ended.id, 'ended', MARKED_MS * 4);
    const { id } = await bea.request(wish);
    const given = await until(
      () => msp.owner.grant(id),
      ({ state }) => state === 'active',
      { what: 'what is lost is active', timeoutMs: MARKED_MS },
    );
    const end = ground.promise({ ...customer, upn: given.upn }, promisedFrom, Date.parse(given.expiresAt));
    expect(await enabledOf(ground, customer.tenantId)).toEqual([given.upn]);
    await until(
      () => isMarked(stack),
      (is) => is,
      { what: 'the mark is as young as the database', timeoutMs: MARKED_MS },
    );
    await each((name) => stack.kill(name));
    await putBackCopy(stack);

    await stack.start('api');
    const refusal: unknown = await bea.request(wish).catch((error: unknown) => error);
    expect((refusal as Refusal).problem).toMatchObject({ status: 503, code: 'deployment.restoring' });
    await stack.start('worker');
    await stack.start('revoker');
    const told = await until(
      () => stack.console('restore', 'status'),
      (line) => line.startsWith('Nothing is being restored'),
      { what: 'the restoration has ended', timeoutMs: COMPARED_MS },
    );
    expect(told).toContain('Generation 1');
    expect(await enabledOf(ground, customer.tenantId)).toEqual([]);
    end(Date.now());

    // Who was asked for before and runs still is not disturbed, and ends; and access is given again.
    const again = await bea.request(wish);
    ground.promise({ ...customer, upn: again.upn }, Date.now(), Date.parse(again.expiresAt));
    await until(
      () => msp.owner.grant(again.id),
      ({ state }) => state === 'active',
      { what: 'access is given again', timeoutMs: MARKED_MS },
    );
    const ends = await ground.end(running, { spreadMs: 5_000 });
    await ground.settle(ends);
    await ground.closed(running);
  },
});
