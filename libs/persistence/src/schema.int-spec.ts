import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

const root = resolve(__dirname, '../../..');
let place: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  place = await testDatabase();
  admin = new pg.Client({ connectionString: place.urls.admin });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await place.drop();
});

const names = async (sql: string): Promise<readonly string[]> => {
  const { rows } = await admin.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
};

const prisma = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [resolve(root, 'node_modules/prisma/build/index.js'), ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: place.urls.migrator },
  });

describe('the schema', () => {
  it('is the same from the migrations as from schema.prisma', async () => {
    const diff = ['--from-config-datasource', '--to-schema', 'prisma/schema.prisma', '--exit-code'];

    const { stdout } = await prisma('migrate', 'diff', ...diff);

    expect(stdout).toContain('No difference detected');
  }, 30_000);

  it('is up to date for Prisma, whose own table the start-up runner keeps', async () => {
    const { stdout } = await prisma('migrate', 'deploy');

    expect(stdout).toContain('No pending migrations to apply');
  }, 30_000);

  it('has an index under every foreign key', async () => {
    const bare = await names(`
      SELECT conname AS name FROM pg_constraint c
       WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
            AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`);

    expect(bare).toEqual([]);
  });

  it('has no foreign key that deletes or moves rows by itself', async () => {
    const cascading = await names(`
      SELECT conname AS name FROM pg_constraint
       WHERE contype = 'f' AND connamespace = 'public'::regnamespace
         AND (confdeltype <> 'r' OR confupdtype <> 'r')`);

    expect(cascading).toEqual([]);
  });

  it('leads every index by the organization, but for the doorway, the clockwork and what processes say of themselves', async () => {
    const led = await names(`
      SELECT c.relname AS name FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
       WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations_pkey'
         AND a.attname <> 'organization_id' ORDER BY 1`);

    expect(led).toEqual([
      'customer_consent_due',
      'customer_drift_compared',
      'customer_drift_due',
      'customer_drift_unkept_at',
      'deployment_pkey',
      'doorway_key_pkey',
      'entra_connection_credential_end',
      'heartbeat_pkey',
      'key_holder_pkey',
      'managed_account_due',
      'managed_account_read_back',
      'managed_account_take',
      'organization_pkey',
      'take_back_proof_due',
    ]);
  });

  it('keeps its partial indexes partial, which schema.prisma does not say', async () => {
    const partial = await names(`
      SELECT c.relname || ' ' || pg_get_expr(indpred, indrelid) AS name
        FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indpred IS NOT NULL
         AND c.relnamespace = 'public'::regnamespace ORDER BY 1`);

    expect(partial).toEqual([
      'customer_consent_due (due_at IS NOT NULL)',
      'customer_drift_unkept_at (unkept_at IS NOT NULL)',
      'entra_connection_credential_end (credential_ends_at IS NOT NULL)',
      'entra_connection_one_of_a_tenant (organization_app_id IS NOT NULL)',
      "entra_connection_removing (state = 'removing'::text)",
      'hold_unreached (reached_at IS NULL)',
      'managed_account_customer_due (due_at IS NOT NULL)',
      'managed_account_customer_take (take_at IS NOT NULL)',
      'managed_account_due (due_at IS NOT NULL)',
      'managed_account_enabled_again (enabled_again_at IS NOT NULL)',
      'managed_account_failing (failure_reason IS NOT NULL)',
      'managed_account_look (look_at IS NOT NULL)',
      'managed_account_may_be_enabled may_be_enabled',
      'managed_account_object (object_id IS NOT NULL)',
      "managed_account_one_jit ((kind = 'jit'::text) AND (closed_at IS NULL))",
      'managed_account_organization_id_customer_id_upn_key (closed_at IS NULL)',
      'managed_account_read_back (read_back_at IS NOT NULL)',
      'managed_account_take (take_at IS NOT NULL)',
      "stray_user_open ((verdict = 'orphan'::text) AND (contained_at IS NULL))",
      "stray_user_told (verdict <> 'orphan'::text)",
      'take_back_proof_due (due_at IS NOT NULL)',
      "take_back_proof_lost (verdict = 'lost'::text)",
      "validation_line_waiting (state = 'waiting'::text)",
      "validation_run_one_running (state = 'running'::text)",
    ]);
  });

  it('forces row-level security on every table of an organization', async () => {
    const unprotected = await names(`
      SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> '_prisma_migrations'
         AND NOT (relrowsecurity AND relforcerowsecurity)`);

    expect(unprotected).toEqual([]);
  });

  it('lets nobody delete anything but what processes say of themselves, group members, notes that a commit has numbered a connection that goes last and a certificate that was never used', async () => {
    const rights = await names(`
      SELECT c.relname || ' ' || privilege_type AS name
        FROM pg_class c, aclexplode(c.relacl)
       WHERE relnamespace = 'public'::regnamespace AND grantee IN (
         SELECT oid FROM pg_roles WHERE rolname IN ('curfew_app', 'curfew_clockwork', 'curfew_keys', 'curfew_queue', 'curfew_revoker'))
         AND (privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE') OR c.relname = '_prisma_migrations')`);

    expect([...new Set(rights)].toSorted()).toEqual([
      'audit_note DELETE',
      'entra_connection DELETE',
      'entra_pending_certificate DELETE',
      'heartbeat DELETE',
      'key_holder DELETE',
      'technician_group_member DELETE',
    ]);
  });

  it('gives the sweeps two columns to write of what they claim, and no table but those of what processes say of themselves', async () => {
    const whole = await names(`
      SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND has_table_privilege('curfew_clockwork', oid, 'SELECT, INSERT, UPDATE, DELETE')`);
    const written = await names(`
      SELECT attrelid::regclass || '.' || attname AS name FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
         AND has_column_privilege('curfew_clockwork', attrelid, attnum, 'INSERT, UPDATE') ORDER BY 1`);

    expect(whole).toEqual(['heartbeat', 'key_holder']);
    expect(written.filter((column) => !/^(heartbeat|key_holder)\./.test(column))).toEqual([
      'customer_drift.claimed_until',
      'customer_drift.epoch',
      'deployment.ended_at',
      'deployment.found_mark',
      'deployment.generation',
      'deployment.restoring_since',
      'deployment.seen_generation',
      'deployment.seen_mark',
      'managed_account.claimed_until',
      'managed_account.epoch',
      'validation_line.claimed_until',
      'validation_line.epoch',
    ]);
  });

  it('leaves nobody else a way in', async () => {
    const [publicRights] = await names(`
      SELECT has_schema_privilege('public', 'public', 'USAGE')::text || ' ' ||
             has_database_privilege('public', current_database(), 'CONNECT')::text AS name`);

    expect(publicRights).toBe('false false');
  });
});
