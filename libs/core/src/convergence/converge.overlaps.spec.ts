import { HOUR, MINUTE } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';
import { RevokeOverdue } from './revoke-overdue.js';

describe('a grant that ends with a delete while another runs', () => {
  const setUp = async () => {
    const world = await ConvergenceWorld.create();
    const deleting = await world.grant({ endAction: 'delete', roles: [GLOBAL_ADMIN], lastsMs: 10 * MINUTE });
    const other = await world.grant({ lastsMs: 40 * MINUTE });
    return { world, deleting, other };
  };

  it('has its account deleted once the other has ended too', async () => {
    const { world, deleting, other } = await setUp();
    await world.pass(20 * MINUTE);
    const meanwhile = { state: world.grantRow(deleting).state, enabled: world.user()?.enabled };
    await world.pass(30 * MINUTE);

    expect(meanwhile).toEqual({ state: 'ended', enabled: true });
    expect(world.user()).toBeNull();
    expect(world.grantRow(other)).toMatchObject({ state: 'ended', proofs: [{ objectFound: false }] });
  });

  it('has it deleted though it was needed again meanwhile, and an account that is made anew is parked', async () => {
    const { world } = await setUp();
    await world.pass(20 * MINUTE);
    const { id } = world.accountRow();
    const { organizationId } = world.customer;
    const keep = () => world.unitOfWork.inOrganization(organizationId, ({ accounts }) => accounts.keep(id));
    await keep();
    await world.pass(30 * MINUTE);
    expect(world.user()).toBeNull();

    await keep();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(20 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false });
  });

  it('is taken away by a revoker, and ended by somebody who can write down that the object is to go', async () => {
    const { world, deleting } = await setUp();
    await world.tick();
    const revoker = new RevokeOverdue(world.ports, world.converge);
    for (let looks = 0; looks < 20; looks += 1) {
      world.clock.advance(MINUTE);
      await revoker.execute((_customer, error) => expect(error).toBeUndefined());
      await revoker.idle();
    }
    const byRevoker = world.grantRow(deleting);
    await world.pass(MINUTE);

    expect(byRevoker).toMatchObject({ state: 'ending', endReason: 'expired' });
    expect(byRevoker.takenAt).not.toBeNull();
    expect(world.grantRow(deleting).state).toBe('ended');
    expect(world.accountRow().retirement).toBe('ended_with_delete');
  });
});

describe('a grant that starts while the end of another cannot be done', () => {
  it('waits for it, however long that takes, and begins late rather than never', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ roles: [READER], groups: [EXCHANGE], lastsMs: 10 * MINUTE });
    await world.tick();
    const heal = world.directory.failNext('removeFromGroup', { reason: 'unanswered' }, Infinity);
    await world.pass(15 * MINUTE);
    const id = await world.grant({ groups: [], lastsMs: HOUR });
    await world.pass(20 * MINUTE);
    const meanwhile = world.grantRow(id);
    heal();
    await world.pass(2 * MINUTE);

    expect(meanwhile).toMatchObject({ state: 'starting', failure: null });
    expect(world.grantRow(id).state).toBe('active');
    expect(world.user()).toMatchObject({ enabled: true, groups: [] });
  });

  it('ends at its own time when that never becomes possible', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ groups: [EXCHANGE], lastsMs: 10 * MINUTE });
    await world.tick();
    world.directory.failNext('removeFromGroup', { reason: 'unanswered' }, Infinity);
    await world.pass(15 * MINUTE);
    const id = await world.grant({ groups: [], lastsMs: 30 * MINUTE });
    await world.pass(31 * MINUTE);

    expect(world.grantRow(id)).toMatchObject({ state: 'ending', endReason: 'expired' });
    expect(world.user()).toMatchObject({ enabled: false });
  });
});

describe('a grant that starts after whoever ended another died in the middle of that', () => {
  it.each(['disable', 'unassignRole', 'removeFromGroup'] as const)(
    'is given anew what may be gone: %s had arrived, and nobody wrote it down',
    async (last) => {
      const world = await ConvergenceWorld.create();
      await world.grant({ roles: [READER], groups: [EXCHANGE], lastsMs: 10 * MINUTE });
      await world.tick();
      world.clock.advance(10 * MINUTE);
      const off = world.directory.afterCall(({ do: what }) => {
        if (what === last) throw new Error('kill -9');
      });
      await expect(world.tick()).rejects.toThrow('kill -9');
      off();

      const id = await world.grant({ roles: [READER], groups: [EXCHANGE], lastsMs: HOUR });
      await world.pass(2 * MINUTE);

      expect(world.grantRow(id).state).toBe('active');
      expect(world.user()).toMatchObject({ enabled: true, groups: [EXCHANGE] });
      expect(world.user()?.roles).toHaveLength(1);
    },
  );
});
