import { HOLDS_NOTHING } from '#core/accounts';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, GLOBAL_ADMIN, HELPDESK, READER } from '../testing/convergence-world.js';

describe('Converge, giving', () => {
  it('creates the account disabled, then gives groups, roles and enables in one call', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ roles: [READER, GLOBAL_ADMIN], groups: [HELPDESK, EXCHANGE] });

    await world.tick();

    expect(world.user()).toMatchObject({
      enabled: true,
      roles: [READER, GLOBAL_ADMIN],
      groups: [HELPDESK, EXCHANGE],
    });
    expect(world.grantRow(id)).toMatchObject({ state: 'active', activeAt: world.clock.now() });
    expect(world.directory.performs).toBe(2);
  });

  it('reads a parked account first, then gives everything in one call, the password before the enable', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(2 * HOUR);
    const before = world.directory.performs;

    const second = await world.grant();
    await world.tick();

    expect(world.grantRow(second).state).toBe('active');
    expect(world.directory.performs - before).toBe(2);
    const last = world.directory.calls.filter(({ perform }) => perform === world.directory.performs);
    const done = last.map(({ call }) => call.do);
    expect([...done].sort()).toEqual(['addToGroup', 'assignRole', 'enable', 'setPassword']);
    expect(done.indexOf('setPassword')).toBeLessThan(done.indexOf('enable'));
  });

  it('strips what a parked account holds before it is enabled', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(2 * HOUR);
    const assignment = { roleId: GLOBAL_ADMIN, assignmentId: 'by-hand', scope: '/' };
    world.tenant.inPortal(world.upn(), {
      assignments: [assignment],
      methods: [{ kind: 'fido2', id: 'key' }],
    });
    let leftAtEnable: readonly string[] | null = null;
    world.directory.beforeCall((call) => {
      if (call.do !== 'enable') return;
      const { roles = [], methods = [] } = world.user() ?? {};
      leftAtEnable = [...roles.filter((role) => role !== READER), ...methods.map(({ id }) => id)];
    });

    await world.grant();
    await world.tick();

    expect(leftAtEnable).toEqual([]);
    expect(world.user()).toMatchObject({ enabled: true, roles: [READER], methods: [] });
  });

  it('adopts the user that an unanswered create left behind, and sets its password anew', async () => {
    const world = await ConvergenceWorld.create();
    world.directory.applyWithoutAnswer('createUser');
    const id = await world.grant();

    await world.pass(10 * SECOND);

    expect(world.tenant.users()).toHaveLength(1);
    expect(world.grantRow(id).state).toBe('active');
    expect(world.directory.calls.map(({ call }) => call.do)).toContain('setPassword');
  });

  it('keeps hands off a foreign user with our name and takes the next name', async () => {
    const world = await ConvergenceWorld.create();
    world.tenant.plantUser(world.upn());
    const id = await world.grant();

    await world.pass(10 * SECOND);

    expect(world.user()).toMatchObject({ marker: null, roles: [], groups: [] });
    expect(world.tenant.user('jit-alice.2@contoso.example')).toMatchObject({
      enabled: true,
      roles: [READER],
    });
    expect(world.grantRow(id).state).toBe('active');
  });

  it('waits out replication lag without a second user', async () => {
    const world = await ConvergenceWorld.create({ lagMs: 2_000 });
    const id = await world.grant();
    const startedAt = world.clock.now();

    await world.pass(20 * SECOND);

    expect(world.tenant.users()).toHaveLength(1);
    expect(world.grantRow(id).activeAt ?? Infinity).toBeLessThanOrEqual(startedAt + 2_600);
  });

  it('fails a grant at the first error that cannot heal, and takes away what it gave', async () => {
    const world = await ConvergenceWorld.create();
    world.tenant.addGroup('synced', { managedElsewhere: true });
    const id = await world.grant({ groups: [HELPDESK, 'synced'] });

    await world.pass(MINUTE);

    expect(world.grantRow(id)).toMatchObject({
      state: 'ended',
      endReason: 'failed',
      failure: { code: 'directory.not_manageable' },
    });
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('gives up a grant that is not ready within 5 minutes', async () => {
    const world = await ConvergenceWorld.create();
    world.directory.failNext('enable', { reason: 'unanswered' }, Infinity);
    const id = await world.grant();

    await world.pass(10 * MINUTE);

    expect(world.grantRow(id)).toMatchObject({
      endReason: 'failed',
      failure: { code: 'grant.start_timeout' },
    });
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('seals a password before it is set and destroys it at the end', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ credential: 'password', lastsMs: 10 * MINUTE });

    await world.tick();
    expect(world.accountRow().password).toMatchObject({ state: 'set', generation: 1 });
    const shown = world.user()?.password;

    await world.pass(11 * MINUTE);
    expect(world.accountRow().password).toBeNull();
    expect(world.user()?.password).not.toBe(shown);
    expect(world.grantRow(id).state).toBe('ended');
  });

  it('sends password, enable, groups and roles in a row where it may not touch role holders', async () => {
    const world = await ConvergenceWorld.create({ mayTouchRoleHolders: false });
    const id = await world.grant({ roles: [GLOBAL_ADMIN], lastsMs: 10 * MINUTE });

    await world.tick();
    expect(world.grantRow(id).state).toBe('active');

    await world.pass(15 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id).state).toBe('ended');
  });
});

