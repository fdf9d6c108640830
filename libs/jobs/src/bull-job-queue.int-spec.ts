import pg from 'pg';
import { idOf, Secret } from '#core/shared';
import { describeJobQueue } from '#core/testing';
import { testDatabase } from '../../../test/support/database.js';
import { BullWorld } from './testing/bull-world.js';
import { describeOutage, type OutageGround } from './testing/outage.contract.js';
import { ServerProxy } from './testing/server-proxy.js';

jest.setTimeout(60_000);

const aGround = async (): Promise<OutageGround> => {
  const database = await testDatabase();
  return { connection: { url: new Secret(database.urls.queue) }, dispose: () => database.drop() };
};

describeJobQueue('BullMQ on PostgreSQL', async () => {
  const { connection, dispose } = await aGround();
  return BullWorld.open(connection, dispose);
});
describeOutage('BullMQ on PostgreSQL', aGround);

describe('BullMQ on PostgreSQL, cut off while it opens', () => {
  it('does not end the process', async () => {
    const ground = await aGround();
    const server = await ServerProxy.before(ground.connection.url.expose());
    const world = await BullWorld.open({ url: new Secret(server.url) });
    const owner = new pg.Client({ connectionString: ground.connection.url.expose() });
    await owner.connect();
    // It reads its ledger first of all: who holds that keeps it in the middle of opening.
    await owner.query('BEGIN; LOCK TABLE bullmq.migration IN ACCESS EXCLUSIVE MODE');
    const waiting = async (): Promise<boolean> =>
      (await owner.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).rowCount !== 0;

    const rung = world.queue.ring({
      name: 'customer.converge',
      organizationId: idOf('0190a000-0000-7000-8000-000000000001'),
      customerId: idOf('0190a000-0000-7000-8000-000000000002'),
    });
    while (!(await waiting())) await new Promise(setImmediate);
    await server.down();
    await rung;

    expect(world.refused.map(({ count }) => count)).toEqual([1]);
    await owner.end();
    await world.close();
    await ground.dispose();
  });
});
