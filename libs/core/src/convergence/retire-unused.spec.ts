import { HOUR, MINUTE } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';

const DAY_MS = 24 * HOUR;

/** Parked since its grant ended. */
const parked = async (): Promise<ConvergenceWorld> => {
  const world = await ConvergenceWorld.create();
  await world.grant({ lastsMs: 10 * MINUTE });
  await world.pass(3 * HOUR);
  return world;
};

const actions = (world: ConvergenceWorld) => world.unitOfWork.peek().audit.map(({ action }) => action);

const later = async (world: ConvergenceWorld, ms: number): Promise<void> => {
  world.clock.advance(ms);
  await world.compare();
  await world.pass(2 * HOUR);
};

describe('A parked account', () => {
  it('stays while it was used within the days', async () => {
    const world = await parked();
    await later(world, 89 * DAY_MS);
    expect(world.user()).not.toBeNull();
    expect(actions(world)).not.toContain('account.retired');
  });

  it('that nobody used for longer is deleted, with proof, and both are told once', async () => {
    const world = await parked();
    await later(world, 91 * DAY_MS);
    await later(world, DAY_MS);

    expect(world.user()).toBeNull();
    expect(world.accountRow()).toMatchObject({
      retirement: 'unused',
      removal: { readAt: expect.any(Number) as number },
    });
    const told = actions(world).filter(
      (action) => action === 'account.retired' || action === 'account.deleted',
    );
    expect(told).toEqual(['account.retired', 'account.deleted']);
  });

  it('stays for ever where the organization says so', async () => {
    const world = await parked();
    const { organizationId } = world.customer;
    await world.unitOfWork.inOrganization(organizationId, ({ organizations }) =>
      organizations.setUnusedAccountDays(0),
    );
    await later(world, 1_000 * DAY_MS);
    expect(world.user()).not.toBeNull();
  });

  it('with a running grant stays, however old it is', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 200 * DAY_MS });
    await world.tick();
    await later(world, 100 * DAY_MS);
    expect(actions(world)).not.toContain('account.retired');
  });

  it('that somebody asks for while it is being deleted is given as ever: there, or made anew', async () => {
    for (const moment of ['before', 'after'] as const) {
      const world = await parked();
      world.clock.advance(91 * DAY_MS);
      let id: string | null = null;
      const ask = async (call: { readonly do: string }): Promise<void> => {
        if (call.do !== 'deleteUser' || id !== null) return;
        id = '';
        id = await world.grant({ lastsMs: 2 * HOUR });
        await world.unitOfWork.inOrganization(world.customer.organizationId, ({ accounts }) =>
          accounts.keep(world.accountRow().id),
        );
      };
      if (moment === 'before') world.directory.beforeCall(ask);
      else world.directory.afterCall(ask);
      await world.compare();
      await world.pass(30 * MINUTE);

      expect(world.user()).toMatchObject({ enabled: true });
      expect(world.accountRow().retirement).toBeNull();
      expect(world.unitOfWork.peek().grants.at(-1)?.state).toBe('active');
    }
  });
});
