import { MOST_GRANTS_READ } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';

/** From before there was a limit. */
const MANY = MOST_GRANTS_READ + 15;

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const states = () => [...new Set(world.unitOfWork.peek().grants.map(({ state }) => state))];
  const hold = (at: number) =>
    world.unitOfWork.inOrganization(world.customer.organizationId, async ({ holds }) => {
      const id = idOf<'hold'>(world.ids.uuid());
      const scope = { kind: 'organization' } as const;
      const { organizationId } = world.customer;
      await holds.insert({
        id,
        organizationId,
        scope,
        reason: 'a laptop was stolen',
        placedAt: at,
        placedBy: { kind: 'console' },
        liftedAt: null,
        liftedBy: null,
      });
      const toReach = { id, organizationId, scope, placedAt: at, liftedAt: null };
      const accounts = await holds.wanted(toReach, { at, after: null, limit: 9 });
      await holds.reach(toReach, { at, accounts });
    });
  return { world, states, hold };
};

describe('An account with more grants than are read at once', () => {
  it('loses none of them: each begins, and each is ended and proven', async () => {
    const { world, states } = await setUp();
    for (let each = 0; each < MANY; each += 1)
      await world.grant({ startsInMs: each * MINUTE, lastsMs: 2 * HOUR });

    await world.pass((MANY + 2) * MINUTE);
    expect(world.user()?.enabled).toBe(true);
    await world.pass(2 * HOUR + MINUTE);

    expect(world.user()?.enabled).toBe(false);
    expect(states()).toEqual(['ended']);
    expect(world.unitOfWork.peek().grants.map(({ endReason }) => endReason)).toEqual(
      Array.from({ length: MANY }, () => 'expired'),
    );
    expect(world.accountRow()).toMatchObject({ takeAt: null });
  });

  it('is given nothing more by any of them once a kill switch was pulled, and none stays open', async () => {
    const { world, states, hold } = await setUp();
    for (let each = 0; each < MANY; each += 1)
      await world.grant({ startsInMs: each * MINUTE, lastsMs: 2 * HOUR });
    await world.pass(SECOND);

    await hold(world.clock.now());
    await world.pass(30 * SECOND);

    expect(world.user()?.enabled).toBe(false);
    expect(states()).toEqual(['ended']);
  });
});
