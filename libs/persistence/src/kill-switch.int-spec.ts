import pg from 'pg';
import { PullKillSwitch, ReachHolds, requireNoHold } from '#core/grants';
import { HOUR, idOf } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, NOON, plant, type World } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

let place: TestDatabase;
let database: Database;
let admin: pg.Client;
let world: World;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
  admin = new pg.Client({ connectionString: place.urls.admin });
  await admin.connect();
});

beforeEach(async () => {
  await place.clear();
  world = aWorld(new FakeIds());
  await plant(database.unitOfWork, world);
});

afterAll(async () => {
  await admin.end();
  await database.close();
  await place.drop();
});

const ports = () => ({
  unitOfWork: database.unitOfWork,
  queue: new FakeJobQueue(),
  clock: new FakeClock(NOON + HOUR),
  ids: new FakeIds(9),
});

const pull = (by = ports()) =>
  new PullKillSwitch(by).execute({
    organizationId: world.organization.id,
    scope: { kind: 'organization' },
    reason: 'a laptop was stolen',
    actor: { kind: 'console' },
    idempotency: null,
  });

const reach = (by = ports()) =>
  new ReachHolds(by).execute((_, error) => {
    throw error;
  });

const unreached = () => database.unitOfWork.clockwork.unreachedHolds(null, 9);

/** How many accounts are due and owed. */
const owed = async (): Promise<number> => {
  const { rows } = await admin.query<{ owed: number }>(
    'SELECT count(*)::int AS owed FROM managed_account WHERE due_at <= $1 AND take_at <= $1',
    [new Date(NOON + HOUR)],
  );
  return rows[0]?.owed ?? 0;
};

const plantTenThousand = async (): Promise<void> => {
  await admin.query(
    `INSERT INTO technician SELECT (jsonb_populate_record(t, jsonb_build_object(
        'id', gen_random_uuid(), 'username', 'tech' || n))).*
       FROM technician t, generate_series(1, 100) n`,
  );
  await admin.query(
    `INSERT INTO customer SELECT (jsonb_populate_record(c, jsonb_build_object(
        'id', gen_random_uuid(), 'name', 'Customer ' || n))).*
       FROM customer c, generate_series(1, 100) n`,
  );
  await admin.query(
    `INSERT INTO managed_account (organization_id, id, customer_id, technician_id, upn, kind, display_name, marker,
        may_hold, pristine, password_generation, due_at, take_at, version, epoch, created_at)
     SELECT a.organization_id, gen_random_uuid(), c.id, t.id, t.username || '@' || c.id, a.kind, a.display_name,
            a.marker, a.may_hold, a.pristine, a.password_generation, a.due_at, a.take_at, a.version, a.epoch,
            a.created_at
       FROM managed_account a, customer c, technician t WHERE t.username LIKE 'tech%' AND c.name LIKE 'Customer %'`,
  );
  await admin.query('UPDATE managed_account SET take_at = NULL, due_at = NULL');
  await admin.query('ANALYZE');
};

const waiting = async (): Promise<boolean> => {
  const { rowCount } = await admin.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database =
       (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return (rowCount ?? 0) > 0;
};

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('It did not become so in time.');
  }
};

