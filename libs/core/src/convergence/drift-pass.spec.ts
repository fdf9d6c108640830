import { markerOf } from '#core/accounts';
import { refusesCredential } from '#core/tenancy';
import { HOUR, idOf, MINUTE, SECOND, type AccountId, type OrganizationId } from '#core/shared';
import { ConvergenceWorld, GLOBAL_ADMIN, HELPDESK } from '../testing/convergence-world.js';
import { ORGANIZATION, TENANT } from '../testing/convergence-rows.js';

/** A grant that ended long ago: parked, proven, read back for the last time. */
const parked = async (): Promise<ConvergenceWorld> => {
  const world = await ConvergenceWorld.create();
  await world.grant({ lastsMs: 10 * MINUTE });
  await world.compare();
  await world.pass(3 * HOUR);
  expect(world.accountRow()).toMatchObject({ dueAt: null, verification: null });
  await world.compare();
  return world;
};

/** A grant that has run for a while. */
const running = async (): Promise<ConvergenceWorld> => {
  const world = await ConvergenceWorld.create();
  await world.grant({ lastsMs: 2 * HOUR });
  await world.pass(20 * MINUTE);
  await world.compare();
  return world;
};

const role = (roleId: string) => ({
  roleId: idOf<'entra role'>(roleId),
  assignmentId: 'by hand',
  scope: '/',
});

const drifted = (world: ConvergenceWorld) =>
  world.unitOfWork
    .peek()
    .audit.filter(({ action }) => action === 'account.drifted')
    .map(({ details }) => details);

/** One period later, by the passes alone. */
const nextPass = async (world: ConvergenceWorld): Promise<void> => {
  world.clock.advance(5 * MINUTE);
  await world.compare();
};

describe('A parked account', () => {
  it('that somebody enables is disabled within a period, each time, and it is told how often in a day', async () => {
    const world = await parked();
    for (const times of [1, 2]) {
      world.tenant.inPortal(world.upn(), { enabled: true });
      await nextPass(world);
      expect(world.user()?.enabled).toBe(false);
      await world.pass(2 * HOUR);
      await world.compare();
      expect(drifted(world).at(-1)).toEqual({ found: ['enabled'], timesInADay: times });
    }
    world.tenant.inPortal(world.upn(), { enabled: true });
    world.clock.advance(30 * HOUR);
    await world.compare();
    expect(drifted(world).at(-1)).toEqual({ found: ['enabled'], timesInADay: 1 });
  });

  it('is disabled although a list of it cannot be read', async () => {
    const world = await parked();
    world.tenant.inPortal(world.upn(), { enabled: true });
    world.directory.failNext('listMethods', { reason: 'consent_missing' }, Infinity);

    await nextPass(world);

    expect(world.user()?.enabled).toBe(false);
    expect(drifted(world).at(-1)).toMatchObject({ found: ['enabled'] });
  });

  it('costs one call a pass while nothing happens to it, and is looked at as a whole within a day', async () => {
    const world = await parked();
    const before = world.directory.performs;
    for (let passes = 0; passes < 12; passes += 1) await nextPass(world);
    expect(world.directory.performs).toBe(before);

    world.clock.advance(24 * HOUR);
    await world.compare();
    expect(world.directory.performs).toBe(before + 1);
    expect(world.accountRow().verification).toBeNull();
  });

  it('is stripped of roles and groups that the changes of users do not tell, within a day', async () => {
    const world = await parked();
    world.tenant.inPortal(world.upn(), { assignments: [role(GLOBAL_ADMIN)], groups: [HELPDESK] });
    world.clock.advance(24 * HOUR);
    await world.compare();

    expect(world.user()).toMatchObject({ roles: [], groups: [] });
    expect(drifted(world).at(-1)?.['found']).toEqual([
      `role added ${GLOBAL_ADMIN}`,
      `group added ${HELPDESK}`,
    ]);
  });

  it('gets another password when somebody set one', async () => {
    const world = await parked();
    world.clock.advance(24 * HOUR);
    await world.compare();
    world.tenant.inPortal(world.upn(), { password: 'by hand', passwordChangedAt: world.clock.now() });
    world.clock.advance(24 * HOUR);
    await world.compare();

    expect(world.user()?.password).not.toBe('by hand');
    expect(drifted(world).at(-1)).toMatchObject({ found: ['password changed'] });
    await world.pass(2 * HOUR);
    world.clock.advance(24 * HOUR);
    await world.compare();
    expect(drifted(world)).toHaveLength(1);
  });

  it('that comes back from the recycle bin is disabled within a period', async () => {
    const world = await parked();
    const user = world.user();
    if (user === null) throw new Error('There is no user.');
    world.tenant.inPortal(user.objectId, null);
    await nextPass(world);
    expect(drifted(world).at(-1)).toMatchObject({ found: ['deleted'] });

    world.clock.advance(10 * MINUTE);
    world.tenant.write(user.objectId, { ...user, enabled: true });
    await nextPass(world);

    expect(world.user()?.enabled).toBe(false);
    expect(drifted(world).at(-1)).toMatchObject({ found: ['restored', 'enabled'] });
  });

  it('is looked at once an hour when its tenant does not tell of changes', async () => {
    const world = await parked();
    world.directory.changesFail = { reason: 'unknown' };
    world.tenant.inPortal(world.upn(), { enabled: true });
    for (let passes = 0; passes < 13; passes += 1) await nextPass(world);
    expect(world.user()?.enabled).toBe(false);
  });
});

