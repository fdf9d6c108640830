import { HOUR, idOf, MINUTE, Secret } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import { CUSTOMER, ORGANIZATION } from '../testing/convergence-rows.js';
import { ConvergenceWorld, GLOBAL_ADMIN, HELPDESK } from '../testing/convergence-world.js';
import { FAKE_CREDENTIAL } from '../testing/fake-directory.js';

const role = (roleId: string) => ({
  roleId: idOf<'entra role'>(roleId),
  assignmentId: 'by hand',
  scope: '/',
});

/** An account was closed, its connection went, and the same tenant is connected again after a day. */
const connectedAgain = async (
  between: (world: ConvergenceWorld, restore: () => void) => void,
  { leaves = true } = {},
): Promise<ConvergenceWorld> => {
  const world = await ConvergenceWorld.create({ pim: { longestMinutes: null } });
  await world.grant({ lastsMs: 10 * MINUTE, endAction: leaves ? 'disable' : 'delete' });
  await world.pass(MINUTE);
  const made = world.user();
  if (made === null) throw new Error('There is no user.');
  await world.pass(3 * HOUR);
  await world.compare();
  const [connection] = world.unitOfWork.peek().connections;
  if (connection === undefined) throw new Error('There is no connection.');
  const { id } = world.accountRow();
  await world.unitOfWork.inOrganization(ORGANIZATION, async ({ accounts, connections }) => {
    const now = world.clock.now();
    await connections.beginRemoval(CUSTOMER);
    if (leaves) await accounts.leaveBehind([id], now);
    await accounts.close(CUSTOMER, now);
    await connections.remove(CUSTOMER);
  });
  between(world, () => world.tenant.write(made.objectId, { ...made, enabled: true }));
  world.clock.advance(24 * HOUR);
  await world.unitOfWork.inOrganization(ORGANIZATION, ({ connections }) =>
    connections.save({ ...connection, checkedAt: world.clock.now() }, null),
  );
  return world;
};

const told = (world: ConvergenceWorld) =>
  world.unitOfWork
    .peek()
    .audit.filter(({ action }) => action.startsWith('account.orphan'))
    .map(({ action, details }) => [action, details['verdict']]);

describe('An account that was left behind', () => {
  const enabled = (world: ConvergenceWorld): void =>
    world.tenant.inPortal(world.upn(), {
      enabled: true,
      assignments: [role(GLOBAL_ADMIN)],
      groups: [HELPDESK],
      eligibilities: [{ scheduleId: 's', roleId: idOf(GLOBAL_ADMIN), scope: '/', startsAt: 0, endsAt: null }],
    });

  it('is contained once its tenant is connected again, and again each time, though nobody changed it since', async () => {
    const world = await connectedAgain(enabled);
    await world.compare();

    expect(world.user()).toMatchObject({ enabled: false, roles: [], groups: [], eligibilities: [] });
    expect(told(world)).toEqual([
      ['account.orphan_found', 'orphan'],
      ['account.orphan_contained', 'orphan'],
    ]);
    for (let times = 0; times < 2; times += 1) {
      world.clock.advance(5 * MINUTE);
      world.tenant.inPortal(world.upn(), { enabled: true });
      await world.compare();
      expect(world.user()?.enabled).toBe(false);
    }
  });

  it('is contained also when somebody has renamed it: its object and its row are known', async () => {
    const world = await connectedAgain((it) => {
      enabled(it);
      it.tenant.inPortal(it.upn(), { upn: 'somebody@contoso.example' });
    });
    await world.compare();
    expect(world.tenant.user('somebody@contoso.example')?.enabled).toBe(false);
  });

  it('is told and not touched when its marker is gone or somebody else wrote it', async () => {
    for (const marker of [null, `curfew2.0190a000-0000-7000-8000-0000000000aa.${'x'.repeat(43)}`]) {
      const world = await connectedAgain((it) => {
        enabled(it);
        it.tenant.inPortal(it.upn(), { marker });
      });
      const before = world.directory.calls.length;
      await world.compare();
      expect(world.user()?.enabled).toBe(true);
      expect(world.directory.calls).toHaveLength(before);
      expect(told(world)).toEqual([['account.orphan_found', 'unproven']]);
    }
  });

  it('is told of no more when it is disabled and was contained', async () => {
    const world = await connectedAgain(enabled);
    for (let passes = 0; passes < 4; passes += 1) {
      await world.compare();
      world.clock.advance(5 * MINUTE);
    }
    expect(told(world)).toHaveLength(2);
  });
});