describe('Converge, ending', () => {
  it('disables at the end, takes everything, and closes the grant with a read-back', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(10 * MINUTE);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id)).toMatchObject({ state: 'ending', endReason: 'expired' });

    await world.pass(6 * SECOND);
    const [proof] = world.grantRow(id).proofs;
    expect(world.grantRow(id).state).toBe('ended');
    expect(proof).toMatchObject({ enabled: false, objectFound: true, roles: [], groups: [] });
    expect(world.accountRow().mayHold).toEqual({ ...HOLDS_NOTHING, object: 'held' });
    expect(world.accountRow().takeAt).toBeNull();
  });

  it('disables every due account of the customer before it takes anything else of any', async () => {
    const world = await ConvergenceWorld.create();
    for (const technician of ['alice', 'bob', 'carol'])
      await world.grant({ technician, lastsMs: 10 * MINUTE });
    await world.tick();
    const before = world.directory.calls.length;

    world.clock.advance(10 * MINUTE);
    await world.tick();

    const done = world.directory.calls.slice(before).map(({ call }) => call.do);
    expect(done.slice(0, 3)).toEqual(['disable', 'disable', 'disable']);
    expect(done.slice(3)).not.toContain('disable');
  });

  it('keeps the union of overlapping grants and ends each alone', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ roles: [READER], groups: [HELPDESK], lastsMs: 10 * MINUTE });
    const long = await world.grant({ roles: [GLOBAL_ADMIN], groups: [HELPDESK], lastsMs: 20 * MINUTE });
    await world.pass(10 * MINUTE + SECOND);

    expect(world.user()).toMatchObject({ enabled: true, roles: [GLOBAL_ADMIN], groups: [HELPDESK] });
    expect(world.directory.calls.map(({ call }) => call.do)).toContain('revokeSessions');
    expect(world.grantRow(long).state).toBe('active');

    await world.pass(11 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('never takes a 204 for proof: looks until a reading is as new as its write', async () => {
    const world = await ConvergenceWorld.create({ lagMs: 20_000 });
    const id = await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(10 * MINUTE);
    const endedAt = world.clock.now();

    await world.pass(15 * SECOND);
    expect(world.grantRow(id).state).toBe('ending');
    await world.pass(45 * SECOND);
    expect(world.grantRow(id).state).toBe('ended');
    expect(world.grantRow(id).endedAt ?? 0).toBeGreaterThan(endedAt + 19_000);
  });

  it('retries a failed end for ever and says so on the row', async () => {
    const world = await ConvergenceWorld.create();
    const heal = world.directory.failNext('disable', { reason: 'unknown' }, Infinity);
    const id = await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(6 * HOUR);

    expect(world.grantRow(id).state).toBe('ending');
    expect(world.accountRow().failure?.reason).toBe('unknown');
    expect(world.accountRow().dueAt ?? Infinity).toBeLessThanOrEqual(world.clock.now() + MINUTE);
    expect(world.user()).toMatchObject({ roles: [], groups: [] });

    heal();
    await world.pass(2 * MINUTE);
    expect(world.user()).toMatchObject({ enabled: false });
    expect(world.grantRow(id).state).toBe('ended');
  });

  it('does not let a failing clean-up of one grant delay the disable of another', async () => {
    const world = await ConvergenceWorld.create();
    world.directory.failNext('unassignRole', { reason: 'unknown' }, Infinity);
    await world.grant({ roles: [GLOBAL_ADMIN], lastsMs: 10 * MINUTE });
    await world.grant({ roles: [READER], lastsMs: 20 * MINUTE });
    await world.pass(20 * MINUTE);

    expect(world.user()?.enabled).toBe(false);
  });

  it('deletes the account when the policy says so, and proves that it is gone', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ endAction: 'delete', lastsMs: 10 * MINUTE });
    await world.pass(15 * MINUTE);

    expect(world.user()).toBeNull();
    expect(world.grantRow(id)).toMatchObject({ state: 'ended', proofs: [{ objectFound: false }] });

    const again = await world.grant();
    await world.tick();
    expect(world.grantRow(again).state).toBe('active');
  });

  it('takes an account that somebody deleted by hand as ended', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(5 * MINUTE);
    world.tenant.inPortal(world.upn(), null);
    await world.pass(15 * MINUTE);

    expect(world.grantRow(id)).toMatchObject({ state: 'ended', proofs: [{ objectFound: false }] });
  });

  it('removes methods and passes that were registered meanwhile', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.tick();
    world.tenant.inPortal(world.upn(), {
      methods: [
        { kind: 'fido2', id: 'key' },
        { kind: 'temporaryAccessPass', id: 'tap' },
      ],
    });
    await world.pass(11 * MINUTE);

    expect(world.user()?.methods).toEqual([]);
  });

  it('finds what comes back after the first proof, and takes it again', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.pass(10 * MINUTE + 30 * SECOND);
    world.tenant.inPortal(world.upn(), { enabled: true });
    await world.pass(2 * MINUTE);

    expect(world.user()?.enabled).toBe(false);
    expect(world.unitOfWork.peek().audit.map(({ action }) => action)).toContain('account.drifted');
  });

  it('never touches Entra for a grant that was ended before it began', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ startsInMs: MINUTE });
    await world.end(id);
    await world.pass(5 * MINUTE);

    expect(world.directory.calls).toEqual([]);
    expect(world.grantRow(id).state).toBe('ended');
  });
});

