import { HOUR, idOf, MINUTE, SECOND, sharedErrors, type AccountId } from '#core/shared';
import { ConvergenceWorld, READER } from '../testing/convergence-world.js';
import { Converge, type Order } from './converge.js';
import { ConvergeCustomer } from './converge-customer.js';

/** A converge that trips over one row, with whatever is claimed beside it. */
class Stumbling extends Converge {
  over: AccountId | null = null;
  error: Error = new TypeError('this row is odd');
  /** What was claimed at each execution. */
  readonly tried: (readonly AccountId[])[] = [];

  override async execute(claims: Parameters<Converge['execute']>[0], order?: Order) {
    this.tried.push(claims.map(({ accountId }) => accountId));
    if (claims.some(({ accountId }) => accountId === this.over)) throw this.error;
    return super.execute(claims, order);
  }
}

/** Its odd row is on its way for as long as anybody else is. */
class Waiting extends Stumbling {
  #others = new Set<Promise<unknown>>();

  override async execute(claims: Parameters<Converge['execute']>[0], order: Order = {}) {
    if (claims.length > 1 || claims[0]?.accountId !== this.over) {
      const other = super.execute(claims, order);
      this.#others.add(other);
      return other;
    }
    const handedOver = order.handedOver ?? this.setOut();
    await Promise.allSettled(this.#others);
    handedOver();
    throw this.error;
  }
}

describe('ConvergeCustomer', () => {
  it('works on everything of the customer that is due, together', async () => {
    const world = await ConvergenceWorld.create();
    const due = [await world.grant({ technician: 'alice' }), await world.grant({ technician: 'bob' })];
    const later = await world.grant({ technician: 'carol', startsInMs: MINUTE });

    expect(await new ConvergeCustomer(world.ports, world.converge).execute(world.customer)).toBe(2);

    expect(due.map((id) => world.grantRow(id).state)).toEqual(['active', 'active']);
    expect(world.grantRow(later).state).toBe('scheduled');
    expect(world.directory.performs).toBe(2);
  });

  it('sends the disables of a crowd that ends at once, a hundred after the other, before it takes a role from anybody', async () => {
    const world = await ConvergenceWorld.create();
    const CROWD = 250;
    for (let each = 0; each < CROWD; each += 1)
      await world.grant({ technician: `t${each}`, lastsMs: HOUR, roles: [READER] });
    const customers = new ConvergeCustomer(world.ports, world.converge);
    for (let claims = 0; claims < 3; claims += 1) await customers.execute(world.customer);
    world.clock.advance(HOUR);
    const before = world.directory.calls.length;

    expect(await customers.execute(world.customer)).toBe(CROWD);

    const calls = world.directory.calls.slice(before).map(({ call }) => call.do);
    expect(calls.filter((call) => call === 'disable')).toHaveLength(CROWD);
    // The last of them have left by then, and the fake carries out side by side what leaves together.
    expect(calls.indexOf('unassignRole')).toBeGreaterThan(CROWD - 100);
    expect(world.tenant.users().filter(({ enabled }) => enabled)).toEqual([]);
  });

  it('tells in the end, and no sooner, that the rest of a crowd could not be claimed', async () => {
    const world = await ConvergenceWorld.create();
    for (let each = 0; each < 101; each += 1) await world.grant({ technician: `t${each}`, lastsMs: HOUR });
    const { clockwork } = world.unitOfWork;
    const claimDue = clockwork.claimDue.bind(clockwork);
    for (let claims = 0; claims < 2; claims += 1)
      await new ConvergeCustomer(world.ports, world.converge).execute(world.customer);
    world.clock.advance(HOUR);
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', hear);
    let claims = 0;
    clockwork.claimDue = (...asked) => {
      claims += 1;
      return claims === 1 ? claimDue(...asked) : Promise.reject(sharedErrors.refuse('database.unavailable'));
    };
    // Its calls are under way for longer than it takes to be refused the next claim.
    const perform = world.directory.perform.bind(world.directory);
    world.directory.perform = async (...asked) => {
      for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      return perform(...asked);
    };

    const execution = new ConvergeCustomer(world.ports, world.converge).execute(world.customer);

    await expect(execution).rejects.toMatchObject({ code: 'database.unavailable' });
    process.off('unhandledRejection', hear);
    expect(claims).toBe(2);
    expect(unheard).toEqual([]);
    expect(world.tenant.users().filter(({ enabled }) => enabled)).toHaveLength(1);
  });

  it('is quiet when a bell rings too early, twice, or for nobody', async () => {
    const world = await ConvergenceWorld.create();
    const customers = new ConvergeCustomer(world.ports, world.converge);
    await world.grant({ startsInMs: MINUTE });
    expect(await customers.execute(world.customer)).toBe(0);
    world.clock.advance(MINUTE);
    expect(await customers.execute(world.customer)).toBe(1);
    expect(await customers.execute(world.customer)).toBe(0);
    expect(await customers.execute({ ...world.customer, customerId: idOf('unknown') })).toBe(0);
  });

  it('leaves to another what it holds: two bells at once are one piece of work', async () => {
    const world = await ConvergenceWorld.create();
    const customers = new ConvergeCustomer(world.ports, world.converge);
    await world.grant();

    const done = await Promise.all([customers.execute(world.customer), customers.execute(world.customer)]);

    expect(done).toEqual([1, 0]);
    expect(world.tenant.users()).toHaveLength(1);
  });

  it('keeps the ends of the others when one row cannot be read, and tells of that row', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    for (const technician of ['odd', 'alice', 'bob']) await world.grant({ technician, lastsMs: MINUTE });
    await world.tick();
    world.clock.advance(MINUTE);
    converge.over = world.accountRow('odd').id;

    await expect(new ConvergeCustomer(world.ports, converge).execute(world.customer)).rejects.toThrow(
      'this row is odd',
    );

    expect(['alice', 'bob'].map((name) => world.user(name)?.enabled)).toEqual([false, false]);
  });

  it('gives back at once what nobody can plan, so that the revoker has it, and tries again later', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    await world.grant({ technician: 'odd', lastsMs: MINUTE });
    await world.tick();
    world.clock.advance(MINUTE);
    const { id, takeAt } = world.accountRow('odd');
    converge.over = id;
    const customers = new ConvergeCustomer(world.ports, converge);

    await expect(customers.execute(world.customer)).rejects.toThrow('this row is odd');

    const now = world.clock.now();
    expect(world.accountRow('odd')).toMatchObject({ claimedUntil: null, takeAt, dueAt: now + 30 * SECOND });
    expect(await customers.execute(world.customer)).toBe(0);
    const overdue = { now: now + 3 * SECOND, owedBefore: now + SECOND, except: [] };
    expect(await world.unitOfWork.clockwork.overdueCustomers(overdue, 9)).toMatchObject([world.customer]);
  });

