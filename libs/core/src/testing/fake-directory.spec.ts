import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { HOUR, idOf, Secret, type GroupId, type ObjectId } from '#core/shared';
import { directoryContract, verdictOf, type DirectoryWorld, type TenantWish } from './directory.contract.js';
import { FAKE_PERMISSIONS, FakeDirectory, type FakeTenant } from './fake-directory.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const LAG_MS = 30_000;

const makeWorld = (wish: TenantWish): Promise<DirectoryWorld> => {
  let now = NOON;
  const directory = new FakeDirectory(() => now);
  const tenant = directory.addTenant({
    tenantId: 'acme',
    permissions: (wish.permissions ?? FAKE_PERMISSIONS).filter(
      (name) => wish.without?.includes(name) !== true,
    ),
    mayTouchRoleHolders: wish.mayTouchRoleHolders ?? true,
    ...(wish.passesOff === true ? { pass: null } : {}),
    pim: wish.withoutPim === true ? null : { longestMinutes: wish.longestTimedRoleMinutes ?? null },
    lagMs: wish.lagging === true ? LAG_MS : 0,
  });
  return Promise.resolve({
    directory,
    app: tenant.app(),
    domain: 'acme.example',
    groups: {
      plain: ['g1', 'g2', 'g3'].map((id) => tenant.addGroup(id)),
      roleAssignable: tenant.addGroup('ra', { roleAssignable: true }),
      dynamic: tenant.addGroup('dyn', { managedElsewhere: true }),
      synced: tenant.addGroup('synced', { managedElsewhere: true }),
      mail: tenant.addGroup('mail', { managedElsewhere: true }),
    },
    units: {
      plain: tenant.addUnit('unit'),
      restricted: tenant.addUnit('guarded', { restricted: true }),
    },
    plantUser: (upn) => Promise.resolve(tenant.plantUser(upn)),
    addMethod: (user, kind) => {
      tenant.inPortal(user, { methods: [{ kind, id: 'key-1' }] });
      return Promise.resolve();
    },
    makeMember: (user, group) => {
      tenant.inPortal(user, { groups: [...(tenant.user(user)?.groups ?? []), group] });
      return Promise.resolve();
    },
    truth: (user) => Promise.resolve(truthOf(tenant, user)),
    settle: () => {
      now += LAG_MS;
      return Promise.resolve();
    },
    advance: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
};

const truthOf = (tenant: FakeTenant, id: ObjectId): Awaited<ReturnType<DirectoryWorld['truth']>> => {
  const user = tenant.user(id);
  if (user === null) return null;
  const { enabled, marker, roles, groups } = user;
  return { enabled, marker, roles, groups };
};

directoryContract('FakeDirectory', makeWorld);

describe('FakeDirectory for tests', () => {
  const now = (): number => NOON;
  const create: DirectoryStep = {
    ref: 'create',
    call: {
      do: 'createUser',
      upn: 'jo@acme.example',
      displayName: 'Jo',
      mailNickname: 'jo',
      marker: 'mark',
      password: new Secret('Correct-7-horse'),
    },
  };

  it('denies a tenant that was never added', async () => {
    const directory = new FakeDirectory(now);
    const { app } = { app: new FakeDirectory(now).addTenant({ tenantId: 'acme' }).app() };

    const outcomes = await directory.perform(app, [create], 1_000);

    expect(outcomes.map(verdictOf)).toEqual(['credential_bad later']);
  });

  it('fails the next matching call and no other, and changes nothing', async () => {
    const directory = new FakeDirectory(now);
    const tenant = directory.addTenant({ tenantId: 'acme' });
    directory.failNext('createUser', { reason: 'throttled', retryAfterSeconds: 7 });

    const [first] = await directory.perform(tenant.app(), [create], 1_000);
    const [second] = await directory.perform(tenant.app(), [create], 1_000);

    expect(first).toMatchObject({
      ok: false,
      error: { reason: 'throttled', facts: { retryAfterSeconds: 7 } },
    });
    expect(second).toMatchObject({ ok: true });
    expect(tenant.users()).toHaveLength(1);
    expect(directory.calls.map(({ outcome, applied }) => [outcome, applied])).toEqual([
      ['throttled', false],
      ['ok', true],
    ]);
  });

  it('carries a call out and loses the answer', async () => {
    const directory = new FakeDirectory(now);
    const tenant = directory.addTenant({ tenantId: 'acme' });
    directory.applyWithoutAnswer((call) => call.do === 'createUser');

    const outcomes = await directory.perform(tenant.app(), [create], 1_000);

    expect(outcomes).toMatchObject([{ ok: false, at: null, error: { reason: 'unanswered' } }]);
    expect(tenant.user('JO@acme.example')).toMatchObject({
      enabled: false,
      marker: 'mark',
      password: 'Correct-7-horse',
    });
  });

  it('lets a test step in between two calls, as a dying process does', async () => {
    const directory = new FakeDirectory(now);
    const tenant = directory.addTenant({ tenantId: 'acme', groups: { helpers: {} } });
    const user = tenant.plantUser('jo@acme.example', { enabled: false });
    const groupId: GroupId = idOf('helpers');
    directory.beforeCall((call) => {
      if (call.do === 'addToGroup') throw new Error('killed');
    });

    const work = directory.perform(
      tenant.app(),
      [
        { ref: 'on', call: { do: 'enable', user } },
        { ref: 'in', call: { do: 'addToGroup', user, groupId } },
      ],
      1_000,
    );

    await expect(work).rejects.toThrow('killed');
    expect(tenant.user(user)).toMatchObject({ enabled: true, groups: [] });
  });

  it('is silent during an outage of that tenant alone, until it is over', async () => {
    const directory = new FakeDirectory(now);
    const [acme, other] = ['acme', 'other'].map((tenantId) => directory.addTenant({ tenantId })) as [
      FakeTenant,
      FakeTenant,
    ];
    const read = (tenant: FakeTenant): Promise<string[]> =>
      directory
        .perform(tenant.app(), [{ ref: 'x', call: { do: 'findUser', upn: 'x' } }], 1_000)
        .then((outcomes) => outcomes.map(verdictOf));
    const over = directory.outage('acme');

    expect(await read(acme)).toEqual(['unanswered later']);
    expect(await read(other)).toEqual(['ok']);
    over();
    expect(await read(acme)).toEqual(['ok']);
  });

  it('guards a role with an end only as long as it lasts', async () => {
    let at = NOON;
    const directory = new FakeDirectory(() => at);
    const pim = { longestMinutes: null, guarded: true };
    const tenant = directory.addTenant({ tenantId: 'acme', pim });
    const user = tenant.plantUser('jo@acme.example');
    const roleId = idOf<'entra role'>('reader');
    const tell = async (call: DirectoryCall) =>
      (await directory.perform(tenant.app(), [{ ref: 'x', call }], 1_000)).map(verdictOf);
    await tell({ do: 'assignRoleUntil', user, roleId, until: NOON + HOUR, reason: '' });
    expect(await tell({ do: 'unassignRole', user, roleId, assignmentId: null })).toEqual(['invalid never']);

    at += HOUR;
    await tell({ do: 'assignRole', user, roleId });

    expect(await tell({ do: 'unassignRole', user, roleId, assignmentId: null })).toEqual(['ok']);
    expect(tenant.user(user)?.roles).toEqual([]);
  });
});
