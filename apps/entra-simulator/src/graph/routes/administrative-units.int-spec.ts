import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSimulator, type TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  clientId,
  reference,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const seattle = '55555555-0000-4000-8000-000000000001';
const units = '/directory/administrativeUnits';
const assignments = '/roleManagement/directory/roleAssignments';
const userAdministrator = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const groupId = '44444444-0000-4000-8000-000000000001';
const teamId = '44444444-0000-4000-8000-000000000002';

describe('Administrative units', () => {
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
      permissions: [...usualPermissions, 'AdministrativeUnit.ReadWrite.All', 'Group.ReadWrite.All'],
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      groups: [
        { id: groupId, displayName: 'Plain' },
        { id: teamId, displayName: 'Team', microsoft365: true },
      ],
      administrativeUnits: [{ id: seattle, displayName: 'Seattle' }],
      ...spec,
    });

  it('are made, changed and deleted, and their restriction is fixed when they are made', async () => {
    const { graph } = await stage();

    const made = await graph('POST', units, {
      body: { displayName: 'Board', isMemberManagementRestricted: true },
    });
    const unit = `${units}/${String(bodyOf(made)['id'])}`;

    expect(made).toMatchObject({
      status: 201,
      body: { displayName: 'Board', isMemberManagementRestricted: true },
    });
    expect((await graph('PATCH', unit, { body: { description: 'The board' } })).status).toBe(204);
    expect((await graph('PATCH', unit, { body: { isMemberManagementRestricted: false } })).status).toBe(400);
    expect((await graph('GET', unit)).body).toMatchObject({
      description: 'The board',
      isMemberManagementRestricted: true,
    });
    expect(valueOf(await graph('GET', `${units}?$filter=displayName eq 'Board'`))).toHaveLength(1);
    expect((await graph('DELETE', unit)).status).toBe(204);
    expect((await graph('GET', unit)).status).toBe(404);
  });

  it('need AdministrativeUnit.ReadWrite.All to be made: reading the directory is not enough', async () => {
    const { graph } = await stage({ permissions: ['Directory.ReadWrite.All'] });

    expect((await graph('POST', units, { body: { displayName: 'Board' } })).status).toBe(403);
    expect(valueOf(await graph('GET', units))).toHaveLength(1);
  });

  it('are restricted a hundred times at most, and not without a licence', async () => {
    const restricted = (i: number) => ({ displayName: `Unit ${i}`, isMemberManagementRestricted: true });
    const full = await stage({ administrativeUnits: Array.from({ length: 100 }, (_, i) => restricted(i)) });

    expect((await full.graph('POST', units, { body: restricted(100) })).status).toBe(400);
    expect((await full.graph('POST', units, { body: { displayName: 'Plain' } })).status).toBe(201);
    const free = await stage({ licence: 'free' });
    expect((await free.graph('POST', units, { body: restricted(1) })).status).toBe(400);
  });

  it('have members, which show the unit among what they are members of', async () => {
    const { graph } = await stage();
    const members = `${units}/${seattle}/members`;
    const add = (id: string) => graph('POST', `${members}/$ref`, { body: reference(id) });

    expect([(await add(ann)).status, (await add(groupId)).status]).toEqual([204, 204]);

    expect((await add(ann)).body).toMatchObject(
      anError(
        'Request_BadRequest',
        "One or more added object references already exist for the following modified properties: 'members'.",
      ),
    );
    expect((await add('33333333-0000-4000-8000-00000000dead')).status).toBe(404);
    expect(valueOf(await graph('GET', `${members}?$select=id`))).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: ann },
      { '@odata.type': '#microsoft.graph.group', id: groupId },
    ]);
    expect(bodyOf(await graph('GET', `${members}/$ref`))['value']).toHaveLength(2);
    expect(valueOf(await graph('GET', `/users/${ann}/memberOf`))).toMatchObject([
      { '@odata.type': '#microsoft.graph.administrativeUnit', id: seattle, displayName: 'Seattle' },
    ]);
    expect((await graph('DELETE', `${members}/${ann}/$ref`)).status).toBe(204);
    expect((await graph('DELETE', `${members}/${ann}/$ref`)).status).toBe(404);
    expect((await simulator.truth(tenantId)).administrativeUnits[0]?.members).toEqual([groupId]);
  });

  it('show a new member only when the replica has heard of it', async () => {
    const { graph } = await stage({ lags: { directory: { minMs: 5_000, maxMs: 5_000 } } });
    const members = `${units}/${seattle}/members`;

    await graph('POST', `${members}/$ref`, { body: reference(ann) });

    expect(valueOf(await graph('GET', members))).toEqual([]);
    await simulator.advance(5_000);
    expect(valueOf(await graph('GET', members))).toHaveLength(1);
  });

  it('take a new group, and a restricted one takes no Microsoft 365 group', async () => {
    const restricted = '55555555-0000-4000-8000-000000000002';
    const { graph } = await stage({
      administrativeUnits: [
        { id: seattle, displayName: 'Seattle' },
        { id: restricted, displayName: 'Board', isMemberManagementRestricted: true },
      ],
    });
    const group = {
      '@odata.type': '#microsoft.graph.group',
      displayName: 'Local',
      mailEnabled: false,
      mailNickname: 'local',
      securityEnabled: true,
    };

    const made = await graph('POST', `${units}/${seattle}/members`, { body: group });

    expect(made).toMatchObject({ status: 201, body: { displayName: 'Local' } });
    expect(valueOf(await graph('GET', `${units}/${seattle}/members`))).toHaveLength(1);
    const refused = await graph('POST', `${units}/${restricted}/members/$ref`, { body: reference(teamId) });
    expect(refused.status).toBe(400);
  });

  it('S069: only some roles can be held over a unit, and the unit must be there', async () => {
    const { graph } = await stage();
    const assign = (roleDefinitionId: string, unitId: string) =>
      graph('POST', assignments, {
        body: { roleDefinitionId, principalId: ann, directoryScopeId: `/administrativeUnits/${unitId}` },
      });
    const globalReader = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';

    expect((await assign(globalReader, seattle)).body).toMatchObject(
      anError(
        'Request_BadRequest',
        'The given built-in role is not supported to be assigned to a single resource scope.',
      ),
    );
    expect((await assign(userAdministrator, '55555555-0000-4000-8000-00000000dead')).status).toBe(404);
    const made = await assign(userAdministrator, seattle);
    expect(made).toMatchObject({
      status: 201,
      body: { directoryScopeId: `/administrativeUnits/${seattle}` },
    });
    expect((await assign(userAdministrator, seattle)).status).toBe(400);
    expect((await simulator.truth(tenantId)).administrativeUnits[0]?.scopedRoles).toMatchObject([
      { name: 'User Administrator', principalId: ann },
    ]);
  });

  it('S069: a role over a unit is no role over the tenant', async () => {
    const { graph } = await stage({
      administrativeUnits: [
        { id: seattle, displayName: 'Seattle', scopedRoles: [{ role: userAdministrator, holder: ann }] },
      ],
    });

    expect(valueOf(await graph('GET', `/users/${ann}/memberOf`))).toEqual([]);
    expect(valueOf(await graph('GET', `${assignments}?$filter=principalId eq '${ann}'`))).toMatchObject([
      { directoryScopeId: `/administrativeUnits/${seattle}` },
    ]);
  });

  it('have scoped role members, which are role assignments under another name', async () => {
    const { graph } = await stage();
    const path = `${units}/${seattle}/scopedRoleMembers`;
    await graph('POST', assignments, {
      body: {
        roleDefinitionId: userAdministrator,
        principalId: ann,
        directoryScopeId: `/administrativeUnits/${seattle}`,
      },
    });

    const [member] = valueOf(await graph('GET', path));
    const again = await graph('POST', path, {
      body: { roleId: member?.['roleId'], roleMemberInfo: { id: ann } },
    });
    const one = `${path}/${String(member?.['id'])}`;

    expect(member).toMatchObject({ administrativeUnitId: seattle, roleMemberInfo: { id: ann } });
    expect(again.status).toBe(400);
    expect((await graph('GET', one)).body).toMatchObject({ roleMemberInfo: { id: ann } });
    expect((await graph('DELETE', one)).status).toBe(204);
    expect(valueOf(await graph('GET', assignments))).toEqual([]);
    const made = await graph('POST', path, {
      body: { roleId: member?.['roleId'], roleMemberInfo: { id: ann } },
    });
    expect(made.status).toBe(201);
  });

  it('take the roles that were held over them along when they are deleted', async () => {
    const { graph } = await stage({
      administrativeUnits: [
        {
          id: seattle,
          displayName: 'Seattle',
          members: ['ann@contoso.onmicrosoft.com', 'Plain'],
          scopedRoles: [{ role: 'User Administrator', holder: 'ann@contoso.onmicrosoft.com' }],
        },
      ],
    });

    await graph('DELETE', `${units}/${seattle}`);

    const truth = await simulator.truth(tenantId);
    expect([truth.administrativeUnits, truth.users[0]?.roles]).toEqual([[], []]);
    expect(valueOf(await graph('GET', `/users/${ann}/memberOf`))).toEqual([]);
  });
});

