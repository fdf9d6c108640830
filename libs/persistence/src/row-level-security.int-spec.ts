import { existsSync } from 'node:fs';
import pg from 'pg';
import { CURFEW, type AuditEvent } from '#core/audit';
import type { Hold } from '#core/grants';
import { idOf } from '#core/shared';
import { aRevokerCredential, FakeIds, aWorld, NOON, plant, type World } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

let place: TestDatabase;
let database: Database;
let world: World;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
  world = aWorld(new FakeIds());
  await plant(database.unitOfWork, world);
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

/** Statements of a role that goes around the unit of work. */
const as = async <T>(
  role: keyof TestDatabase['urls'],
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString: place.urls[role] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const TABLES = [
  'organization',
  'technician',
  'technician_group',
  'technician_group_member',
  'api_token',
  'customer',
  'customer_throttle',
  'entra_connection',
  'tenant_clock',
  'access_policy',
  'access_request',
  'access_grant',
  'hold',
  'hold_account',
  'customer_drift',
  'stray_user',
  'customer_validation',
  'validation_run',
  'validation_line',
  'managed_account',
  'audit_head',
  'audit_event',
  'audit_note',
  'idempotency_key',
  'doorway_key',
];

describe('row-level security', () => {
  it.each(TABLES)('shows nothing of %s to the app without an organization', async (table) => {
    const { rowCount } = await as('app', (client) => client.query(`SELECT * FROM ${table}`));

    expect(rowCount).toBe(0);
  });

  it.each(TABLES)('shows nothing of %s to the owner of the tables', async (table) => {
    const { rowCount } = await as('migrator', (client) => client.query(`SELECT * FROM ${table}`));

    expect(rowCount).toBe(0);
  });

  it('refuses a row without an organization, and after one was set in an earlier transaction', async () => {
    const insert = `INSERT INTO customer (organization_id, id, name, created_at) VALUES ('${world.organization.id}', gen_random_uuid(), 'x', now())`;

    await as('app', async (client) => {
      await expect(client.query(insert)).rejects.toThrow('row-level security');
      await client.query(
        `BEGIN; SELECT set_config('app.org_id', '${world.organization.id}', true); ${insert}; ROLLBACK`,
      );
      await expect(client.query(insert)).rejects.toThrow('row-level security');
      expect((await client.query('SELECT FROM customer')).rowCount).toBe(0);
    });
  });

  it('shows a doorway key to whoever names it, and lists none', async () => {
    await as('app', async (client) => {
      await client.query(
        `BEGIN; SELECT set_config('app.doorway_key', 'slug:${world.organization.slug}', true)`,
      );

      const { rows } = await client.query('SELECT * FROM doorway_key');

      expect(rows).toEqual([
        { key: `slug:${world.organization.slug}`, organization_id: world.organization.id },
      ]);
    });
  });

  it('hides all but ids and clockwork from the sweeps', async () => {
    await as('clockwork', async (client) => {
      await expect(client.query('SELECT upn FROM managed_account')).rejects.toThrow('permission denied');
      await expect(client.query('SELECT name FROM customer')).rejects.toThrow('permission denied');
      await expect(client.query('SELECT failure FROM managed_account')).rejects.toThrow('permission denied');
      await expect(client.query('SELECT approved FROM access_grant')).rejects.toThrow('permission denied');
      const sealed = client.query('SELECT sealed_credential FROM entra_connection');
      await expect(sealed).rejects.toThrow('permission denied');
      const ofApp = client.query('SELECT sealed_credential FROM organization_app');
      await expect(ofApp).rejects.toThrow('permission denied');
      await expect(client.query('SELECT cursor FROM customer_drift')).rejects.toThrow('permission denied');
      await expect(client.query('SELECT FROM stray_user')).rejects.toThrow('permission denied');
      const move = client.query('UPDATE managed_account SET due_at = NULL');
      await expect(move).rejects.toThrow('permission denied');
      expect((await client.query('SELECT id FROM managed_account')).rowCount).toBe(1);
    });
  });

  it('keeps heartbeats, which are of no organization, to the sweeps', async () => {
    for (const role of ['app', 'revoker', 'queue'] as const)
      await expect(as(role, (client) => client.query('SELECT FROM public.heartbeat'))).rejects.toThrow(
        'permission denied',
      );
    expect((await as('clockwork', (client) => client.query('SELECT FROM heartbeat'))).rowCount).toBe(0);
  });

  it('shows everybody who gives or takes since when nothing is given, and lets the sweeps alone write it', async () => {
    const read = 'SELECT restoring_since FROM public.deployment';
    const write = 'INSERT INTO public.deployment (generation) VALUES (0)';
    for (const role of ['app', 'revoker'] as const) {
      expect((await as(role, (client) => client.query(read))).rowCount).toBe(0);
      await expect(as(role, (client) => client.query(write))).rejects.toThrow('permission denied');
      await expect(as(role, (client) => client.query('SELECT seen_mark FROM deployment'))).rejects.toThrow(
        'permission denied',
      );
    }
    await expect(as('queue', (client) => client.query(read))).rejects.toThrow('permission denied');
    expect((await as('clockwork', (client) => client.query(write))).rowCount).toBe(1);
  });

  it("keeps the queue's role out of our tables, and the app out of the queue's", async () => {
    await as('queue', async (client) => {
      await expect(client.query('SELECT FROM public.customer')).rejects.toThrow('permission denied');
      expect((await client.query('SELECT version FROM bullmq.migration')).rowCount).toBeGreaterThan(0);
    });
    const queue = as('app', (client) => client.query('SELECT FROM bullmq.migration'));
    await expect(queue).rejects.toThrow('permission denied');
  });

  it('lets the revoker take away inside one organization, and neither give nor read of people', async () => {
    await as('revoker', async (client) => {
      expect((await client.query('SELECT id FROM managed_account')).rowCount).toBe(0);
      await client.query('BEGIN');
      await client.query(`SELECT set_config('app.org_id', $1, true)`, [world.organization.id]);
      expect((await client.query('SELECT id FROM managed_account')).rowCount).toBe(1);
      await client.query('UPDATE managed_account SET take_at = NULL');
      await client.query(`UPDATE access_grant SET state = 'ending'`);
      await client.query('ROLLBACK');
    });
    for (const forbidden of [
      'SELECT username FROM technician',
      'SELECT FROM api_token',
      'SELECT FROM access_request',
      'INSERT INTO access_grant DEFAULT VALUES',
      'INSERT INTO managed_account DEFAULT VALUES',
      `UPDATE entra_connection SET domain = 'x'`,
      `UPDATE access_policy SET state = 'active'`,
      `UPDATE access_grant SET expires_at = expires_at + interval '1 hour'`,
      `UPDATE access_grant SET latest_expires_at = expires_at`,
      `UPDATE access_grant SET approved = '{}'`,
      `UPDATE access_grant SET account_id = gen_random_uuid()`,
      'UPDATE managed_account SET technician_id = NULL',
      'UPDATE managed_account SET customer_id = NULL',
      `UPDATE entra_revoker_credential SET sealed_credential = 'x'`,
      'SELECT FROM entra_pending_certificate',
      `UPDATE organization_app SET client_id = 'x'`,
      'INSERT INTO organization_app DEFAULT VALUES',
      'INSERT INTO entra_revoker_credential DEFAULT VALUES',
      'DELETE FROM managed_account',
      'SELECT reason FROM hold',
      'SELECT placed_by FROM hold',
      'INSERT INTO hold DEFAULT VALUES',
      'UPDATE hold SET lifted_at = now()',
      'UPDATE hold SET placed_at = now()',
      'UPDATE hold_account SET account_id = gen_random_uuid()',
      'DELETE FROM hold_account',
    ])
      await expect(as('revoker', (client) => client.query(forbidden))).rejects.toThrow('permission denied');
  });

  it('lets whoever rotates keys exchange sealed texts inside one organization, and see or do nothing else', async () => {
    await as('keys', async (client) => {
      for (const table of ['entra_connection', 'managed_account'])
        expect((await client.query(`SELECT organization_id FROM ${table}`)).rowCount).toBe(0);
      await client.query('BEGIN');
      await client.query(`SELECT set_config('app.org_id', $1, true)`, [world.organization.id]);
      const seal = `UPDATE managed_account SET sealed_password = 'v1.k1.iv.password'`;
      expect((await client.query(seal)).rowCount).toBe(1);
      await client.query(`UPDATE entra_connection SET sealed_credential = 'v1.k1.iv.text'`);
      await client.query(`UPDATE entra_revoker_credential SET sealed_credential = 'v1.k1.iv.text'`);
      await client.query(`UPDATE entra_pending_certificate SET sealed_credential = 'v1.k1.iv.text'`);
      await client.query(`UPDATE organization_app SET sealed_credential = 'v1.k1.iv.text'`);
      await client.query('ROLLBACK');
    });
    for (const forbidden of [
      'SELECT upn FROM managed_account',
      'SELECT tenant_id FROM entra_connection',
      'SELECT client_id FROM entra_revoker_credential',
      'SELECT subject FROM entra_pending_certificate',
      'DELETE FROM entra_pending_certificate',
      'SELECT client_id FROM organization_app',
      `UPDATE organization_app SET state = 'removed'`,
      'SELECT FROM customer',
      'SELECT FROM organization',
      'SELECT FROM technician',
      'SELECT FROM api_token',
      'SELECT FROM access_grant',
      'SELECT FROM audit_event',
      'SELECT FROM key_holder',
      'UPDATE managed_account SET version = 0',
      'UPDATE managed_account SET sealed_password_generation = 0',
      'UPDATE managed_account SET due_at = NULL',
      'UPDATE entra_connection SET version = 0',
      `UPDATE entra_connection SET tenant_id = 'x'`,
      `UPDATE entra_revoker_credential SET state = 'removed'`,
      'INSERT INTO managed_account DEFAULT VALUES',
      'INSERT INTO entra_connection DEFAULT VALUES',
      'DELETE FROM entra_connection',
      'DELETE FROM managed_account',
    ])
      await expect(as('keys', (client) => client.query(forbidden))).rejects.toThrow('permission denied');
  });

  it('keeps what processes say of their keys to the sweeps', async () => {
    for (const role of ['app', 'revoker', 'queue', 'keys'] as const)
      await expect(as(role, (client) => client.query('SELECT FROM public.key_holder'))).rejects.toThrow(
        'permission denied',
      );
    expect((await as('clockwork', (client) => client.query('SELECT FROM key_holder'))).rowCount).toBe(0);
  });

  it('lets the revoker do all that taking away asks of the stores', async () => {
    const { revoker, clockwork } = place.urls;
    const own = openDatabase({ appUrl: revoker, appRole: 'curfew_revoker', clockworkUrl: clockwork });
    const { organization, customer, connection, account, grant } = world;
    const ref = { organizationId: organization.id, customerId: customer.id };
    const second = { ...aRevokerCredential(world), sealedCredential: 'v1.sealed' };
    await database.unitOfWork.inOrganization(organization.id, ({ connections }) =>
      connections.saveRevokerCredential(aRevokerCredential(world), second.sealedCredential, null),
    );
    const claim = await own.unitOfWork.clockwork.claimAccount(ref, account.id, NOON);
    if (claim === null) throw new Error('The account could not be claimed.');
    const note: AuditEvent = {
      ...ref,
      at: NOON,
      actor: CURFEW,
      action: 'account.taken_from_memory',
      subject: { kind: 'managed_account', id: account.id },
      details: {},
    };

    await own.unitOfWork.inOrganization(organization.id, async (stores) => {
      const [row] = await stores.accounts.lock([claim]);
      expect(row?.id).toBe(account.id);
      expect(await stores.connections.ofCustomer(customer.id)).toEqual({ ...connection, second });
      await stores.customers.noteClock(customer.id, { aheadMs: 7, leadMs: 0, measuredAt: NOON });
      expect(await stores.customers.clock(customer.id)).toEqual({ aheadMs: 7, leadMs: 0, measuredAt: NOON });
      expect(await stores.accounts.takenNames(customer.id, [account.upn])).toEqual([account.upn]);
      expect(await stores.accounts.objectIdOf(account.id)).toBe(account.objectId);
      await stores.grants.openOf([account.id]);
      expect(await stores.grants.save(grant)).toBe(true);
      await stores.customers.throttle(customer.id, { workload: 'sign-in', until: NOON, reason: 'refused' });
      await stores.audit.append([note]);
      expect(await stores.accounts.record([claim], row === undefined ? [] : [row])).toEqual([account.id]);
      await stores.accounts.suspect(account.id, (held) => held, NOON);
      await stores.accounts.intend([account.id], { dueAt: NOON });
      await stores.accounts.retire([account.id], 'ended_with_delete', NOON);
      await stores.accounts.endAll({ kind: 'customer', customerId: customer.id }, NOON);
      const once = { key: 'k', actorId: 'curfew', operation: 'o', bodyDigest: '', resourceId: 'r' };
      expect((await stores.idempotency.begin(once)).first).toBe(true);
      expect((await stores.idempotency.begin(once)).first).toBe(false);
      await stores.accounts.release([{ id: account.id, dueAt: NOON, takeAt: null, lookAt: null }]);
    });

    await own.close();
  });

  it('lets the revoker reach what a hold of that organization has yet to reach, and no other', async () => {
    const { revoker, clockwork } = place.urls;
    const own = openDatabase({ appUrl: revoker, appRole: 'curfew_revoker', clockworkUrl: clockwork });
    const { organization, account } = world;
    const hold: Hold = {
      id: idOf('00000000-0000-7000-8000-00000000401d'),
      organizationId: organization.id,
      scope: { kind: 'organization' },
      reason: 'a laptop was stolen',
      placedAt: NOON,
      placedBy: { kind: 'console' },
      liftedAt: null,
      liftedBy: null,
    };
    await database.unitOfWork.inOrganization(organization.id, async ({ accounts, holds }) => {
      await accounts.suspect(account.id, (held) => ({ ...held, enabled: 'maybe' }), NOON);
      await holds.insert(hold);
    });
    const { id, organizationId, scope, placedAt, liftedAt } = hold;
    const toReach = { id, organizationId, scope, placedAt, liftedAt };
    const page = { at: NOON - 1, after: null, limit: 9 };
    const ours = { at: NOON - 1, accounts: [account.id] };

    expect(await own.unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([{ organizationId, holdId: id }]);
    await own.unitOfWork.inOrganization(idOf(account.id), async ({ holds }) => {
      expect(await holds.toReach(id)).toBeNull();
      expect(await holds.wanted(toReach, page)).toEqual([]);
      expect(await holds.granted(scope, page)).toEqual([]);
      expect(await holds.reach(toReach, ours)).toMatchObject({ accounts: 0, skipped: 0 });
      expect(await holds.settle(toReach, NOON)).toBe(false);
    });
    await own.unitOfWork.inOrganization(organization.id, async ({ holds }) => {
      expect(await holds.toReach(id)).toEqual(toReach);
      expect(await holds.wanted(toReach, page)).toEqual([account.id]);
      expect(await holds.reach(toReach, ours)).toMatchObject({ accounts: 1, skipped: 0 });
      expect(await holds.settle(toReach, NOON)).toBe(true);
    });
    await own.close();

    expect(await database.unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([]);
    const row = await database.unitOfWork.inOrganization(organization.id, ({ accounts }) =>
      accounts.get(account.id),
    );
    expect(row).toMatchObject({ takeAt: NOON - 1 });
  });

  it("lets nobody but the revoker read the revoker's credential, whoever wrote it", async () => {
    const organization = `SELECT set_config('app.org_id', '${world.organization.id}', true)`;
    for (const role of ['app', 'clockwork', 'queue'] as const)
      await as(role, async (client) => {
        await client.query(`BEGIN; ${organization}`);
        const read = client.query('SELECT sealed_credential FROM public.entra_revoker_credential');
        await expect(read).rejects.toThrow('permission denied');
      });
    await as('revoker', async (client) => {
      expect((await client.query('SELECT FROM entra_revoker_credential')).rowCount).toBe(0);
      await client.query(`BEGIN; ${organization}`);
      const { rows } = await client.query('SELECT sealed_credential AS sealed FROM entra_revoker_credential');
      expect(rows).toEqual([{ sealed: 'v1.sealed' }]);
    });
  });

  it.each([
    ['change', `UPDATE audit_event SET action = 'nothing'`],
    ['removal', 'DELETE FROM audit_event'],
    ['emptying', 'TRUNCATE audit_event'],
    ['renumbering', 'UPDATE audit_head SET sequence = 0'],
  ])('refuses the %s of the audit log even to a superuser', async (_, statement) => {
    await expect(as('admin', (client) => client.query(statement))).rejects.toThrow('append-only');
  });

  it('accepts the prepared roles and refuses any other', async () => {
    await expect(database.requireRoles()).resolves.toBeUndefined();

    const { app, clockwork, migrator, admin } = place.urls;
    const cases = [
      { appUrl: admin, clockworkUrl: clockwork, problem: 'superuser' },
      { appUrl: migrator, clockworkUrl: clockwork, problem: 'owns tables' },
      { appUrl: clockwork, clockworkUrl: clockwork, problem: 'curfew_app alone' },
      { appUrl: app, clockworkUrl: app, problem: 'curfew_clockwork alone' },
      { appUrl: place.urls.revoker, clockworkUrl: clockwork, problem: 'curfew_app alone' },
      { appUrl: place.urls.keys, clockworkUrl: clockwork, problem: 'curfew_app alone' },
    ];
    for (const { problem, ...urls } of cases) {
      const wrong = openDatabase(urls);
      await expect(wrong.requireRoles()).rejects.toThrow(problem);
      await wrong.close();
    }
  });

  it('names a script that exists to whoever comes with a wrong role', async () => {
    const { clockwork, admin } = place.urls;
    const wrong = openDatabase({ appUrl: admin, clockworkUrl: clockwork });
    const told = await wrong.requireRoles().then(String, String);
    await wrong.close();

    const [, script] = /`node (\S+)/.exec(told) ?? [];
    expect(script).toBeDefined();
    expect(existsSync(script ?? '')).toBe(true);
  });
});
