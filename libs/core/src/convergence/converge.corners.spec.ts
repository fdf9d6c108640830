import { passwordPlace } from '#core/accounts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';

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
    await world.converge.execute([claim], { mint: { lifetimeMinutes: 60, usableOnce: false } });

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

describe('Converge, when readings lie', () => {
  it('forgets no renamed account because one replica does not know it', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.grant({ roles: [GLOBAL_ADMIN], lastsMs: 30 * MINUTE });
    await world.pass(5 * MINUTE);
    const objectId = world.user()?.objectId ?? '';
    world.tenant.inPortal(world.upn(), { upn: 'renamed@contoso.example' });
    world.directory.failNext('readUser', { reason: 'replication' }, 3);

    await world.pass(3 * HOUR);

    expect(world.tenant.users()).toHaveLength(1);
    expect(world.tenant.user(objectId)).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('disables a deleted account that somebody restores', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ endAction: 'delete', lastsMs: 10 * MINUTE });
    await world.pass(5 * MINUTE);
    const before = world.user();
    await world.pass(8 * MINUTE);
    expect(world.user()).toBeNull();
    if (before === null) throw new Error('It was there.');
    world.tenant.write(before.objectId, { ...before, enabled: true });

    await world.pass(2 * HOUR);

    expect(world.user()?.enabled ?? false).toBe(false);
  });

  it('enables nothing on the strength of a reading that is older than its own write', async () => {
    const world = await ConvergenceWorld.create({ lagMs: 20_000 });
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(10 * MINUTE - SECOND);
    const assignment = { roleId: GLOBAL_ADMIN, assignmentId: 'by-hand', scope: '/' };
    const held = world.user()?.assignments ?? [];
    world.tenant.inPortal(world.upn(), { assignments: [...held, assignment] });
    const leftAtEnable: string[] = [];
    world.directory.afterCall((call) => {
      if (call.do === 'enable')
        leftAtEnable.push(...(world.user()?.roles.filter((role) => role !== READER) ?? []));
    });
    await world.pass(2 * SECOND);

    const again = await world.grant({ roles: [READER] });
    await world.pass(2 * MINUTE);

    expect(leftAtEnable).toEqual([]);
    expect(world.grantRow(again).state).toBe('active');
  });

  it('enables nothing over what came while an unanswered enable was under way', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(2 * HOUR);
    world.directory.failNext('enable', { reason: 'unanswered' });
    const assignment = { roleId: GLOBAL_ADMIN, assignmentId: 'by-hand', scope: '/' };
    const off = world.directory.afterCall((call) => {
      if (call.do !== 'setPassword') return;
      off();
      world.tenant.inPortal(world.upn(), {
        methods: [{ kind: 'fido2', id: 'key' }],
        assignments: [assignment],
      });
    });

    await world.grant({ roles: [READER] });
    await world.pass(MINUTE);

    expect(world.user()).toMatchObject({ enabled: true, roles: [READER], methods: [] });
  });

  it('shows no password of an earlier grant whose scrambling was not answered', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ credential: 'password', lastsMs: 10 * MINUTE });
    await world.tick();
    const first = world.user()?.password;
    world.directory.applyWithoutAnswer('setPassword');
    await world.pass(10 * MINUTE);

    const again = await world.grant({ credential: 'password' });
    await world.pass(10 * SECOND);

    expect(world.grantRow(again).state).toBe('active');
    const { id, password, organizationId } = world.accountRow();
    if (password === null) throw new Error('A password grant has a password.');
    const place = passwordPlace({ id, organizationId }, password.generation);
    expect(world.box.open(password.sealed, place).expose()).toBe(world.user()?.password);
    expect(world.user()?.password).not.toBe(first);
  });

  it('finds a role that was added by hand and keeps us from disabling the account', async () => {
    const world = await ConvergenceWorld.create({ mayTouchRoleHolders: false });
    await world.grant({ roles: [] });
    await world.pass(MINUTE);
    const id = `${GLOBAL_ADMIN}|${world.user()?.objectId ?? ''}-1`;
    world.tenant.inPortal(world.upn(), {
      assignments: [{ roleId: GLOBAL_ADMIN, assignmentId: id, scope: '/' }],
    });
    world.unitOfWork.clockwork.claimLooks = () => Promise.resolve([]);

    await world.pass(34 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [] });
  });

  it('makes out by its name what became of a create, though it knows the object of an earlier one', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ endAction: 'delete', lastsMs: MINUTE });
    await world.pass(5 * MINUTE);
    expect(world.user()).toBeNull();

    world.directory.applyWithoutAnswer('createUser');
    const again = await world.grant();
    await world.pass(10 * SECOND);

    expect(world.grantRow(again).state).toBe('active');
    expect(world.user()).toMatchObject({ enabled: true });
  });

  it('asks no oftener because two steps fail in turn', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(9 * MINUTE);
    world.tenant.inPortal(world.upn(), { methods: [{ kind: 'fido2', id: 'key' }] });
    world.directory.failNext('disable', { reason: 'directory_role_missing' }, Infinity);
    world.directory.failNext('deleteMethod', { reason: 'directory_role_missing' }, Infinity);
    await world.pass(MINUTE);
    const asked = world.directory.calls.length;

    await world.pass(10 * MINUTE);

    // Before each wait it is looked at too.
    expect(world.directory.calls.length - asked).toBeLessThanOrEqual(11 * (8 + 4));
  });

  it('has a disable stand as failing since it first failed, though a look finds more that may be the reason', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.pass(9 * MINUTE);
    world.directory.failNext('disable', { reason: 'consent_missing' }, Infinity);
    await world.pass(5 * MINUTE);
    const before = world.accountRow().failure;
    expect(before).toMatchObject({ reason: 'consent_missing' });

    const assignment = { roleId: GLOBAL_ADMIN, assignmentId: 'by-hand', scope: '/' };
    world.tenant.inPortal(world.upn(), { assignments: [assignment] });
    await world.pass(6 * MINUTE);

    expect(world.accountRow().failure).toMatchObject({
      reason: 'consent_missing',
      sinceAt: before?.sinceAt,
    });
    expect(world.user()).toMatchObject({ enabled: true, roles: [] });
  });

  it('revokes sessions again when that failed while a grant beside it ended', async () => {
    const world = await ConvergenceWorld.create();
    const short = await world.grant({ roles: [READER], lastsMs: 10 * MINUTE });
    await world.grant({ roles: [GLOBAL_ADMIN], lastsMs: HOUR });
    await world.tick();
    world.directory.failNext('revokeSessions', { reason: 'unanswered' });

    await world.pass(11 * MINUTE);

    const revoked = world.directory.calls.filter(
      ({ call, outcome }) => call.do === 'revokeSessions' && outcome === 'ok',
    );
    expect(revoked.length).toBeGreaterThanOrEqual(1);
    expect(world.grantRow(short).state).toBe('ended');
  });

  it('owes again what a hand has enabled after the end, until it is gone: so that the revoker takes it too', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ lastsMs: MINUTE });
    await world.tick();
    world.clock.advance(MINUTE);
    await world.tick();
    expect(world.grantRow(id).takenAt).not.toBeNull();
    world.tenant.inPortal(world.upn(), { enabled: true });
    const heal = world.directory.failNext('disable', { reason: 'unanswered' }, Infinity);

    await world.pass(20 * SECOND);

    expect(world.user()?.enabled).toBe(true);
    expect(world.accountRow().takeAt).toBeLessThanOrEqual(world.clock.now());
    heal();
    await world.pass(MINUTE);
    expect(world.user()?.enabled).toBe(false);
    expect(world.grantRow(id).state).toBe('ended');
    expect(world.accountRow().takeAt).toBeNull();
  });

  it('tells of a hand that enables the account each time before a reading could show it disabled', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: MINUTE });
    await world.tick();
    const off = world.directory.afterCall((call) => {
      if (call.do === 'disable') world.tenant.inPortal(world.upn(), { enabled: true });
    });
    world.clock.advance(MINUTE);

    await world.pass(6 * SECOND);
    const told = () =>
      world.unitOfWork.peek().audit.filter(({ action }) => action === 'account.drifted').length;
    expect(told()).toBe(0);
    await world.pass(20 * SECOND);

    expect(told()).toBeGreaterThanOrEqual(1);
    off();
    await world.pass(10 * SECOND);
    expect(world.user()?.enabled).toBe(false);
  });

  it('owes what a policy gives no longer until it is taken, though Graph refuses it at first', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [GLOBAL_ADMIN, READER], groups: [], lastsMs: HOUR });
    await world.tick();
    const owedAt = world.clock.now();
    const { policyId, accountId } = world.grantRow(id);
    await world.unitOfWork.inOrganization(world.customer.organizationId, async ({ accounts, policies }) => {
      const policy = await policies.get(policyId);
      if (policy !== null) await policies.save({ ...policy, gives: { roles: [READER], groups: [] } });
      await accounts.intend([accountId], { dueAt: owedAt, takeAt: owedAt });
    });
    world.directory.failNext('unassignRole', { reason: 'unanswered' }, 1);

    await world.tick();

    expect(world.accountRow().takeAt).toBe(owedAt);
    await world.pass(MINUTE);
    expect(world.accountRow().takeAt).toBeGreaterThan(world.clock.now());
  });
});