describe('An account in use', () => {
  it('loses a role that somebody added within a period, keeps its own, and it is told', async () => {
    const world = await running();
    const own = world.user()?.assignments ?? [];
    world.tenant.inPortal(world.upn(), { assignments: [...own, role(GLOBAL_ADMIN)] });

    await nextPass(world);

    expect(world.user()?.roles).toEqual(own.map(({ roleId }) => roleId));
    expect(world.user()?.enabled).toBe(true);
    expect(drifted(world)).toMatchObject([{ found: [`role added ${GLOBAL_ADMIN}`] }]);
  });

  it('that is renamed is told once, and disabled at its end by its object id', async () => {
    const world = await running();
    const { objectId } = world.user() ?? {};
    world.tenant.inPortal(world.upn(), { upn: 'somebody@contoso.example' });
    for (let passes = 0; passes < 3; passes += 1) await nextPass(world);
    expect(drifted(world)).toMatchObject([{ found: ['renamed somebody@contoso.example'] }]);

    await world.pass(2 * HOUR);
    expect(world.tenant.user(objectId ?? '')?.enabled).toBe(false);
  });

  it('ends its grant when the customer disables it, and is not enabled again', async () => {
    const world = await running();
    world.tenant.inPortal(world.upn(), { enabled: false });
    await nextPass(world);
    await world.pass(MINUTE);

    const [grant] = world.unitOfWork.peek().grants;
    expect(grant).toMatchObject({ state: 'ended', endReason: 'stopped_in_entra' });
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(drifted(world)).toMatchObject([{ found: ['disabled'] }]);
  });

  it('is not taken for disabled while a replica may show what was before it was given', async () => {
    const world = await ConvergenceWorld.create({ lagMs: 3 * MINUTE });
    const id = await world.grant({ lastsMs: 2 * HOUR });
    await world.pass(5 * SECOND);
    for (let passes = 0; passes < 20; passes += 1) {
      await world.pass(MINUTE);
      await world.compare();
    }
    expect(world.grantRow(id).state).toBe('active');
  });

  it('ends its grant when somebody deletes it, and is not made anew', async () => {
    const world = await running();
    world.tenant.inPortal(world.upn(), null);
    await nextPass(world);
    await world.pass(10 * MINUTE);

    const [grant] = world.unitOfWork.peek().grants;
    expect(grant).toMatchObject({ state: 'ended', endReason: 'stopped_in_entra' });
    expect(world.user()).toBeNull();
  });

  it('is told when a role of its grant was removed by hand, and does not get it again', async () => {
    const world = await running();
    world.tenant.inPortal(world.upn(), { assignments: [] });
    for (let passes = 0; passes < 3; passes += 1) await nextPass(world);

    expect(world.user()?.roles).toEqual([]);
    expect(drifted(world)).toHaveLength(1);
  });

  it('is not looked at so shortly before its end that the look could stand in its way', async () => {
    const world = await running();
    const [grant] = world.unitOfWork.peek().grants;
    world.clock.set((grant?.expiresAt ?? 0) - 20 * SECOND);
    const { epoch } = world.accountRow();
    await world.compare();
    expect(world.accountRow().epoch).toBe(epoch);
  });
});

