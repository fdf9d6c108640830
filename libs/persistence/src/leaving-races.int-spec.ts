import { RequestAccess } from '#core/access';
import { RemoveCustomer, RemoveTechnician, SuspendTechnician } from '#core/leaving';
import { idOf } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  NOON,
  plant,
  type World,
} from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

// A machine with other things to do takes longer, above all for the first database.
jest.setTimeout(60_000);

const RUNS = 40;

let place: TestDatabase;
let database: Database;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ appUrl: place.urls.app, clockworkUrl: place.urls.clockwork });
}, 60_000);

afterAll(async () => {
  await database.close();
  await place.drop();
});

const ids = new FakeIds();
const portsOf = () => ({
  unitOfWork: database.unitOfWork,
  clock: new FakeClock(NOON + 1),
  queue: new FakeJobQueue(),
  ids,
  box: new FakeSecretBox(),
});

/** A technician of the first world who has nothing yet. */
const newcomer = async (world: World, role: 'technician' | 'owner' = 'technician') => {
  const id = idOf<'technician'>(ids.uuid());
  const person = { ...world.technician, id, username: `new-${id}`, role };
  await database.unitOfWork.inOrganization(world.organization.id, ({ technicians }) =>
    technicians.insert(person),
  );
  return id;
};

const planted = async (): Promise<World> => {
  const world = aWorld(ids);
  await plant(database.unitOfWork, world);
  return world;
};

const actor = { kind: 'console' } as const;

const ask = (world: World, technicianId: World['technician']['id']) =>
  new RequestAccess(portsOf()).execute({
    organizationId: world.organization.id,
    technicianId,
    customerId: world.customer.id,
    policyId: world.policy.id,
    durationSeconds: 600,
    startsAt: null,
    reason: 'a mailbox is stuck',
    ticket: null,
    actor,
    idempotency: null,
  });

/** What becomes of the grants of that person. */
const barsOf = (world: World, technicianId: World['technician']['id']) =>
  database.unitOfWork.inOrganization(world.organization.id, async ({ grants }) => {
    const own = await grants.list({ technicianId, after: null, limit: 9 });
    const open = await grants.openOf(own.map(({ accountId }) => accountId));
    return open.map(({ bar }) => bar);
  });

const expectOver = async (world: World, technicianId: World['technician']['id'], bar: string) => {
  expect(await barsOf(world, technicianId)).toEqual([bar]);
  const account = await database.unitOfWork.inOrganization(world.organization.id, ({ accounts }) =>
    accounts.ofTechnician(world.customer.id, technicianId),
  );
  expect(account?.takeAt).toBe(NOON + 1);
};

const expectNothing = async (world: World, technicianId: World['technician']['id'], reason: unknown) => {
  expect(reason).toMatchObject({ code: 'technician.not_found' });
  expect(await barsOf(world, technicianId)).toEqual([]);
};

describe('Somebody who asks at the moment at which they are stopped', () => {
  it.each([
    ['suspended', SuspendTechnician, 'technician_suspended'],
    ['removed', RemoveTechnician, 'technician_left'],
  ] as const)(
    'is refused or, %s right after, loses what was given, owed from then on',
    async (_, Stop, bar) => {
      const world = await planted();
      const { id: organizationId } = world.organization;
      for (let run = 0; run < RUNS; run += 1) {
        const technicianId = await newcomer(world);
        const stop = () => new Stop(portsOf()).execute({ organizationId, technicianId, asRole: null, actor });
        const [first, second] = await Promise.allSettled(
          run % 2 === 0 ? [ask(world, technicianId), stop()] : [stop(), ask(world, technicianId)],
        );
        const asked = run % 2 === 0 ? first : second;

        if (asked?.status === 'fulfilled') await expectOver(world, technicianId, bar);
        else await expectNothing(world, technicianId, asked?.reason);
      }
    },
    60_000,
  );

  it('at a customer that goes is refused, or loses what was given', async () => {
    for (let run = 0; run < RUNS / 2; run += 1) {
      const world = await planted();
      const technicianId = await newcomer(world);
      const { id: organizationId } = world.organization;
      const command = { organizationId, customerId: world.customer.id, actor };

      const [asked, removed] = await Promise.allSettled([
        ask(world, technicianId),
        new RemoveCustomer(portsOf()).execute(command),
      ]);

      expect(removed.status).toBe('fulfilled');
      expect(await barsOf(world, technicianId)).toEqual(
        asked.status === 'fulfilled' ? ['customer_removed'] : [],
      );
    }
  }, 60_000);
});

describe('Two owners who remove each other at the same moment', () => {
  it('leave one of them', async () => {
    for (let run = 0; run < RUNS / 2; run += 1) {
      const world = await planted();
      const [a, b] = [await newcomer(world, 'owner'), await newcomer(world, 'owner')];
      const { id: organizationId } = world.organization;
      const remove = (technicianId: typeof a) =>
        new RemoveTechnician(portsOf()).execute({ organizationId, technicianId, asRole: 'owner', actor });

      const settled = await Promise.allSettled([remove(a), remove(b)]);

      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    }
  }, 60_000);
});
