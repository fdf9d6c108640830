import { idOf } from '#core/shared';
import { anOrganizationApp, aWorld, FakeIds, plant, type World } from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

const SEALED = 'v1.k1.iv.app';
const TENANT = 'aaaaaaaa-2222-4333-8444-555555555555';
let place: TestDatabase;
let database: Database;
let world: World;
const ids = new FakeIds();

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
});

afterAll(async () => {
  await database.close();
  await place.drop();
});

/** A customer that is connected by the app of its organization. */
const connected = async () => {
  await place.clear();
  world = aWorld(ids);
  await plant(database.unitOfWork, world);
  const app = anOrganizationApp(ids, world);
  const customer = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
  const { clientId, credentialKind, credentialEndsAt, id, version } = app;
  const connection = {
    ...{ ...world.connection, id: idOf<'connection'>(ids.uuid()), customerId: customer.id },
    ...{ tenantId: TENANT, clientId, credentialKind, credentialEndsAt },
    ...{ sealedCredential: SEALED, organizationApp: { id, version } },
  };
  await database.unitOfWork.inOrganization(world.organization.id, async (stores) => {
    await stores.organizationApps.save(app, SEALED, null);
    await stores.customers.insert(customer);
    await stores.connections.save(connection, null);
  });
  return { app, customer, connection };
};

describe("The organization's app in PostgreSQL", () => {
  it('is read by the revoker with the connection that uses it', async () => {
    const { connection, customer } = await connected();
    const { revoker, clockwork } = place.urls;
    const own = openDatabase({ appUrl: revoker, appRole: 'curfew_revoker', clockworkUrl: clockwork });

    const read = await own.unitOfWork.inOrganization(world.organization.id, ({ connections }) =>
      connections.ofCustomer(customer.id),
    );

    await own.close();
    expect(read).toEqual(connection);
  });

  it('is not taken away while somebody connects a customer by it', async () => {
    await connected();
    const { unitOfWork } = database;
    const order: string[] = [];
    let begun = (): void => undefined;
    const holding = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });

    const connecting = unitOfWork.inOrganization(world.organization.id, async ({ organizationApps }) => {
      await organizationApps.steady('global');
      begun();
      await held;
      order.push('connected');
    });
    await holding;
    const removing = unitOfWork.inOrganization(world.organization.id, async ({ organizationApps }) => {
      await organizationApps.lock('global');
      order.push('locked');
    });
    // Others who connect by it wait for nobody.
    await unitOfWork.inOrganization(world.organization.id, async ({ organizationApps }) => {
      await organizationApps.inCloud('global');
      order.push('read');
    });
    letGo();
    await Promise.all([connecting, removing]);

    expect(order).toEqual(['read', 'connected', 'locked']);
  });

  it('is shown to no other organization', async () => {
    const { app } = await connected();
    const other = aWorld(ids);
    await plant(database.unitOfWork, other);

    await database.unitOfWork.inOrganization(other.organization.id, async ({ organizationApps }) => {
      expect(await organizationApps.inCloud('global')).toBeNull();
      expect(await organizationApps.countUsers(app.id)).toBe(0);
      expect(await organizationApps.users(app.id, { after: null, limit: 9 })).toEqual([]);
    });
  });
});