describe('A user with a marker like ours that no account knows', () => {
  const lost: AccountId = idOf('0190a000-0000-7000-8000-0000000000aa');
  const upn = `jit-lost@${TENANT}.example`;
  const ours = (world: ConvergenceWorld) =>
    markerOf(world.box, { organizationId: ORGANIZATION, tenantId: TENANT, accountId: lost, upn });
  /** As that organization marks its account of the very name of the user that bears it. */
  const marked = ({ box }: ConvergenceWorld, organizationId: OrganizationId) =>
    markerOf(box, { organizationId, tenantId: TENANT, accountId: lost, upn: 'ceo@contoso.example' });
  const strays = (world: ConvergenceWorld) =>
    world.unitOfWork
      .peek()
      .strays.map(({ verdict, containedAt }) => ({ verdict, isContained: containedAt !== null }));

  it('is disabled and stripped when the marker proves it to be ours, and again each time', async () => {
    const world = await ConvergenceWorld.create();
    world.tenant.plantUser(upn, {
      marker: ours(world),
      assignments: [role(GLOBAL_ADMIN)],
      groups: [HELPDESK],
      methods: [{ kind: 'phone', id: 'p' }],
    });
    await world.compare();

    expect(world.tenant.user(upn)).toMatchObject({ enabled: false, roles: [], groups: [], methods: [] });
    expect(strays(world)).toEqual([{ verdict: 'orphan', isContained: true }]);
    await nextPass(world);
    world.tenant.inPortal(upn, { enabled: true });
    await nextPass(world);
    expect(world.tenant.user(upn)?.enabled).toBe(false);
    const told = world.unitOfWork.peek().audit.map(({ action }) => action);
    expect(told.filter((action) => action === 'account.orphan_contained')).toHaveLength(2);
  });

  it('is tried again a minute later when it could not be contained', async () => {
    const world = await ConvergenceWorld.create();
    world.tenant.plantUser(upn, { marker: ours(world) });
    world.directory.failNext('disable', { reason: 'directory_role_missing', retry: 'never' });
    await world.compare();
    expect(strays(world)).toEqual([{ verdict: 'orphan', isContained: false }]);

    world.clock.advance(MINUTE);
    await world.compare();
    expect(strays(world)).toEqual([{ verdict: 'orphan', isContained: true }]);
  });

  it.each<[string, (world: ConvergenceWorld) => string]>([
    ['a proven marker that was copied from another user', ours],
    ['an old marker, which proves nothing without its row', () => 'curfew1.abcdefghijklmnopqrstuvwxyz'],
    ['a forged one', () => `curfew3.${lost}.${'x'.repeat(43)}`],
    ["another organization's of this deployment", (world) => marked(world, idOf('another organization'))],
    [
      'one that names no organization, without its row',
      ({ box }) => `curfew2.${lost}.${box.mark(['managed_account', TENANT, lost, 'ceo@contoso.example'])}`,
    ],
  ])('is told once and never touched with %s', async (_, markerIn) => {
    const world = await ConvergenceWorld.create();
    world.tenant.plantUser('ceo@contoso.example', { marker: markerIn(world) });
    await world.compare();
    for (let passes = 0; passes < 3; passes += 1) await nextPass(world);

    expect(world.directory.calls).toEqual([]);
    expect(strays(world)).toEqual([{ verdict: 'unproven', isContained: false }]);
    expect(world.unitOfWork.peek().audit.map(({ action }) => action)).toEqual(['account.orphan_found']);
  });

  it('is never touched with the marker of an account that has another object', async () => {
    const world = await running();
    world.tenant.plantUser('ceo@contoso.example', { marker: world.accountRow().marker });
    await nextPass(world);

    expect(world.tenant.user('ceo@contoso.example')?.enabled).toBe(true);
    expect(strays(world)).toEqual([{ verdict: 'second_bearer', isContained: false }]);
  });
});

