import { MINUTE, SECOND, sharedErrors, type CustomerRef } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge, type Order } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';

const LASTS_MS = 10 * MINUTE;
const GIVING = ['createUser', 'enable', 'assignRole', 'addToGroup', 'mintPass'];

/** A converge that trips over some rows. */
class Stumbling extends Converge {
  trips: (accounts: number) => Error | null = () => null;

  override async execute(claims: Parameters<Converge['execute']>[0], order?: Order) {
    const error = this.trips(claims.length);
    if (error !== null) throw error;
    return super.execute(claims, order);
  }
}

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const converge = new Stumbling(world);
  const revoker = new RevokeOverdue(world, converge);
  const failures: unknown[] = [];
  const look = (): Promise<number> =>
    revoker.execute((_: CustomerRef, error: unknown) => void failures.push(error));
  return { world, converge, look, failures };
};

const callsSince = (world: ConvergenceWorld, from: number): readonly string[] =>
  world.directory.calls.slice(from).map(({ call }) => call.do);

describe('RevokeOverdue', () => {
  it('takes away what is owed when nobody else has, two seconds late', async () => {
    const { world, look } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
    await world.tick();

    world.clock.advance(LASTS_MS + 1_999);
    expect(await look()).toBe(0);
    expect(world.user()?.enabled).toBe(true);

    world.clock.advance(2);
    expect(await look()).toBe(1);
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ending', takenAt: world.clock.now() });
    expect(await look()).toBe(0);
  });

  it('leaves the rest of the work due, for whoever does it all', async () => {
    const { world, look } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();
    expect(world.accountRow().takeAt).toBeNull();
    expect(world.accountRow().dueAt).toBeLessThanOrEqual(world.clock.now());

    await world.pass(MINUTE);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('gives nothing: a grant that runs beside the ended one keeps what it has, and gets no more', async () => {
    const { world, look } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [] });
    await world.grant({ lastsMs: 60 * MINUTE, groups: [EXCHANGE], roles: [] });
    await world.tick();
    await world.grant({ startsInMs: LASTS_MS, lastsMs: 60 * MINUTE, roles: [READER], groups: [] });
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const before = world.directory.calls.length;

    await look();

    expect(world.user()).toMatchObject({ enabled: true, groups: [EXCHANGE], roles: [] });
    expect(callsSince(world, before).filter((call) => GIVING.includes(call))).toEqual([]);
    await world.tick();
    expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
  });

  it('does not ask Graph in vain every second: an account that fails rests longer each time, a minute at most', async () => {
    const { world, look } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const heal = world.directory.failNext('disable', { reason: 'unknown' }, Infinity);
    let looks = 0;
    for (let second = 0; second < 5 * 60; second += 1) {
      looks += await look();
      world.clock.advance(SECOND);
    }
    expect(looks).toBeGreaterThanOrEqual(5);
    expect(looks).toBeLessThanOrEqual(12);

    heal();
    for (let second = 0; second <= 60; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }
    expect(world.user()?.enabled).toBe(false);
  });

  it('disables on the object id alone what cannot be planned, and says so in the audit log', async () => {
    const { world, converge, look, failures } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const before = world.directory.calls.length;
    converge.trips = () => new TypeError('this row is odd');

    await look();

    expect(callsSince(world, before)).toEqual(['disable', 'revokeSessions']);
    expect(world.user()?.enabled).toBe(false);
    expect(failures).toEqual([expect.any(TypeError)]);
    expect(world.unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'account.disabled_unplanned',
      details: { done: ['disabled', 'sessions revoked'] },
    });
    // Nobody planned it, so nothing of it is done.
    expect(world.accountRow().takeAt).not.toBeNull();
  });

  it('plans each account alone when one of them poisons the others', async () => {
    const { world, converge, look } = await setUp();
    for (const technician of ['alice', 'bob', 'carol']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    converge.trips = (accounts) => (accounts > 1 ? new Error('one of them') : null);

    expect(await look()).toBe(3);

    for (const technician of ['alice', 'bob', 'carol']) expect(world.user(technician)?.enabled).toBe(false);
    expect(world.unitOfWork.peek().audit.some(({ action }) => action === 'account.disabled_unplanned')).toBe(
      false,
    );
  });

  it('takes a database that is away for no poison', async () => {
    const { world, converge, look, failures } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const before = world.directory.calls.length;
    converge.trips = () => sharedErrors.refuse('database.unavailable');

    await look();

    expect(callsSince(world, before)).toEqual([]);
    expect(failures).toHaveLength(1);
  });
});
