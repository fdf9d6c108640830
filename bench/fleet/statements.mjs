// Which statements PostgreSQL spent its time on, as it counts them itself.
import pg from 'pg';

const TOP = 18;
const SHOWN = 110;

/** What the server must be started with. */
export const COUNTING = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_utility': 'on',
};

/** From here on; answers, when called, the dearest statements since. */
export const countStatements = async (adminUrl) => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await client.query('SELECT pg_stat_statements_reset()');
  return async () => {
    const { rows } = await client.query(
      `SELECT calls, total_exec_time + total_plan_time AS ms, rows, query FROM pg_stat_statements ORDER BY 2 DESC LIMIT ${TOP}`,
    );
    await client.end();
    return rows.map(
      ({ calls, ms, rows: count, query }) =>
        `${Math.round(ms)} ms in ${calls} calls, ${count} rows: ${query.replace(/\s+/g, ' ').slice(0, SHOWN)}`,
    );
  };
};
