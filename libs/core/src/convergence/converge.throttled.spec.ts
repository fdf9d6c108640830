import { MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, READER } from '../testing/convergence-world.js';

const LASTS_MS = 10 * MINUTE;

/** Accounts of these technicians, their grants just over. */
const afterTheEnd = async (...technicians: readonly string[]): Promise<ConvergenceWorld> => {
  const world = await ConvergenceWorld.create();
  for (const technician of technicians) await world.grant({ technician, lastsMs: LASTS_MS, roles: [READER] });
  await world.tick();
  world.clock.advance(LASTS_MS);
  return world;
};
const calls = (world: ConvergenceWorld, kind: string): number =>
  world.directory.calls.filter(({ call }) => call.do === kind).length;
const seconds = async (world: ConvergenceWorld, count: number): Promise<void> => {
  for (let second = 0; second < count; second += 1) {
    world.clock.advance(SECOND);
    await world.tick();
  }
};

describe('Converge, of a customer that Graph throttles', () => {
  it('asks once in each Retry-After, whatever else is due, and is found when it is over', async () => {
    const world = await afterTheEnd('alice');
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 30 });
    await world.tick();
    const asked = world.directory.calls.length;
    const late = await world.grant({ technician: 'bob', lastsMs: LASTS_MS });

    await seconds(world, 29);
    expect(world.directory.calls).toHaveLength(asked);
    expect(world.grantRow(late).state).toBe('scheduled');

    await seconds(world, 1);
    expect(world.user('alice')).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(late).state).toBe('active');
  });

  it('keeps an end although a give was throttled, which says nothing of ends', async () => {
    const world = await afterTheEnd('alice');
    await world.grant({ technician: 'bob' });
    world.directory.failNext('createUser', { reason: 'throttled', retryAfterSeconds: 300 });
    world.directory.failNext('disable', { reason: 'unanswered' });
    await world.tick();
    expect(world.user('alice')?.enabled).toBe(true);

    await seconds(world, 2);

    expect(world.user('alice')).toMatchObject({ enabled: false, roles: [] });
    expect(world.unitOfWork.peek().throttles).toEqual([]);
  });

  it('lets only the methods wait for a service that throttles apart', async () => {
    const world = await afterTheEnd('alice', 'bob');
    await world.unitOfWork.inOrganization(world.customer.organizationId, ({ customers }) =>
      customers.throttle(world.customer.customerId, {
        workload: 'authentication-methods',
        until: world.clock.now() + 40 * SECOND,
        reason: '429',
      }),
    );
    const before = calls(world, 'listMethods');

    await world.tick();
    for (const name of ['alice', 'bob'])
      expect(world.user(name)).toMatchObject({ enabled: false, roles: [] });
    await seconds(world, 39);
    expect(calls(world, 'listMethods')).toBe(before);

    await seconds(world, 8);
    expect(calls(world, 'listMethods')).toBeGreaterThan(before);
    await world.pass(2 * MINUTE);
    expect(world.unitOfWork.peek().grants.map(({ state }) => state)).toEqual(['ended', 'ended']);
  });

  it('tells of the throttle when a call of that service meets it', async () => {
    const world = await afterTheEnd('alice', 'bob');
    world.directory.failNext('listMethods', { reason: 'throttled', retryAfterSeconds: 60 });
    await world.tick();

    expect(world.unitOfWork.peek().throttles).toMatchObject([{ workload: 'authentication-methods' }]);
    expect(world.user('alice')).toMatchObject({ enabled: false, roles: [] });
    await world.pass(3 * MINUTE);
    expect(world.unitOfWork.peek().grants.map(({ state }) => state)).toEqual(['ended', 'ended']);
  });
});
