import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, READER } from '../testing/convergence-world.js';

/** Every name of the pattern belongs to the customer's own people. */
const takeEveryName = (world: ConvergenceWorld): void => {
  world.tenant.plantUser(world.upn());
  for (let number = 2; number <= 9; number += 1) {
    world.tenant.plantUser(world.upn().replace('@', `.${number}@`));
  }
};

describe('Converge, where it once stood still', () => {
  it('ends a pass grant whose pass was never answered, while another grant keeps the account enabled', async () => {
    const world = await ConvergenceWorld.create();
    const short = await world.grant({ credential: 'pass', lastsMs: 10 * MINUTE });
    await world.grant({ credential: 'password', lastsMs: HOUR });
    await world.tick();
    const account = world.accountRow();
    world.directory.failNext('mintPass', { reason: 'unanswered' });
    const claim = await world.unitOfWork.clockwork.claimAccount(account, account.id, world.clock.now());
    if (claim === null) throw new Error('Nobody else works here.');
    await world.converge.execute([claim], { lifetimeMinutes: 60, usableOnce: false });

    await world.pass(11 * MINUTE);

    expect(world.grantRow(short).state).toBe('ended');
    expect(world.accountRow().mayHold.pass).toBeNull();
    expect(world.user()?.enabled).toBe(true);
  });

  it('refuses a grant by name when every name is taken, and asks Graph no further', async () => {
    const world = await ConvergenceWorld.create();
    takeEveryName(world);
    const id = await world.grant({ credential: 'password' });

    await world.pass(MINUTE);

    expect(world.grantRow(id)).toMatchObject({ state: 'ended', failure: { code: 'account.name_taken' } });
    expect(world.accountRow()).toMatchObject({ password: null, takeAt: null, dueAt: null });
    expect(world.directory.calls.length).toBeLessThanOrEqual(2 * 9);
  });

  it('ends a password grant that was given up while its name was being looked up', async () => {
    const world = await ConvergenceWorld.create();
    world.tenant.plantUser(world.upn());
    const id = await world.grant({ credential: 'password' });
    const off = world.directory.afterCall(async (call) => {
      if (call.do !== 'findUser') return;
      off();
      await world.end(id);
    });

    await world.pass(MINUTE);

    expect(world.grantRow(id).state).toBe('ended');
    expect(world.accountRow()).toMatchObject({ password: null, dueAt: null });
  });

  it('strips a parked account of every role first where it may not touch role holders', async () => {
    const world = await ConvergenceWorld.create({ mayTouchRoleHolders: false });
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(2 * HOUR);
    const assignment = { roleId: READER, assignmentId: 'by-hand', scope: '/' };
    world.tenant.inPortal(world.upn(), { assignments: [assignment] });

    const again = await world.grant({ roles: [READER] });
    await world.pass(10 * SECOND);

    expect(world.grantRow(again).state).toBe('active');
  });

  it('tries a grant whose start fell into an outage of our own before it gives it up', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ startsInMs: MINUTE, lastsMs: HOUR });
    world.clock.advance(20 * MINUTE);

    await world.tick();

    expect(world.grantRow(id).state).toBe('active');
  });
});
