import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  bodyOf,
  clientId,
  secret,
  setStage,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
  type Stage,
} from '../../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const team = '44444444-0000-4000-8000-000000000001';
const deleted = '/directory/deletedItems';
const day = 24 * 60 * 60 * 1000;

describe('Deleted items', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(async () => {
    expect((await simulator.violations()).own).toEqual([]);
    await simulator.stopSimulator();
  });

  const stage = (permissions: string[] = [...usualPermissions, 'Group.ReadWrite.All']): Promise<Stage> =>
    setStage(simulator, {
      permissions,
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com', groups: ['Plain'] }],
      groups: [{ id: team, displayName: 'Team', microsoft365: true }, { displayName: 'Plain' }],
      administrativeUnits: [{ displayName: 'Seattle', members: [ann] }],
    });

  it('S045: come back with their memberships within thirty days', async () => {
    const { graph } = await stage();
    await graph('DELETE', `/users/${ann}`);
    await simulator.advance(30 * day - 1);

    const token = await simulator.token(tenantId, { clientId, secret });
    const restored = await simulator.call('POST', `/v1.0${deleted}/${ann}/restore`, { token, body: {} });

    expect(restored.status).toBe(200);
    expect((await simulator.truth(tenantId)).users[0]?.groups).toMatchObject([{ name: 'Plain' }]);
  });

  it('S045, S103: are gone for good after thirty days, with every tie, whoever asks first', async () => {
    const { graph } = await stage();
    await graph('DELETE', `/users/${ann}`);
    await graph('DELETE', `/groups/${team}`);

    await simulator.advance(40 * day);

    const truth = await simulator.truth(tenantId);
    expect([truth.deletedUsers, truth.deletedGroups]).toEqual([[], []]);
    expect(truth.administrativeUnits[0]?.members).toEqual([]);
    expect(truth.groups[0]?.members).toEqual([]);
    const about = (await simulator.history({ tenantId, userId: ann })).map(({ what, by, at }) => ({
      what,
      by,
      at,
    }));
    const purged = about.findLast(({ what }) => what === 'user.purged');
    const deletedAt = about.findLast(({ what }) => what === 'user.deleted')?.at ?? '';
    expect(purged).toMatchObject({
      by: 'entra',
      at: new Date(Date.parse(deletedAt) + 30 * day).toISOString(),
    });
  });

  it('S045: can be deleted for good before that', async () => {
    const { graph } = await stage();
    await graph('DELETE', `/users/${ann}`);

    expect((await graph('DELETE', `${deleted}/${ann}`)).status).toBe(204);

    expect((await graph('GET', `${deleted}/${ann}`)).status).toBe(404);
    expect((await graph('POST', `${deleted}/${ann}/restore`, { body: {} })).status).toBe(404);
    expect((await simulator.truth(tenantId)).deletedUsers).toEqual([]);
  });

  it('S045: restored under a name that somebody else has by now are refused, under another one they are not', async () => {
    const { graph, createUser } = await stage();
    await graph('DELETE', `/users/${ann}`);
    await createUser({ userPrincipalName: 'ann@contoso.onmicrosoft.com' });
    const restore = (body: object) => graph('POST', `/users/${ann}/restore`, { body });

    const taken = await restore({});
    const strange = await restore({ newUserPrincipalName: 'ann@elsewhere.example' });
    const other = await restore({ newUserPrincipalName: 'ann2@contoso.onmicrosoft.com' });

    expect([taken.status, strange.status, other.status]).toEqual([400, 400, 200]);
    expect(bodyOf(other)['userPrincipalName']).toBe('ann2@contoso.onmicrosoft.com');
  });

  it('need the permission for their own type', async () => {
    const { graph } = await stage(['User.ReadWrite.All']);
    await simulator.portal(tenantId, { do: 'deleteGroup', groupId: 'Team' });
    await simulator.portal(tenantId, { do: 'deleteUser', userId: ann });

    expect((await graph('GET', `${deleted}/${team}`)).status).toBe(403);
    expect((await graph('POST', `${deleted}/${team}/restore`, { body: {} })).status).toBe(403);
    expect(valueOf(await graph('GET', `${deleted}/microsoft.graph.user`))).toMatchObject([{ id: ann }]);
  });
});
