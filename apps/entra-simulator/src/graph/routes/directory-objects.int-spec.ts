import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  aUser,
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
const bob = '33333333-0000-4000-8000-000000000002';
const inner = '44444444-0000-4000-8000-000000000001';
const outer = '44444444-0000-4000-8000-000000000002';
const unit = '55555555-0000-4000-8000-000000000001';
const nobody = '33333333-0000-4000-8000-00000000dead';

describe('Objects of the directory', () => {
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
      permissions: usualPermissions,
      users: [
        {
          id: ann,
          userPrincipalName: 'ann@contoso.onmicrosoft.com',
          groups: [inner],
          roles: ['Directory Readers'],
        },
        { id: bob, userPrincipalName: 'bob@contoso.onmicrosoft.com' },
      ],
      groups: [
        { id: inner, displayName: 'Inner' },
        { id: outer, displayName: 'Outer', microsoft365: true },
      ],
      administrativeUnits: [{ id: unit, displayName: 'Seattle', members: [ann] }],
      ...spec,
    });
  const nest = ({ graph }: Stage) =>
    graph('POST', `/groups/${outer}/members/$ref`, { body: reference(inner) });

  it('are read one by one and many at once, those that nobody has left out', async () => {
    const { graph } = await stage();
    const many = await graph('POST', '/directoryObjects/getByIds', {
      body: { ids: [ann, inner, unit, nobody], types: ['user', 'group', 'administrativeUnit'] },
    });
    const groups = await graph('POST', '/directoryObjects/getByIds', {
      body: { ids: [ann, inner], types: ['group'] },
    });

    expect(valueOf(many).map((object) => object['@odata.type'])).toEqual([
      '#microsoft.graph.user',
      '#microsoft.graph.group',
      '#microsoft.graph.administrativeUnit',
    ]);
    expect(valueOf(groups)).toMatchObject([{ id: inner }]);
    expect((await graph('GET', `/directoryObjects/${bob}`)).body).toMatchObject({
      '@odata.type': '#microsoft.graph.user',
      id: bob,
    });
    expect((await graph('GET', `/directoryObjects/${nobody}`)).status).toBe(404);
  });

  it('answer which groups somebody is in, through others too', async () => {
    const on = await stage();
    await nest(on);
    const ask = (action: string, body: object) => on.graph('POST', `/users/${ann}/${action}`, { body });

    const checked = await ask('checkMemberGroups', { groupIds: [outer, nobody] });
    const groups = await ask('getMemberGroups', { securityEnabledOnly: true });
    const objects = await ask('getMemberObjects', { securityEnabledOnly: false });
    const tooMany = await ask('checkMemberGroups', { groupIds: Array.from({ length: 21 }, () => outer) });

    expect(bodyOf(checked)['value']).toEqual([outer]);
    expect(bodyOf(groups)['value']).toEqual([inner]);
    expect(bodyOf(objects)['value']).toEqual(expect.arrayContaining([inner, outer, unit]));
    expect(bodyOf(objects)['value']).toHaveLength(4);
    expect(tooMany.status).toBe(400);
    expect(checked.headers['x-ms-resource-unit']).toBe('4');
  });

  it('show nothing but id and type to a caller whose permissions are for other types', async () => {
    const { graph } = await stage({ permissions: ['Group.ReadBasic.All'] });

    const found = valueOf(await graph('GET', `/users/${ann}/memberOf`));

    expect(found).toMatchObject([
      { '@odata.type': '#microsoft.graph.group', id: inner, displayName: 'Inner' },
      { '@odata.type': '#microsoft.graph.directoryRole', displayName: null, roleTemplateId: null },
      { '@odata.type': '#microsoft.graph.administrativeUnit', id: unit, displayName: null },
    ]);
    expect(found[1]?.['id']).toEqual(expect.any(String));
    expect(valueOf(await graph('GET', `/groups/${inner}/members`))).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', id: ann, userPrincipalName: null },
    ]);
  });

  it('S048: a tenant that is full takes no more of them, which is no matter of consent', async () => {
    const { graph } = await stage({
      quota: { objects: 5 },
      permissions: [...usualPermissions, 'Group.ReadWrite.All', 'User.Invite.All'],
    });
    const full = {
      status: 403,
      body: anError(
        'Directory_QuotaExceeded',
        'The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
      ),
    };
    const create = () =>
      graph('POST', '/users', { body: aUser({ userPrincipalName: 'new@contoso.onmicrosoft.com' }) });

    const made = await create();
    const id = String(bodyOf(made)['id']);

    expect(made.status).toBe(201);
    expect(
      await graph('POST', '/users', { body: aUser({ userPrincipalName: 'x@contoso.onmicrosoft.com' }) }),
    ).toMatchObject(full);
    const group = { displayName: 'G', mailEnabled: false, mailNickname: 'g', securityEnabled: true };
    expect(await graph('POST', '/groups', { body: group })).toMatchObject(full);
    await graph('DELETE', `/users/${id}`);
    expect(await create()).toMatchObject(full);
    await graph('DELETE', `/directory/deletedItems/${id}`);
    expect((await create()).status).toBe(201);
    await simulator.patchTenant(tenantId, { quota: { objects: 6 } });
    expect((await graph('POST', '/groups', { body: group })).status).toBe(201);
  });

  it('a user has one manager, who is set, read and taken away as a reference', async () => {
    const { graph } = await stage();
    const path = `/users/${ann}/manager/$ref`;

    expect((await graph('GET', path)).status).toBe(404);
    expect((await graph('PUT', path, { body: reference(nobody) })).status).toBe(404);
    expect((await graph('PUT', path, { body: reference(bob) })).status).toBe(204);
    expect(JSON.stringify((await graph('GET', path)).body)).toContain(`/directoryObjects/${bob}`);
    expect((await graph('DELETE', path)).status).toBe(204);
    expect((await graph('DELETE', path)).status).toBe(404);
  });

  it('a guest is invited once, and found again the second time', async () => {
    const { graph } = await stage({ permissions: [...usualPermissions, 'User.Invite.All'] });
    const invite = (mail: string) =>
      graph('POST', '/invitations', {
        body: { invitedUserEmailAddress: mail, inviteRedirectUrl: 'https://portal.example' },
      });

    const first = await invite('carl@partner.example');
    const again = await invite('carl@partner.example');
    const guest = bodyOf(first)['invitedUser'] as { id: string };

    expect(first).toMatchObject({ status: 201, body: { status: 'PendingAcceptance' } });
    expect(bodyOf(again)['invitedUser']).toEqual(guest);
    expect(
      (await graph('GET', `/users/${guest.id}?$select=userPrincipalName,userType,mail`)).body,
    ).toMatchObject({
      userPrincipalName: 'carl_partner.example#EXT#@contoso.onmicrosoft.com',
      userType: 'Guest',
      mail: 'carl@partner.example',
    });
    expect((await invite('ann@contoso.onmicrosoft.com')).status).toBe(400);
    expect((await invite('nonsense')).status).toBe(400);
    const history = await simulator.history({ tenantId });
    expect(JSON.stringify(history)).not.toContain('redeem');
  });

  it('security attributes are not among what the directory permissions show', async () => {
    const { graph } = await stage();
    const path = '/directory/customSecurityAttributeDefinitions';

    expect((await graph('GET', path)).status).toBe(403);
    const other = await stage({ permissions: ['CustomSecAttributeDefinition.Read.All'] });
    expect(valueOf(await other.graph('GET', path))).toEqual([]);
  });

  it('delegated grants of users and apps are none here', async () => {
    const { graph } = await stage();
    const [app] = (await simulator.truth(tenantId)).apps.filter((one) => one.clientId === clientId);

    const ofApp = await graph('GET', `/servicePrincipals/${app!.servicePrincipalId}/oauth2PermissionGrants`);

    expect(valueOf(ofApp)).toEqual([]);
    expect(valueOf(await graph('GET', `/users/${ann}/oauth2PermissionGrants`))).toEqual([]);
  });
});