describe('Converge, under a claim', () => {
  it('takes away at once what was ended while the giving calls were under way', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant();
    world.directory.afterCall(async (call) => {
      if (call.do === 'enable') await world.end(id);
    });

    await world.tick();

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
  });

  it('leaves a giving call of a lost claim to be taken away by the next', async () => {
    const world = await ConvergenceWorld.create();
    const id = await world.grant({ lastsMs: MINUTE });
    const off = world.directory.beforeCall(async (call) => {
      if (call.do !== 'enable') return;
      off();
      // The claimant sleeps past its claim and past the end; somebody else ends the grant meanwhile.
      await world.pass(10 * MINUTE);
    });

    await world.tick();
    expect(world.user()?.enabled).toBe(true);
    await world.pass(15 * SECOND);

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [] });
    expect(world.grantRow(id).state).toBe('ended');
  });

  it('tells the customer to wait, not the queue, when Graph throttles', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 10 * MINUTE });
    await world.tick();
    world.directory.failNext('disable', { reason: 'throttled', retryAfterSeconds: 30 });
    await world.pass(10 * MINUTE);
    const asked = world.directory.calls.length;

    await world.pass(29 * SECOND);
    expect(world.directory.calls.length).toBe(asked);
    await world.pass(2 * SECOND);
    expect(world.user()?.enabled).toBe(false);
  });
});
