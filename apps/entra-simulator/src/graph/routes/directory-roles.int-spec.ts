import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  reference,
  roles,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const users = [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }];
const reader = `/directoryRoles(roleTemplateId='${roles.directoryReaders}')`;
const activation = { body: { roleTemplateId: roles.directoryReaders } };

describe('Directory roles', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    const { own } = await simulator.violations();
    await simulator.stopSimulator();
    expect(own).toEqual([]);
  });

  it('are listed once they are activated, and are activated once', async () => {
    const { graph } = await setStage(simulator);
    const templates = async () =>
      valueOf(await graph('GET', '/directoryRoles')).map((role) => role['roleTemplateId']);

    expect(await templates()).toEqual([roles.globalAdministrator]);
    expect((await graph('GET', reader)).status).toBe(404);
    const activated = await graph('POST', '/directoryRoles', activation);
    expect(activated).toMatchObject({ status: 201, body: { displayName: 'Directory Readers' } });
    expect(await graph('POST', '/directoryRoles', activation)).toMatchObject({
      status: 400,
      body: anError(
        'Request_BadRequest',
        'A conflicting object with one or more of the specified property values is present in the directory.',
      ),
    });
    expect(await templates()).toEqual([roles.globalAdministrator, roles.directoryReaders]);
    expect(bodyOf(await graph('GET', reader))['id']).toBe(bodyOf(activated)['id']);
    expect((await graph('GET', `/directoryRoles/${String(bodyOf(activated)['id'])}`)).status).toBe(200);
    expect(valueOf(await graph('GET', '/directoryRoleTemplates')).length).toBeGreaterThan(100);
  });

  it('keep in step with role assignments, in both directions', async () => {
    const { graph } = await setStage(simulator, { users });
    const assignments = '/roleManagement/directory/roleAssignments';
    const held = async () => (await simulator.truth(tenantId)).users[0]?.roles.map((role) => role.name);
    await graph('POST', '/directoryRoles', activation);

    expect((await graph('POST', `${reader}/members/$ref`, { body: reference(ann) })).status).toBe(204);
    expect(await held()).toEqual(['Directory Readers']);
    expect(await graph('POST', `${reader}/members/$ref`, { body: reference(ann) })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('already exist') as string } },
    });
    const assigned = valueOf(await graph('GET', `${assignments}?$filter=principalId eq '${ann}'`));
    expect(assigned).toHaveLength(1);

    expect((await graph('DELETE', `${assignments}/${String(assigned[0]!['id'])}`)).status).toBe(204);
    expect(valueOf(await graph('GET', `${reader}/members`))).toEqual([]);
    expect((await graph('DELETE', `${reader}/members/${ann}/$ref`)).status).toBe(404);

    const body = { roleDefinitionId: roles.globalAdministrator, principalId: ann, directoryScopeId: '/' };
    await graph('POST', assignments, { body });
    const role = `/directoryRoles/roleTemplateId=${roles.globalAdministrator}`;
    expect(valueOf(await graph('GET', `${role}/members`))).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', id: ann },
    ]);
    expect(valueOf(await graph('GET', `${role}/members/$ref`))).toHaveLength(1);
    expect((await graph('DELETE', `${role}/members/${ann}/$ref`)).status).toBe(204);
    expect(await held()).toEqual([]);
    expect((await graph('GET', reader)).status).toBe(200);
  });

  it('S068: take a group as a member only if it is role-assignable', async () => {
    const { graph } = await setStage(simulator, { groups: [{ displayName: 'Plain' }] });
    const [group] = (await simulator.truth(tenantId)).groups;
    await graph('POST', '/directoryRoles', activation);

    expect((await graph('POST', `${reader}/members/$ref`, { body: reference(group!.id) })).status).toBe(400);
    expect((await graph('POST', `${reader}/members/$ref`, { body: reference(ann) })).status).toBe(404);
  });

  it('S070: are changed with RoleManagement.ReadWrite.Directory alone', async () => {
    const permissions = usualPermissions.filter((one) => one !== 'RoleManagement.ReadWrite.Directory');
    const { graph } = await setStage(simulator, { users, permissions });

    expect((await graph('GET', '/directoryRoles')).status).toBe(200);
    expect((await graph('POST', '/directoryRoles', activation)).status).toBe(403);
  });
});