describe('a kill switch', () => {
  it('waits for a request that is under way, and finds what it has made', async () => {
    const { organization, technician, customer } = world;
    const pulled: ReturnType<typeof pull>[] = [];

    const sawHold = await database.unitOfWork.inOrganization(organization.id, async ({ holds }) => {
      await holds.shareWithGiving();
      pulled.push(pull());
      await until(waiting);
      const of = { technicianId: technician.id, customerId: customer.id };
      return requireNoHold(holds, of).then(
        () => false,
        () => true,
      );
    });

    expect(sawHold).toBe(false);
    expect(await Promise.all(pulled)).toMatchObject([{ liftedAt: null }]);
  });

  it('is seen by a request that comes while it is being pulled', async () => {
    const { organization, technician, customer } = world;
    const of = { technicianId: technician.id, customerId: customer.id };
    let request: Promise<unknown> = Promise.resolve();

    await database.unitOfWork.inOrganization(organization.id, async ({ holds }) => {
      await holds.excludeGiving();
      request = database.unitOfWork.inOrganization(organization.id, async (stores) => {
        await stores.holds.shareWithGiving();
        await requireNoHold(stores.holds, of);
      });
      // It is looked at further down; until then a refusal is nobody's.
      request.catch(() => undefined);
      await until(waiting);
      await holds.insert({
        id: idOf(world.grant.id),
        organizationId: organization.id,
        scope: { kind: 'organization' },
        reason: 'a laptop was stolen',
        placedAt: NOON,
        placedBy: { kind: 'console' },
        liftedAt: null,
        liftedBy: null,
      });
    });

    await expect(request).rejects.toMatchObject({ code: 'access.held' });
  });

  it('finds an account whose row nobody can read, and tells of it and of the others', async () => {
    await admin.query(
      `UPDATE managed_account SET may_hold = '{"enabled":"perhaps","roles":7}', failure = '[]', verification = '"x"'`,
    );

    const hold = await pull();

    const [tally, rows] = await database.unitOfWork.inOrganization(hold.organizationId, async ({ holds }) => [
      await holds.tally(hold),
      await holds.closing(hold, { states: ['open', 'closed'], after: null, limit: 9, now: NOON }),
    ]);
    expect(tally).toMatchObject({ open: 1 });
    expect(rows).toMatchObject([
      { upn: world.account.upn, held: { enabled: true, roles: [] }, failure: { reason: 'unreadable' } },
    ]);
  });

  it('stands at once though somebody holds a row, reaches all others, and that one as soon as it is let go', async () => {
    await admin.query(
      `WITH t AS (
         INSERT INTO technician SELECT (jsonb_populate_record(t, jsonb_build_object(
             'id', gen_random_uuid(), 'username', 'grace'))).*
           FROM technician t RETURNING id)
       INSERT INTO managed_account (organization_id, id, customer_id, technician_id, upn, kind, display_name, marker,
          may_hold, pristine, password_generation, version, epoch, created_at)
       SELECT a.organization_id, gen_random_uuid(), a.customer_id, t.id, 'grace@x', a.kind, a.display_name,
              a.marker, a.may_hold, a.pristine, a.password_generation, a.version, a.epoch, a.created_at
         FROM managed_account a, t`,
    );
    await admin.query('UPDATE managed_account SET take_at = NULL, due_at = NULL');
    const owing = async (): Promise<readonly string[]> => {
      const { rows } = await admin.query<{ id: string }>(
        'SELECT id FROM managed_account WHERE take_at <= $1 AND due_at <= $1 ORDER BY id',
        [new Date(NOON + HOUR)],
      );
      return rows.map(({ id }) => id);
    };
    const tally = ({ organizationId, ...hold }: Awaited<ReturnType<typeof pull>>) =>
      database.unitOfWork.inOrganization(organizationId, ({ holds }) =>
        holds.tally({ organizationId, ...hold }),
      );
    const somebody = new pg.Client({ connectionString: place.urls.admin });
    await somebody.connect();

    try {
      await somebody.query('BEGIN');
      await somebody.query('SELECT FROM managed_account WHERE id = $1 FOR UPDATE', [world.account.id]);
      const began = performance.now();
      const hold = await pull();
      await reach();
      expect(performance.now() - began).toBeLessThan(4_000);
      expect(hold.liftedAt).toBeNull();
      expect(await owing()).toHaveLength(1);
      expect(await owing()).not.toContain(world.account.id);
      expect(await tally(hold)).toEqual({ open: 2, ending: 0, taken: 0, closed: 0 });

      await somebody.query('ROLLBACK');
      await reach();
      expect(await owing()).toContain(world.account.id);
      expect(await tally(hold)).toEqual({ open: 2, ending: 0, taken: 0, closed: 0 });
      expect(await unreached()).toEqual([]);
    } finally {
      await somebody.end();
    }
  });

  it.each([
    ['to change it', 'NO KEY UPDATE', true],
    ['for itself alone', 'UPDATE', false],
  ])('waits for nobody who holds its own row %s', async (_, strength, reaches) => {
    const somebody = new pg.Client({ connectionString: place.urls.admin });
    await somebody.connect();
    await admin.query('UPDATE managed_account SET take_at = NULL, due_at = NULL');
    try {
      await somebody.query('BEGIN');
      await somebody.query('SELECT FROM managed_account WHERE id = $1 FOR UPDATE', [world.account.id]);
      const hold = await pull();
      await somebody.query('ROLLBACK');
      await somebody.query('BEGIN');
      await somebody.query(`SELECT FROM hold WHERE id = $1 FOR ${strength}`, [hold.id]);

      const began = performance.now();
      await reach();

      expect(performance.now() - began).toBeLessThan(2_000);
      expect(await owed()).toBe(reaches ? 1 : 0);
      expect(await unreached()).toHaveLength(1);
      await somebody.query('ROLLBACK');
      await reach();
      expect(await owed()).toBe(1);
      expect(await unreached()).toEqual([]);
    } finally {
      await somebody.end();
    }
  });

  it('has reached what it has, though whoever pulled it dies in the middle; somebody else goes on', async () => {
    await plantTenThousand();
    const mortal = ports();
    const { unitOfWork } = database;
    let transactions = 0;
    const dying: typeof unitOfWork = {
      clockwork: unitOfWork.clockwork,
      inOrganization: (...asked) => {
        transactions += 1;
        return transactions > 5
          ? Promise.reject(new Error('It is dead.'))
          : unitOfWork.inOrganization(...asked);
      },
    };

    await pull({ ...mortal, unitOfWork: dying });

    expect(await owed()).toBe(4_000);
    expect(await unreached()).toHaveLength(1);
    await reach();
    expect(await owed()).toBe(10_001);
    expect(await unreached()).toEqual([]);
  }, 60_000);

  it('is reached by the revoker alone, though whoever pulled it died right after and no worker lives', async () => {
    await admin.query('UPDATE managed_account SET take_at = NULL, due_at = NULL');
    await database.unitOfWork.inOrganization(world.organization.id, ({ holds }) =>
      holds.insert({
        id: idOf(world.grant.id),
        organizationId: world.organization.id,
        scope: { kind: 'technician', technicianId: world.technician.id },
        reason: 'a laptop was stolen',
        placedAt: NOON,
        placedBy: { kind: 'console' },
        liftedAt: null,
        liftedBy: null,
      }),
    );
    const { revoker, clockwork } = place.urls;
    const own = openDatabase({ appUrl: revoker, appRole: 'curfew_revoker', clockworkUrl: clockwork });

    await reach({ ...ports(), unitOfWork: own.unitOfWork });
    await own.close();

    expect(await owed()).toBe(1);
    expect(await unreached()).toEqual([]);
  });

  it('finds ten thousand accounts, and holds no row of theirs for long', async () => {
    await plantTenThousand();

    const began = performance.now();
    const hold = await pull();
    const pulledMs = performance.now() - began;
    const tally = await database.unitOfWork.inOrganization(hold.organizationId, ({ holds }) =>
      holds.tally(hold),
    );

    expect(tally).toEqual({ open: 10_001, ending: 0, taken: 0, closed: 0 });
    // A transaction has 15 s.
    expect(pulledMs).toBeLessThan(8_000);
    expect(await owed()).toBe(10_001);
    expect(await unreached()).toEqual([]);
  }, 60_000);
});
