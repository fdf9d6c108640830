import type pg from 'pg';
import { TestMsp } from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';

/** Without any bell, an end waits for a sweep and no longer. */
const LATEST_WITHOUT_BELLS_MS = 15_000;

describe('without a queue', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
  }, 90_000);

  afterAll(() => stack.stop(), 60_000);

  it('begins and ends grants on time although the queue was emptied and then refuses everybody', async () => {
    const contoso = await msp.customer('contoso');
    const fabrikam = await msp.customer('fabrikam');
    const policies = [await msp.policy(contoso), await msp.policy(fabrikam)] as const;
    const before = await msp.activeGrant(contoso, policies[0], 30);

    await stack.database(emptyQueue);
    await stack.database(closeQueue);
    const meanwhile = await msp.activeGrant(fabrikam, policies[1], 30);

    for (const { grant, tenantId } of [
      { grant: before, tenantId: contoso.tenantId },
      { grant: meanwhile, tenantId: fabrikam.tenantId },
    ]) {
      await msp.reaches(grant.id, 'ended', 90_000);
      const history = await stack.simulator.history({ tenantId });
      const disabled = history.filter(({ what }) => what === 'user.disabled').at(-1);
      const lateMs = Date.parse(disabled?.at ?? '') - Date.parse(grant.expiresAt);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(LATEST_WITHOUT_BELLS_MS);
    }
    expect((await stack.simulator.violations()).requests).toEqual([]);
  }, 180_000);
});

const emptyQueue = async (client: pg.Client): Promise<void> => {
  const tables = await client.query<{ name: string }>(
    `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables
     WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
  );
  const names = tables.rows.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  await client.query(`TRUNCATE ${names.join(', ')}`);
};

/** Nobody gets into the queue any more, and who was in is thrown out. */
const closeQueue = async (client: pg.Client): Promise<void> => {
  await client.query('ALTER ROLE curfew_queue_login NOLOGIN');
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'curfew_queue_login'",
  );
};
