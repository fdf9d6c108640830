// Makes a database ready to be used: itself, its roles, the queue's tables and ours. May be repeated at every start.
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { applyMigrations } from './migrations.mjs';

/** Group role → what it is for; login roles are made members. The migrations grant these groups their rights. */
const GROUPS = ['curfew_app', 'curfew_clockwork', 'curfew_keys', 'curfew_queue', 'curfew_revoker'];
/** Two starts at once take turns. Any number will do, as long as it stays. */
const PREPARE_LOCK = 0x637572;

/**
 * @typedef {{ app: string, clockwork: string, queue: string, revoker: string, keys: string, migrator: string }} DatabaseUrls
 *   app: inside one organization; clockwork: sweeps over all, ids only; queue: BullMQ's tables only; revoker: what taking
 *   away needs inside one organization; keys: the sealed columns inside one organization; migrator: owns ours
 */

/**
 * Creates what is missing of database, login roles, BullMQ's tables (schema `bullmq`, of the queue's role alone) and our
 * tables, and answers a URL for each role.
 * @param {string | ((database: string) => string)} admin a URL of a role that may create databases and roles
 * @param {{ name: string, credentialsFile: string, log?: (line: string) => void }} options `credentialsFile` (mode
 *   0600, made when it isn't there) keeps the random seed of the login roles' passwords
 * @returns {Promise<DatabaseUrls>}
 */
export const prepareDatabase = async (admin, { name, credentialsFile, log = () => {} }) => {
  const adminUrl = typeof admin === 'function' ? admin('postgres') : admin;
  const logins = loginsOf(name, readCredentials(credentialsFile));
  await withClient(adminUrl, async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [PREPARE_LOCK]);
    await createRoles(server, logins);
    await createDatabase(server, name, logins);
    await migrateQueue(urlOf(adminUrl, { database: name }));
    await withClient(urlOf(adminUrl, { ...logins.migrator, database: name }), (owner) =>
      applyMigrations(owner, { log }),
    );
  });
  return urlsOf(adminUrl, name, logins);
};

/** The same URL for another database, or as another role. */
export const urlOf = (url, { database, user, password }) => {
  const changed = new URL(url);
  if (database !== undefined) changed.pathname = `/${database}`;
  if (user !== undefined) [changed.username, changed.password] = [user, password];
  return changed.toString();
};

/** Lets these login roles, and nobody else, connect to a database. */
export const admitTo = async (server, name, users) => {
  const database = server.escapeIdentifier(name);
  await server.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  for (const user of users) {
    await server.query(`GRANT CONNECT ON DATABASE ${database} TO ${server.escapeIdentifier(user)}`);
  }
};

const urlsOf = (adminUrl, database, logins) =>
  Object.fromEntries(
    Object.entries(logins).map(([role, { user, password }]) => [
      role,
      urlOf(adminUrl, { database, user, password }),
    ]),
  );

const withClient = async (connectionString, work) => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** One seed for all login roles of this server; each role's password is derived from it. */
const readCredentials = (file) => {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(file, 'utf8').trim();
};

const loginsOf = (name, seed) => {
  const login = (role) => {
    const user = `${name}_${role}_login`;
    return { user, password: createHmac('sha256', seed).update(user).digest('base64url') };
  };
  return {
    app: login('app'),
    clockwork: login('clockwork'),
    queue: login('queue'),
    revoker: login('revoker'),
    keys: login('keys'),
    migrator: login('migrator'),
  };
};

const createRoles = async (server, logins) => {
  for (const group of GROUPS) await ensureRole(server, group, 'NOLOGIN');
  for (const [role, { user, password }] of Object.entries(logins)) {
    await ensureRole(server, user, `LOGIN PASSWORD ${server.escapeLiteral(password)}`);
    if (role !== 'migrator') await server.query(`GRANT curfew_${role} TO ${server.escapeIdentifier(user)}`);
  }
  // So that an administrator who is no superuser may make things in their names.
  const others = ['curfew_queue', server.escapeIdentifier(logins.migrator.user)];
  for (const role of others) await server.query(`GRANT ${role} TO CURRENT_USER`);
};

const ensureRole = async (server, role, options) => {
  const known = await server.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = known.rowCount === 0 ? 'CREATE' : 'ALTER';
  await server.query(`${verb} ROLE ${server.escapeIdentifier(role)} ${options}`);
};

const createDatabase = async (server, name, logins) => {
  const known = await server.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  const owner = server.escapeIdentifier(logins.migrator.user);
  if (known.rowCount === 0)
    await server.query(`CREATE DATABASE ${server.escapeIdentifier(name)} OWNER ${owner}`);
  await admitTo(
    server,
    name,
    Object.values(logins).map(({ user }) => user),
  );
};

/** BullMQ's migrations, run as the queue's own role so that everything they make belongs to it. */
const migrateQueue = (databaseUrl) =>
  withClient(databaseUrl, async (client) => {
    const { runMigrations } = await import('bullmq');
    const database = client.escapeIdentifier(client.database);
    await client.query('CREATE SCHEMA IF NOT EXISTS bullmq AUTHORIZATION curfew_queue');
    // BullMQ says CREATE SCHEMA IF NOT EXISTS, which asks for this right even when there is nothing to create.
    await client.query(`GRANT CREATE ON DATABASE ${database} TO curfew_queue`);
    await client.query('SET ROLE curfew_queue');
    try {
      await runMigrations(client, 'bullmq');
    } finally {
      await client.query('RESET ROLE');
      await client.query(`REVOKE CREATE ON DATABASE ${database} FROM curfew_queue`);
    }
  });

/** `CURFEW_ADMIN_DATABASE_URL=… node scripts/lib/database.mjs <name> <credentials file>`: prints the URLs as JSON. */
const main = async ([name, credentialsFile]) => {
  const adminUrl = process.env.CURFEW_ADMIN_DATABASE_URL;
  if (!name || !credentialsFile || !adminUrl) {
    throw new Error(
      'Usage: CURFEW_ADMIN_DATABASE_URL=… node scripts/lib/database.mjs <name> <credentials file>',
    );
  }
  const urls = await prepareDatabase(adminUrl, { name, credentialsFile, log: (line) => console.error(line) });
  console.log(JSON.stringify(urls));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
