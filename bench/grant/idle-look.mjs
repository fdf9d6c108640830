// What an idle look for due accounts costs with many stored accounts, against few: two databases on one PostgreSQL.
import { resolve } from 'node:path';
import pg from 'pg';
import { openDatabase } from '#persistence';
import { prepareDatabase } from '../../scripts/lib/database.mjs';
import { startGuardedPostgres } from '../../scripts/lib/guarded-postgres.mjs';
import { storeAccounts } from './stored-accounts.mjs';

const USUAL = { few: 10_000, many: 200_000 };
const LOOKS = 400;
const WARM_UP = 50;
/** As many customers as a worker's sweep asks for. */
const CUSTOMERS_A_LOOK = 64;

/** As old as an end must be before the revoker asks for it. */
const OWED_MS = 2_000;

/**
 * A look is what worker and revoker ask while nothing is due: who has something due, and who has an end that nobody kept.
 * @returns `samples` (milliseconds per look) and the `buffers` of the worker's question, for both sizes
 */
export const measureIdleLooks = async ({ directory, atEnd, log, sizes = USUAL, looks = LOOKS }) => {
  const { few, many } = sizes;
  const postgres = await startGuardedPostgres({
    dataDir: resolve(directory, 'postgres'),
    log: () => {},
    // The statement is read from the server's own list of what it does, whole.
    settings: { track_activity_query_size: '16384' },
  });
  atEnd(postgres.stop);
  const stores = [];
  for (const accounts of [few, many]) {
    log(`storing ${accounts.toLocaleString('en')} accounts`);
    const store = await openStore({ postgres, directory, accounts });
    atEnd(store.database.close);
    stores.push(store);
  }
  const samples = await look(stores, looks);
  const buffers = {};
  for (const store of stores) buffers[store.accounts] = await buffersOf(store);
  return { few, many, samples, buffers };
};

const openStore = async ({ postgres, directory, accounts }) => {
  const name = `curfew_stored_${accounts}`;
  const credentialsFile = resolve(directory, 'database.credentials');
  const urls = await prepareDatabase(postgres.adminUrl, { name, credentialsFile });
  const adminUrl = postgres.adminUrl(name);
  await withClient(adminUrl, (client) => storeAccounts(client, accounts));
  const database = openDatabase({ appUrl: urls.app, clockworkUrl: urls.clockwork });
  return { accounts, adminUrl, clockworkUrl: urls.clockwork, database };
};

/** In turns, beginning with the one and with the other by turns too. */
const look = async (stores, looks) => {
  const samples = [];
  for (let tick = -WARM_UP; tick < looks; tick += 1) {
    for (const { accounts, database } of tick % 2 === 0 ? stores : [...stores].reverse()) {
      const began = performance.now();
      const { clockwork } = database.unitOfWork;
      const now = Date.now();
      const overdue = { now, owedBefore: now - OWED_MS, except: [] };
      const due = [
        ...(await clockwork.overdueCustomers(overdue, CUSTOMERS_A_LOOK)),
        ...(await clockwork.dueCustomers(now, CUSTOMERS_A_LOOK)),
      ];
      const ms = performance.now() - began;
      if (due.length > 0) throw new Error('Something is due in a database that was to be idle.');
      if (tick >= 0) samples.push({ tick, accounts, ms: ms.toFixed(3) });
    }
  }
  return samples;
};

/** What PostgreSQL itself counts for the statement that was just sent. */
const buffersOf = async ({ adminUrl, clockworkUrl }) => {
  const statement = await withClient(adminUrl, lastStatement);
  const count = Math.max(...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const values = Array.from({ length: count - 1 }, () => new Date().toISOString());
  return withClient(clockworkUrl, async (client) => {
    const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`;
    const { rows } = await client.query(explain, [...values, CUSTOMERS_A_LOOK]);
    const [{ Plan: plan, ['Execution Time']: ms }] = rows[0]['QUERY PLAN'];
    return { buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], ms };
  });
};

const lastStatement = async (client) => {
  const { rows } = await client.query(
    `SELECT query FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM managed_account%'
      ORDER BY query_start DESC LIMIT 1`,
  );
  if (rows.length === 0) throw new Error('The look was not found among what PostgreSQL did last.');
  return rows[0].query;
};

const withClient = async (connectionString, work) => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};
