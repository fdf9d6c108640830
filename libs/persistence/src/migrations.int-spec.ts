import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

const root = resolve(__dirname, '../../..');
const FIRST = '20261122070000_tables';
let place: TestDatabase;
let directory: string;

beforeEach(async () => {
  place = await testDatabase();
  directory = mkdtempSync(join(tmpdir(), 'curfew-migrations-'));
  cpSync(join(root, 'prisma/migrations'), directory, { recursive: true });
});

afterEach(async () => {
  rmSync(directory, { recursive: true });
  await place.drop();
});

/** In a process of its own, as at the start of the product. */
const migrate = async (): Promise<readonly string[]> => {
  const script = join(root, 'scripts/lib/migrations.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, directory], {
    env: { ...process.env, CURFEW_MIGRATOR_DATABASE_URL: place.urls.migrator },
  });
  return stdout.split('\n').filter((line) => line !== '');
};

const add = (name: string, sql: string): void => {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, 'migration.sql'), sql);
};

const query = async (sql: string): Promise<readonly unknown[]> => {
  const client = new pg.Client({ connectionString: place.urls.migrator });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('the migrations at start', () => {
  it('apply what is pending, in order, once, even when two start at once', async () => {
    add('29990101000001_second', 'ALTER TABLE made ADD COLUMN later int');
    add('29990101000000_first', 'CREATE TABLE made ()');

    const applied = await Promise.all([migrate(), migrate()]);

    expect(applied.flat()).toEqual(['29990101000000_first', '29990101000001_second']);
    expect(await migrate()).toEqual([]);
  });

  it('keep nothing of a migration that fails, and all of those before it', async () => {
    add('29990101000000_first', 'CREATE TABLE made ()');
    add('29990101000001_second', 'CREATE TABLE half (); SELECT 1 / 0');

    await expect(migrate()).rejects.toThrow('29990101000001_second was refused and nothing of it was kept');

    expect(
      await query(`SELECT to_regclass('made')::text AS made, to_regclass('half')::text AS half`),
    ).toEqual([{ made: 'made', half: null }]);
  });

  it('wait no longer than two seconds for a table that somebody holds', async () => {
    add('29990101000000_first', 'ALTER TABLE customer ADD COLUMN later int');
    const client = new pg.Client({ connectionString: place.urls.migrator });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE customer IN ACCESS SHARE MODE');

    await expect(migrate()).rejects.toThrow('lock timeout');

    await client.end();
  });

  it('are none that waits, or works outside of its transaction, for longer than it is given', () => {
    const odd = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .filter(({ name }) =>
        /lock_timeout|statement_timeout|\bCOMMIT\b|\bCONCURRENTLY\b/i.test(
          readFileSync(join(directory, name, 'migration.sql'), 'utf8').replace(/--.*$/gm, ''),
        ),
      );

    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('refuse a database whose migration was edited afterwards', async () => {
    appendFileSync(join(directory, FIRST, 'migration.sql'), '-- edited');

    await expect(migrate()).rejects.toThrow(`${FIRST} was edited after it had been applied`);
  });

  it.each(['as it is', 'as it was published for some hours'])(
    'bring a database whose enabled_again was applied %s to the same tables',
    async (how) => {
      const name = '20261122143000_enabled_again';
      await query(
        `DELETE FROM _prisma_migrations WHERE migration_name = '20261122172000_enabled_again_plain'`,
      );
      if (how === 'as it is') {
        await query('ALTER TABLE managed_account DROP COLUMN enabled_again_at');
        await query(readFileSync(join(directory, name, 'migration.sql'), 'utf8'));
      } else {
        const published = '856e510baeb36ed8f28d0ca9660ef8a196751d683b1685200355c700218285fe';
        await query(
          `UPDATE _prisma_migrations SET checksum = '${published}' WHERE migration_name = '${name}'`,
        );
      }

      expect(await migrate()).toEqual(['20261122172000_enabled_again_plain']);

      expect(
        await query(
          `SELECT is_generated AS generated, has_column_privilege('curfew_revoker', 'managed_account', column_name, 'UPDATE') AS written,
                  has_column_privilege('curfew_clockwork', 'managed_account', column_name, 'SELECT') AS read
             FROM information_schema.columns
            WHERE table_name = 'managed_account' AND column_name = 'enabled_again_at'`,
        ),
      ).toEqual([{ generated: 'NEVER', written: true, read: true }]);
      expect(
        await query(
          `SELECT FROM pg_indexes WHERE indexname = 'managed_account_enabled_again' AND indexdef LIKE '%IS NOT NULL%'`,
        ),
      ).toHaveLength(1);
    },
  );

  it('refuse a database that a newer version has migrated', async () => {
    rmSync(join(directory, FIRST), { recursive: true });

    await expect(migrate()).rejects.toThrow(`${FIRST}, which this version of Curfew does not know`);
  });

  it('refuse a database in which a migration of Prisma failed half-way', async () => {
    await query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${FIRST}'`);

    await expect(migrate()).rejects.toThrow(`${FIRST} failed half-way`);
  });
});
