// Applies prisma/migrations without the Prisma command line, which takes seconds. It keeps Prisma's own table with Prisma's
// own checksums and lock, so `prisma migrate deploy` and this agree, whichever of them ran before.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export const migrationsDirectory = resolve(import.meta.dirname, '../../prisma/migrations');

/** The key under which Prisma's own engine locks a database while it migrates. */
const PRISMA_LOCK = 72707369;
/** A migration that waits longer for a table would hold up everything behind it. */
const LOCK_TIMEOUT = '2s';

/**
 * Other texts under which a migration was once published, by their checksums: what they leave behind, a later migration makes
 * the same. A mistake that is not to be made again: nothing is to be added here.
 */
const ONCE_PUBLISHED = {
  '20261122143000_enabled_again': ['856e510baeb36ed8f28d0ca9660ef8a196751d683b1685200355c700218285fe'],
};

const TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/** The migrations of this version of the program, in order. */
export const readMigrations = (directory = migrationsDirectory) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, file: join(directory, entry.name, 'migration.sql') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, sql: readFileSync(file, 'utf8') }))
    .map((migration) => ({ ...migration, checksum: sha256(migration.sql) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * Brings the database up to date; one transaction for each migration. Refuses a database whose history isn't a part of
 * ours: an edited, missing or failed migration.
 * @param {import('pg').Client} client a connected client of the role that owns the tables
 * @param {{ directory?: string, log?: (line: string) => void }} [options]
 * @returns the names of the migrations that were applied
 */
export const applyMigrations = async (client, { directory = migrationsDirectory, log = () => {} } = {}) => {
  await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  try {
    await client.query(TABLE);
    const pending = pendingOf(readMigrations(directory), await history(client));
    for (const migration of pending) {
      log(`applying migration ${migration.name}`);
      await apply(client, migration);
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [PRISMA_LOCK]);
  }
};

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const history = async (client) => {
  const { rows } = await client.query(
    `SELECT migration_name AS name, checksum, finished_at AS "finishedAt"
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
};

const pendingOf = (migrations, applied) => {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finishedAt } of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new Error(
        `The database has the migration ${name}, which this version of Curfew does not know. ` +
          'It was migrated by a newer version: start that one, or restore the backup from before.',
      );
    }
    if (finishedAt === null) {
      throw new Error(
        `The migration ${name} failed half-way in this database. Mend what it left, then mark it with ` +
          `npx prisma migrate resolve --rolled-back ${name} (or --applied).`,
      );
    }
    if (checksum !== migration.checksum && !ONCE_PUBLISHED[name]?.includes(checksum)) {
      throw new Error(
        `The migration ${name} was edited after it had been applied to this database. ` +
          'Restore its file from the release; change the schema by a new migration.',
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
};

const apply = async (client, { name, sql, checksum }) => {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`The migration ${name} was refused and nothing of it was kept: ${error.message}`, {
      cause: error,
    });
  }
};

/** `CURFEW_MIGRATOR_DATABASE_URL=… node scripts/lib/migrations.mjs [directory]`: applies what is pending. */
const main = async ([directory = migrationsDirectory]) => {
  const client = new pg.Client({ connectionString: process.env.CURFEW_MIGRATOR_DATABASE_URL });
  await client.connect();
  try {
    const applied = await applyMigrations(client, { directory });
    console.log(applied.join('\n'));
  } finally {
    await client.end();
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
