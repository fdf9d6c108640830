import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  bodyOf,
  clientId,
  secret,
  setStage,
  startFrozen,
  tenantId,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const graphAppId = '00000003-0000-0000-c000-000000000000';
const ann = '33333333-0000-4000-8000-000000000001';
const granting = ['AppRoleAssignment.ReadWrite.All', 'Application.Read.All'];

describe('Consent by API', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    expect((await simulator.violations()).own).toEqual([]);
    await simulator.stopSimulator();
  });

  /** Grants a permission of Microsoft Graph to the calling app itself. */
  async function grantOwn({ graph }: Stage, permission: string) {
    const [app] = (await simulator.truth(tenantId)).apps;
    const path = `/servicePrincipals/${app!.servicePrincipalId}/appRoleAssignments`;
    const resource = bodyOf(await graph('GET', `/servicePrincipals(appId='${graphAppId}')`));
    const roles = resource['appRoles'] as { id: string; value: string }[];
    const body = {
      principalId: app!.servicePrincipalId,
      resourceId: resource['id'],
      appRoleId: roles.find((role) => role.value === permission)?.id,
    };
    return { path, resourceId: String(resource['id']), answer: await graph('POST', path, { body }), body };
  }

  it('S011: is in the next token, not in the one that is out, and so is its end', async () => {
    const on = await setStage(simulator, { permissions: granting });
    const listUsers = (token: string) => simulator.call('GET', '/v1.0/users', { token });

    const { path, answer } = await grantOwn(on, 'User.Read.All');

    expect(answer.status).toBe(201);
    expect((await listUsers(on.token)).status).toBe(403);
    const newToken = await simulator.token(tenantId, { clientId, secret });
    expect((await listUsers(newToken)).status).toBe(200);
    const assignment = `${path}/${String(bodyOf(answer)['id'])}`;
    expect((await on.graph('GET', assignment)).status).toBe(200);
    expect((await on.graph('DELETE', assignment)).status).toBe(204);
    expect((await on.graph('DELETE', assignment)).status).toBe(404);
    expect((await listUsers(newToken)).status).toBe(200);
    const lastToken = await simulator.token(tenantId, { clientId, secret });
    expect((await listUsers(lastToken)).status).toBe(403);
    expect((await simulator.history({ tenantId })).map((entry) => entry.what)).toEqual(
      expect.arrayContaining(['consent.given', 'consent.withdrawn']),
    );
  });

  it('S004: waits for the consent lag, where the tenant has one', async () => {
    const on = await setStage(simulator, {
      permissions: granting,
      lags: { consent: { minMs: 60_000, maxMs: 60_000 } },
    });
    const listUsers = async () => {
      const token = await simulator.token(tenantId, { clientId, secret });
      return (await simulator.call('GET', '/v1.0/users', { token })).status;
    };
    await grantOwn(on, 'User.Read.All');

    expect(await listUsers()).toBe(403);
    await simulator.advance(60_000);
    expect(await listUsers()).toBe(200);
  });

  it('is given once, for roles that the resource has, to the principal of the path', async () => {
    const on = await setStage(simulator, { permissions: granting });
    const { path, resourceId, body } = await grantOwn(on, 'User.Read.All');
    const grant = (changes: object) => on.graph('POST', path, { body: { ...body, ...changes } });

    expect((await grant({})).status).toBe(400);
    expect((await grant({ appRoleId: '33333333-0000-4000-8000-00000000dead' })).status).toBe(400);
    expect((await grant({ principalId: resourceId })).status).toBe(400);
    expect((await grant({ resourceId: '33333333-0000-4000-8000-00000000dead' })).status).toBe(404);
  });

  it.each([
    ['reading alone', ['Application.Read.All'], 403],
    ['writing without reading', ['AppRoleAssignment.ReadWrite.All'], 403],
    ['both', granting, 400],
  ])('needs two permissions together: %s', async (_what, permissions, status) => {
    const { graph } = await setStage(simulator, { permissions });
    const [app] = (await simulator.truth(tenantId)).apps;
    const id = app!.servicePrincipalId;

    const answer = await graph('POST', `/servicePrincipals/${id}/appRoleAssignments`, {
      body: { principalId: ann, resourceId: id, appRoleId: ann },
    });

    expect(answer.status).toBe(status);
  });

  it('shows on the resource as well', async () => {
    const on = await setStage(simulator, { permissions: granting });
    const { resourceId } = await grantOwn(on, 'User.Read.All');

    const given = valueOf(await on.graph('GET', `/servicePrincipals/${resourceId}/appRoleAssignedTo`));

    expect(given).toHaveLength(3);
    expect(given).toMatchObject(given.map(() => ({ resourceDisplayName: 'Microsoft Graph' })));
  });
});
