import { MINUTE, SECOND, sharedErrors, type AccountId } from '#core/shared';
import { ConvergenceWorld, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge, type Order } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';

const LASTS_MS = 10 * MINUTE;

/** A converge that runs out of time wherever some account is among those claimed. */
class Slow extends Converge {
  over: AccountId | null = null;
  waits: Promise<void> = Promise.resolve();
  readonly tried: number[] = [];

  override async execute(claims: Parameters<Converge['execute']>[0], order?: Order) {
    this.tried.push(claims.length);
    await this.waits;
    if (claims.some(({ accountId }) => accountId === this.over))
      throw sharedErrors.refuse('database.timed_out');
    return super.execute(claims, order);
  }
}

const setUp = async (...technicians: readonly string[]) => {
  const world = await ConvergenceWorld.create();
  for (const technician of technicians) await world.grant({ technician, lastsMs: LASTS_MS });
  await world.tick();
  const converge = new Slow(world);
  const revoker = new RevokeOverdue(world, converge);
  const failures: unknown[] = [];
  const look = async ({ idle } = { idle: true }): Promise<number> => {
    const count = await revoker.execute((_, error) => void failures.push(error));
    if (idle) await revoker.idle();
    return count;
  };
  const unplanned = () =>
    world.unitOfWork.peek().audit.filter(({ action }) => action === 'account.disabled_unplanned');
  return { world, converge, revoker, look, failures, unplanned };
};

const everySecond = async (
  { clock }: ConvergenceWorld,
  seconds: number,
  look: () => Promise<unknown>,
): Promise<void> => {
  for (let second = 0; second < seconds; second += 1) {
    await look();
    clock.advance(SECOND);
  }
};

