import { PullKillSwitch, type Hold, type HoldScope, type HoldStore } from '../grants/index.js';
import { idOf, MINUTE, SECOND, sharedErrors } from '../shared/index.js';
import { ConvergenceWorld, HELPDESK, READER } from '../testing/convergence-world.js';
import { CarryOutHold } from './carry-out-hold.js';
import { RevealCredentials } from './reveal-credentials.js';

const EVERYBODY: HoldScope = { kind: 'organization' };
const actor = { kind: 'console' } as const;
const GIVING = ['createUser', 'enable', 'assignRole', 'addToGroup', 'mintPass'];

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const { organizationId } = world.customer;
  const pull = (scope: HoldScope = EVERYBODY): Promise<Hold> =>
    new PullKillSwitch(world).execute({ organizationId, scope, reason: 'stolen', actor, idempotency: null });
  const carryOut = new CarryOutHold(world, world.converge);
  const failures: unknown[] = [];
  const look = async (hold: Hold) => {
    const seen = await carryOut.look(hold, (_, error) => void failures.push(error));
    await carryOut.idle();
    return seen;
  };
  return { world, pull, carryOut, look, failures };
};

/** What fails of the holds' store from here on. */
const breaks = ({ unitOfWork }: ConvergenceWorld, change: Partial<HoldStore>): void => {
  const inOrganization = unitOfWork.inOrganization.bind(unitOfWork);
  unitOfWork.inOrganization = (organizationId, work) =>
    inOrganization(organizationId, (stores) => {
      Object.assign(stores.holds, change);
      return work(stores);
    });
};

const away = () => Promise.reject<never>(sharedErrors.refuse('database.unavailable'));

const reveal = (world: ConvergenceWorld, id: Parameters<ConvergenceWorld['grantRow']>[0]) => {
  const { organizationId, technicianId } = world.grantRow(id);
  return new RevealCredentials(world.ports, world.converge).execute({
    organizationId,
    grantId: id,
    technicianId,
    actor,
  });
};

