import type { AllStores } from '#core/access';
import {
  MINUTE,
  SECOND,
  sharedErrors,
  type AccountId,
  type Clockwork,
  type OrganizationId,
} from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { MirrorOfEnds } from './mirror-of-ends.js';
import type { ConvergencePorts } from './ports.js';

const LASTS_MS = 10 * MINUTE;

/** Accounts, one of which nobody can read. */
const without = (accounts: AllStores['accounts'], unreadable: AccountId | null): AllStores['accounts'] =>
  new Proxy(accounts, {
    get: (store, name: keyof AllStores['accounts']) =>
      name === 'ofIds'
        ? (ids: readonly AccountId[]) =>
            ids.some((id) => id === unreadable)
              ? Promise.reject(new TypeError('this row is odd'))
              : store.ofIds(ids)
        : store[name].bind(store),
  });

/** The world's database, which can be away, and have a row that nobody can read. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const state: { away: boolean; unreadable: AccountId | null; readings: number } = {
    away: false,
    unreadable: null,
    readings: 0,
  };
  const gone = <T>(): Promise<T> => Promise.reject(sharedErrors.refuse('database.unavailable'));
  const unitOfWork: ConvergencePorts['unitOfWork'] = {
    inOrganization: <T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>) =>
      state.away
        ? gone<T>()
        : world.unitOfWork.inOrganization(id, (stores) => {
            state.readings += 1;
            return work({ ...stores, accounts: without(stores.accounts, state.unreadable) });
          }),
    clockwork: new Proxy(world.unitOfWork.clockwork, {
      get: (clockwork, name: Exclude<keyof Clockwork, 'deployment' | 'keyHolders'>) =>
        state.away ? gone : clockwork[name].bind(clockwork),
    }),
  };
  const ports = { ...world.ports, clock: world.clock, ids: world.ids, box: world.box, unitOfWork };
  const own = { ...ports, directory: world.directory, queue: world.queue };
  const mirror = new MirrorOfEnds(own, { converge: new Converge(own), alone: own.clock });
  const failures: unknown[] = [];
  const refresh = async (): Promise<void> => {
    await (
      await mirror.refresh((_, error) => void failures.push(error))
    ).done;
  };
  const takeAway = (): Promise<number> => mirror.takeAway((_, error) => void failures.push(error));
  const audit = () => world.unitOfWork.peek().audit.map(({ action }) => action);
  return { world, state, refresh, takeAway, failures, audit };
};

describe('MirrorOfEnds', () => {
  it('keeps the ends of the next quarter of an hour while the database is away, and tells of it afterwards', async () => {
    const { world, state, refresh, takeAway, audit } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
    await world.tick();
    await refresh();
    state.away = true;

    world.clock.advance(LASTS_MS + 2 * SECOND);
    expect(await takeAway()).toBe(0);
    world.clock.advance(1);
    expect(await takeAway()).toBe(1);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(await takeAway()).toBe(0);
    expect(world.grantRow(id).state).toBe('active');
    await expect(refresh()).rejects.toMatchObject({ code: 'database.unavailable' });

    state.away = false;
    await refresh();
    await refresh();
    expect(audit().filter((action) => action === 'account.taken_from_memory')).toHaveLength(1);
    await world.pass(MINUTE);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('knows nothing of what ends later than that, and forgets what ends no more', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ technician: 'late', lastsMs: 16 * MINUTE });
    const early = await world.grant({ technician: 'early', lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    await world.end(early);
    await world.tick();
    await refresh();
    state.away = true;
    const before = world.directory.calls.length;

    world.clock.advance(20 * MINUTE);
    expect(await takeAway()).toBe(0);

    expect(world.directory.calls).toHaveLength(before);
    expect(world.user('late')?.enabled).toBe(true);
  });

  it('takes away what was given after the last reading, an account included that was not there then', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
    await refresh();
    await world.tick();
    expect(world.user()?.enabled).toBe(true);
    state.away = true;

    world.clock.advance(LASTS_MS + 3 * SECOND);
    expect(await takeAway()).toBe(1);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('takes nothing from a grant that still runs on the same account', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [] });
    await world.grant({ lastsMs: 60 * MINUTE, groups: [EXCHANGE], roles: [] });
    await world.tick();
    await refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await takeAway();

    expect(world.user()).toMatchObject({ enabled: true, groups: [EXCHANGE] });
  });

  it('believes the row again after half a minute, though nothing of the clockwork has moved', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    await world.unitOfWork.inOrganization(world.customer.organizationId, (stores) => {
      const grant = world.grantRow(id);
      return stores.grants.save({ ...grant, expiresAt: grant.expiresAt + 30 * MINUTE });
    });
    world.clock.advance(30 * SECOND);
    await refresh();
    state.away = true;

    world.clock.advance(LASTS_MS);
    await takeAway();

    expect(world.user()?.enabled).toBe(true);
  });

  it.each([30, null])('asks a customer that Graph throttles once in each wait (%s s)', async (told) => {
    const { world, state, refresh, takeAway } = await setUp();
    for (const technician of ['alice', 'bob', 'carol']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const wait = told === null ? {} : { retryAfterSeconds: told };
    const calm = world.directory.failNext(() => true, { reason: 'throttled', ...wait }, 1_000);
    const before = world.directory.performs;

    for (let second = 0; second < 60; second += 1) {
      await takeAway();
      world.clock.advance(SECOND);
    }
    // Each try is the disables, and what goes beside them.
    expect(world.directory.performs - before).toBeLessThanOrEqual(2 * (60 / (told ?? 5)));

    calm();
    world.clock.advance(told === null ? MINUTE : 30 * SECOND);
    await takeAway();
    for (const name of ['alice', 'bob', 'carol']) expect(world.user(name)?.enabled).toBe(false);
  });

  it('reads nothing anew of an end that somebody is just taking away, for some seconds', async () => {
    const { world, state, refresh } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS - SECOND);
    await refresh();
    const before = state.readings;

    world.clock.advance(2 * SECOND);
    expect(await world.unitOfWork.clockwork.claimDue([world.customer], world.clock.now(), 9)).toHaveLength(1);
    await refresh();
    expect(state.readings).toBe(before);

    world.clock.advance(9 * SECOND);
    await refresh();
    expect(state.readings).toBe(before + 1);
  });

  it('keeps to a throttle that was known before the database went away', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    world.clock.advance(LASTS_MS);
    const until = world.clock.now() + 30 * SECOND;
    await world.unitOfWork.inOrganization(world.customer.organizationId, ({ customers }) =>
      customers.throttle(world.customer.customerId, { workload: 'directory', until, reason: '429' }),
    );
    await refresh();
    state.away = true;
    const before = world.directory.performs;

    world.clock.set(until - 1);
    expect(await takeAway()).toBe(0);
    expect(world.directory.performs).toBe(before);
    world.clock.set(until);
    expect(await takeAway()).toBe(1);
  });

  it('asks Graph again and again for what it refuses, each time a little later', async () => {
    const { world, state, refresh, takeAway, failures } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
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

  it('mirrors everybody else when one row cannot be read, and still tells what was done', async () => {
    const { world, state, refresh, takeAway, failures, audit } = await setUp();
    await world.grant({ technician: 'odd', lastsMs: LASTS_MS - MINUTE });
    await world.grant({ technician: 'alice', lastsMs: LASTS_MS });
    await world.tick();
    state.unreadable = world.accountRow('odd').id;

    await refresh();
    expect(failures).toEqual([expect.any(TypeError)]);
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    await takeAway();
    expect(world.user('alice')?.enabled).toBe(false);

    state.away = false;
    await refresh();
    expect(audit()).toContain('account.taken_from_memory');
  });

  it('reads nothing of Graph again and again while another grant keeps the account, and takes that in its time', async () => {
    const { world, state, refresh, takeAway, audit } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [] });
    await world.grant({ lastsMs: LASTS_MS + MINUTE, groups: [EXCHANGE], roles: [] });
    await world.tick();
    await refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    expect(await takeAway()).toBe(1);
    const before = world.directory.calls.length;

    for (let second = 0; second < 50; second += 1) {
      world.clock.advance(SECOND);
      await takeAway();
    }
    expect(world.directory.calls).toHaveLength(before);

    world.clock.advance(MINUTE);
    await takeAway();
    expect(world.user()).toMatchObject({ enabled: false, groups: [] });
    state.away = false;
    await refresh();
    expect(audit().filter((action) => action === 'account.taken_from_memory')).toHaveLength(2);
  });

  it('gives back what it took from a grant that was extended without its knowing, as soon as rows can be written', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    const id = await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [READER] });
    await world.tick();
    await refresh();
    state.away = true;
    await world.unitOfWork.inOrganization(world.customer.organizationId, async (stores) => {
      const grant = world.grantRow(id);
      await stores.accounts.intend([grant.accountId], { dueAt: world.clock.now() });
      await stores.grants.save({ ...grant, expiresAt: grant.expiresAt + 30 * MINUTE });
    });
    await world.tick();
    world.clock.advance(LASTS_MS + 3 * SECOND);
    await takeAway();
    expect(world.user()?.enabled).toBe(false);

    state.away = false;
    await refresh();
    await world.pass(MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, groups: [HELPDESK], roles: [READER] });
    expect(world.grantRow(id).state).toBe('active');
  });

  it('takes nothing twice that was read again as it was, by a database that nobody can write to', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, roles: [READER] });
    await world.tick();
    await refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    expect(await takeAway()).toBe(1);
    const calls = world.directory.calls.length;

    state.away = false;
    world.clock.advance(MINUTE);
    await refresh();

    expect(await takeAway()).toBe(0);
    expect(world.directory.calls).toHaveLength(calls);
  });
});
