import type { TestSimulator } from '../../../test/support/simulator.js';
import {
  bodyOf,
  reference,
  roles,
  setStage,
  startFrozen,
  tenantId,
  valueOf,
  type Stage,
} from './testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const group = { id: '44444444-0000-4000-8000-000000000001', displayName: 'Admins' };
const lag = (ms: number, replicas = 1) => ({ minMs: ms, maxMs: ms, replicas });

describe('Replication', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());
  afterEach(() => simulator.clearFaults());

  const statusOf = async ({ graph }: Stage, path: string): Promise<number> =>
    (await graph('GET', path)).status;

  it('S015: a new user is not found until the lag has passed', async () => {
    const stage = await setStage(simulator, { lags: { directory: lag(2_000) } });
    const id = await stage.createUser();

    expect(await statusOf(stage, `/users/${id}`)).toBe(404);
    await simulator.advance(1_999);
    expect(await statusOf(stage, `/users/${id}`)).toBe(404);
    await simulator.advance(1);
    expect(await statusOf(stage, `/users/${id}`)).toBe(200);
  });

  it('S016: replicas disagree, so one good read proves nothing', async () => {
    const stage = await setStage(simulator, {
      lags: { directory: { minMs: 0, maxMs: 10_000, replicas: 8 } },
    });
    const id = await stage.createUser();
    await simulator.advance(5_000);

    const seen: number[] = [];
    for (let i = 0; i < 40; i++) seen.push(await statusOf(stage, `/users/${id}`));

    expect(new Set(seen)).toEqual(new Set([200, 404]));
    expect(seen.slice(1).some((status, i) => seen[i] === 200 && status === 404)).toBe(true);
    await simulator.advance(5_000);
    expect(await statusOf(stage, `/users/${id}`)).toBe(200);
  });

  it('S017, S020: writes find their object on a replica too, while names are unique at once', async () => {
    const stage = await setStage(simulator, { lags: { directory: lag(2_000) } });
    const id = await stage.createUser();
    const disable = () => stage.graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } });

    expect((await disable()).status).toBe(404);
    await expect(stage.createUser()).rejects.toThrow('ObjectConflict');
    await simulator.settle(tenantId);
    expect((await disable()).status).toBe(204);
  });

  it('S030: after a disable a replica still shows the account as enabled for a while', async () => {
    const stage = await setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      lags: { directory: lag(2_000) },
    });
    await stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    const enabled = async () =>
      bodyOf(await stage.graph('GET', `/users/${ann}?$select=accountEnabled`))['accountEnabled'];

    expect(await enabled()).toBe(true);
    expect((await simulator.truth(tenantId)).users[0]?.accountEnabled).toBe(false);
    await simulator.advance(2_000);
    expect(await enabled()).toBe(false);
  });

  it('S045: a deleted user is still shown for a while', async () => {
    const stage = await setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      lags: { directory: lag(2_000) },
    });
    await stage.graph('DELETE', `/users/${ann}`);

    expect(await statusOf(stage, '/users/ann@contoso.onmicrosoft.com')).toBe(200);
    await simulator.advance(2_000);
    expect(await statusOf(stage, '/users/ann@contoso.onmicrosoft.com')).toBe(404);
  });

  it('S052, S064, S084: a new user can neither join, nor get a role or a pass, until it is replicated', async () => {
    const stage = await setStage(simulator, {
      groups: [group],
      lags: { directory: lag(1_000), methods: lag(3_000) },
    });
    const id = await stage.createUser();
    const { graph } = stage;
    const all = async (): Promise<number[]> => [
      (await graph('POST', `/groups/${group.id}/members/$ref`, { body: reference(id) })).status,
      (
        await graph('POST', '/roleManagement/directory/roleAssignments', {
          body: { roleDefinitionId: roles.directoryReaders, principalId: id, directoryScopeId: '/' },
        })
      ).status,
      (await graph('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, { body: {} })).status,
    ];

    expect(await all()).toEqual([404, 404, 404]);
    await simulator.advance(1_000);
    expect(await all()).toEqual([204, 201, 404]);
    await simulator.advance(2_000);
    expect((await all())[2]).toBe(201);
  });

  it('S065: a new assignment does not show in the list at once', async () => {
    const { graph } = await setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      lags: { directory: lag(2_000) },
    });
    const path = '/roleManagement/directory/roleAssignments';
    const body = { roleDefinitionId: roles.directoryReaders, principalId: ann, directoryScopeId: '/' };
    const held = async () => valueOf(await graph('GET', `${path}?$filter=principalId eq '${ann}'`)).length;

    expect((await graph('POST', path, { body })).status).toBe(201);
    expect(await held()).toBe(0);
    expect((await graph('POST', path, { body })).status).toBe(400);
    await simulator.advance(2_000);
    expect(await held()).toBe(1);
  });

  it('S066: a new assignment is not found for its removal either, although it is in force', async () => {
    const { graph } = await setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      lags: { directory: lag(2_000) },
    });
    const path = '/roleManagement/directory/roleAssignments';
    const body = { roleDefinitionId: roles.directoryReaders, principalId: ann, directoryScopeId: '/' };
    const id = String(bodyOf(await graph('POST', path, { body }))['id']);

    expect((await graph('DELETE', `${path}/${id}`)).status).toBe(404);
    expect((await simulator.truth(tenantId)).users[0]?.roles).toHaveLength(1);
    await simulator.advance(2_000);
    expect((await graph('DELETE', `${path}/${id}`)).status).toBe(204);
  });

  it('S038: the authorisation check learns late that an admin is one no more', async () => {
    const stage = await setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com', roles: ['Global Administrator'] }],
      lags: { authorisation: lag(30_000) },
    });
    const [role] = (await simulator.truth(tenantId)).users[0]!.roles;
    const disable = () => stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });

    await stage.graph('DELETE', `/roleManagement/directory/roleAssignments/${role!.assignmentId}`);

    expect((await disable()).status).toBe(403);
    await simulator.advance(30_000);
    expect((await disable()).status).toBe(204);
  });

  it('a rule can delay what one request writes, however fast the tenant is', async () => {
    const stage = await setStage(simulator);
    await simulator.addFault({
      match: { method: 'POST', path: '/users' },
      times: 1,
      effect: { lagMs: 60_000 },
    });

    const slow = await stage.createUser();
    const fast = await stage.createUser({ userPrincipalName: 'bob@contoso.onmicrosoft.com' });

    expect([await statusOf(stage, `/users/${slow}`), await statusOf(stage, `/users/${fast}`)]).toEqual([
      404, 200,
    ]);
  });
});