describe('A pass', () => {
  it('that Graph throttles lets no end wait, and is made once it is let through', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 2 * MINUTE });
    await world.tick();
    world.directory.changesFail = { reason: 'throttled', retryAfterSeconds: 600 };
    await world.compare();
    expect(world.unitOfWork.peek().throttles).toEqual([]);

    world.clock.advance(2 * MINUTE);
    await world.tick();
    expect(world.user('alice')?.enabled).toBe(false);

    world.directory.changesFail = null;
    world.clock.advance(MINUTE + SECOND);
    await world.compare();
    expect(world.unitOfWork.peek().drifts[0]?.cursor).not.toBeNull();
  });

  it('whose credential is refused says so of the customer: nothing new is given there', async () => {
    const world = await ConvergenceWorld.create();
    world.directory.changesFail = { reason: 'credential_bad' };
    await world.compare();

    const { throttles } = world.unitOfWork.peek();
    expect(throttles).toMatchObject([{ workload: 'sign-in' }]);
    expect(refusesCredential(throttles, world.clock.now())).toBe(true);
  });

  it('is made by somebody else when whoever began it has died', async () => {
    const world = await ConvergenceWorld.create();
    const [claim] = await world.unitOfWork.clockwork.claimDrift(world.clock.now(), 10);
    expect(claim).toBeDefined();
    await world.compare();
    expect(world.unitOfWork.peek().drifts[0]?.cursor).toBeNull();

    world.clock.advance(3 * MINUTE);
    await world.compare();
    expect(world.unitOfWork.peek().drifts[0]?.cursor).not.toBeNull();
  });
});

describe('A tenant with markers by the thousand', () => {
  const forged = (number: number) =>
    `curfew2.0190a000-0000-7000-8000-${String(number).padStart(12, '0')}.${'x'.repeat(43)}`;
  const flooded = async (users: number, spec: (world: ConvergenceWorld) => void = () => undefined) => {
    const world = await ConvergenceWorld.create();
    for (let number = 0; number < users; number += 1) {
      if (number === users / 2) spec(world);
      world.tenant.plantUser(`user${number}@contoso.example`, { marker: forged(number), enabled: true });
    }
    return world;
  };
  const lost: AccountId = idOf('0190a000-0000-7000-8000-0000000000aa');
  const upn = `jit-lost@${TENANT}.example`;

  it('is read in bounded steps; no more than some are kept, the others counted', async () => {
    const world = await flooded(5_000);
    await world.compare();

    const { audit, drifts, strays } = world.unitOfWork.peek();
    expect(strays).toHaveLength(200);
    expect(drifts).toMatchObject([{ unkept: 4_800, unkeptAt: world.clock.now() }]);
    expect(drifts[0]?.comparedAt).toBe(world.clock.now());
    expect(audit.length).toBeLessThan(210);
    expect(audit.filter(({ action }) => action === 'customer.markers_unkept')).toHaveLength(5);
    expect(world.directory.calls).toEqual([]);
  });

  it('hides no orphan of ours among them, and no account from its look', async () => {
    const world = await flooded(4_000, (it) =>
      it.tenant.plantUser(upn, {
        marker: markerOf(it.box, { organizationId: ORGANIZATION, tenantId: TENANT, accountId: lost, upn }),
      }),
    );
    await world.grant({ lastsMs: 2 * HOUR });
    await world.tick();
    world.clock.advance(5 * MINUTE);
    world.tenant.inPortal(world.upn(), { assignments: [role(GLOBAL_ADMIN)] });
    await world.compare();

    expect(world.tenant.user(upn)?.enabled).toBe(false);
    expect(world.user()?.roles).toEqual([]);
  });

  it('is told again without being counted twice once it is read from the beginning', async () => {
    const world = await flooded(1_500);
    await world.compare();
    world.directory.changesFail = { reason: 'invalid' };
    await nextPass(world);
    world.directory.changesFail = null;
    await nextPass(world);
    expect(world.unitOfWork.peek()).toMatchObject({ drifts: [{ unkept: 1_300 }] });
    expect(world.unitOfWork.peek().strays).toHaveLength(200);
  });
});

