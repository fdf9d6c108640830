// Where PostgreSQL spends its time, by looking every few milliseconds at what each of its processes does.
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const SHOWN = 14;
const STATEMENT = `
  SELECT usename, coalesce(wait_event_type || '/' || wait_event, state) AS doing, state,
         regexp_replace(left(query, 300), '\\s+', ' ', 'g') AS query
    FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`;

/** Looks until the answered function is called, which answers how often each thing was seen, most often first. */
export const watchPostgres = async (adminUrl) => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const seen = new Map();
  let looks = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      looks += 1;
      for (const { doing, state, query } of (await client.query(STATEMENT)).rows) {
        const what = `${state === 'active' ? doing : state}  ${query.slice(0, 90)}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
      await delay(LOOK_EVERY_MS);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    await client.end();
    const often = [...seen].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
    return often.map(([what, count]) => `${(count / looks).toFixed(2)} at a time: ${what}`);
  };
};
