import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type pg from 'pg';
import type { TestStack } from '../../support/stack.js';

/** One that has become large is put beside, when its process is started again. */
const LOGS = ['api.log', 'worker.log', 'revoker.log'].flatMap((name) => [name, `${name}.old`]);

/** Where any of these secrets was written down: logs, tables, the queue. Names the place, never the secret. */
export const leaksIn = async (stack: TestStack, secrets: readonly string[]): Promise<readonly string[]> => {
  const texts = new Map<string, string>();
  for (const name of LOGS) {
    const file = join(stack.directory, 'logs', name);
    if (existsSync(file)) texts.set(name, readFileSync(file, 'utf8'));
  }
  for (const [table, rows] of await stack.database(everyRow)) texts.set(`table ${table}`, rows);
  texts.set('the queue', await everyJob(stack));
  return [...texts].flatMap(([place, text]) =>
    secrets.some((secret) => text.includes(secret)) ? [`a secret stands in ${place}`] : [],
  );
};

const everyRow = async (client: pg.Client): Promise<ReadonlyMap<string, string>> => {
  const tables = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found = new Map<string, string>();
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ text: string | null }>(
      `SELECT string_agg(t::text, ' ') AS text FROM ${name} t`,
    );
    found.set(name, rows[0]?.text ?? '');
  }
  return found;
};

/** Redis alone: a queue on PostgreSQL is among the tables. */
const everyJob = async ({ environment }: TestStack): Promise<string> => {
  const url = environment['QUEUE_URL'] ?? '';
  if (!url.startsWith('redis')) return '';
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  try {
    await redis.connect();
    const texts: string[] = [];
    for (const key of await redis.keys('*')) {
      const kind = await redis.type(key);
      if (kind === 'hash') texts.push(JSON.stringify(await redis.hgetall(key)));
      if (kind === 'string') texts.push((await redis.get(key)) ?? '');
      if (kind === 'list') texts.push(JSON.stringify(await redis.lrange(key, 0, -1)));
    }
    return texts.join(' ');
  } finally {
    redis.disconnect();
  }
};
