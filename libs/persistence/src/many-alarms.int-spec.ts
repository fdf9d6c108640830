import pg from 'pg';
import { factsAskedAt } from '#core/alarms';
import { HOUR } from '#core/shared';
import { aWorld, FakeIds, NOON, plant } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

jest.setTimeout(120_000);

const CUSTOMERS = 500;
const ACCOUNTS_EACH = 20;
/** Looks come every ten seconds, of each process: this is far from being in each other's way. */
const MOST_MS = 2_000;

describe('Ten thousand late ends at five hundred customers', () => {
  const world = aWorld(new FakeIds());
  const { organization, customer, technician, account } = world;
  let place: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    place = await testDatabase();
    database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
    await plant(database.unitOfWork, world);
    await multiply();
  });
  afterAll(async () => {
    await database.close();
    await place.drop();
  });

  /** Every customer has every person's account, whose end has been owed since noon, or up to seconds later. */
  const multiply = async (): Promise<void> => {
    const admin = new pg.Client(place.urls.admin);
    await admin.connect();
    await admin.query(
      `INSERT INTO technician (organization_id, id, username, display_name, role, state, created_at)
       SELECT organization_id, gen_random_uuid(), 'many-' || n, 'many', role, state, created_at
         FROM technician, generate_series(1, $2::int) n WHERE id = $1`,
      [technician.id, ACCOUNTS_EACH],
    );
    await admin.query(
      `INSERT INTO customer (organization_id, id, name, created_at)
       SELECT organization_id, gen_random_uuid(), 'many-' || n, created_at
         FROM customer, generate_series(1, $2::int) n WHERE id = $1`,
      [customer.id, CUSTOMERS],
    );
    await admin.query(
      `INSERT INTO managed_account (organization_id, id, customer_id, technician_id, kind, upn, display_name, marker,
              may_hold, pristine, password_generation, failure, due_at, take_at, version, epoch, created_at)
       SELECT a.organization_id, gen_random_uuid(), c.id, t.id, 'jit', t.username || '@' || c.id, 'many', 'many',
              a.may_hold, false, 0, a.failure, a.take_at, to_timestamp($2::float8 + random() * 9), 1, 0, a.created_at
         FROM managed_account a
         JOIN customer c ON c.name LIKE 'many-%' JOIN technician t ON t.username LIKE 'many-%'
        WHERE a.id = $1`,
      [account.id, NOON / 1_000],
    );
    await admin.query('ANALYZE');
    await admin.end();
  };

  it.each([
    ['the deployment', () => database.alarms.ofDeployment(factsAskedAt(NOON + HOUR))],
    ['an organization', () => database.alarms.ofOrganization(organization.id, factsAskedAt(NOON + HOUR))],
  ])('are told to %s in no time, every customer by itself', async (_, ask) => {
    const begunAt = performance.now();
    const { overdue, overdueCount, failing } = await ask();
    const tookMs = performance.now() - begunAt;

    expect(overdueCount).toBe(CUSTOMERS * ACCOUNTS_EACH + 1);
    expect(overdue).toHaveLength(CUSTOMERS + 1);
    expect(failing).toHaveLength(CUSTOMERS + 1);
    const many = overdue.filter(({ customerId }) => customerId !== customer.id);
    expect(many.every(({ accounts }) => accounts === ACCOUNTS_EACH)).toBe(true);
    expect(many.every(({ accountIds }) => accountIds.length === 10)).toBe(true);
    expect(tookMs).toBeLessThan(MOST_MS);
  });
});
