import type { TestSimulator } from '../../../../test/support/simulator.js';
import {
  anError,
  clientId,
  goodPassword,
  reference,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  type Stage,
} from '../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const bob = '33333333-0000-4000-8000-000000000002';
const board = '55555555-0000-4000-8000-000000000001';
const plainUnit = '55555555-0000-4000-8000-000000000002';
const otherBoard = '55555555-0000-4000-8000-000000000003';
const inside = '44444444-0000-4000-8000-000000000001';
const outside = '44444444-0000-4000-8000-000000000002';
const tierZero = '44444444-0000-4000-8000-000000000003';
const refusal = (target: 'user' | 'group') => ({
  status: 403,
  body: anError(
    'Authorization_RequestDenied',
    `This ${target} is a member of a restricted management administrative unit. Management rights are limited to administrators scoped on that administrative unit.`,
  ),
});
const everything = [
  ...usualPermissions,
  'Group.ReadWrite.All',
  'LicenseAssignment.ReadWrite.All',
  'AdministrativeUnit.ReadWrite.All',
  'User.DeleteRestore.All',
];

type Write = [method: string, path: string, body?: object];

describe('Restricted management administrative units', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const stage = (scopedRoles: { role: string; holder: string }[] = [], spec: object = {}): Promise<Stage> =>
    setStage(simulator, {
      permissions: everything,
      users: [
        { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com', groups: [inside] },
        { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com' },
      ],
      groups: [
        { id: inside, displayName: 'Inside' },
        { id: outside, displayName: 'Outside' },
        { id: tierZero, displayName: 'Tier 0', isAssignableToRole: true },
      ],
      administrativeUnits: [
        {
          id: board,
          displayName: 'Board',
          isMemberManagementRestricted: true,
          members: [ann, inside, tierZero],
          scopedRoles,
        },
        { id: plainUnit, displayName: 'Plain', members: [ann, bob] },
      ],
      ...spec,
    });
  const over = (role: string) => [{ role, holder: clientId }];

  const writes = (id: string): Write[] => [
    ['PATCH', `/users/${id}`, { accountEnabled: false }],
    ['PATCH', `/users/${id}`, { displayName: 'Somebody' }],
    ['PATCH', `/users/${id}`, { passwordProfile: { password: goodPassword } }],
    ['POST', `/users/${id}/revokeSignInSessions`],
    ['POST', `/users/${id}/authentication/temporaryAccessPassMethods`, {}],
    ['PUT', `/users/${id}/manager/$ref`, reference(bob)],
    ['POST', `/users/${id}/assignLicense`, { addLicenses: [], removeLicenses: [] }],
    ['DELETE', `/users/${id}`],
  ];
  const call = ({ graph }: Stage, [method, path, body]: Write) =>
    graph(method, path, body === undefined ? {} : { body });

  it('S098: no permission and no role over the whole tenant gets at a member', async () => {
    const on = await stage([], {});
    await simulator.patchTenant(tenantId, {
      apps: [
        { clientId, directoryRoles: ['Global Administrator', 'Privileged Authentication Administrator'] },
      ],
    });

    for (const write of writes(ann)) expect(await call(on, write)).toMatchObject(refusal('user'));

    expect((await simulator.truth(tenantId)).users[0]).toMatchObject({ accountEnabled: true });
    expect((await call(on, writes(bob)[0]!)).status).toBe(204);
  });

  it('S098: a user principal name in the path does not get round it', async () => {
    const { graph } = await stage();

    const answer = await graph('PATCH', '/users/Ann@contoso.onmicrosoft.com', {
      body: { accountEnabled: false },
    });

    expect(answer).toMatchObject(refusal('user'));
  });

  it('S098: a suitable role over that unit does, each as far as it reaches', async () => {
    const may = async (role: string): Promise<boolean[]> => {
      const on = await stage(over(role));
      const answers = [];
      for (const write of writes(ann)) answers.push((await call(on, write)).status < 300);
      return answers;
    };

    const [disable, rename, reset, revoke, pass, manager, licence, remove] = [0, 1, 2, 3, 4, 5, 6, 7];
    const reach = (answers: boolean[]) => answers.flatMap((is, i) => (is ? [i] : []));
    expect(reach(await may('User Administrator'))).toEqual([
      disable,
      rename,
      reset,
      revoke,
      manager,
      licence,
      remove,
    ]);
    expect(reach(await may('Helpdesk Administrator'))).toEqual([reset, revoke]);
    expect(reach(await may('License Administrator'))).toEqual([licence]);
    expect(reach(await may('Authentication Administrator'))).toEqual([disable, reset, revoke, pass, remove]);
    expect(reach(await may('Groups Administrator'))).toEqual([]);
  });

  it('S098: a role over another unit, restricted or not, does not', async () => {
    const on = await stage([], {
      administrativeUnits: [
        { id: board, displayName: 'Board', isMemberManagementRestricted: true, members: [ann] },
        { id: plainUnit, displayName: 'Plain', members: [ann], scopedRoles: over('User Administrator') },
        {
          id: otherBoard,
          displayName: 'Other',
          isMemberManagementRestricted: true,
          members: [bob],
          scopedRoles: over('User Administrator'),
        },
      ],
    });

    expect(await call(on, writes(ann)[0]!)).toMatchObject(refusal('user'));
    await simulator.portal(tenantId, { do: 'addToUnit', userId: ann, unitId: otherBoard });
    expect((await call(on, writes(ann)[0]!)).status).toBe(204);
  });

  it('S098: who is in a restricted group is for its own administrators, other groups still take its members', async () => {
    const { graph } = await stage();
    const add = (groupId: string, id: string) =>
      graph('POST', `/groups/${groupId}/members/$ref`, { body: reference(id) });

    expect(await add(inside, bob)).toMatchObject(refusal('group'));
    expect(await graph('DELETE', `/groups/${inside}/members/${ann}/$ref`)).toMatchObject(refusal('group'));
    expect(await graph('DELETE', `/groups/${inside}`)).toMatchObject(refusal('group'));
    expect(await graph('PATCH', `/groups/${inside}`, { body: { displayName: 'x' } })).toMatchObject(
      refusal('group'),
    );
    expect((await add(outside, ann)).status).toBe(204);
    const scoped = await stage(over('Groups Administrator'));
    const added = await scoped.graph('POST', `/groups/${inside}/members/$ref`, { body: reference(bob) });
    expect(added.status).toBe(204);
  });

  it('S098: a role-assignable group in the unit is beyond everybody who can be scoped to it', async () => {
    const { graph } = await stage(over('Groups Administrator'));

    const answer = await graph('POST', `/groups/${tierZero}/members/$ref`, { body: reference(bob) });

    expect(answer).toMatchObject(refusal('group'));
  });

  it('S098: a Global Administrator in the unit is beyond them as well, and comes back when he leaves it', async () => {
    const on = await stage(over('Privileged Authentication Administrator'));
    await simulator.portal(tenantId, { do: 'addRole', userId: ann, roleId: 'Global Administrator' });

    expect(await call(on, writes(ann)[2]!)).toMatchObject(refusal('user'));
    await simulator.portal(tenantId, { do: 'removeRole', userId: ann, roleId: 'Global Administrator' });
    expect((await call(on, writes(ann)[2]!)).status).toBe(204);
  });

  it('S098: it is the authorisation check that has to hear of a member, and of one who has left', async () => {
    const on = await stage([], { lags: { authorisation: { minMs: 60_000, maxMs: 60_000 } } });

    await simulator.portal(tenantId, { do: 'removeFromUnit', userId: ann, unitId: 'Board' });

    expect(await call(on, writes(ann)[0]!)).toMatchObject(refusal('user'));
    await simulator.advance(60_000);
    expect((await call(on, writes(ann)[0]!)).status).toBe(204);
  });

  it('S098: by switch the sessions of a member are revoked on the permission alone', async () => {
    const { graph } = await stage([], { switches: { restrictedUnitsGuardSessions: false } });

    expect((await graph('POST', `/users/${ann}/revokeSignInSessions`)).status).toBe(200);
    expect((await graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } })).status).toBe(403);
  });

  it('S098: a deleted member is restored by its own administrators only', async () => {
    const { graph } = await stage();
    await simulator.portal(tenantId, { do: 'deleteUser', userId: ann });

    const answer = await graph('POST', `/directory/deletedItems/${ann}/restore`, { body: {} });

    expect(answer).toMatchObject(refusal('user'));
    expect((await graph('DELETE', `/users/${ann}`)).status).toBe(404);
  });

  it('S098: users and groups tell that they are in such a unit, when asked for it', async () => {
    const { graph } = await stage();
    const tells = async (path: string) =>
      (await graph('GET', `${path}?$select=isManagementRestricted`)).body as object;

    expect(await tells(`/users/${ann}`)).toMatchObject({ isManagementRestricted: true });
    expect(await tells(`/users/${bob}`)).toMatchObject({ isManagementRestricted: null });
    expect(await tells(`/groups/${inside}`)).toMatchObject({ isManagementRestricted: true });
    expect(await tells(`/groups/${outside}`)).toMatchObject({ isManagementRestricted: null });
    expect(await tells('/users')).toMatchObject({
      value: [{ isManagementRestricted: true }, { isManagementRestricted: null }],
    });
  });

  it('S037: a role over a unit that is not restricted counts for its members, and for nobody else', async () => {
    const on = await stage([], {
      users: [
        { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com', roles: ['Reports Reader'] },
        { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com', roles: ['Reports Reader'] },
      ],
      groups: [],
      administrativeUnits: [
        { displayName: 'Plain', members: [bob], scopedRoles: over('User Administrator') },
      ],
    });

    expect((await call(on, writes(ann)[0]!)).status).toBe(403);
    expect((await call(on, writes(bob)[0]!)).status).toBe(204);
  });

  it('S037: whoever holds a role over a restricted unit is protected like an admin', async () => {
    const holder = [{ role: 'Helpdesk Administrator', holder: 'bob@contoso.onmicrosoft.com' }];
    const disable = (on: Stage) => on.graph('PATCH', `/users/${bob}`, { body: { accountEnabled: false } });
    const on = await stage(holder);

    expect((await disable(on)).status).toBe(403);
    await simulator.patchTenant(tenantId, { apps: [{ clientId, directoryRoles: ['User Administrator'] }] });
    expect((await disable(on)).status).toBe(403);
    await simulator.patchTenant(tenantId, {
      apps: [{ clientId, directoryRoles: ['Privileged Authentication Administrator'] }],
    });
    expect((await disable(on)).status).toBe(204);
  });
});
