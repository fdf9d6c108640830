import type { AllStores } from '#core/access';
import { MINUTE, SECOND, sharedErrors, type Clockwork, type OrganizationId } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { MirrorOfEnds } from './mirror-of-ends.js';
import type { ConvergencePorts } from './ports.js';

const LASTS_MS = 10 * MINUTE;

/** The world's database, which can be away. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const state = { away: false };
  const gone = <T>(): Promise<T> => Promise.reject(sharedErrors.refuse('database.unavailable'));
  const unitOfWork: ConvergencePorts['unitOfWork'] = {
    inOrganization: <T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>) =>
      state.away ? gone<T>() : world.unitOfWork.inOrganization(id, work),
    clockwork: new Proxy(world.unitOfWork.clockwork, {
      get: (clockwork, name: keyof Clockwork) => (state.away ? gone : clockwork[name].bind(clockwork)),
    }),
  };
  const ports = { ...world.ports, clock: world.clock, ids: world.ids, box: world.box, unitOfWork };
  const own = { ...ports, directory: world.directory, queue: world.queue };
  const mirror = new MirrorOfEnds(own, new Converge(own));
  const failures: unknown[] = [];
  const takeAway = (): Promise<number> => mirror.takeAway((_, error) => void failures.push(error));
  const audit = () => world.unitOfWork.peek().audit.map(({ action }) => action);
  return { world, state, mirror, takeAway, failures, audit };
};

describe('MirrorOfEnds', () => {
  it('keeps the ends of the next quarter of an hour while the database is away, and tells of it afterwards', async () => {
    const { world, state, mirror, takeAway, audit } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
    await world.tick();
    await mirror.refresh();
    state.away = true;

    world.clock.advance(LASTS_MS + 2 * SECOND);
    expect(await takeAway()).toBe(0);
    world.clock.advance(1);
    expect(await takeAway()).toBe(1);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(await takeAway()).toBe(0);
    expect(world.grantRow(id).state).toBe('active');
    await expect(mirror.refresh()).rejects.toMatchObject({ code: 'database.unavailable' });

    state.away = false;
    await mirror.refresh();
    await mirror.refresh();
    expect(audit().filter((action) => action === 'account.taken_from_memory')).toHaveLength(1);
    await world.pass(MINUTE);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('knows nothing of what ends later than that, and forgets what ends no more', async () => {
    const { world, state, mirror, takeAway } = await setUp();
    await world.grant({ technician: 'late', lastsMs: 16 * MINUTE });
    const early = await world.grant({ technician: 'early', lastsMs: LASTS_MS });
    await world.tick();
    await mirror.refresh();
    await world.end(early);
    await world.tick();
    await mirror.refresh();
    state.away = true;
    const before = world.directory.calls.length;

    world.clock.advance(20 * MINUTE);
    expect(await takeAway()).toBe(0);

    expect(world.directory.calls).toHaveLength(before);
    expect(world.user('late')?.enabled).toBe(true);
  });

  it('takes nothing from a grant that still runs on the same account', async () => {
    const { world, state, mirror, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [] });
    await world.grant({ lastsMs: 60 * MINUTE, groups: [EXCHANGE], roles: [] });
    await world.tick();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await takeAway();

    expect(world.user()).toMatchObject({ enabled: true, groups: [EXCHANGE] });
  });

  it('believes the row again after half a minute, though nothing of the clockwork has moved', async () => {
    const { world, state, mirror, takeAway } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    await mirror.refresh();
    await world.unitOfWork.inOrganization(world.customer.organizationId, (stores) => {
      const grant = world.grantRow(id);
      return stores.grants.save({ ...grant, expiresAt: grant.expiresAt + 30 * MINUTE });
    });
    world.clock.advance(30 * SECOND);
    await mirror.refresh();
    state.away = true;

    world.clock.advance(LASTS_MS);
    await takeAway();

    expect(world.user()?.enabled).toBe(true);
  });

  it('asks Graph again and again for what it refuses, each time a little later', async () => {
    const { world, state, mirror, takeAway, failures } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const heal = world.directory.failNext('disable', { reason: 'unknown' }, Infinity);
    const asked = () => world.directory.calls.filter(({ call }) => call.do === 'disable').length;
    for (let second = 0; second < 120; second += 1) {
      await takeAway();
      world.clock.advance(SECOND);
    }
    expect(asked()).toBeGreaterThan(3);
    expect(asked()).toBeLessThan(12);

    heal();
    for (let second = 0; second <= 60; second += 1) {
      await takeAway();
      world.clock.advance(SECOND);
    }
    expect(world.user()?.enabled).toBe(false);
    expect(failures).toEqual([]);
  });
});
