import { describeEmptiedQueue } from '../support/queue-emptied.contract.js';
import type { TestStack } from '../support/stack.js';

const empty = (stack: TestStack): Promise<void> =>
  stack.database(async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables
       WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
    );
    await client.query(`TRUNCATE ${tables.rows.map(({ name }) => name).join(', ')}`);
  });

const armed = (stack: TestStack): Promise<number> =>
  stack.database(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM bullmq.job WHERE state = 'delayed'",
    );
    return rows[0]?.count ?? 0;
  });

describeEmptiedQueue('PostgreSQL', () =>
  Promise.resolve({ environment: {}, empty, armed, close: () => Promise.resolve() }),
);
