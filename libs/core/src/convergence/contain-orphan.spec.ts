import { markerOf } from '#core/accounts';
import { HOUR, idOf, MINUTE } from '#core/shared';
import { ORGANIZATION, TENANT } from '../testing/convergence-rows.js';
import { ConvergenceWorld, GLOBAL_ADMIN } from '../testing/convergence-world.js';

const upn = `jit-lost@${TENANT}.example`;

/** Ours beyond doubt, and no account knows of it: a restored database has forgotten it. */
const markedAsOurs = (world: ConvergenceWorld): string =>
  markerOf(world.box, {
    organizationId: ORGANIZATION,
    tenantId: TENANT,
    accountId: idOf<'account'>('0190a000-0000-7000-8000-000000000042'),
    upn,
  });

describe('An orphan with a role of PIM that the directory does not let go', () => {
  it('is disabled at once, and loses the role as soon as PIM takes it', async () => {
    const world = await ConvergenceWorld.create({ pim: { longestMinutes: null, guarded: true } });
    const startsAt = world.clock.now();
    const timed = { scheduleId: 'lost', roleId: idOf<'entra role'>(GLOBAL_ADMIN), scope: '/' };
    world.tenant.plantUser(upn, {
      marker: markedAsOurs(world),
      timedRoles: [{ ...timed, startsAt, endsAt: startsAt + 6 * HOUR, activated: false }],
    });

    await world.compare();

    expect(world.tenant.user(upn)).toMatchObject({ enabled: false, roles: [GLOBAL_ADMIN] });
    for (let minutes = 0; minutes < 7; minutes += 1) {
      world.clock.advance(MINUTE);
      await world.compare();
    }
    expect(world.tenant.user(upn)).toMatchObject({ enabled: false, roles: [] });
    const [stray] = world.unitOfWork.peek().strays;
    expect(stray?.containedAt).not.toBeNull();
  });
});
