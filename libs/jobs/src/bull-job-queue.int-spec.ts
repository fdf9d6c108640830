import { Secret } from '#core/shared';
import { describeJobQueue } from '#core/testing';
import { testDatabase } from '../../../test/support/database.js';
import { BullWorld } from './testing/bull-world.js';

jest.setTimeout(60_000);

const aWorld = async (): Promise<BullWorld> => {
  const database = await testDatabase();
  return BullWorld.open({ url: new Secret(database.urls.queue) }, () => database.drop());
};

describeJobQueue('BullMQ on PostgreSQL', aWorld);
