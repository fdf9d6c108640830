import { MINUTE, SECOND, sharedErrors, type CustomerRef } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge, type Order } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';

const LASTS_MS = 10 * MINUTE;
const GIVING = ['createUser', 'enable', 'assignRole', 'addToGroup', 'mintPass'];

/** A converge that trips over some rows. */
class Stumbling extends Converge {
  trips: (accounts: number) => Error | null = () => null;
  waits: Promise<void> = Promise.resolve();
  takes: () => void = () => undefined;

  override async execute(claims: Parameters<Converge['execute']>[0], order?: Order) {
    await this.waits;
    const error = this.trips(claims.length);
    if (error !== null) throw error;
    return super.execute(claims, order);
  }

  override async carryOut(...planned: Parameters<Converge['carryOut']>) {
    this.takes();
    return super.carryOut(...planned);
  }
}

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const converge = new Stumbling(world);
  const revoker = new RevokeOverdue(world, converge);
  const failures: unknown[] = [];
  const begin = (): Promise<number> =>
    revoker.execute((_: CustomerRef, error: unknown) => void failures.push(error));
  const look = async (): Promise<number> => {
    const takenUp = await begin();
    await revoker.idle();
    return takenUp;
  };
  return { world, converge, begin, look, failures };
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

  it('does not ask Graph in vain every second: what fails is tried later each time, a minute later at most', async () => {
    const { world, look } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const heal = world.directory.failNext('disable', { reason: 'unknown' }, Infinity);
    const asked = () => world.directory.calls.filter(({ call }) => call.do === 'disable').length;
    let looks = 0;
    for (let second = 0; second < 5 * 60; second += 1) {
      looks += await look();
      world.clock.advance(SECOND);
    }
    expect(asked()).toBeGreaterThanOrEqual(5);
    expect(asked()).toBeLessThanOrEqual(12);
    expect(looks).toBeLessThanOrEqual(40);

    heal();
    for (let second = 0; second <= 60; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }
    expect(world.user()?.enabled).toBe(false);
  });

  it('misses no try by a moment, however long Graph takes to refuse', async () => {
    const { world, converge, look } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    world.directory.failNext('disable', { reason: 'unknown' }, Infinity);
    const triedAt: number[] = [];
    converge.takes = () => {
      triedAt.push(world.clock.now());
      world.clock.advance(5 * SECOND);
    };

    for (let second = 0; second < 10 * 60; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }

    const gaps = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(80 * SECOND);
  });

  it('waits for nobody: while one customer hangs it looks again, and leaves that customer alone', async () => {
    const { world, converge, begin, look } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    let letGo: () => void = () => undefined;
    converge.waits = new Promise((resolve) => (letGo = resolve));

    expect(await begin()).toBe(1);
    expect(await begin()).toBe(0);
    world.clock.advance(MINUTE);
    expect(await begin()).toBe(0);

    letGo();
    await look();
    world.clock.advance(MINUTE);
    await look();
    expect(world.user()?.enabled).toBe(false);
  });

  it('claims nothing more while the rows that it claimed cannot be had, and looks in vain', async () => {
    const { world, converge, begin, look } = await setUp();
    await world.grant({ technician: 'alice', lastsMs: LASTS_MS });
    await world.grant({ technician: 'bob', lastsMs: LASTS_MS + MINUTE });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    converge.trips = () => sharedErrors.refuse('database.unavailable');
    await look();

    const inOrganization = world.unitOfWork.inOrganization.bind(world.unitOfWork);
    world.unitOfWork.inOrganization = () => Promise.reject(sharedErrors.refuse('database.unavailable'));
    world.clock.advance(MINUTE);
    await expect(begin()).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(world.accountRow('bob').claimedUntil).toBeNull();

    world.unitOfWork.inOrganization = inOrganization;
    converge.trips = () => null;
    expect(await look()).toBe(1);
    expect([world.user('alice')?.enabled, world.user('bob')?.enabled]).toEqual([false, false]);
  });

  it('takes a database that it can read and not write to for one that is away: the mirror is to go on', async () => {
    const { world, begin } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    world.unitOfWork.clockwork.claimOverdue = () =>
      Promise.reject(sharedErrors.refuse('database.unwritable'));

    await expect(begin()).rejects.toMatchObject({ code: 'database.unwritable' });
  });

  it('gives back what it has claimed as soon as the database is there again, for whoever is first', async () => {
    const { world, converge, look } = await setUp();
    const { clockwork } = world.unitOfWork;
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    converge.trips = () => sharedErrors.refuse('database.unavailable');
    const giveBack = clockwork.giveBack.bind(clockwork);
    clockwork.giveBack = () => Promise.reject(sharedErrors.refuse('database.unavailable'));
    await look();
    expect(world.accountRow().claimedUntil).not.toBeNull();

    clockwork.giveBack = giveBack;
    await look();
    expect(world.accountRow().claimedUntil).toBeNull();
    await world.tick();

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

  it.each(['database.contended', 'database.locked'] as const)(
    'does not take what others do to a row (%s) for poison, unless they never cease',
    async (code) => {
      const { world, converge, look } = await setUp();
      await world.grant({ lastsMs: LASTS_MS });
      await world.tick();
      world.clock.advance(LASTS_MS + 3 * SECOND);
      const before = world.directory.calls.length;
      converge.trips = () => sharedErrors.refuse(code);

      await look();
      expect(callsSince(world, before)).toEqual([]);
      expect(world.accountRow().claimedUntil).toBeNull();

      world.clock.advance(3 * SECOND);
      await look();
      expect(callsSince(world, before)).toEqual(['disable', 'revokeSessions']);
      expect(world.unitOfWork.peek().audit.at(-1)).toMatchObject({
        action: 'account.disabled_unplanned',
        details: { because: code },
      });
    },
  );

  it('asks nothing in the name of a customer whose credential is refused, for most of a minute', async () => {
    const { world, look } = await setUp();
    await world.grant({ technician: 'alice', lastsMs: LASTS_MS });
    await world.grant({ technician: 'bob', lastsMs: LASTS_MS + 10 * SECOND });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const heal = world.directory.failNext(() => true, { reason: 'credential_bad' }, Infinity);
    await look();
    const performs = world.directory.performs;

    for (let second = 0; second < 49; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }
    expect(world.directory.performs).toBe(performs);

    heal();
    for (let second = 0; second < 10; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }
    expect([world.user('alice')?.enabled, world.user('bob')?.enabled]).toEqual([false, false]);
  });
});
