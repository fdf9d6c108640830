import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const root = resolve(__dirname, '../..');
/** Roles and passwords of template databases, kept between runs on the same server. */
const stateDirectory = join(root, '.cache/test-database');

/** One URL for each role; `admin` is a superuser of the test server. */
export interface DatabaseUrls {
  readonly app: string;
  readonly clockwork: string;
  readonly queue: string;
  readonly revoker: string;
  readonly keys: string;
  readonly migrator: string;
  readonly admin: string;
}

export interface TestDatabase {
  readonly urls: DatabaseUrls;
  /** Empties every table of ours: quicker than another database. */
  clear(): Promise<void>;
  /** Ends all sessions and removes the database. */
  drop(): Promise<void>;
}

/**
 * A database of its own with all tables, roles and nothing in them: a copy of a template that is made once for each state of
 * the migrations. The server is started by the test runner, once for all of its processes.
 */
export const testDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = process.env.CURFEW_TEST_POSTGRES_URL;
  if (serverUrl === undefined || serverUrl === '') {
    throw new Error('No PostgreSQL to test with: run `npm run test:int`, which starts one.');
  }
  return withClient(serverUrl, async (server) => {
    const template = await ensureTemplate(server, serverUrl);
    const name = `curfew_test_${randomBytes(8).toString('hex')}`;
    await copyOf(server, template, name);
    const urls = { ...template.urls, admin: serverUrl };
    return testDatabaseOf(name, serverUrl, urls);
  });
};

/** What prepares the template: a change in any of it makes another one. */
const sources = [
  'scripts/lib/database.mjs',
  'scripts/lib/migrations.mjs',
  'node_modules/bullmq/package.json',
];

interface Template {
  readonly name: string;
  readonly urls: Omit<DatabaseUrls, 'admin'>;
}

const testDatabaseOf = (name: string, serverUrl: string, urls: DatabaseUrls): TestDatabase => {
  const own = (url: string) => onServer(url, serverUrl, name);
  const ownUrls = {
    app: own(urls.app),
    clockwork: own(urls.clockwork),
    queue: own(urls.queue),
    revoker: own(urls.revoker),
    keys: own(urls.keys),
    migrator: own(urls.migrator),
    admin: own(urls.admin),
  };
  return {
    urls: ownUrls,
    clear: () => withClient(ownUrls.admin, clear),
    drop: () =>
      withClient(serverUrl, async (server) => {
        await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
};

/** Not by TRUNCATE, which the audit log refuses, and which is slower than this on small tables. */
const clear = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations'`,
  );
  const deletes = rows.map(({ name }) => `DELETE FROM ${name};`).join('');
  await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${deletes} COMMIT;`);
};

/** Makes the template unless it is there; processes that start together take turns. */
const ensureTemplate = async (server: pg.Client, serverUrl: string): Promise<Template> => {
  const name = `curfew_template_${digestOfSources()}`;
  await server.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
  try {
    const file = await stateFile(server, name);
    const made = await server.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [name]);
    if (made.rowCount === 0 || !existsSync(file)) {
      await prepareTemplate(server, serverUrl, { name, file });
    }
    return { name, urls: JSON.parse(readFileSync(file, 'utf8')) as Template['urls'] };
  } finally {
    await server.query('SELECT pg_advisory_unlock(hashtext($1))', [name]);
  }
};

const prepareTemplate = async (
  server: pg.Client,
  serverUrl: string,
  { name, file }: { readonly name: string; readonly file: string },
): Promise<void> => {
  // In a process of its own: Jest's module system can't load these scripts.
  const script = join(root, 'scripts/lib/database.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, name, `${file}.credentials`], {
    env: { ...process.env, CURFEW_ADMIN_DATABASE_URL: serverUrl },
  });
  writeFileSync(file, stdout, { mode: 0o600 });
  await server.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
};

const copyOf = async (server: pg.Client, template: Template, name: string): Promise<void> => {
  const users = Object.values(template.urls).map((url) => new URL(url).username);
  const owner = new URL(template.urls.migrator).username;
  await server.query(`CREATE DATABASE ${name} TEMPLATE ${template.name} OWNER ${owner}`);
  await server.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await server.query(`GRANT CONNECT ON DATABASE ${name} TO ${users.join(', ')}`);
};

/** Named after the server's own identity, so that a new server in the old place is seen as new. */
const stateFile = async (server: pg.Client, name: string): Promise<string> => {
  const { rows } = await server.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  return join(stateDirectory, `${name}-${rows[0]?.id ?? ''}.json`);
};

const digestOfSources = (): string => {
  const migrations = readdirSync(join(root, 'prisma/migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join('prisma/migrations', entry.name, 'migration.sql'))
    .sort();
  const hash = createHash('sha256');
  for (const file of [...migrations, ...sources]) hash.update(readFileSync(join(root, file))).update(file);
  return hash.digest('hex').slice(0, 12);
};

/** The URL of a role, for that database on the server as it is reached now: its port changes with each start. */
const onServer = (url: string, serverUrl: string, database: string): string => {
  const changed = new URL(url);
  changed.host = new URL(serverUrl).host;
  changed.pathname = `/${database}`;
  return changed.toString();
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};