describe('CarryOutHold', () => {
  it('takes everything away and reads it back by itself, and gives nothing', async () => {
    const { world, pull, carryOut, look } = await setUp();
    const ids = [await world.grant(), await world.grant({ technician: 'bob' })];
    await world.tick();
    await world.grant({ technician: 'carol', startsInMs: 10 * MINUTE });
    const hold = await pull();
    const from = world.directory.calls.length;

    expect((await look(hold)).tally).toEqual({ open: 3, ending: 0, taken: 0, closed: 0 });
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect((await look(hold)).tally).toEqual({ open: 0, ending: 0, taken: 2, closed: 1 });
    world.clock.advance(5 * SECOND);
    await look(hold);

    expect(await carryOut.see(hold)).toEqual({
      tally: { open: 0, ending: 0, taken: 0, closed: 3 },
      left: [],
    });
    for (const id of ids) expect(world.grantRow(id)).toMatchObject({ state: 'ended', endReason: 'killed' });
    const calls = world.directory.calls.slice(from).map(({ call }) => call.do);
    expect(calls.filter((call) => GIVING.includes(call))).toEqual([]);
  });

  it('reaches what somebody held when it was pulled, and is not done before', async () => {
    const { world, pull, look } = await setUp();
    await world.grant();
    await world.grant({ technician: 'bob' });
    await world.tick();
    world.unitOfWork.heldRows.add(world.accountRow('bob').id);
    const hold = await pull();

    await look(hold);
    expect([world.user()?.enabled, world.user('bob')?.enabled]).toEqual([false, true]);
    expect((await look(hold)).tally).toMatchObject({ open: 1, taken: 1 });
    world.unitOfWork.heldRows.clear();
    await look(hold);

    expect(world.user('bob')?.enabled).toBe(false);
  });

  it('asks nothing of a customer that is throttled until it may, and names it', async () => {
    const { world, pull, look } = await setUp();
    await world.grant();
    await world.tick();
    const hold = await pull();
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 20 });
    await look(hold);
    const from = world.directory.calls.length;

    world.clock.advance(10 * SECOND);
    const { left } = await look(hold);
    expect(left).toMatchObject([
      {
        state: 'ending',
        upn: world.upn(),
        failure: { reason: 'throttled' },
        throttle: { until: world.clock.now() + 10 * SECOND },
      },
    ]);
    expect(world.directory.calls.slice(from)).toEqual([]);

    world.clock.advance(11 * SECOND);
    await look(hold);
    expect(world.user()).toMatchObject({ enabled: false });
  });

  it('has not done with an account that somebody enabled again until it is disabled once more', async () => {
    const { world, pull, carryOut, look } = await setUp();
    await world.grant();
    await world.tick();
    const hold = await pull();
    await look(hold);
    world.tenant.inPortal(world.upn(), { enabled: true });
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 20 });
    world.clock.advance(5 * SECOND);

    await look(hold);
    expect(await carryOut.see(hold)).toMatchObject({
      tally: { ending: 1, taken: 0, closed: 0 },
      left: [{ state: 'ending', held: { enabled: true } }],
    });

    for (const seconds of [21, 5]) {
      world.clock.advance(seconds * SECOND);
      await look(hold);
    }
    expect(world.user()).toMatchObject({ enabled: false });
    expect((await carryOut.see(hold)).left).toEqual([]);
  });

  it('leaves alone whom a worker has under its claim', async () => {
    const { world, pull, look } = await setUp();
    await world.grant();
    await world.tick();
    const hold = await pull();
    const { organizationId, customerId } = world.customer;
    await world.unitOfWork.clockwork.claimDue([{ organizationId, customerId }], world.clock.now(), 9);
    const from = world.directory.calls.length;

    await look(hold);

    expect(world.directory.calls.slice(from)).toEqual([]);
  });

  it('gives back what it was reading back when the database falls away', async () => {
    const { world, pull, look, failures } = await setUp();
    await world.grant();
    await world.grant({ technician: 'bob' });
    await world.tick();
    const hold = await pull();
    await look(hold);
    world.clock.advance(5 * SECOND);
    world.converge.execute = away;

    await look(hold);

    expect(failures).toHaveLength(1);
    const { clockwork } = world.unitOfWork;
    expect(await clockwork.claimDue([world.customer], world.clock.now(), 9)).toHaveLength(2);
  });

  it('gives it back with the next look when it could not be asked for that, and proves it then', async () => {
    const { world, pull, look } = await setUp();
    const id = await world.grant();
    await world.tick();
    const hold = await pull();
    await look(hold);
    const { converge, unitOfWork } = world;
    const execute = converge.execute.bind(converge);
    const giveBack = unitOfWork.clockwork.giveBack.bind(unitOfWork.clockwork);
    world.clock.advance(5 * SECOND);
    converge.execute = away;
    unitOfWork.clockwork.giveBack = away;
    await look(hold);
    converge.execute = execute;
    unitOfWork.clockwork.giveBack = giveBack;

    await look(hold);

    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('gives back what it had when the database falls away between two claims', async () => {
    const { world, pull, look } = await setUp();
    await world.grant();
    await world.grant({ technician: 'bob' });
    await world.tick();
    const hold = await pull();
    await look(hold);
    const { clockwork } = world.unitOfWork;
    const claimAccount = clockwork.claimAccount.bind(clockwork);
    let claimed = 0;
    clockwork.claimAccount = (...asked) => {
      claimed += 1;
      return claimed === 1 ? claimAccount(...asked) : away();
    };
    world.clock.advance(5 * SECOND);

    await expect(look(hold)).rejects.toMatchObject({ code: 'database.unavailable' });

    expect(await clockwork.claimDue([world.customer], world.clock.now(), 9)).toHaveLength(2);
  });

  it.each([
    ['took too long', sharedErrors.refuse('database.timed_out')],
    ['was held', sharedErrors.refuse('database.locked')],
    ['was odd', new Error('an odd row')],
  ])('gives back what it was reading back when that %s, be it one or several', async (_, error) => {
    for (const others of [[], ['bob']]) {
      const { world, pull, look } = await setUp();
      await world.grant();
      for (const technician of others) await world.grant({ technician });
      await world.tick();
      const hold = await pull();
      await look(hold);
      world.clock.advance(5 * SECOND);
      world.converge.execute = () => Promise.reject<never>(error);

      await look(hold);

      const { clockwork } = world.unitOfWork;
      expect(await clockwork.claimDue([world.customer], world.clock.now(), 9)).toHaveLength(
        1 + others.length,
      );
    }
  });

  it('takes away what is reached though something cannot be, and tells of that', async () => {
    const { world, pull, look, failures } = await setUp();
    await world.grant();
    await world.tick();
    const hold = await pull();
    breaks(world, { wanted: () => Promise.reject(new Error('could not read block 7')) });

    await look(hold);

    expect(failures).toMatchObject([{ message: 'could not read block 7' }]);
    expect(world.user()).toMatchObject({ enabled: false });
  });

  it('takes away though nobody can tell how far it is, at intervals', async () => {
    const { world, pull, carryOut, look } = await setUp();
    const id = await world.grant();
    await world.tick();
    const hold = await pull();
    breaks(world, { closing: () => Promise.reject(new Error('could not read block 7')) });
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 2 });

    await expect(look(hold)).rejects.toThrow('could not read block 7');
    await carryOut.idle();
    const from = world.directory.calls.length;
    await expect(look(hold)).rejects.toThrow('could not read block 7');
    await carryOut.idle();
    expect(world.directory.calls.slice(from)).toEqual([]);
    world.clock.advance(5 * SECOND);
    await expect(look(hold)).rejects.toThrow('could not read block 7');
    await carryOut.idle();

    expect(world.user()).toMatchObject({ enabled: false });
    expect(world.grantRow(id).takenAt).not.toBeNull();
  });

  it('tells what failed, and goes on', async () => {
    const { world, pull, look } = await setUp();
    await world.grant();
    await world.tick();
    const hold = await pull();
    world.directory.failNext('unassignRole', { reason: 'unanswered' });

    await look(hold);
    expect(world.user()).toMatchObject({ enabled: false, roles: [READER] });
    world.clock.advance(10 * SECOND);
    await look(hold);
    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
  });
});

