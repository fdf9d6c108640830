import { Secret } from '#core/shared';
import { describeJobQueue } from '#core/testing';
import { testDatabase } from '../../../test/support/database.js';
import { BullWorld } from './testing/bull-world.js';
import { describeOutage, type OutageGround } from './testing/outage.contract.js';

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