  it.each(['database.timed_out', 'database.locked'] as const)(
    'takes %s for a matter of the row: the others go on, and never wait for it again',
    async (code) => {
      const world = await ConvergenceWorld.create();
      const converge = new Stumbling(world);
      converge.error = sharedErrors.refuse(code);
      for (const technician of ['slow', 'alice']) await world.grant({ technician, lastsMs: MINUTE });
      await world.grant({ technician: 'bob', lastsMs: 2 * MINUTE });
      await world.tick();
      converge.over = world.accountRow('slow').id;
      const customers = new ConvergeCustomer(world.ports, converge);
      world.clock.advance(MINUTE);
      await expect(customers.execute(world.customer)).rejects.toMatchObject({ code });
      expect(world.user('alice')?.enabled).toBe(false);

      world.clock.advance(MINUTE);
      converge.tried.length = 0;
      await expect(customers.execute(world.customer)).rejects.toMatchObject({ code });

      expect(world.user('bob')?.enabled).toBe(false);
      expect(converge.tried).toContainEqual([converge.over]);
      expect(
        converge.tried.filter((ids) => ids.length > 1 && ids.includes(world.accountRow('slow').id)),
      ).toEqual([]);
    },
  );

  it('has nobody wait with taking roles for a row that failed before', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Waiting(world);
    for (const technician of ['odd', 'alice']) await world.grant({ technician, lastsMs: MINUTE });
    await world.grant({ technician: 'bob', lastsMs: 2 * MINUTE });
    await world.tick();
    converge.over = world.accountRow('odd').id;
    const customers = new ConvergeCustomer(world.ports, converge);
    world.clock.advance(MINUTE);
    await expect(customers.execute(world.customer)).rejects.toThrow('this row is odd');
    world.clock.advance(MINUTE);

    // The odd row fails only once everybody else is through: whoever waited for it would wait for ever.
    await expect(customers.execute(world.customer)).rejects.toThrow('this row is odd');

    expect(['alice', 'bob'].map((name) => world.user(name)?.enabled)).toEqual([false, false]);
    expect(['alice', 'bob'].map((name) => world.accountRow(name).mayHold.roles)).toEqual([{}, {}]);
  });

  it('tries a row that somebody holds again soon, and each time a little later', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    converge.error = sharedErrors.refuse('database.locked');
    await world.grant({ technician: 'held', lastsMs: MINUTE });
    await world.tick();
    converge.over = world.accountRow('held').id;
    world.clock.advance(MINUTE);
    const customers = new ConvergeCustomer(world.ports, converge);
    const rests: number[] = [];

    for (let tries = 0; tries < 5; tries += 1) {
      await expect(customers.execute(world.customer)).rejects.toMatchObject({ code: 'database.locked' });
      const { dueAt, claimedUntil } = world.accountRow('held');
      expect(claimedUntil).toBeNull();
      rests.push((dueAt ?? 0) - world.clock.now());
      world.clock.set(dueAt ?? 0);
    }
    expect(rests).toEqual([5, 10, 20, 30, 30].map((seconds) => seconds * SECOND));

    converge.over = null;
    expect(await customers.execute(world.customer)).toBe(1);
    expect(world.user('held')?.enabled).toBe(false);
  });

  it('tries no account alone when it is the database that is away', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    converge.error = sharedErrors.refuse('database.unavailable');
    for (const technician of ['alice', 'bob']) await world.grant({ technician, lastsMs: 10 * SECOND });
    converge.over = world.accountRow('alice').id;

    await expect(new ConvergeCustomer(world.ports, converge).execute(world.customer)).rejects.toMatchObject({
      code: 'database.unavailable',
    });

    expect(world.directory.calls).toEqual([]);
    // Somebody else may have a connection.
    expect(['alice', 'bob'].map((name) => world.accountRow(name).claimedUntil)).toEqual([null, null]);
  });

  it('gives back a claim on a row that somebody holds as soon as he lets go', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    const customers = new ConvergeCustomer(world.ports, converge, world.unreturned);
    const id = await world.grant({ lastsMs: MINUTE });
    converge.error = sharedErrors.refuse('database.locked');
    converge.over = world.accountRow().id;
    const execute = converge.execute.bind(converge);
    let letGo = (): void => undefined;
    converge.execute = (...given) => {
      ({ letGo } = world.unitOfWork.holdRow(world.accountRow().id));
      return execute(...given);
    };
    await expect(customers.execute(world.customer)).rejects.toBe(converge.error);
    await world.tick();
    expect(world.accountRow().claimedUntil).not.toBeNull();

    letGo();
    world.clock.advance(SECOND);
    await world.tick();

    expect(world.grantRow(id).state).toBe('active');
  });

  it('gives back with the next bell, or sweep, what it could not while the database was away', async () => {
    const world = await ConvergenceWorld.create();
    const converge = new Stumbling(world);
    const { clockwork } = world.unitOfWork;
    const giveBack = clockwork.giveBack.bind(clockwork);
    const customers = new ConvergeCustomer(world.ports, converge, world.unreturned);
    const id = await world.grant({ lastsMs: MINUTE });
    converge.error = sharedErrors.refuse('database.unavailable');
    converge.over = world.accountRow().id;
    clockwork.giveBack = () => Promise.reject(sharedErrors.refuse('database.unavailable'));
    await expect(customers.execute(world.customer)).rejects.toBe(converge.error);
    expect(world.accountRow().claimedUntil).not.toBeNull();

    clockwork.giveBack = giveBack;
    converge.over = null;
    world.clock.advance(SECOND);
    await world.tick();

    expect(world.grantRow(id).state).toBe('active');
  });
});
