import { roleInUnit } from '#core/accounts';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, READER } from '../testing/convergence-world.js';

const NORTH = '/administrativeUnits/north';
const IN_NORTH = roleInUnit(READER, idOf('north'));
const PIM = { pim: { longestMinutes: null } } as const;

const placesOf = (world: ConvergenceWorld): readonly string[] =>
  [...(world.user()?.assignments ?? []), ...(world.user()?.timedRoles ?? [])]
    .map(({ roleId, scope }) => `${roleId} ${scope}`)
    .sort();

describe('Converge, of a role in one administrative unit', () => {
  it('gives it there and nowhere else, and takes it with proof', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: 10 * MINUTE });

    await world.tick();

    expect(world.grantRow(id)).toMatchObject({ state: 'active' });
    expect(placesOf(world)).toEqual([`${READER} ${NORTH}`]);
    await world.pass(20 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false, assignments: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ended', failure: null });
    expect(world.grantRow(id).proofs.at(-1)).toMatchObject({ roles: [] });
    expect(world.accountRow().mayHold.roles).toEqual({});
  });

  it('takes it alone while another grant gives the same role in the whole tenant', async () => {
    const world = await ConvergenceWorld.create();
    const scoped = await world.grant({ roles: [IN_NORTH], lastsMs: HOUR });
    await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.tick();
    expect(placesOf(world)).toEqual([`${READER} /`, `${READER} ${NORTH}`]);

    await world.end(scoped);
    await world.pass(2 * MINUTE);

    expect(placesOf(world)).toEqual([`${READER} /`]);
    expect(world.user()).toMatchObject({ enabled: true });
    expect(world.grantRow(scoped)).toMatchObject({ state: 'ended' });
  });

  it('takes it when nobody knows its assignment, since the answer was lost', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: 10 * MINUTE });
    world.directory.applyWithoutAnswer('assignRole');
    await world.tick();
    expect(placesOf(world)).toEqual([`${READER} ${NORTH}`]);

    await world.end(id);
    const startedAt = world.clock.now();
    await world.pass(3 * SECOND);

    expect(placesOf(world)).toEqual([]);
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(3 * SECOND);
    await world.pass(5 * MINUTE);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('has Entra itself end it where it can, and moves that end when the grant is extended', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: HOUR });
    await world.tick();
    expect(world.user()?.timedRoles).toMatchObject([{ roleId: READER, scope: NORTH }]);

    world.clock.advance(10 * MINUTE);
    await world.extend(id, 30 * MINUTE);
    await world.pass(MINUTE);

    expect(world.user()?.timedRoles).toMatchObject([{ scope: NORTH, endsAt: world.grantRow(id).expiresAt }]);
    await world.pass(3 * HOUR);
    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ended', failure: null });
  });

  it.each([
    ['at once', MINUTE],
    ['after the five minutes in which PIM takes nothing', 20 * MINUTE],
  ])('takes one with an end of Entra’s %s', async (_, afterMs) => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: HOUR });
    await world.pass(afterMs);
    expect(placesOf(world)).toEqual([`${READER} ${NORTH}`]);

    await world.end(id);
    await world.pass(5 * SECOND);

    expect(placesOf(world)).toEqual([]);
    expect(world.user()).toMatchObject({ enabled: false });
    await world.pass(10 * MINUTE);
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
  });

  it('fails with Entra’s own words where the role cannot be given in a unit, and leaves nothing', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: 10 * MINUTE });
    world.directory.failNext('assignRole', { reason: 'invalid', status: 400 });

    await world.pass(2 * MINUTE);

    expect(world.grantRow(id)).toMatchObject({ endReason: 'failed', failure: { code: 'directory.invalid' } });
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('tells, and does not give again, one that somebody took there', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [IN_NORTH], lastsMs: 5 * HOUR });
    await world.pass(20 * MINUTE);
    world.tenant.inPortal(world.upn(), { assignments: [] });

    await world.pass(2 * HOUR);

    expect(placesOf(world)).toEqual([]);
    expect(world.grantRow(id)).toMatchObject({ state: 'active' });
  });
});
