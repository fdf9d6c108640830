import { MINUTE, SECOND, sharedErrors, type AccountId } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { Converge, type Order } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';

const LASTS_MS = 10 * MINUTE;

/** A converge that runs out of time wherever some account is among those claimed. */
class Slow extends Converge {
  over: AccountId | null = null;
  readonly tried: number[] = [];

  override execute(claims: Parameters<Converge['execute']>[0], order?: Order) {
    this.tried.push(claims.length);
    if (claims.some(({ accountId }) => accountId === this.over))
      return Promise.reject(sharedErrors.refuse('database.timed_out'));
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
  const look = async (): Promise<number> => {
    const count = await revoker.execute((_, error) => void failures.push(error));
    await revoker.idle();
    return count;
  };
  const unplanned = () =>
    world.unitOfWork.peek().audit.filter(({ action }) => action === 'account.disabled_unplanned');
  return { world, converge, look, failures, unplanned };
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

  it('disables without a claim what has been overdue for longer than a lock of ours may last, and cannot be claimed', async () => {
    const { world, look, failures, unplanned } = await setUp('held');
    const { id } = world.accountRow('held');
    const { clockwork } = world.unitOfWork;
    const asked: number[] = [];
    clockwork.claimOverdue = () => Promise.resolve([]);
    clockwork.lockedOverdue = (_, { owedBefore, except }) => {
      asked.push(world.clock.now() - owedBefore);
      return Promise.resolve(except.includes(id) ? [] : [id]);
    };
    world.clock.advance(LASTS_MS + 17 * SECOND);

    expect(await look()).toBe(1);

    expect(asked).toEqual([16 * SECOND]);
    expect(world.user('held')?.enabled).toBe(false);
    expect(failures).toMatchObject([{ code: 'database.locked' }]);
    expect(unplanned()).toMatchObject([{ details: { because: 'database.locked' } }]);
    // It rests, like everything that was tried in vain.
    expect(await look()).toBe(0);
    expect(unplanned()).toHaveLength(1);
  });

  it('goes on with the others when it cannot even claim at one customer in time', async () => {
    const { world, look, failures } = await setUp('alice');
    const { clockwork } = world.unitOfWork;
    const claimOverdue = clockwork.claimOverdue.bind(clockwork);
    clockwork.claimOverdue = () => Promise.reject(sharedErrors.refuse('database.timed_out'));
    world.clock.advance(LASTS_MS + 3 * SECOND);

    expect(await look()).toBe(0);
    expect(failures).toMatchObject([{ code: 'database.timed_out' }]);

    clockwork.claimOverdue = claimOverdue;
    expect(await look()).toBe(1);
    expect(world.user('alice')?.enabled).toBe(false);
  });
});
