import type { AllStores } from '#core/access';
import {
  idOf,
  MINUTE,
  SECOND,
  sharedErrors,
  type AccountId,
  type Clockwork,
  type OrganizationId,
} from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { MirrorOfEnds } from './mirror-of-ends.js';
import type { ConvergencePorts } from './ports.js';

const LASTS_MS = 10 * MINUTE;
const OTHER: OrganizationId = idOf('another organization');

const isFunction = (value: unknown): value is (...of: unknown[]) => unknown => typeof value === 'function';

/** The same thing, but for some of what it does. */
const instead = <T extends object>(thing: T, other: Partial<T>): T =>
  new Proxy(thing, {
    get: (_, name: string & keyof T) => {
      const of = name in other ? other : thing;
      const value: unknown = (of as T)[name];
      return isFunction(value) ? (value.bind(of) as unknown) : value;
    },
  });

/** A database with accounts whose grants take too long to read, and an organization of which nothing is answered for now. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const state = {
    away: false,
    slow: new Set<AccountId>(),
    others: new Set<AccountId>(),
    otherAnswers: Promise.resolve(),
    readings: [] as (readonly AccountId[])[],
  };
  const storesOf = (stores: AllStores): AllStores => ({
    ...stores,
    grants: instead(stores.grants, {
      openOf: (ids) => {
        state.readings.push(ids);
        return ids.some((id) => state.slow.has(id))
          ? Promise.reject(sharedErrors.refuse('database.timed_out'))
          : stores.grants.openOf(ids);
      },
    }),
  });
  const gone = () => Promise.reject<never>(sharedErrors.refuse('database.unavailable'));
  const { clockwork } = world.unitOfWork;
  const unitOfWork: ConvergencePorts['unitOfWork'] = {
    inOrganization: async <T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> => {
      if (state.away) return gone();
      if (id === OTHER) await state.otherAnswers;
      const { organizationId } = world.customer;
      return world.unitOfWork.inOrganization(organizationId, (stores) => work(storesOf(stores)));
    },
    clockwork: instead<Clockwork>(clockwork, {
      endsBefore: async (...asked) => {
        if (state.away) return gone();
        const ends = await clockwork.endsBefore(...asked);
        return ends.map((end) => (state.others.has(end.accountId) ? { ...end, organizationId: OTHER } : end));
      },
    }),
  };
  const { directory, queue, ids, box, clock } = world;
  const ports = { unitOfWork, directory, queue, ids, box, clock };
  const mirror = new MirrorOfEnds(ports, { converge: new Converge(ports), alone: clock });
  const failures: unknown[] = [];
  const failed = (_: unknown, error: unknown): void => void failures.push(error);
  const refresh = async (): Promise<void> => {
    await (
      await mirror.refresh(failed)
    ).done;
  };
  return { world, state, mirror, failures, failed, refresh, takeAway: () => mirror.takeAway(failed) };
};

const enabled = (world: ConvergenceWorld, ...names: readonly string[]) =>
  names.map((name) => world.user(name)?.enabled);

describe('the mirror, with rows that take too long', () => {
  it('reads the accounts of an organization together, and everybody else when one of them takes too long', async () => {
    const { world, state, failures, refresh, takeAway } = await setUp();
    for (const technician of ['slow', 'alice', 'bob']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    expect(state.readings).toHaveLength(1);
    const { id } = world.accountRow('slow');
    state.slow.add(id);
    world.clock.advance(30 * SECOND);

    await refresh();

    expect(failures).toMatchObject([{ code: 'database.timed_out' }]);
    state.away = true;
    world.clock.advance(LASTS_MS);
    await takeAway();
    // What was mirrored of it before is gone by.
    expect(enabled(world, 'slow', 'alice', 'bob')).toEqual([false, false, false]);
  });

  it('has nobody wait for it again, and tries it later each time', async () => {
    const { world, state, refresh } = await setUp();
    for (const technician of ['slow', 'alice']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    const { id } = world.accountRow('slow');
    state.slow.add(id);
    await refresh();
    state.readings.length = 0;

    for (let tries = 0; tries < 24; tries += 1) {
      world.clock.advance(5 * SECOND);
      await refresh();
    }

    const of = state.readings.filter((ids) => ids.includes(id));
    expect(of.every((ids) => ids.length === 1)).toBe(true);
    expect(of.length).toBeGreaterThanOrEqual(3);
    expect(of.length).toBeLessThanOrEqual(5);
  });

  it('disables from memory what it never could read in time, and what was brought nearer since', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ technician: 'killed', lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    await world.grant({ technician: 'never', lastsMs: MINUTE });
    await world.tick();
    for (const name of ['killed', 'never']) state.slow.add(world.accountRow(name).id);
    const { organizationId } = world.customer;
    await world.unitOfWork.inOrganization(organizationId, ({ accounts }) =>
      accounts.intend([world.accountRow('killed').id], {
        dueAt: world.clock.now(),
        takeAt: world.clock.now(),
      }),
    );
    await refresh();
    state.away = true;
    world.clock.advance(MINUTE + 3 * SECOND);

    await takeAway();

    expect(enabled(world, 'killed', 'never')).toEqual([false, false]);
  });

  it('keeps an end that was put off where it is now, though the row says no more', async () => {
    const { world, state, refresh, takeAway } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, groups: [HELPDESK], roles: [] });
    await world.tick();
    await refresh();
    const { id } = world.accountRow();
    const { organizationId } = world.customer;
    // As an extension that was converged already: the row's end is later, and so it is told.
    await world.grant({ lastsMs: 14 * MINUTE, groups: [EXCHANGE], roles: [] });
    await world.unitOfWork.inOrganization(organizationId, async ({ accounts }) => {
      const claim = await Promise.resolve({
        ...world.customer,
        accountId: id,
        epoch: world.accountRow().epoch,
      });
      const [row] = await accounts.lock([{ ...claim, claimedUntil: 0 }]);
      const takeAt = (row?.takeAt ?? 0) + 4 * MINUTE;
      await accounts.release([{ id, dueAt: takeAt, takeAt, lookAt: null }]);
    });
    state.slow.add(id);
    world.clock.advance(30 * SECOND);
    await refresh();
    state.away = true;

    world.clock.advance(LASTS_MS - 30 * SECOND + 3 * SECOND);
    expect(await takeAway()).toBe(0);
    expect(world.user()?.enabled).toBe(true);
    world.clock.advance(4 * MINUTE);
    await takeAway();
    expect(world.user()?.enabled).toBe(false);
  });

  it('reads all other organizations while one does not answer, and begins that one only once', async () => {
    const { world, state, mirror, failed, takeAway } = await setUp();
    for (const technician of ['hung', 'alice']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    state.others.add(world.accountRow('hung').id);
    let letGo: () => void = () => undefined;
    state.otherAnswers = new Promise((resolve) => (letGo = resolve));

    const readings = [await mirror.refresh(failed), await mirror.refresh(failed)];
    const read = () => state.readings.flat();
    while (!read().includes(world.accountRow('alice').id)) await Promise.resolve();
    await world.grant({ technician: 'bob', lastsMs: LASTS_MS });
    await world.tick();
    readings.push(await mirror.refresh(failed));
    while (!read().includes(world.accountRow('bob').id)) await Promise.resolve();
    expect(read()).not.toContain(world.accountRow('hung').id);
    letGo();
    await Promise.all(readings.map(({ done }) => done));
    expect(read().filter((id) => id === world.accountRow('hung').id)).toHaveLength(1);

    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    await takeAway();
    expect(enabled(world, 'hung', 'alice', 'bob')).toEqual([false, false, false]);
  });

  it('takes away from the customers that it is asked for, and from no other', async () => {
    const { world, mirror, failed, refresh } = await setUp();
    await world.grant({ technician: 'alice', lastsMs: LASTS_MS });
    await world.tick();
    await refresh();
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await mirror.takeAway(failed, new Set([idOf<'customer'>('another customer')]));
    expect(enabled(world, 'alice')).toEqual([true]);
    await mirror.takeAway(failed, new Set([world.customer.customerId]));
    expect(enabled(world, 'alice')).toEqual([false]);
  });

  it('goes no further in an organization where nearly everything is slow, and comes back', async () => {
    const { world, state, refresh, failures } = await setUp();
    const names = Array.from({ length: 8 }, (_, index) => `slow ${index}`);
    for (const technician of names) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    for (const technician of names) state.slow.add(world.accountRow(technician).id);

    await refresh();

    expect(failures).toHaveLength(3);
    world.clock.advance(SECOND);
    await refresh();
    expect(failures).toHaveLength(6);
  });
});
