import type { AllStores } from '#core/access';
import {
  idOf,
  MINUTE,
  SECOND,
  sharedErrors,
  type AccountId,
  type Clockwork,
  type CustomerId,
  type OrganizationId,
} from '#core/shared';
import { ConvergenceWorld, HELPDESK, READER } from '../testing/convergence-world.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Converge } from './converge.js';
import { MirrorOfEnds } from './mirror-of-ends.js';
import type { ConvergencePorts } from './ports.js';

const LASTS_MS = 10 * MINUTE;
const OTHER: CustomerId = idOf('another customer');

/** The same thing, but for some of what it does. */
const instead = <T extends object>(thing: T, other: Partial<T>): T =>
  new Proxy(thing, {
    get: (_, name: string & keyof T) => {
      const value: unknown = other[name] ?? thing[name];
      return typeof value === 'function' ? (value.bind(name in other ? other : thing) as unknown) : value;
    },
  });

/** A world with a database that can be away, rows that nobody can read, and accounts that belong to another customer. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const state = { away: false, unreadable: new Set<AccountId>(), others: new Set<AccountId>() };
  const gone = () => Promise.reject<never>(sharedErrors.refuse('database.unavailable'));
  const storesOf = (stores: AllStores): AllStores => ({
    ...stores,
    accounts: instead(stores.accounts, {
      ofIds: (ids) =>
        ids.some((id) => state.unreadable.has(id))
          ? Promise.reject(new TypeError('odd'))
          : stores.accounts.ofIds(ids),
    }),
    connections: instead(stores.connections, {
      ofCustomer: () => stores.connections.ofCustomer(world.customer.customerId),
      ofCustomers: async (ids) => {
        const { customerId } = world.customer;
        const own = (await stores.connections.ofCustomers([customerId])).get(customerId);
        return new Map(ids.flatMap((id) => (own === undefined ? [] : [[id, own]])));
      },
    }),
  });
  const { clockwork } = world.unitOfWork;
  const unitOfWork: ConvergencePorts['unitOfWork'] = {
    inOrganization: <T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> =>
      state.away ? gone() : world.unitOfWork.inOrganization(id, (stores) => work(storesOf(stores))),
    clockwork: instead<Clockwork>(clockwork, {
      endsBefore: async (...asked) => {
        if (state.away) return gone();
        const ends = await clockwork.endsBefore(...asked);
        return ends.map((end) => (state.others.has(end.accountId) ? { ...end, customerId: OTHER } : end));
      },
    }),
  };
  const { directory, queue, ids, box } = world;
  const alone = new FakeClock(world.clock.now());
  const aMirror = (clock = world.clock) => {
    const ports = { unitOfWork, directory, queue, ids, box, clock: world.clock };
    const failures: unknown[] = [];
    const failed = (_: unknown, error: unknown): void => void failures.push(error);
    const converge = new Converge({ ...ports, clock });
    const mirror = new MirrorOfEnds(ports, { converge, alone: clock });
    return {
      failures,
      refresh: async () => {
        await (
          await mirror.refresh(failed)
        ).done;
      },
      takeAway: () => mirror.takeAway(failed),
      idle: () => mirror.idle(),
    };
  };
  const told = () =>
    world.unitOfWork.peek().audit.filter(({ action }) => action === 'account.taken_from_memory');
  return { world, state, alone, aMirror, told };
};

describe('the mirror, left alone', () => {
  it('disables from memory what it could not read', async () => {
    const { world, state, aMirror, told } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    state.unreadable.add(world.accountRow().id);
    const mirror = aMirror();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);

    const heal = world.directory.failNext('disable', { reason: 'unanswered' }, Infinity);
    expect(await mirror.takeAway()).toBe(0);
    expect(await mirror.takeAway()).toBe(0);
    expect(world.directory.calls.filter(({ call }) => call.do === 'disable').length).toBe(1);
    heal();
    world.clock.advance(SECOND);
    expect(await mirror.takeAway()).toBe(1);

    expect(world.user()?.enabled).toBe(false);
    state.away = false;
    await mirror.refresh();
    expect(told()).toMatchObject([{ details: { planned: false } }]);
  });

  it('has a grant that still runs on what it disabled without a plan given anew, once the row can be had', async () => {
    const { world, state, aMirror } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [] });
    const running = await world.grant({ lastsMs: 60 * MINUTE, roles: [], groups: [HELPDESK] });
    await world.tick();
    const { id } = world.accountRow();
    state.unreadable.add(id);
    const mirror = aMirror();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    await mirror.takeAway();
    expect(world.user()?.enabled).toBe(false);

    state.away = false;
    const { letGo } = world.unitOfWork.holdRow(id);
    await mirror.refresh();
    expect(world.accountRow().mayHold.enabled).toBe('held');
    letGo();
    await mirror.refresh();
    await world.pass(MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [], groups: [HELPDESK] });
    expect(world.grantRow(running).state).toBe('active');
  });

  it('disables what it could read and cannot plan', async () => {
    const { world, state, aMirror } = await setUp();
    for (const technician of ['odd', 'alice']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    const mirror = aMirror();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    const { objectId } = world.accountRow('odd');
    // As a bug in the planning would: whatever contains this account throws.
    const perform = world.directory.perform.bind(world.directory);
    world.directory.perform = (app, steps, ms) =>
      steps.length > 2 && steps.some(({ call }) => 'user' in call && call.user === objectId)
        ? Promise.reject(new TypeError('odd'))
        : perform(app, steps, ms);

    await mirror.takeAway();

    expect([world.user('odd')?.enabled, world.user('alice')?.enabled]).toEqual([false, false]);
  });

  it.each(['refused', 'unanswered'] as const)(
    'doubts and tells what it disabled without a plan, though the call beside it is %s',
    async (how) => {
      const { world, state, aMirror, told } = await setUp();
      await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [] });
      await world.grant({ lastsMs: 60 * MINUTE, roles: [], groups: [HELPDESK] });
      await world.tick();
      const { id } = world.accountRow();
      state.unreadable.add(id);
      const mirror = aMirror();
      await mirror.refresh();
      state.away = true;
      world.clock.advance(LASTS_MS + 3 * SECOND);
      if (how === 'refused') world.directory.failNext('revokeSessions', { reason: 'throttled' }, Infinity);
      else world.directory.applyWithoutAnswer('disable', Infinity);

      for (let tries = 0; tries < 3; tries += 1) {
        expect(await mirror.takeAway()).toBe(0);
        world.clock.advance(MINUTE);
      }
      expect(world.user()?.enabled).toBe(false);

      state.away = false;
      await mirror.refresh();
      expect(world.accountRow().mayHold.enabled).toBe('maybe');
      expect(told()).toMatchObject([{ details: { planned: false, certain: how === 'refused' } }]);
    },
  );

  it('tells nothing of an account that was refused to it', async () => {
    const { world, state, aMirror, told } = await setUp();
    for (const technician of ['odd', 'alice']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    state.unreadable.add(world.accountRow('odd').id);
    const mirror = aMirror();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    world.directory.failNext(() => true, { reason: 'directory_role_missing' }, Infinity);
    await mirror.takeAway();

    state.away = false;
    await mirror.refresh();

    expect(told()).toEqual([]);
    expect(world.accountRow('odd').mayHold.enabled).toBe('held');
    expect(world.accountRow('alice').mayHold.enabled).toBe('held');
  });

  it.each(['refused', 'unanswered'] as const)(
    'doubts and tells what it took by plan, though more of it is %s',
    async (how) => {
      const { world, state, aMirror, told } = await setUp();
      const id = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [] });
      await world.tick();
      const mirror = aMirror();
      await mirror.refresh();
      state.away = true;
      // As an extension, just before: the row's grant still runs when it can be had again.
      await world.unitOfWork.inOrganization(world.customer.organizationId, async (stores) => {
        const grant = world.grantRow(id);
        await stores.accounts.intend([grant.accountId], { dueAt: world.clock.now() });
        await stores.grants.save({ ...grant, expiresAt: grant.expiresAt + 30 * MINUTE });
      });
      await world.tick();
      world.clock.advance(LASTS_MS + 3 * SECOND);
      const heal =
        how === 'refused'
          ? world.directory.failNext(({ do: did }) => did !== 'disable', { reason: 'unknown' }, Infinity)
          : world.directory.applyWithoutAnswer(() => true, Infinity);
      expect(await mirror.takeAway()).toBe(0);
      expect(world.user()?.enabled).toBe(false);
      heal();

      state.away = false;
      await mirror.refresh();
      expect(world.accountRow().mayHold.enabled).toBe('maybe');
      expect(told()).toMatchObject([{ details: { planned: true, certain: how === 'refused' } }]);
      await world.pass(MINUTE);

      expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
      expect(world.grantRow(id).state).toBe('active');
    },
  );

  it('waits for no customer whose Graph is slow, and begins nothing twice', async () => {
    const { world, state, aMirror } = await setUp();
    for (const technician of ['slow', 'alice']) await world.grant({ technician, lastsMs: LASTS_MS });
    await world.tick();
    state.others.add(world.accountRow('slow').id);
    const mirror = aMirror();
    await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { objectId } = world.accountRow('slow');
    world.directory.beforeCall((call) => ('user' in call && call.user === objectId ? held : undefined));

    const first = mirror.takeAway();
    const second = mirror.takeAway();
    expect(await second).toBe(0);
    while (world.user('alice')?.enabled !== false) await Promise.resolve();
    expect(world.user('slow')?.enabled).toBe(true);

    letGo();
    expect(await first).toBe(2);
    await mirror.idle();
    expect(world.directory.calls.filter(({ call }) => call.do === 'disable')).toHaveLength(2);
  });

  it('is told of once, though two of it have kept the same end', async () => {
    const { world, state, aMirror, told } = await setUp();
    await world.grant({ lastsMs: LASTS_MS });
    await world.tick();
    const mirrors = [aMirror(), aMirror()];
    for (const mirror of mirrors) await mirror.refresh();
    state.away = true;
    world.clock.advance(LASTS_MS + 3 * SECOND);
    // The second is told that all of it is gone already, and does not believe that at once.
    const kept = mirrors.map(() => 0);
    for (let second = 0; second < 30; second += 1) {
      for (const [index, mirror] of mirrors.entries())
        kept[index] = (kept[index] ?? 0) + (await mirror.takeAway());
      world.clock.advance(SECOND);
    }
    expect(kept).toEqual([1, 1]);
    state.away = false;

    for (const mirror of mirrors) await mirror.refresh();

    expect(told()).toHaveLength(1);
    await world.pass(MINUTE);
    expect(world.unitOfWork.peek().grants).toMatchObject([{ state: 'ended' }]);
  });

  it('goes by a clock that knows when the machine was held', async () => {
    const { world, state, alone, aMirror } = await setUp();
    await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
    await world.tick();
    const mirror = aMirror(alone);
    await mirror.refresh();
    state.away = true;

    expect(await mirror.takeAway()).toBe(0);
    alone.advance(LASTS_MS + 3 * SECOND);
    expect(await mirror.takeAway()).toBe(1);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('gives a password anew that it has scrambled behind the back of an extension', async () => {
    const { world, state, aMirror } = await setUp();
    const shown = await world.grant({ lastsMs: LASTS_MS, credential: 'password' });
    await world.grant({ lastsMs: 3 * LASTS_MS, credential: 'pass', roles: [], groups: [HELPDESK] });
    await world.tick();
    const mirror = aMirror();
    await mirror.refresh();
    const before = world.accountRow().password;
    state.away = true;
    await world.unitOfWork.inOrganization(world.customer.organizationId, async (stores) => {
      const grant = world.grantRow(shown);
      await stores.accounts.intend([grant.accountId], { dueAt: world.clock.now() });
      await stores.grants.save({ ...grant, expiresAt: grant.expiresAt + 30 * MINUTE });
    });
    world.clock.advance(LASTS_MS + 3 * SECOND);
    await mirror.takeAway();

    state.away = false;
    await mirror.refresh();
    await world.pass(MINUTE);

    expect(world.user()?.enabled).toBe(true);
    expect(world.accountRow().password).toMatchObject({ state: 'set' });
    expect(world.accountRow().password?.generation).toBeGreaterThan(before?.generation ?? 0);
  });
});
