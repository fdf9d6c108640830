import pg from 'pg';
import { FakeIds, aWorld, NOON, plant, type World } from '#core/testing';
import { idOf } from '#core/shared';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

let place: TestDatabase;
let database: Database;
let world: World;

beforeAll(async () => {
  place = await testDatabase();
});

beforeEach(async () => {
  await place.clear();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork, appConnections: 2 });
  world = aWorld(new FakeIds());
  await plant(database.unitOfWork, world);
});

afterEach(() => database.close());
afterAll(() => place.drop());

const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: place.urls.admin });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const rendezvous = () => {
  let arrive: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return { met, arrive };
};

/** Stops the server's processes behind the idle sessions of app and clockwork, as when their machine is gone. */
const silence = async (admin: pg.Client): Promise<readonly number[]> => {
  const { rows } = await admin.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE state = 'idle'
        AND datname = $1 AND usename <> current_user`,
    [new URL(place.urls.app).pathname.slice(1)],
  );
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  return rows.map(({ pid }) => pid);
};

describe('the database', () => {
  it('keeps instants right whatever time zone the server has', async () => {
    const name = new URL(place.urls.admin).pathname.slice(1);
    await asAdmin((client) => client.query(`ALTER DATABASE ${name} SET timezone = 'America/New_York'`));
    const other = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
    const second = { ...world.customer, id: idOf<'customer'>(new FakeIds(9).uuid()) };

    const read = await other.unitOfWork.inOrganization(world.organization.id, async (stores) => {
      await stores.customers.insert(second);
      return [await stores.customers.get(second.id), await stores.accounts.get(world.account.id)];
    });
    const due = await other.unitOfWork.clockwork.upcoming({ from: NOON, until: NOON + 2, after: null }, 9);

    await other.close();
    await asAdmin((client) => client.query(`ALTER DATABASE ${name} RESET timezone`));
    expect(read).toEqual([second, world.account]);
    expect(due.map(({ at }) => at)).toEqual([NOON + 1]);
  });

  it('runs a work again that met a deadlock', async () => {
    const second = { ...world.account, id: idOf<'account'>(new FakeIds(9).uuid()), kind: 'laps' as const };
    const within = <T>(work: Parameters<typeof database.unitOfWork.inOrganization<T>>[1]) =>
      database.unitOfWork.inOrganization(world.organization.id, work);
    await within(({ accounts }) => accounts.insert({ ...second, upn: 'second@contoso.com' }));
    const doors = [rendezvous(), rendezvous()] as const;
    let runs = 0;
    const crosswise = (first: typeof second.id, then: typeof second.id, [own, others]: typeof doors) =>
      within(async ({ accounts }) => {
        runs += 1;
        await accounts.intend([first], { dueAt: NOON });
        own.arrive();
        await others.met;
        await accounts.intend([then], { dueAt: NOON });
      });

    await Promise.all([
      crosswise(world.account.id, second.id, doors),
      crosswise(second.id, world.account.id, [doors[1], doors[0]]),
    ]);

    expect(runs).toBe(3);
    const kept = await within(({ accounts }) => accounts.get(second.id));
    expect(kept?.version).toBe(second.version + 2);
  });

  it('sweeps while every connection of the app is taken', async () => {
    const held = rendezvous();
    const taken = [rendezvous(), rendezvous()];
    const busy = taken.map(({ arrive }) =>
      database.unitOfWork.inOrganization(world.organization.id, async () => {
        arrive();
        await held.met;
      }),
    );
    await Promise.all(taken.map(({ met }) => met));

    const customers = await database.unitOfWork.clockwork.dueCustomers(NOON + 1, 9);

    held.arrive();
    await Promise.all(busy);
    expect(customers).toHaveLength(1);
  });

  it('does not let a row that somebody is changing hold up a sweep', async () => {
    const customer = { organizationId: world.organization.id, customerId: world.customer.id };

    const claims = await database.unitOfWork.inOrganization(world.organization.id, async ({ accounts }) => {
      await accounts.intend([world.account.id], { dueAt: NOON });
      return database.unitOfWork.clockwork.claimDue([customer], NOON + 1, 9);
    });

    expect(claims).toEqual([]);
  });

  it('refuses a row that it does not understand, and names the place but not the value', async () => {
    await asAdmin((client) =>
      client.query(`UPDATE managed_account SET may_hold = jsonb_set(may_hold, '{enabled}', '"perhaps"')`),
    );

    const read = database.unitOfWork.inOrganization(world.organization.id, ({ accounts }) =>
      accounts.get(world.account.id),
    );

    await expect(read).rejects.toThrow('managed_account.may_hold.enabled: it should be one of maybe, held');
    await expect(read).rejects.not.toThrow('perhaps');
  });

  it('reads rows from before timed roles as without any', async () => {
    await asAdmin((client) =>
      client.query(
        `UPDATE entra_connection SET capabilities = capabilities - 'timedRoles';
         UPDATE managed_account SET may_hold = jsonb_set(may_hold, '{roles}', '{"r": {"certainty": "held", "assignmentId": "a"}}')`,
      ),
    );

    const [connection, account] = await database.unitOfWork.inOrganization(
      world.organization.id,
      async ({ connections, accounts }) => [
        await connections.ofCustomer(world.customer.id),
        await accounts.get(world.account.id),
      ],
    );

    expect(connection).toMatchObject({ capabilities: { timedRoles: false }, timedRolesRefused: {} });
    expect(account?.mayHold.roles).toEqual({ r: { certainty: 'held', assignmentId: 'a' } });
  });

  it('says so when it is away', async () => {
    const url = 'postgresql://curfew:secret@127.0.0.1:1/curfew';
    const away = openDatabase({ appUrl: url, clockworkUrl: url });
    const unavailable = { code: 'database.unavailable', kind: 'unavailable' };

    const { organization } = world;
    const read = away.unitOfWork.inOrganization(organization.id, ({ organizations }) => organizations.get());
    await expect(read).rejects.toMatchObject(unavailable);
    await expect(away.unitOfWork.clockwork.dueCustomers(NOON, 1)).rejects.toMatchObject(unavailable);
    await expect(away.doorway.organizationOfSlug('x')).rejects.toMatchObject(unavailable);
    expect(await away.answers()).toBe(false);
    expect(await away.clock.refresh()).toBe(false);
    await away.close();
  });

  it('waits for no connection whose server has fallen silent, and has others', async () => {
    const other = openDatabase({
      appUrl: place.urls.app,
      clockworkUrl: place.urls.clockwork,
      silenceMs: 300,
      clockworkConnections: 1,
    });
    const { clockwork } = other.unitOfWork;
    const customer = () =>
      other.unitOfWork.inOrganization(world.organization.id, (stores) =>
        stores.customers.get(world.customer.id),
      );
    await Promise.all([clockwork.dueCustomers(NOON, 1), customer()]);
    const silent = await asAdmin(silence);

    try {
      // Another one is answered: the database is there.
      await expect(clockwork.dueCustomers(NOON, 1)).rejects.toMatchObject({ code: 'database.timed_out' });
      await expect(clockwork.dueCustomers(NOON, 1)).resolves.toEqual([]);
      await expect(customer()).rejects.toMatchObject({ code: 'database.timed_out' });
    } finally {
      for (const pid of silent) process.kill(pid, 'SIGCONT');
      await other.close();
    }
  });

  it('tells its time', async () => {
    expect(await database.answers()).toBe(true);
    expect(await database.clock.refresh()).toBe(true);

    const [now, wall] = [database.clock.now(), Date.now()];

    expect(Math.abs(now - wall)).toBeLessThan(1_000);
  });
});

describe('an idle sweep', () => {
  /** Pages that the statement of a sweep touches, as the sweep's own role. */
  const pagesRead = async (): Promise<number> => {
    const client = new pg.Client({ connectionString: place.urls.clockwork });
    await client.connect();
    try {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
         SELECT organization_id, customer_id FROM managed_account WHERE due_at <= '2026-01-01Z'
          GROUP BY 1, 2 LIMIT 64`,
      );
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      return (plan?.['Shared Hit Blocks'] ?? Infinity) + (plan?.['Shared Read Blocks'] ?? Infinity);
    } finally {
      await client.end();
    }
  };

  it('costs a few pages, with however many accounts that are due later or never', async () => {
    await asAdmin((client) =>
      client.query(
        `INSERT INTO managed_account
           (organization_id, id, customer_id, kind, upn, display_name, marker, may_hold, pristine, password_generation,
            due_at, version, epoch, created_at)
         SELECT organization_id, gen_random_uuid(), id, 'laps', 'u' || n, 'x', 'x', '{}', true, 0,
                CASE WHEN n % 4 = 0 THEN timestamptz '2030-01-01Z' + n * interval '1 s' END, 0, 0, now()
           FROM customer, generate_series(1, 20000) n;
         ANALYZE managed_account`,
      ),
    );

    expect(await pagesRead()).toBeLessThanOrEqual(20);
  });
});
