import { describeUnitOfWork } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

let place: TestDatabase;
let database: Database;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

describeUnitOfWork('PrismaUnitOfWork', async () => {
  await place.clear();
  return { unitOfWork: database.unitOfWork, doorway: database.doorway };
});
