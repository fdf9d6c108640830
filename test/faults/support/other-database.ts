import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { TestStack } from '../../support/stack.js';

/** A copy belongs to whoever made it, and the schema to the owner of the database. */
const SAME_OWNER = `DO $$ BEGIN
  EXECUTE format('ALTER DATABASE backup OWNER TO %I',
    (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'curfew'));
END $$`;

/** Curfew's database as it is now, kept to be put back later: a backup, or a replica that lags. */
export const copyDatabase = (stack: TestStack): Promise<void> =>
  onServer(
    stack,
    ...NOBODY_IN_IT,
    'CREATE DATABASE backup TEMPLATE curfew',
    SAME_OWNER,
    'ALTER DATABASE curfew ALLOW_CONNECTIONS true',
  );

/** That copy in the place of the database. */
export const putBackCopy = (stack: TestStack): Promise<void> =>
  onServer(
    stack,
    ...NOBODY_IN_IT,
    'DROP DATABASE curfew WITH (FORCE)',
    'ALTER DATABASE backup RENAME TO curfew',
  );

/** Whether what is kept beside the key knows of everything that is in the database. */
export const isMarked = async (stack: TestStack): Promise<boolean> => {
  const { rows } = await stack.database((client) =>
    client.query<{ mark: number }>('SELECT sum(sequence)::int AS mark FROM audit_head'),
  );
  const file = `${stack.environment['CURFEW_KEY_FILE'] ?? ''}.mark`;
  const { mark } = JSON.parse(readFileSync(file, 'utf8')) as { readonly mark: number };
  return mark === rows[0]?.mark;
};

const NOBODY_IN_IT = [
  'ALTER DATABASE curfew ALLOW_CONNECTIONS false',
  "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'curfew'",
];

/** From another database of the same server. */
const onServer = async (stack: TestStack, ...statements: readonly string[]): Promise<void> => {
  const { host, port, user, password } = await stack.database((client) => Promise.resolve(client));
  const server = new pg.Client({
    host,
    port,
    database: 'postgres',
    ...(user === undefined ? {} : { user }),
    ...(password === undefined || password === null ? {} : { password }),
  });
  await server.connect();
  try {
    for (const statement of statements) await server.query(statement);
  } finally {
    await server.end();
  }
};
