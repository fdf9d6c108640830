import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  bodyOf,
  roles,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const path = '/roleManagement/directory/roleAssignments';
const users = [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }];
const assignment = (changes: object = {}) => ({
  '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
  roleDefinitionId: roles.globalAdministrator,
  principalId: ann,
  directoryScopeId: '/',
  ...changes,
});

describe('Role assignments', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  it('S062: get an id that follows from the role and the principal', async () => {
    const { graph } = await setStage(simulator, { users });

    const answer = await graph('POST', path, { body: assignment() });

    expect(answer.status).toBe(201);
    const id = String(bodyOf(answer)['id']);
    expect(id).toBe('lAPpYvVpN0KRkAEhdxReEDMzMzMAAABAgAAAAAAAAAE-1');
    expect((await graph('GET', `${path}/${id}`)).body).toMatchObject({
      principalId: ann,
      roleDefinitionId: roles.globalAdministrator,
    });
    expect(valueOf(await graph('GET', `/users/${ann}/memberOf`))).toMatchObject([
      { '@odata.type': '#microsoft.graph.directoryRole', roleTemplateId: roles.globalAdministrator },
    ]);
  });

  it('S063: conflict when made again', async () => {
    const { graph } = await setStage(simulator, { users });
    await graph('POST', path, { body: assignment() });

    expect((await graph('POST', path, { body: assignment() })).body).toMatchObject(
      anError(
        'Request_BadRequest',
        'A conflicting object with one or more of the specified property values is present in the directory.',
      ),
    );
  });

  it('S064: are refused for a principal that is not there', async () => {
    const { graph } = await setStage(simulator);

    expect(await graph('POST', path, { body: assignment() })).toMatchObject({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound' } },
    });
  });

  it('S066: are removed once, and are not found the second time', async () => {
    const { graph } = await setStage(simulator, { users });
    const id = String(bodyOf(await graph('POST', path, { body: assignment() }))['id']);

    expect((await graph('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await graph('DELETE', `${path}/${id}`)).status).toBe(404);
    expect((await simulator.history({ userId: ann })).map((entry) => entry.what)).toContain('role.removed');
  });

  it('S067: an app cannot drop its own directory role', async () => {
    const { graph } = await setStage(simulator, {
      directoryRoles: ['Privileged Authentication Administrator'],
    });
    const [app] = (await simulator.truth(tenantId)).apps;
    const own = await graph('GET', `${path}?$filter=principalId eq '${app!.servicePrincipalId}'`);

    expect(valueOf(own)).toMatchObject([{ roleDefinitionId: roles.privilegedAuthenticationAdministrator }]);
    expect((await graph('DELETE', `${path}/${String(valueOf(own)[0]!['id'])}`)).status).toBe(403);
  });

  it('S068: go to a group only if it is role-assignable, and then count for its members', async () => {
    const { graph } = await setStage(simulator, {
      groups: [{ displayName: 'Plain' }, { displayName: 'Tier 0', isAssignableToRole: true }],
      users: [{ ...users[0]!, groups: ['Tier 0'] }],
    });
    const [plain, tierZero] = (await simulator.truth(tenantId)).groups;
    const give = (principalId: string) => graph('POST', path, { body: assignment({ principalId }) });

    expect([(await give(plain!.id)).status, (await give(tierZero!.id)).status]).toEqual([400, 201]);
    expect(
      valueOf(await graph('GET', `/users/${ann}/transitiveMemberOf/microsoft.graph.directoryRole`)),
    ).toHaveLength(1);
  });

  it('S069: have no narrower scope for roles that cannot take one', async () => {
    const { graph } = await setStage(simulator, { users });
    const directoryScopeId = '/administrativeUnits/55555555-0000-4000-8000-000000000001';

    expect((await graph('POST', path, { body: assignment({ directoryScopeId }) })).body).toMatchObject(
      anError(
        'Request_BadRequest',
        'The given built-in role is not supported to be assigned to a single resource scope.',
      ),
    );
  });

  it('S070: need RoleManagement.ReadWrite.Directory to be made, not to be read', async () => {
    const without = usualPermissions.filter(
      (permission) => permission !== 'RoleManagement.ReadWrite.Directory',
    );
    const { graph } = await setStage(simulator, { users, permissions: without });

    expect((await graph('POST', path, { body: assignment() })).status).toBe(403);
    expect((await graph('GET', `${path}?$filter=principalId eq '${ann}'`)).status).toBe(200);
  });

  it("RoleManagement.Read.All reads definitions but not assignments, as in Microsoft's data", async () => {
    const { graph } = await setStage(simulator, { permissions: ['RoleManagement.Read.All'] });

    expect((await graph('GET', '/roleManagement/directory/roleDefinitions')).status).toBe(200);
    expect((await graph('GET', path)).status).toBe(403);
  });
});
