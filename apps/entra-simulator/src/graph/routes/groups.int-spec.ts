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
const denied = anError('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
const groupIds = {
  plain: '44444444-0000-4000-8000-000000000001',
  dynamic: '44444444-0000-4000-8000-000000000002',
  tierZero: '44444444-0000-4000-8000-000000000003',
  mail: '44444444-0000-4000-8000-000000000004',
  synced: '44444444-0000-4000-8000-000000000005',
};

describe('Group members', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const stage = (spec: object = {}): Promise<Stage> =>
    setStage(simulator, {
      users: [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
      groups: [
        { id: groupIds.plain, displayName: 'Plain' },
        { id: groupIds.dynamic, displayName: 'Dynamic', dynamic: true },
        { id: groupIds.tierZero, displayName: 'Tier 0', isAssignableToRole: true },
        { id: groupIds.mail, displayName: 'Mail', mailEnabled: true },
        { id: groupIds.synced, displayName: 'Synced', onPremises: true },
      ],
      ...spec,
    });

  const join = ({ graph }: Stage, groupId: string, id = ann) =>
    graph('POST', `/groups/${groupId}/members/$ref`, { body: reference(id) });

  it('S050: are added, and show on both sides', async () => {
    const on = await stage();

    expect((await join(on, groupIds.plain)).status).toBe(204);

    expect(valueOf(await on.graph('GET', `/groups/${groupIds.plain}/members`))).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', id: ann },
    ]);
    expect(valueOf(await on.graph('GET', `/users/${ann}/memberOf?$select=id,displayName`))).toEqual([
      { '@odata.type': '#microsoft.graph.group', id: groupIds.plain, displayName: 'Plain' },
    ]);
  });

  it('S051, S053: are not added twice, which a caller that lost the answer must take for success', async () => {
    const on = await stage();
    await join(on, groupIds.plain);

    const again = await join(on, groupIds.plain);

    expect(again.status).toBe(400);
    expect(again.body).toMatchObject(
      anError(
        'Request_BadRequest',
        "One or more added object references already exist for the following modified properties: 'members'.",
      ),
    );
  });

  it('S052: are refused when the user is not there (yet), with 404 or, by switch, 400', async () => {
    const on = await stage();
    const nobody = '33333333-0000-4000-8000-00000000dead';

    expect((await join(on, groupIds.plain, nobody)).status).toBe(404);

    await simulator.patchTenant(tenantId, { switches: { newMemberNotFound: 400 } });
    expect((await join(on, groupIds.plain, nobody)).body).toMatchObject(
      anError(
        'Request_BadRequest',
        "The source resource object or one of the objects being referenced don't exist.",
      ),
    );
  });

  it('S054: are removed once; the second time they are not found, or by switch a bad request', async () => {
    const on = await stage();
    await join(on, groupIds.plain);
    const leave = () => on.graph('DELETE', `/groups/${groupIds.plain}/members/${ann}/$ref`);

    expect((await leave()).status).toBe(204);
    expect((await leave()).status).toBe(404);
    await simulator.patchTenant(tenantId, { switches: { memberNotFound: 400 } });
    expect((await leave()).status).toBe(400);
  });

  it('S055: without /$ref the user itself is deleted, and the alarm is recorded', async () => {
    const on = await stage();
    await join(on, groupIds.plain);

    const answer = await on.graph('DELETE', `/groups/${groupIds.plain}/members/${ann}`);

    expect(answer.status).toBe(204);
    expect((await simulator.truth(tenantId)).users).toEqual([]);
    expect((await simulator.violations()).requests.at(-1)?.problems).toEqual([
      'Without /$ref this deletes the member itself, not the membership',
    ]);
  });

  it('S056: of a dynamic group cannot be changed, in the words of a missing permission', async () => {
    const on = await stage();

    expect(await join(on, groupIds.dynamic)).toMatchObject({ status: 403, body: denied });
    expect(bodyOf(await on.graph('GET', `/groups/${groupIds.dynamic}`))['groupTypes']).toEqual([
      'DynamicMembership',
    ]);
  });

  it('S057: of a role-assignable group need RoleManagement.ReadWrite.Directory', async () => {
    const without = usualPermissions.filter(
      (permission) => permission !== 'RoleManagement.ReadWrite.Directory',
    );

    expect((await join(await stage({ permissions: without }), groupIds.tierZero)).status).toBe(403);
    expect((await join(await stage(), groupIds.tierZero)).status).toBe(204);
  });

  it('need GroupMember.ReadWrite.All: Directory.ReadWrite.All is not enough, unless the switch says so', async () => {
    const on = await stage({ permissions: ['Directory.ReadWrite.All'] });

    expect((await join(on, groupIds.plain)).status).toBe(403);
    await simulator.patchTenant(tenantId, { switches: { directoryReadWriteAddsMembers: true } });
    expect((await join(on, groupIds.plain)).status).toBe(204);
  });

  it.each([
    ['S058', groupIds.mail, 'Cannot Update a mail-enabled security groups and or distribution list.'],
    [
      'S059',
      groupIds.synced,
      'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    ],
  ])('%s: of a group that Graph does not manage are refused', async (_id, groupId, message) => {
    const answer = await join(await stage(), groupId);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(anError('Request_BadRequest', message));
  });

  it('S060: are added together or not at all, twenty at most', async () => {
    const on = await stage();
    const bind = (ids: string[]) =>
      on.graph('PATCH', `/groups/${groupIds.plain}`, {
        body: { 'members@odata.bind': ids.map((id) => reference(id)['@odata.id']) },
      });

    const oneBad = await bind([ann, '33333333-0000-4000-8000-00000000dead']);
    const tooMany = await bind(Array.from({ length: 21 }, () => ann));

    expect([oneBad.status, tooMany.status]).toEqual([404, 400]);
    expect((await simulator.truth(tenantId)).groups[0]?.members).toEqual([]);
    expect((await bind([ann])).status).toBe(204);
  });

  it('S061: groups are searched only with the header of eventual consistency', async () => {
    const { graph } = await stage();
    const path = '/groups?$search="displayName:tier"';

    expect((await graph('GET', path)).body).toMatchObject(
      anError(
        'Request_UnsupportedQuery',
        "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
      ),
    );
    const found = await graph('GET', path, { headers: { ConsistencyLevel: 'eventual' } });
    expect(valueOf(found)).toMatchObject([{ displayName: 'Tier 0', isAssignableToRole: true }]);
  });
});