describe('An account that was deleted with proof before its connection went', () => {
  it('is contained when somebody restores it from the recycle bin, before or after the tenant is connected again', async () => {
    for (const isBefore of [true, false]) {
      let restore = (): void => undefined;
      const world = await connectedAgain(
        (it, undelete) => {
          expect(it.user()).toBeNull();
          expect(it.accountRow().removal).not.toBeNull();
          restore = undelete;
          if (isBefore) restore();
        },
        { leaves: false },
      );
      await world.compare();
      world.clock.advance(5 * MINUTE);
      if (!isBefore) restore();
      await world.compare();
      expect(world.user()?.enabled).toBe(false);
      expect(told(world).at(-1)).toEqual(['account.orphan_contained', 'orphan']);
    }
  });
});

describe('An account whose tenant is connected for another customer too', () => {
  it('is left to its own customer by the passes over the other', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 2 * HOUR });
    await world.pass(MINUTE);
    const other = idOf<'customer'>('00000000-0000-7000-8000-0000000000ff');
    const [connection] = world.unitOfWork.peek().connections;
    if (connection === undefined) throw new Error('There is no connection.');
    await world.unitOfWork.inOrganization(ORGANIZATION, async ({ customers, connections }) => {
      const createdAt = world.clock.now();
      const customer = { id: other, organizationId: ORGANIZATION, name: 'Contoso again', createdAt };
      await customers.insert({ ...customer, state: 'active' });
      await connections.save({ ...connection, customerId: other }, null);
    });
    for (let passes = 0; passes < 2; passes += 1) {
      await world.compare();
      world.clock.advance(5 * MINUTE);
    }
    expect(world.user()?.enabled).toBe(true);
    expect(told(world)).toContainEqual(['account.orphan_found', 'unproven']);
  });
});

describe('An account whose tenant is connected by another organization too', () => {
  it('is never touched by the passes of the other, which learns of it no more than that it is there', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ lastsMs: 2 * HOUR });
    await world.pass(MINUTE);
    const stranger = idOf<'organization'>('00000000-0000-7000-8000-0000000000fe');
    const [organization] = world.unitOfWork.peek().organizations;
    const [customer] = world.unitOfWork.peek().customers;
    const [connection] = world.unitOfWork.peek().connections;
    if (organization === undefined || customer === undefined || connection === undefined)
      throw new Error('There is no connection.');
    const identity = { organizationId: stranger, id: connection.id, version: 1 };
    const sealedCredential = world.box.seal(new Secret(FAKE_CREDENTIAL), credentialPlace(identity));
    await world.unitOfWork.inOrganization(stranger, async ({ organizations, customers, connections }) => {
      await organizations.insert({ ...organization, id: stranger, slug: 'other' });
      await customers.insert({ ...customer, organizationId: stranger });
      await connections.save({ ...connection, ...identity, sealedCredential }, null);
    });

    for (let passes = 0; passes < 3; passes += 1) {
      await world.compare();
      world.clock.advance(5 * MINUTE);
    }

    expect(world.user()?.enabled).toBe(true);
    expect(told(world)).toEqual([['account.orphan_found', 'unproven']]);
    expect(world.unitOfWork.peek().strays).toMatchObject([{ verdict: 'unproven', accountId: null }]);
  });
});

describe('The eligible roles of a user of ours that no account knows', () => {
  const eligible = (count: number) =>
    Array.from({ length: count }, (_, number) => ({
      scheduleId: `s${number}`,
      roleId: idOf<'entra role'>(`role ${number}`),
      scope: '/',
      startsAt: 0,
      endsAt: null,
    }));
  const back = (count: number) =>
    connectedAgain((it) => it.tenant.inPortal(it.upn(), { enabled: true, eligibilities: eligible(count) }));
  const verdicts = (world: ConvergenceWorld) => told(world).map(([action]) => action);

  it('are asked for again when nobody answers, and it is not called contained before', async () => {
    const world = await back(1);
    world.directory.failNext('listEligibilities', { reason: 'unanswered', retry: 'later' });
    await world.compare();
    expect(world.user()).toMatchObject({ enabled: false });
    expect(verdicts(world)).toEqual(['account.orphan_found']);

    world.clock.advance(MINUTE);
    await world.compare();
    expect(world.user()?.eligibilities).toEqual([]);
    expect(verdicts(world)).toEqual(['account.orphan_found', 'account.orphan_contained']);
  });

  it('do not stand in the way where nobody may ask for them', async () => {
    const world = await back(0);
    world.directory.failNext('listEligibilities', { reason: 'consent_missing', retry: 'never' }, Infinity);
    await world.compare();
    expect(world.user()?.enabled).toBe(false);
    expect(verdicts(world)).toEqual(['account.orphan_found', 'account.orphan_contained']);
  });

  it('are ended so many at a time, until there are none', async () => {
    const world = await back(120);
    for (let passes = 0; passes < 3; passes += 1) {
      await world.compare();
      world.clock.advance(MINUTE);
    }
    expect(world.user()?.eligibilities).toEqual([]);
    expect(verdicts(world)).toEqual(['account.orphan_found', 'account.orphan_contained']);
  });
});