describe('A directory on disk', () => {
  it('S098: keeps units, licences, owners and deleted groups over a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'simulator-units-'));
    const first = await startTestSimulator({ dataDir });
    const { graph } = await setStage(first, {
      permissions: [...usualPermissions, 'Group.ReadWrite.All', 'LicenseAssignment.ReadWrite.All'],
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      groups: [{ id: teamId, displayName: 'Team', microsoft365: true }],
      administrativeUnits: [
        {
          id: seattle,
          displayName: 'Board',
          isMemberManagementRestricted: true,
          members: [ann],
          scopedRoles: [{ role: 'User Administrator', holder: clientId }],
        },
      ],
    });
    await graph('PATCH', `/users/${ann}`, { body: { usageLocation: 'NL' } });
    const [sku] = valueOf(await graph('GET', '/subscribedSkus'));
    await graph('POST', `/users/${ann}/assignLicense`, {
      body: { addLicenses: [{ skuId: sku?.['skuId'] }], removeLicenses: [] },
    });
    await graph('DELETE', `/groups/${teamId}`);
    const before = await first.truth(tenantId);
    await first.stopSimulator();

    const second = await startTestSimulator({ dataDir });

    expect(before.deletedGroups).toHaveLength(1);
    expect(before.users[0]?.licences).toHaveLength(1);
    expect(await second.truth(tenantId)).toEqual(before);
    await second.stopSimulator();
  });
});