describe('A pass of which a part fails', () => {
  it('does the other parts, is told of, and stays due until all of it can be done', async () => {
    const world = await running();
    const upn = `jit-lost@${TENANT}.example`;
    const lost: AccountId = idOf('0190a000-0000-7000-8000-0000000000aa');
    world.tenant.plantUser(upn, {
      marker: markerOf(world.box, { organizationId: ORGANIZATION, tenantId: TENANT, accountId: lost, upn }),
    });
    await nextPass(world);
    world.tenant.inPortal(upn, { enabled: true });
    await nextPass(world);
    const [before] = world.unitOfWork.peek().drifts;
    const own = world.user()?.assignments ?? [];
    world.tenant.inPortal(world.upn(), { assignments: [...own, role(GLOBAL_ADMIN)] });
    const readChanges = world.directory.readChanges.bind(world.directory);
    world.directory.readChanges = () => Promise.reject(new Error('unreadable'));
    world.clock.advance(5 * MINUTE);

    await expect(world.compare()).rejects.toThrow('unreadable');

    expect(world.user()?.roles).toEqual(own.map(({ roleId }) => roleId));
    const [after] = world.unitOfWork.peek().drifts;
    expect(after?.dueAt).toBe(before?.dueAt);
    expect(after?.comparedAt).toBe(before?.comparedAt);
    world.directory.readChanges = readChanges;
    world.clock.advance(2 * MINUTE);
    await world.compare();
    expect(world.unitOfWork.peek().drifts[0]?.comparedAt).toBe(world.clock.now());
  });

  it('tries orphans in turn: those that cannot be contained keep no other waiting', async () => {
    const world = await ConvergenceWorld.create();
    const plant = (number: number): string => {
      const upn = `jit-lost${number}@${TENANT}.example`;
      const accountId: AccountId = idOf(`0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`);
      world.tenant.plantUser(upn, {
        marker: markerOf(world.box, { organizationId: ORGANIZATION, tenantId: TENANT, accountId, upn }),
        enabled: true,
      });
      return upn;
    };
    const stuck = new Set(Array.from({ length: 25 }, (_, number) => plant(number)));
    const other = plant(99);
    world.directory.beforeCall((call) => {
      const user = 'user' in call ? world.tenant.user(call.user) : null;
      if (call.do === 'disable' && stuck.has(user?.upn ?? ''))
        world.directory.failNext('disable', { reason: 'directory_role_missing', retry: 'never' });
    });
    for (let passes = 0; passes < 2; passes += 1) {
      await world.compare();
      world.clock.advance(MINUTE);
    }
    expect(world.tenant.user(other)?.enabled).toBe(false);
  });
});

describe('An account that was made after the backup, from a request before it', () => {
  it('is found by its marker and name, though its row knows nothing of it, and is disabled', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ startsInMs: 10 * HOUR });
    await world.compare();
    const { upn, marker } = world.accountRow();
    world.tenant.plantUser(upn, { marker, assignments: [role(GLOBAL_ADMIN)], groups: [HELPDESK] });

    await nextPass(world);
    await world.pass(10 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.accountRow().objectId).not.toBeNull();
  });
});