describe('RevokeOverdue, with rows that take too long', () => {
  it('disables such a row on its object id, plans the others, and never again has them wait for it', async () => {
    const { world, converge, look, failures, unplanned } = await setUp('slow', 'alice');
    await world.grant({ technician: 'bob', lastsMs: LASTS_MS + MINUTE });
    await world.tick();
    converge.over = world.accountRow('slow').id;
    world.clock.advance(LASTS_MS + 3 * SECOND);

    expect(await look()).toBe(2);

    expect(['slow', 'alice'].map((name) => world.user(name)?.enabled)).toEqual([false, false]);
    expect(unplanned()).toMatchObject([
      { subject: { id: converge.over }, details: { because: 'database.timed_out' } },
    ]);
    expect(failures[0]).toMatchObject({ code: 'database.timed_out' });
    expect(world.accountRow('slow').takeAt).not.toBeNull();

    world.clock.advance(MINUTE);
    converge.tried.length = 0;
    await look();
    expect(converge.tried).toEqual([1, 1]);
    expect(world.user('bob')?.enabled).toBe(false);
  });

  it('disables without a claim what was locked at every look for longer than a lock of ours may last', async () => {
    const { world, look, failures, unplanned } = await setUp('held');
    world.unitOfWork.holdRow(world.accountRow('held').id);
    world.clock.advance(LASTS_MS + 3 * SECOND);

    for (let second = 0; second < 16; second += 1) {
      expect(await look()).toBe(0);
      world.clock.advance(SECOND);
    }
    expect(world.user('held')?.enabled).toBe(true);
    expect(await look()).toBe(1);

    expect(world.user('held')?.enabled).toBe(false);
    expect(failures).toMatchObject([{ code: 'database.locked' }]);
    expect(unplanned()).toMatchObject([{ details: { because: 'database.locked' } }]);
    // It rests, like everything that was tried in vain.
    expect(await look()).toBe(0);
    expect(unplanned()).toHaveLength(1);
  });

  it('leaves to whoever works on it what was locked at a glance, however long it is overdue', async () => {
    const { world, look, unplanned } = await setUp('alice');
    const { id } = world.accountRow('alice');
    world.clock.advance(LASTS_MS + 20 * MINUTE);

    // As by a claim that is not committed yet, each time that somebody looks for the first time in a while.
    for (let times = 0; times < 2; times += 1) {
      const { letGo } = world.unitOfWork.holdRow(id);
      await look();
      letGo();
      world.clock.advance(17 * SECOND);
    }

    expect(unplanned()).toEqual([]);
    expect(world.user('alice')?.enabled).toBe(true);
  });

  it('does so too where somebody had claimed it before, however long his claim still runs', async () => {
    const { world, look, unplanned } = await setUp('held');
    const { id } = world.accountRow('held');
    world.clock.advance(LASTS_MS - SECOND);
    await world.unitOfWork.clockwork.claimAccount(world.customer, id, world.clock.now());
    world.unitOfWork.holdRow(id);
    world.clock.advance(SECOND);

    await everySecond(world, 21, look);

    expect(world.user('held')?.enabled).toBe(false);
    expect(unplanned()).toMatchObject([{ details: { because: 'database.locked' } }]);
  });

  it('does so too where it had claimed it itself, beside others, before somebody held it', async () => {
    const { world, converge, look, unplanned } = await setUp('held', 'alice');
    const { id } = world.accountRow('held');
    const execute = converge.execute.bind(converge);
    converge.execute = async (claims, order) => {
      if (claims.every(({ accountId }) => accountId !== id)) return execute(claims, order);
      world.unitOfWork.holdRow(id);
      throw sharedErrors.refuse('database.locked');
    };
    world.clock.advance(LASTS_MS);

    await everySecond(world, 21, look);

    expect(['held', 'alice'].map((name) => world.user(name)?.enabled)).toEqual([false, false]);
    expect(unplanned()).toMatchObject([{ subject: { id } }]);
  });

  it('looks on while the customer is throttled or its row rests, and acts as soon as it may', async () => {
    const { world, look, unplanned } = await setUp('held');
    world.unitOfWork.holdRow(world.accountRow('held').id);
    world.clock.advance(LASTS_MS);
    await everySecond(world, 5, look);
    const until = world.clock.now() + 40 * SECOND;
    await world.unitOfWork.inOrganization(world.customer.organizationId, ({ customers }) =>
      customers.throttle(world.customer.customerId, { workload: 'directory', until, reason: 'asked' }),
    );

    await everySecond(world, 40, look);
    expect(unplanned()).toEqual([]);
    await everySecond(world, 1, look);
    expect(unplanned()).toHaveLength(1);
    await everySecond(world, 3, look);
    expect(unplanned()).toHaveLength(2);
  });

  it('begins anew with what was free in between', async () => {
    const { world, look, unplanned } = await setUp('alice');
    const { id } = world.accountRow('alice');
    world.clock.advance(LASTS_MS + 3 * SECOND);

    const before = world.unitOfWork.holdRow(id);
    await everySecond(world, 15, look);
    before.letGo();
    await world.unitOfWork.clockwork.claimAccount(world.customer, id, world.clock.now());
    await everySecond(world, 1, look);
    world.unitOfWork.holdRow(id);
    // For as long as a lock of ours may last.
    await everySecond(world, 16, look);

    expect(unplanned()).toEqual([]);
    await everySecond(world, 1, look);
    expect(unplanned()).toHaveLength(1);
  });

  it('has nothing that is locked wait for what can be claimed, however long that takes', async () => {
    const { world, converge, look, unplanned } = await setUp('held', 'alice');
    const { id } = world.accountRow('held');
    world.unitOfWork.holdRow(id);
    let letGo: () => void = () => undefined;
    converge.waits = new Promise((resolve) => (letGo = resolve));
    world.clock.advance(LASTS_MS + 3 * SECOND);

    for (let second = 0; second <= 16; second += 1) {
      await look({ idle: false });
      world.clock.advance(SECOND);
    }
    letGo();
    await look();

    expect(unplanned()).toMatchObject([{ subject: { id } }]);
    expect(world.user('held')?.enabled).toBe(false);
  });

  it('has a grant that still runs on the account given anew, and ends it when it is over, with no blame on the customer', async () => {
    const { world, converge, look } = await setUp();
    const ending = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [] });
    const running = await world.grant({ lastsMs: 60 * MINUTE, roles: [], groups: [HELPDESK] });
    await world.tick();
    converge.over = world.accountRow().id;
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();
    expect(world.user()).toMatchObject({ enabled: false });
    await world.pass(MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [], groups: [HELPDESK] });
    expect(world.grantRow(ending).state).toBe('ended');
    await world.pass(20 * MINUTE);
    await world.compare();
    expect(world.grantRow(running).state).toBe('active');
    await world.pass(40 * MINUTE);
    expect(world.grantRow(running)).toMatchObject({ state: 'ended', endReason: 'expired' });
    expect(world.user()?.enabled).toBe(false);
  });

  it('does so too where it never had the row, as soon as whoever holds it lets go', async () => {
    const { world, look } = await setUp();
    const ending = await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [] });
    const running = await world.grant({ lastsMs: 60 * MINUTE, roles: [], groups: [HELPDESK] });
    await world.tick();
    const { letGo } = world.unitOfWork.holdRow(world.accountRow().id);
    world.clock.advance(LASTS_MS + 3 * SECOND);
    for (let second = 0; second < 30; second += 1) {
      await look();
      world.clock.advance(SECOND);
    }
    expect(world.user()?.enabled).toBe(false);
    expect(world.accountRow().mayHold.enabled).toBe('held');

    letGo();
    await look();
    await world.pass(MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [], groups: [HELPDESK] });
    expect([world.grantRow(ending).state, world.grantRow(running).state]).toEqual(['ended', 'active']);
  });

  it('doubts the row where the answer to the disable was lost, and believes it where Graph refused', async () => {
    const { world, converge, look } = await setUp('lost', 'refused');
    converge.execute = () => Promise.reject(new TypeError('odd'));
    const { objectId } = world.accountRow('lost');
    world.directory.failNext((call) => call.do === 'disable' && call.user === objectId, {
      reason: 'unanswered',
    });
    world.directory.failNext((call) => call.do === 'disable' && call.user !== objectId, {
      reason: 'too_soon',
    });
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();

    expect(['lost', 'refused'].map((name) => world.accountRow(name).mayHold.enabled)).toEqual([
      'maybe',
      'held',
    ]);
  });

  it('goes on with the others when it cannot even claim at one customer in time, and says which one that is', async () => {
    const { world, revoker, look, failures } = await setUp('alice');
    const { clockwork } = world.unitOfWork;
    const claimOverdue = clockwork.claimOverdue.bind(clockwork);
    clockwork.claimOverdue = () => Promise.reject(sharedErrors.refuse('database.timed_out'));
    world.clock.advance(LASTS_MS + 3 * SECOND);

    expect(await look()).toBe(0);
    expect(failures).toMatchObject([{ code: 'database.timed_out' }]);
    expect([...revoker.slow()]).toEqual([world.customer.customerId]);

    clockwork.claimOverdue = claimOverdue;
    expect(await look()).toBe(1);
    expect(world.user('alice')?.enabled).toBe(false);
    world.clock.advance(30 * SECOND);
    expect(revoker.slow().size).toBe(0);
  });

  it('says so of a customer, too, of whom it cannot have what a bare disable takes', async () => {
    const { world, converge, revoker, look } = await setUp('alice');
    converge.over = world.accountRow('alice').id;
    // As while somebody holds a lock on the table of connections.
    world.unitOfWork.inOrganization = () => Promise.reject(sharedErrors.refuse('database.timed_out'));
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();

    expect([...revoker.slow()]).toEqual([world.customer.customerId]);
  });
});
