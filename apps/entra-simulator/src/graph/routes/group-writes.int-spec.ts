import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  reference,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const bob = '33333333-0000-4000-8000-000000000002';
const plain = '44444444-0000-4000-8000-000000000001';
const tierZero = '44444444-0000-4000-8000-000000000002';
const team = '44444444-0000-4000-8000-000000000003';
const nobody = '33333333-0000-4000-8000-00000000dead';

const aGroup = (changes: object = {}) => ({
  displayName: 'Admins',
  mailEnabled: false,
  mailNickname: 'admins',
  securityEnabled: true,
  ...changes,
});
const bind = (id: string) => reference(id)['@odata.id'];

describe('Groups', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    expect((await simulator.violations()).own).toEqual([]);
    await simulator.stopSimulator();
  });

  const stage = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, {
      permissions: [...usualPermissions, 'Group.ReadWrite.All'],
      users: [
        { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' },
        { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com', groups: [plain] },
      ],
      groups: [
        { id: plain, displayName: 'Plain' },
        { id: tierZero, displayName: 'Tier 0', isAssignableToRole: true },
        { id: team, displayName: 'Team', microsoft365: true },
      ],
      ...spec,
    });
  const create = ({ graph }: Stage, changes: object = {}) =>
    graph('POST', '/groups', { body: aGroup(changes) });

  it('S060: are created with the members and owners that the body binds, or not at all', async () => {
    const on = await stage();

    const oneBad = await create(on, { 'members@odata.bind': [bind(ann), bind(nobody)] });
    const made = await create(on, { 'members@odata.bind': [bind(ann)], 'owners@odata.bind': [bind(bob)] });
    const group = `/groups/${String(bodyOf(made)['id'])}`;

    expect([oneBad.status, made.status]).toEqual([404, 201]);
    expect((await simulator.truth(tenantId)).groups).toHaveLength(4);
    expect(valueOf(await on.graph('GET', `${group}/members`))).toMatchObject([{ id: ann }]);
    expect(valueOf(await on.graph('GET', `${group}/owners`))).toMatchObject([{ id: bob }]);
    expect((await on.graph('GET', group)).body).toMatchObject({
      displayName: 'Admins',
      mailNickname: 'admins',
      securityEnabled: true,
      groupTypes: [],
    });
  });

  it.each([
    ['without a mailNickname', { mailNickname: undefined }],
    ['with a blank in the mailNickname', { mailNickname: 'a b' }],
    ['mail-enabled, but not of Microsoft 365', { mailEnabled: true }],
    ['dynamic without a rule', { groupTypes: ['DynamicMembership'] }],
    [
      'role-assignable and dynamic',
      { isAssignableToRole: true, groupTypes: ['DynamicMembership'], membershipRule: 'x' },
    ],
    ['role-assignable and not for security', { isAssignableToRole: true, securityEnabled: false }],
    [
      'with a group in a role-assignable one',
      { isAssignableToRole: true, 'members@odata.bind': [bind(plain)] },
    ],
  ])('are refused %s', async (_what, changes) => {
    const on = await stage();

    expect((await create(on, changes)).status).toBe(400);
    expect((await simulator.truth(tenantId)).groups).toHaveLength(3);
  });

  it('S057: that can hold roles need RoleManagement.ReadWrite.Directory, a licence, and are fixed as such', async () => {
    const may = async (spec: object): Promise<number> =>
      (await create(await stage(spec), { isAssignableToRole: true })).status;
    const without = [...usualPermissions, 'Group.ReadWrite.All'].filter(
      (permission) => permission !== 'RoleManagement.ReadWrite.Directory',
    );

    expect([await may({ permissions: without }), await may({ licence: 'free' }), await may({})]).toEqual([
      403, 400, 201,
    ]);
    const { graph } = await stage();
    const patched = await graph('PATCH', `/groups/${plain}`, { body: { isAssignableToRole: true } });
    expect(patched.status).toBe(400);
  });

  it('that can hold roles are five hundred at most', async () => {
    const groups = Array.from({ length: 500 }, (_, i) => ({
      displayName: `G${i}`,
      isAssignableToRole: true,
    }));
    const on = await stage({ groups, users: [] });

    expect((await create(on, { isAssignableToRole: true })).status).toBe(400);
    expect((await create(on)).status).toBe(201);
  });

  it('S057: of roles take no group as a member', async () => {
    const { graph } = await stage();
    const join = (groupId: string) =>
      graph('POST', `/groups/${groupId}/members/$ref`, { body: reference(plain) });

    expect([(await join(tierZero)).status, (await join(team)).status]).toEqual([400, 204]);
    expect(valueOf(await graph('GET', `/groups/${team}/members`))).toMatchObject([{ id: plain }]);
    const all = valueOf(await graph('GET', `/groups/${team}/transitiveMembers?$select=id`));
    expect(all.map(({ id }) => id)).toEqual([plain, bob]);
    expect(valueOf(await graph('GET', `/groups/${team}/members/microsoft.graph.user`))).toEqual([]);
  });

  it('are renamed by Group.ReadWrite.All, not by the permission that is for members', async () => {
    const rename = async (permissions: string[]): Promise<number> => {
      const { graph } = await stage({ permissions });
      return (await graph('PATCH', `/groups/${plain}`, { body: { displayName: 'New' } })).status;
    };

    expect(await rename(['GroupMember.ReadWrite.All'])).toBe(403);
    expect(await rename(['Group.ReadWrite.All'])).toBe(204);
    expect((await simulator.truth(tenantId)).groups[0]?.displayName).toBe('New');
  });

  it('of security are gone at once when deleted, those of Microsoft 365 can be restored', async () => {
    const { graph } = await stage();
    const deleted = (id: string) => graph('GET', `/directory/deletedItems/${id}`);

    expect((await graph('DELETE', `/groups/${plain}`)).status).toBe(204);
    expect((await graph('DELETE', `/groups/${team}`)).status).toBe(204);

    expect([(await deleted(plain)).status, (await deleted(team)).status]).toEqual([404, 200]);
    expect(valueOf(await graph('GET', `/users/${bob}/memberOf`))).toEqual([]);
    expect((await simulator.truth(tenantId)).deletedGroups).toMatchObject([{ id: team }]);
    const restored = await graph('POST', `/directory/deletedItems/${team}/restore`, { body: {} });
    expect(restored).toMatchObject({
      status: 200,
      body: { '@odata.type': '#microsoft.graph.group', id: team },
    });
    expect((await graph('GET', `/groups/${team}`)).body).toMatchObject({ groupTypes: ['Unified'] });
    await graph('DELETE', `/groups/${team}`);
    expect((await graph('DELETE', `/directory/deletedItems/${team}`)).status).toBe(204);
    expect((await deleted(team)).status).toBe(404);
  });

  it('S056: that the customer has made dynamic take no more members by hand', async () => {
    const { graph } = await stage();
    await simulator.portal(tenantId, { do: 'makeDynamic', groupId: 'Plain' });

    const answer = await graph('POST', `/groups/${plain}/members/$ref`, { body: reference(ann) });

    expect(answer).toMatchObject({
      status: 403,
      body: anError('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
    });
  });

  it('S054: that the customer has deleted are not found, and nobody is in them any more', async () => {
    const { graph } = await stage();
    await simulator.portal(tenantId, { do: 'deleteGroup', groupId: 'Plain' });

    expect((await graph('DELETE', `/groups/${plain}/members/${bob}/$ref`)).status).toBe(404);
    expect((await simulator.truth(tenantId)).users[1]?.groups).toEqual([]);
  });

  it('S039: an owner of a role-assignable group is protected as its members are', async () => {
    const { graph } = await stage();
    const disable = () => graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    const owners = `/groups/${tierZero}/owners`;
    const own = (id: string) => graph('POST', `${owners}/$ref`, { body: reference(id) });

    expect([(await own(ann)).status, (await own(ann)).status]).toEqual([204, 400]);
    expect(await disable()).toMatchObject({ status: 403 });
    expect((await graph('DELETE', `${owners}/${ann}/$ref`)).body).toMatchObject(
      anError(
        'Request_BadRequest',
        'The group must have at least one owner, hence this owner cannot be removed.',
      ),
    );
    expect((await own(bob)).status).toBe(204);
    expect((await graph('DELETE', `${owners}/${ann}/$ref`)).status).toBe(204);
    expect(valueOf(await graph('GET', owners))).toMatchObject([{ id: bob }]);
    expect((await disable()).status).toBe(204);
  });

  it('have members that are listed as references, and removed by one', async () => {
    const { graph } = await stage();
    const path = `/groups/${plain}/members/$ref`;

    const [one] = bodyOf(await graph('GET', path))['value'] as string[];

    expect(one).toContain(`/directoryObjects/${bob}`);
    expect((await graph('DELETE', `${path}?@id=${encodeURIComponent(one!)}`)).status).toBe(204);
    expect(bodyOf(await graph('GET', path))['value']).toEqual([]);
  });
});
