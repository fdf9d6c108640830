import { HOUR, idOf, MINUTE } from '#core/shared';
import { ConvergenceWorld, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';

/** Where Entra lets nobody delete a role with an end: PIM alone takes it. */
const guarded = (spec: { readonly mayTouchRoleHolders?: boolean } = {}) =>
  ConvergenceWorld.create({ pim: { longestMinutes: null, guarded: true }, ...spec });

/** What a hand gives in the portal, with an end that is far away. */
const giveByHand = (world: ConvergenceWorld, role: string): void => {
  const startsAt = world.clock.now();
  const timed = { scheduleId: 'by-hand', scope: '/', startsAt, endsAt: startsAt + 10 * HOUR };
  const timedRoles = world.user()?.timedRoles ?? [];
  world.tenant.inPortal(world.upn(), {
    timedRoles: [...timedRoles, { ...timed, roleId: idOf(role), activated: false }],
  });
};

/** It has yet to see what the directory has: whoever asks it to end that is told that it does not exist. */
const hideFromPim = (world: ConvergenceWorld): void => {
  const hidden = { assignments: world.user()?.assignments ?? [] };
  world.directory.beforeCall(({ do: what }) => {
    if (what === 'endTimedRole') world.tenant.inPortal(world.upn(), { assignments: [] });
  });
  world.directory.afterCall(({ do: what }) => {
    if (what === 'endTimedRole') world.tenant.inPortal(world.upn(), hidden);
  });
};

describe('Converge, where only PIM takes a role with an end', () => {
  it('takes through PIM what nobody knew to be of PIM, although PIM is asked for nothing else', async () => {
    const world = await guarded();
    world.directory.failNext('assignRoleUntil', { reason: 'licence_missing', retry: 'never' });
    const id = await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    await world.pass(2 * MINUTE);
    giveByHand(world, GLOBAL_ADMIN);

    await world.pass(19 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id).takenAt).not.toBeNull();
  });

  it.each([true, false])(
    'takes it from a grant that runs (may touch role holders: %s)',
    async (mayTouchRoleHolders) => {
      const world = await guarded({ mayTouchRoleHolders });
      world.directory.failNext('assignRoleUntil', { reason: 'licence_missing', retry: 'never' });
      const id = await world.grant({ roles: [READER], lastsMs: HOUR });
      await world.pass(2 * MINUTE);
      giveByHand(world, GLOBAL_ADMIN);
      await world.pass(6 * MINUTE);

      await world.compare();
      await world.pass(MINUTE);

      expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
      expect(world.grantRow(id).state).toBe('active');
      expect(world.accountRow().failure).toBeNull();
    },
  );

  it('believes no "does not exist" of PIM of a role that the directory does not let go', async () => {
    const world = await guarded();
    world.directory.failNext('assignRoleUntil', { reason: 'licence_missing', retry: 'never' });
    const id = await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    await world.tick();
    const letGo = world.directory.failNext('unassignRole', { reason: 'unknown' }, Infinity);
    hideFromPim(world);

    await world.pass(25 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [READER] });
    expect(world.accountRow().mayHold.roles[READER]).toBeDefined();
    expect(world.grantRow(id).takenAt).toBeNull();
    letGo();
    await world.pass(2 * MINUTE);
    expect(world.user()?.roles).toEqual([]);
    expect(world.grantRow(id).state).toBe('ended');
  });

  it('takes as any other what it gave for good when Entra had ended it', async () => {
    const world = await guarded();
    const id = await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    await world.pass(MINUTE);
    world.directory.failNext('changeTimedRole', { reason: 'licence_missing', retry: 'never' });
    await world.extend(id, 12 * MINUTE);

    await world.pass(33 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id).takenAt).not.toBeNull();
  });
});
