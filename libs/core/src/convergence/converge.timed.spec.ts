import type { DirectoryCall } from '#core/accounts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { waitsForRole } from './timed-roles.js';
import { ConvergenceWorld, EXCHANGE, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';

const PIM = { pim: { longestMinutes: null } } as const;

const callsOf = (world: ConvergenceWorld, ...kinds: readonly DirectoryCall['do'][]): readonly string[] =>
  world.directory.calls
    .filter(({ call }) => kinds.includes(call.do))
    .map(({ call, outcome }) => `${call.do} ${outcome}`);
const endsOf = (world: ConvergenceWorld): readonly (number | null)[] =>
  (world.user()?.timedRoles ?? []).map(({ endsAt }) => endsAt);

describe('Converge, where Entra itself can end roles', () => {
  it('gives a role until the end of its grant, and becomes active as fast as without', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });

    await world.tick();

    const { state, expiresAt } = world.grantRow(id);
    expect(state).toBe('active');
    expect(world.directory.performs).toBe(2);
    expect(endsOf(world)).toEqual([expiresAt]);
    expect(world.user()?.assignments).toEqual([]);
    const given = world.directory.calls.find(({ call }) => call.do === 'assignRoleUntil')?.call;
    expect(given).toMatchObject({ reason: expect.stringContaining(id) as string });
  });

  it('lets the role end at the very end although none of its processes lives any more', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.tick();

    world.clock.set(world.grantRow(id).expiresAt);

    expect(world.user()).toMatchObject({ enabled: true, roles: [] });
    world.clock.advance(3 * HOUR);
    await world.pass(2 * HOUR);
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ended', failure: null });
  });

  it('gives a role for good where it lasts for less than PIM takes, and where it may not touch role holders', async () => {
    const short = await ConvergenceWorld.create(PIM);
    await short.grant({ roles: [READER], lastsMs: 5 * MINUTE });
    await short.tick();
    const weak = await ConvergenceWorld.create({ ...PIM, mayTouchRoleHolders: false });
    await weak.grant({ roles: [READER], lastsMs: HOUR });
    await weak.pass(10 * SECOND);

    expect(short.user()).toMatchObject({ roles: [READER], timedRoles: [] });
    expect(weak.user()).toMatchObject({ roles: [READER], timedRoles: [] });
    expect([...callsOf(short, 'assignRoleUntil'), ...callsOf(weak, 'assignRoleUntil')]).toEqual([]);
  });

  it('asks PIM of nothing where it is not licensed', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });

    await world.pass(2 * HOUR);

    expect(callsOf(world, 'assignRoleUntil', 'endTimedRole', 'listRoleSchedules')).toEqual([]);
  });

  it('gives for good what PIM refuses, within the same give, and remembers that for a day', async () => {
    const world = await ConvergenceWorld.create({ pim: { longestMinutes: 30 } });
    const id = await world.grant({ roles: [READER, GLOBAL_ADMIN], lastsMs: HOUR });
    const startedAt = world.clock.now();

    await world.tick();

    expect(world.grantRow(id)).toMatchObject({ state: 'active', activeAt: startedAt });
    expect(world.user()).toMatchObject({ roles: [READER, GLOBAL_ADMIN], timedRoles: [] });
    expect(world.accountRow().failure).toBeNull();
    await world.grant({ technician: 'bob', roles: [READER], lastsMs: HOUR });
    await world.tick();
    expect(world.user('bob')?.roles).toEqual([READER]);
    expect(callsOf(world, 'assignRoleUntil')).toHaveLength(2);
    await world.pass(25 * HOUR);
    await world.grant({ technician: 'carol', roles: [READER], lastsMs: 20 * MINUTE });
    await world.tick();
    expect(world.user('carol')?.timedRoles).toHaveLength(1);
  });

  it.each(['licence_missing', 'consent_missing'] as const)(
    'asks PIM for no role at all after %s, and proves ends without it',
    async (reason) => {
      const world = await ConvergenceWorld.create(PIM);
      world.directory.failNext('assignRoleUntil', { reason, retry: 'never' });
      const id = await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
      await world.tick();
      world.tenant.pim = null;

      await world.grant({ technician: 'bob', roles: [GLOBAL_ADMIN], lastsMs: 10 * MINUTE });
      await world.pass(2 * HOUR);

      expect(world.grantRow(id)).toMatchObject({ state: 'ended', endReason: 'expired' });
      expect(callsOf(world, 'assignRoleUntil', 'listRoleSchedules')).toEqual([`assignRoleUntil ${reason}`]);
    },
  );

  it('gives for good while PIM is throttled, and keeps nobody waiting for it', async () => {
    const world = await ConvergenceWorld.create(PIM);
    world.directory.failNext('assignRoleUntil', { reason: 'throttled', retryAfterSeconds: 300 });
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });

    await world.tick();

    expect(world.grantRow(id).state).toBe('active');
    expect(world.user()?.assignments).toHaveLength(1);
    await world.grant({ technician: 'bob', roles: [READER], lastsMs: HOUR });
    await world.tick();
    expect(callsOf(world, 'assignRoleUntil')).toHaveLength(1);
  });

  it('waits for PIM to know a new user, for two minutes at most', async () => {
    const slow = await ConvergenceWorld.create(PIM);
    const stop = slow.directory.failNext('assignRoleUntil', { reason: 'replication' }, Infinity);
    const id = await slow.grant({ roles: [READER], lastsMs: HOUR });
    await slow.pass(MINUTE);
    expect(slow.grantRow(id).state).toBe('starting');
    expect(waitsForRole(slow.accountRow())).toBe(true);
    expect(slow.user()).toMatchObject({ enabled: true, roles: [] });
    stop();
    await slow.pass(3 * SECOND);
    expect(slow.grantRow(id).state).toBe('active');
    expect(waitsForRole(slow.accountRow())).toBe(false);
    expect(slow.user()?.timedRoles).toHaveLength(1);

    const never = await ConvergenceWorld.create(PIM);
    never.directory.failNext('assignRoleUntil', { reason: 'replication' }, Infinity);
    const other = await never.grant({ roles: [READER], lastsMs: HOUR });
    await never.pass(2 * MINUTE + 10 * SECOND);
    expect(never.grantRow(other).state).toBe('active');
    expect(never.user()?.assignments).toHaveLength(1);
  });

  it.each(['unanswered', 'unknown', 'conflict'] as const)(
    'never fails a grant of PIM that goes on answering %s',
    async (reason) => {
      const world = await ConvergenceWorld.create(PIM);
      world.directory.failNext('assignRoleUntil', { reason }, Infinity);
      const id = await world.grant({ roles: [READER], lastsMs: HOUR });

      await world.pass(MINUTE);

      expect(world.grantRow(id)).toMatchObject({ state: 'active', failure: null });
      expect(world.user()?.roles).toEqual([READER]);
    },
  );

  it('finds in the schedules what it gave when the answer was lost, and gives nothing twice', async () => {
    const world = await ConvergenceWorld.create(PIM);
    world.directory.applyWithoutAnswer('assignRoleUntil');
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });

    await world.pass(SECOND);

    expect(world.grantRow(id).state).toBe('active');
    expect(callsOf(world, 'assignRoleUntil', 'assignRole')).toEqual(['assignRoleUntil unanswered']);
    expect(world.accountRow().mayHold.roles[READER]).toMatchObject({
      certainty: 'held',
      timed: { until: world.grantRow(id).expiresAt, seen: true },
    });
  });

  it('moves the end when a grant is extended, and the role has no gap', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    await world.pass(10 * MINUTE);

    await world.extend(id, 30 * MINUTE);
    await world.tick();

    expect(endsOf(world)).toEqual([world.grantRow(id).expiresAt]);
    expect(callsOf(world, 'changeTimedRole')).toEqual(['changeTimedRole ok']);
    await world.pass(25 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
    await world.pass(HOUR);
    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
  });

  it('moves an end by a few minutes although PIM moves none so near', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(9 * MINUTE);

    await world.extend(id, 2 * MINUTE);
    await world.pass(2 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
    const [end] = endsOf(world);
    expect((end ?? 0) - world.grantRow(id).expiresAt).toBeLessThan(5 * MINUTE);
    await world.pass(MINUTE + SECOND);
    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id).takenAt).not.toBeNull();
  });

  it('gives the role anew when PIM refuses to move its end and Entra has ended it', async () => {
    const world = await ConvergenceWorld.create({ pim: { longestMinutes: 15 } });
    const id = await world.grant({ roles: [READER], lastsMs: 15 * MINUTE - SECOND });
    await world.pass(5 * MINUTE);

    await world.extend(id, 30 * MINUTE);
    await world.pass(11 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
    expect(world.accountRow().failure).toBeNull();
    await world.pass(HOUR);
    expect(world.grantRow(id).state).toBe('ended');
    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
  });

  it('keeps the end of the longest of overlapping grants, and moves it back when that one is ended', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const short = await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    const long = await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.tick();
    expect(endsOf(world)).toEqual([world.grantRow(long).expiresAt]);

    await world.pass(MINUTE);
    await world.end(long);
    await world.pass(10 * SECOND);

    expect(endsOf(world)).toEqual([world.grantRow(short).expiresAt]);
    expect(world.user()).toMatchObject({ enabled: true, roles: [READER] });
  });

  it('takes a role in its first five minutes as any other', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.pass(10 * SECOND);

    await world.end(id);
    await world.pass(10 * SECOND);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], timedRoles: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ended' });
    expect(callsOf(world, 'endTimedRole')).toEqual([]);
  });

  it.each<[string, (world: ConvergenceWorld) => void]>([
    ['the answer of its taking is lost', ({ directory }) => directory.applyWithoutAnswer('endTimedRole')],
    ['somebody took it before', (world) => world.tenant.inPortal(world.upn(), { timedRoles: [] })],
  ])('believes both lists that a role is gone, when %s', async (_what, befall) => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: 10 * HOUR });
    await world.pass(10 * MINUTE);
    await world.compare();
    befall(world);

    await world.end(id);
    await world.pass(3 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
    expect(world.grantRow(id).state).toBe('ended');
    expect(world.accountRow().failure).toBeNull();
  });

  it('keeps the account disabled while a role can be taken in no way in its first five minutes', async () => {
    const world = await ConvergenceWorld.create({ pim: { longestMinutes: null, guarded: true } });
    const ended = await world.grant({ roles: [GLOBAL_ADMIN], groups: [], lastsMs: HOUR });
    const kept = await world.grant({ roles: [READER], groups: [EXCHANGE], lastsMs: HOUR });
    await world.pass(10 * SECOND);

    await world.end(ended);
    await world.pass(2 * SECOND);

    expect(world.user()).toMatchObject({ enabled: false });
    await world.pass(2 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false, roles: [GLOBAL_ADMIN, READER] });
    expect(world.grantRow(ended)).toMatchObject({ state: 'ending', takenAt: null });
    await world.pass(4 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: true, roles: [READER], groups: [EXCHANGE] });
    expect(world.grantRow(ended).takenAt).not.toBeNull();
    expect(world.grantRow(kept).state).toBe('active');
    expect(callsOf(world, 'endTimedRole').length).toBeLessThanOrEqual(3);
  });

  it('finds a role that is to begin after the end, and takes it before it does', async () => {
    const world = await ConvergenceWorld.create(PIM);
    const id = await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(5 * MINUTE);
    const later = {
      scheduleId: 'by-hand',
      roleId: GLOBAL_ADMIN,
      scope: '/',
      startsAt: world.clock.now() + HOUR,
      endsAt: world.clock.now() + 2 * HOUR,
      activated: false,
    };
    world.tenant.inPortal(world.upn(), { timedRoles: [...(world.user()?.timedRoles ?? []), later] });

    await world.pass(20 * MINUTE);

    expect(world.grantRow(id).state).toBe('ended');
    expect(world.user()?.timedRoles.filter(({ scheduleId }) => scheduleId === 'by-hand')).toEqual([]);
  });

  it('believes the lists of a role whose giving was answered for no more than its taking', async () => {
    const world = await ConvergenceWorld.create(PIM);
    for (const lost of ['assignRoleUntil', 'enable', 'enable'])
      world.directory.applyWithoutAnswer((call) => call.do === lost);
    const id = await world.grant({ roles: [READER], lastsMs: HOUR });
    await world.pass(20 * SECOND);
    expect(world.grantRow(id).state).toBe('active');

    for (const lost of ['unassignRole', 'endTimedRole'])
      world.directory.applyWithoutAnswer((call) => call.do === lost);
    await world.end(id);
    await world.pass(2 * MINUTE + 30 * SECOND);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], timedRoles: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ended', failure: null });
  });

  it('reads one list more in a look, and asks nothing of PIM at an end that Entra has kept', async () => {
    const world = await ConvergenceWorld.create(PIM);
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(9 * MINUTE);
    const before = world.directory.performs;
    await world.pass(MINUTE);
    const atEnd = world.directory.calls.filter(({ perform }) => perform > before).map(({ call }) => call.do);

    expect(atEnd).not.toContain('endTimedRole');
    expect(atEnd).toContain('unassignRole');
    await world.pass(2 * HOUR);
    expect(callsOf(world, 'listRoleSchedules').length).toBeLessThanOrEqual(2);
  });
});
