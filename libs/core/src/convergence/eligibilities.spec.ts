import type { DirectoryCall, DirectoryErrorReason } from '#core/accounts';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';

const PIM = { pim: { longestMinutes: null } } as const;
const SCOPES = ['/', '/administrativeUnits/00000000-0000-4000-8000-00000000000a', '/app'] as const;

const eligible = (roleId: string, scope = '/', endsAt: number | null = null) => ({
  scheduleId: `${roleId} ${scope}`,
  roleId: idOf<'entra role'>(roleId),
  scope,
  startsAt: 0,
  endsAt,
});
const callsOf = (world: ConvergenceWorld, kind: DirectoryCall['do']): readonly string[] =>
  world.directory.calls.filter(({ call }) => call.do === kind).map(({ outcome }) => outcome);
const told = (world: ConvergenceWorld) =>
  world.unitOfWork
    .peek()
    .audit.filter(({ action }) => action === 'account.drifted')
    .map(({ details }) => details['found']);

/** A grant that has run for a while, whose owner made himself eligible. */
const madeEligible = async (spec = {}) => {
  const world = await ConvergenceWorld.create({ ...PIM, ...spec });
  const id = await world.grant({ roles: [READER], lastsMs: 2 * HOUR });
  await world.pass(20 * MINUTE);
  await world.compare();
  world.tenant.inPortal(world.upn(), { eligibilities: [eligible(GLOBAL_ADMIN)] });
  return { world, id };
};

/** One period later, by the passes alone. */
const nextPass = async (world: ConvergenceWorld): Promise<void> => {
  world.clock.advance(5 * MINUTE);
  await world.compare();
};

describe('A role that somebody made an account eligible for', () => {
  it('is ended within a period while a grant runs, told once, and leaves the grant as it was', async () => {
    const { world, id } = await madeEligible();

    await nextPass(world);

    expect(world.user()).toMatchObject({ enabled: true, roles: [READER], eligibilities: [] });
    expect(told(world)).toEqual([[`role made eligible ${GLOBAL_ADMIN}`]]);
    await world.pass(MINUTE);
    expect(world.accountRow().mayHold).not.toHaveProperty('eligible');
    expect(world.grantRow(id)).toMatchObject({ state: 'active', failure: null });
    await world.pass(3 * HOUR);
    expect(told(world)).toHaveLength(1);
    expect(world.grantRow(id).state).toBe('ended');
  });

  it.each(SCOPES)('is ended where it was given: %s', async (scope) => {
    const { world } = await madeEligible();
    world.tenant.inPortal(world.upn(), { eligibilities: [eligible(READER, scope)] });
    await nextPass(world);
    expect(world.user()?.eligibilities).toEqual([]);
  });

  it('is ended on a parked account within a day, and before anything is given to it', async () => {
    const world = await ConvergenceWorld.create(PIM);
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(3 * HOUR);
    await world.compare();
    world.tenant.inPortal(world.upn(), { eligibilities: [eligible(GLOBAL_ADMIN)] });
    world.clock.advance(24 * HOUR);
    await world.compare();
    expect(world.user()?.eligibilities).toEqual([]);

    await world.pass(3 * HOUR);
    world.tenant.inPortal(world.upn(), { eligibilities: [eligible(GLOBAL_ADMIN)] });
    await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.tick();
    const order = world.directory.calls.slice(-20).map(({ call }) => call.do);
    expect(order.lastIndexOf('endEligibility')).toBeGreaterThan(-1);
    expect(order.lastIndexOf('endEligibility')).toBeLessThan(order.lastIndexOf('enable'));
    expect(world.user()).toMatchObject({ enabled: true, eligibilities: [] });
  });

  it('keeps the grant from being proven ended until a list shows that it is gone', async () => {
    const { world, id } = await madeEligible();
    const stop = world.directory.failNext('endEligibility', { reason: 'unknown' }, Infinity);
    await world.pass(3 * HOUR);

    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id).state).toBe('ending');
    expect(world.accountRow().mayHold.eligible).toEqual({ [GLOBAL_ADMIN]: 'found' });
    expect(world.accountRow().failure?.steps).toHaveProperty(`endEligibility:${GLOBAL_ADMIN}`);

    stop();
    await world.pass(5 * MINUTE);
    expect(world.user()?.eligibilities).toEqual([]);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
    expect(world.accountRow().failure).toBeNull();
  });

  it('is not believed to be gone because Graph has accepted that it ends', async () => {
    const { world, id } = await madeEligible();
    const stop = world.directory.failNext('listEligibilities', { reason: 'unknown' }, Infinity);
    await world.pass(3 * HOUR);
    expect(world.grantRow(id).state).toBe('ended');
    stop();

    world.clock.advance(24 * HOUR);
    await world.compare();
    world.directory.failNext('listEligibilities', { reason: 'unknown' }, 3);
    expect(world.accountRow().mayHold.eligible).toEqual({ [GLOBAL_ADMIN]: 'ended' });
    expect(world.accountRow().dueAt).not.toBeNull();
    await world.pass(10 * MINUTE);
    expect(world.accountRow().mayHold).not.toHaveProperty('eligible');
    await world.pass(2 * HOUR);
    expect(world.accountRow().dueAt).toBeNull();
  });

  it('is ended again when PIM still shows it, and asked after without spinning', async () => {
    const { world } = await madeEligible();
    const still = world.user()?.eligibilities ?? [];
    const undo = world.directory.afterCall((call) => {
      if (call.do === 'endEligibility') world.tenant.inPortal(world.upn(), { eligibilities: still });
    });
    await nextPass(world);
    const before = world.directory.performs;
    await world.pass(MINUTE);
    expect(world.directory.performs - before).toBeLessThan(40);
    undo();
    await world.pass(MINUTE);
    expect(world.user()?.eligibilities).toEqual([]);
    expect(told(world)).toHaveLength(1);
  });

  it('counts for nothing once its end is past', async () => {
    const { world } = await madeEligible();
    world.tenant.inPortal(world.upn(), {
      eligibilities: [eligible(GLOBAL_ADMIN, '/', world.clock.now() + MINUTE)],
    });
    await nextPass(world);
    expect(callsOf(world, 'endEligibility')).toEqual([]);
  });

  it('is one of many: a bounded number goes at a time, until none is left', async () => {
    const { world } = await madeEligible();
    const many = Array.from({ length: 120 }, (_, index) =>
      eligible(GLOBAL_ADMIN, `/administrativeUnits/${index}`),
    );
    world.tenant.inPortal(world.upn(), { eligibilities: many });
    await nextPass(world);
    expect(callsOf(world, 'endEligibility').length).toBeLessThanOrEqual(60);
    await world.pass(MINUTE);
    expect(world.user()?.eligibilities).toEqual([]);
  });

  it('goes with its object, and no delete waits for it', async () => {
    const { world } = await madeEligible();
    world.directory.failNext('endEligibility', { reason: 'unknown' }, Infinity);
    await world.grant({ roles: [READER], lastsMs: 2 * HOUR, endAction: 'delete' });
    await world.pass(4 * HOUR);
    expect(world.user()).toBeNull();
  });
});