describe('A kill switch', () => {
  it('undoes a give in the middle of its calls, under the same claim', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant({ roles: [READER], groups: [HELPDESK] });
    const off = world.directory.beforeCall(async (call) => {
      if (call.do !== 'enable') return;
      off();
      await pull();
    });

    await world.tick();

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ending', endReason: 'killed', activeAt: null });
    expect(world.grantRow(id).takenAt).not.toBeNull();
    await world.pass(10 * SECOND);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('tries at once what failed and was waiting for its time', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant();
    await world.tick();
    await world.end(id);
    world.directory.failNext('disable', { reason: 'consent_missing' });
    await world.tick();
    expect(world.user()?.enabled).toBe(true);

    await pull();
    await world.tick();

    expect(world.user()?.enabled).toBe(false);
  });

  it('shows no password from the moment on which it is pulled, before anything was taken', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant({ credential: 'password' });
    await world.tick();
    const hold = await pull();

    await expect(reveal(world, id)).rejects.toMatchObject({
      code: 'access.held',
      details: { holdId: hold.id },
    });
    expect(world.grantRow(id).reveals).toBe(0);
  });

  it('shows no password of a grant that it killed, though it was lifted before anybody looked', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant({ credential: 'password' });
    await world.tick();
    const hold = await pull();
    await world.unitOfWork.inOrganization(hold.organizationId, ({ holds }) =>
      holds.lift(hold.id, { at: world.clock.now(), actor }),
    );

    await expect(reveal(world, id)).rejects.toMatchObject({ code: 'grant.not_active' });
  });

  it('keeps a pass back that was being minted when it was pulled, and takes it away', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant();
    await world.tick();
    const off = world.directory.beforeCall(async (call) => {
      if (call.do !== 'mintPass') return;
      off();
      await pull();
    });

    await expect(reveal(world, id)).rejects.toMatchObject({ code: 'access.held' });

    expect(world.user()).toMatchObject({ enabled: false });
    expect(world.accountRow().mayHold.pass).toBeNull();
    const told = world.unitOfWork.peek().audit.map(({ action }) => action);
    expect(told).not.toContain('credential.revealed');
  });

  it('of one technician leaves the others of the customer alone', async () => {
    const { world, pull } = await setUp();
    const id = await world.grant();
    await world.grant({ technician: 'bob' });
    await world.tick();
    await pull({ kind: 'technician', technicianId: idOf(world.grantRow(id).technicianId) });

    await world.tick();

    expect(world.user()?.enabled).toBe(false);
    expect(world.user('bob')?.enabled).toBe(true);
  });
});
