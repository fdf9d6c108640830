import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { ForgivingPg } from './forgiving-pg.js';

jest.setTimeout(60_000);

const statement = (sql: string) => ({ sql, args: [], argTypes: [] });

describe('A rollback', () => {
  let place: TestDatabase;
  let admin: pg.Client;
  let adapter: Awaited<ReturnType<ForgivingPg['connect']>>;

  beforeAll(async () => {
    place = await testDatabase();
  });
  beforeEach(async () => {
    admin = new pg.Client({ connectionString: place.urls.admin });
    await admin.connect();
    adapter = await new ForgivingPg({
      connectionString: place.urls.app,
      max: 1,
      query_timeout: 500,
    }).connect();
  });
  afterEach(async () => {
    await adapter.dispose();
    await admin.end();
  });
  afterAll(() => place.drop());

  const pidOf = async (session: Pick<typeof adapter, 'queryRaw'>): Promise<number> =>
    Number((await session.queryRaw(statement('SELECT pg_backend_pid()'))).rows[0]?.[0]);

  it('fails nobody whose session PostgreSQL has ended, as after a night of sleep', async () => {
    const transaction = await adapter.startTransaction();
    const pid = await pidOf(transaction);
    await admin.query('SELECT pg_terminate_backend($1, 5000)', [pid]);

    await expect(transaction.executeRaw(statement('ROLLBACK'))).resolves.toBe(0);
    await transaction.rollback();
    expect(await pidOf(adapter)).not.toBe(pid);
  });

  it('that nobody answers leaves no connection behind in the middle of a transaction', async () => {
    const transaction = await adapter.startTransaction();
    const pid = await pidOf(transaction);
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(transaction.executeRaw(statement('ROLLBACK'))).resolves.toBe(0);
      await transaction.rollback();
      expect(await pidOf(adapter)).not.toBe(pid);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('that arrives gives its connection back', async () => {
    const transaction = await adapter.startTransaction();
    const pid = await pidOf(transaction);

    await transaction.executeRaw(statement('ROLLBACK'));
    await transaction.rollback();
    expect(await pidOf(adapter)).toBe(pid);
  });

  it('is all that is forgiven', async () => {
    const transaction = await adapter.startTransaction();

    await expect(transaction.executeRaw(statement('SELECT nothing FROM nowhere'))).rejects.toThrow();
    await transaction.executeRaw(statement('ROLLBACK'));
    await transaction.rollback();
  });
});
