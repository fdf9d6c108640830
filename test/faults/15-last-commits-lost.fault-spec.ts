import { until } from '../support/stack-until.js';
import { copyDatabase, isMarked, putBackCopy } from './support/other-database.js';
import { faultScenario } from './support/scenario.js';

/** Two passes over a customer. */
const COMPARED_MS = 600_000;
/** The mark is written every five seconds. */
const MARKED_MS = 30_000;
const LASTS_S = 1_800;
const ALARM_MS = 60_000;

faultScenario({
  number: 15,
  title: 'PostgreSQL comes back without its last seconds',
  queues: ['postgres'],
  customers: 3,
  minutes: 18,
  play: async (ground) => {
    const { msp, stack } = ground;
    const { customer, policyId } = await ground.customer('lost');
    const running = await ground.grants();
    // A replica stops there, under everybody's hands.
    await copyDatabase(stack);

    const lostFrom = Date.now();
    const lost = await until(
      () => msp.activeGrant(customer, policyId, LASTS_S).catch(() => null),
      (grant) => grant !== null,
      { what: 'the database is back, and has given what will be lost', timeoutMs: ALARM_MS },
    );
    const end = ground.promise(
      { ...customer, upn: lost?.upn ?? '' },
      lostFrom,
      Date.parse(lost?.expiresAt ?? ''),
    );
    await until(
      () => isMarked(stack),
      (is) => is,
      { what: 'the mark is as young as the database', timeoutMs: MARKED_MS },
    );
    // The replica is promoted in its place; nobody is started again.
    await putBackCopy(stack);
    const promotedAt = Date.now();

    await ground.alarm(({ kind }) => kind === 'deployment.restoring', promotedAt + ALARM_MS);
    await until(
      async () => (await stack.simulator.truth(customer.tenantId)).users,
      (users) => users.every(({ accountEnabled }) => !accountEnabled),
      { what: 'whom no row knows is disabled', timeoutMs: promotedAt + COMPARED_MS - Date.now() },
    );
    end(Date.now());
    await until(
      () => stack.console('restore', 'status'),
      (line) => line.startsWith('Nothing is being restored'),
      { what: 'the restoration has ended', timeoutMs: promotedAt + COMPARED_MS - Date.now() },
    );

    const ends = await ground.end(running, { spreadMs: 5_000 });
    await ground.settle(ends);
    await ground.closed(running);
  },
});