describe('Asking what an account is eligible for', () => {
  it('is one part of the look, and nothing where PIM is not licensed', async () => {
    const { world } = await madeEligible();
    const before = world.directory.performs;
    world.tenant.inPortal(world.upn(), { eligibilities: [] });
    await nextPass(world);
    expect(world.directory.performs).toBe(before + 1);

    const plain = await ConvergenceWorld.create();
    await plain.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await plain.pass(2 * HOUR);
    await plain.compare();
    expect(callsOf(plain, 'listEligibilities')).toEqual([]);
  });

  it('is done also where Curfew gives no timed roles because it may not touch role holders', async () => {
    const { world } = await madeEligible({ mayTouchRoleHolders: false });
    await nextPass(world);
    expect(world.user()?.eligibilities).toEqual([]);
  });

  it.each<DirectoryErrorReason>([
    'consent_missing',
    'licence_missing',
    'forbidden_by_policy',
    'invalid',
    'throttled',
    'unknown',
    'unanswered',
  ])('keeps no give and no end waiting when it fails: %s', async (reason) => {
    const world = await ConvergenceWorld.create(PIM);
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(3 * HOUR);
    world.directory.failNext('listEligibilities', { reason, retry: 'never' }, Infinity);
    const id = await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });

    await world.tick();
    expect(world.grantRow(id)).toMatchObject({ state: 'active', failure: null });
    // While PIM as a whole is throttled roles are given for good; nothing else makes that difference.
    expect(world.user()).toMatchObject({ roles: [READER] });
    expect(world.user()?.assignments).toHaveLength(reason === 'throttled' ? 1 : 0);
    await world.pass(10 * MINUTE + 15 * SECOND);
    expect(world.grantRow(id).state).toBe('ended');
    expect(world.accountRow().failure).toBeNull();
  });

  it('is not tried again for a day after it was refused, and timed roles are given all the same', async () => {
    const world = await ConvergenceWorld.create(PIM);
    world.directory.failNext('listEligibilities', { reason: 'consent_missing', retry: 'never' });
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(2 * HOUR);
    expect(callsOf(world, 'listEligibilities')).toEqual(['consent_missing']);
    await world.grant({ technician: 'bob', roles: [READER], lastsMs: 10 * MINUTE });
    await world.tick();
    expect(world.user('bob')?.timedRoles).toHaveLength(1);
    await world.pass(25 * HOUR);
    await world.compare();
    expect(callsOf(world, 'listEligibilities').length).toBeGreaterThan(1);
  });
});
