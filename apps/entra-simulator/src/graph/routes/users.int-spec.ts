import type { TestSimulator } from '../../../../../test/support/simulator.js';
import {
  anError,
  aUser,
  bodyOf,
  goodPassword,
  setStage,
  startedAt,
  startFrozen,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';

const domainText =
  'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.';
const denied = anError('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

describe('Users', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  it('S014: a create answers the default properties, and the account is true at once', async () => {
    const { graph } = await setStage(simulator);

    const answer = await graph('POST', '/users', { body: aUser({ usageLocation: 'NL' }) });

    expect(answer.status).toBe(201);
    expect(Object.keys(bodyOf(answer)).sort()).toEqual(
      [
        '@odata.context',
        'businessPhones',
        'displayName',
        'givenName',
        'id',
        'jobTitle',
        'mail',
        'mobilePhone',
        'officeLocation',
        'preferredLanguage',
        'surname',
        'userPrincipalName',
      ].sort(),
    );
    expect((await simulator.truth(tenantId)).users).toMatchObject([
      { id: bodyOf(answer)['id'], accountEnabled: true },
    ]);
  });

  it('every answer carries the ids and headers that Graph sends', async () => {
    const { graph } = await setStage(simulator);

    const answer = await graph('GET', '/users/nobody@contoso.onmicrosoft.com', {
      headers: { 'client-request-id': 'mine' },
    });

    const requestId = answer.headers['request-id'];
    expect(answer.headers).toMatchObject({
      'client-request-id': 'mine',
      'x-ms-resource-unit': '1',
      date: new Date(startedAt).toUTCString(),
    });
    expect(answer.headers['x-ms-ags-diagnostic']).toContain('ServerInfo');
    expect(answer.body).toEqual({
      error: {
        code: 'Request_ResourceNotFound',
        message:
          "Resource 'nobody@contoso.onmicrosoft.com' does not exist or one of its queried reference-property objects are not present.",
        innerError: { date: '2026-03-01T09:00:00', 'request-id': requestId, 'client-request-id': 'mine' },
      },
    });
  });

  it('S020: a taken user principal name is a conflict, in any case of letters', async () => {
    const { graph, createUser } = await setStage(simulator);
    await createUser();

    const answer = await graph('POST', '/users', {
      body: aUser({ userPrincipalName: 'ADA.Admin@contoso.onmicrosoft.com' }),
    });

    const message = 'Another object with the same value for property userPrincipalName already exists.';
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      error: {
        code: 'Request_BadRequest',
        message,
        details: [{ code: 'ObjectConflict', message, target: 'userPrincipalName' }],
      },
    });
  });

  const complexity =
    'The specified password does not comply with password complexity requirements. Please provide a different password.';
  const invalid = 'One or more properties contains invalid values.';
  it.each([
    ['S021: an unverified domain', { userPrincipalName: 'a@unverified.example' }, domainText],
    ['S021: a foreign domain', { userPrincipalName: 'a@elsewhere.example' }, domainText],
    ['S114: no domain at all', { userPrincipalName: 'ada' }, domainText],
    [
      'S022: a federated domain without an immutable id',
      { userPrincipalName: 'a@federated.example' },
      "A value is required for property 'onPremisesImmutableId' of resource 'User'.",
    ],
    ['S023: a weak password', { passwordProfile: { password: 'weakpass' } }, complexity],
    [
      'S023: a password with the user name in it',
      { passwordProfile: { password: 'X1-ada.admin-Y2' } },
      complexity,
    ],
    [
      'S024: no mail nickname',
      { mailNickname: undefined },
      "A value is required for property 'mailNickname' of resource 'User'.",
    ],
    [
      'S025: a bad mail nickname',
      { mailNickname: 'a b,' },
      "Invalid value specified for property 'mailNickname' of resource 'User'.",
    ],
    ['S026: a plus sign', { userPrincipalName: 'a+b@contoso.onmicrosoft.com' }, invalid],
    ['S026: two at signs', { userPrincipalName: 'a@b@contoso.onmicrosoft.com' }, invalid],
    ['S026: a dot before the at sign', { userPrincipalName: 'a.@contoso.onmicrosoft.com' }, invalid],
    ['S028: an unknown property', { nickname: 'x' }, "Invalid property 'nickname'."],
    [
      'S029: an employee id of 17 characters',
      { employeeId: '12345678901234567' },
      "Invalid value specified for property 'employeeId' of resource 'User'.",
    ],
  ])('%s is refused', async (_what, changes, message) => {
    const { graph } = await setStage(simulator);

    const answer = await graph('POST', '/users', { body: aUser(changes) });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(anError('Request_BadRequest', message));
    expect((await simulator.truth(tenantId)).users).toEqual([]);
  });

  it('S030: accountEnabled is absent unless it is selected', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();

    expect(bodyOf(await graph('GET', `/users/${id}`))).not.toHaveProperty('accountEnabled');
    expect(bodyOf(await graph('GET', `/users/${id}?$select=accountEnabled,id`))).toEqual({
      '@odata.context': `${simulator.url}/v1.0/$metadata#users(accountEnabled,id)/$entity`,
      accountEnabled: true,
      id,
    });
  });

  it('S031: a filter by user principal name finds one or none', async () => {
    const { graph, createUser } = await setStage(simulator);
    await createUser();

    const found = await graph(
      'GET',
      "/users?$filter=userPrincipalName eq 'ada.admin@contoso.onmicrosoft.com'",
    );
    const none = await graph('GET', "/users?$filter=userPrincipalName eq 'bob@contoso.onmicrosoft.com'");

    expect([valueOf(found).length, valueOf(none).length]).toEqual([1, 0]);
  });

  it('S032, S034: counting needs the header of eventual consistency', async () => {
    const { graph, createUser } = await setStage(simulator);
    await createUser();
    const headers = { ConsistencyLevel: 'eventual' };

    expect((await graph('GET', '/users/$count')).body).toMatchObject(
      anError('Request_BadRequest', '$count is not currently supported.'),
    );
    expect((await graph('GET', '/users/$count', { headers })).body).toBe(1);
    expect(bodyOf(await graph('GET', '/users?$count=true'))).not.toHaveProperty('@odata.count');
    expect(bodyOf(await graph('GET', '/users?$count=true', { headers }))['@odata.count']).toBe(1);
  });

  it('S033: an advanced filter without the header is unsupported, and so is what Graph cannot filter by', async () => {
    const { graph } = await setStage(simulator);

    const advanced = await graph('GET', "/users?$filter=endsWith(userPrincipalName,'@x')");
    const impossible = await graph('GET', "/users?$filter=aboutMe eq 'x'");

    expect(advanced.body).toMatchObject(anError('Request_UnsupportedQuery', 'Unsupported Query.'));
    expect(impossible.body).toMatchObject(
      anError(
        'Request_UnsupportedQuery',
        "Unsupported or invalid query filter clause specified for property 'aboutMe' of resource 'User'.",
      ),
    );
  });

  it('S035: more than a page comes with a link to the next, which is to be used whole', async () => {
    const users = Array.from({ length: 101 }, (_, i) => ({
      userPrincipalName: `u${i}@contoso.onmicrosoft.com`,
    }));
    const { graph } = await setStage(simulator, { users });

    const first = await graph('GET', '/users?$select=id');
    const next = new URL(String(bodyOf(first)['@odata.nextLink']));
    const second = await graph('GET', `${next.pathname.slice('/v1.0'.length)}${next.search}`);

    expect([valueOf(first).length, valueOf(second).length]).toEqual([100, 1]);
    expect(bodyOf(second)).not.toHaveProperty('@odata.nextLink');
    expect(valueOf(second)[0]).toEqual({ id: expect.any(String) as string });
  });

  it('S036: a plain user is disabled on the permission alone', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();

    const answer = await graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } });

    expect(answer).toMatchObject({ status: 204, body: undefined });
    expect((await simulator.truth(tenantId)).users[0]).toMatchObject({ accountEnabled: false });
  });

  it('S036: with strictAppOnlySensitive a plain user too takes a directory role', async () => {
    const { graph, createUser } = await setStage(simulator, { switches: { strictAppOnlySensitive: true } });
    const id = await createUser();

    expect((await graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } })).status).toBe(403);
  });

  it.each(['Global Administrator', 'Intune Administrator'])(
    'S037: a %s is out of reach without the role',
    async (role) => {
      const { graph } = await setStage(simulator, {
        users: [{ userPrincipalName: 'boss@contoso.onmicrosoft.com', roles: [role] }],
      });

      const answer = await graph('PATCH', '/users/boss@contoso.onmicrosoft.com', {
        body: { accountEnabled: false },
      });

      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject(denied);
      expect((await simulator.truth(tenantId)).users[0]).toMatchObject({ accountEnabled: true });
    },
  );

  it('S037: a Global Administrator can be disabled by a Privileged Authentication Administrator', async () => {
    const { graph } = await setStage(simulator, {
      directoryRoles: ['Privileged Authentication Administrator'],
      users: [{ userPrincipalName: 'boss@contoso.onmicrosoft.com', roles: ['Global Administrator'] }],
    });

    const answer = await graph('PATCH', '/users/boss@contoso.onmicrosoft.com', {
      body: { accountEnabled: false },
    });

    expect(answer.status).toBe(204);
  });

  it('S039: a member of a role-assignable group is protected without any role', async () => {
    const { graph } = await setStage(simulator, {
      groups: [{ displayName: 'Tier 0', isAssignableToRole: true }],
      users: [{ userPrincipalName: 'ann@contoso.onmicrosoft.com', groups: ['Tier 0'] }],
    });
    const disable = () =>
      graph('PATCH', '/users/ann@contoso.onmicrosoft.com', { body: { accountEnabled: false } });

    expect((await disable()).status).toBe(403);
    await simulator.portal(tenantId, {
      do: 'removeFromGroup',
      userId: 'ann@contoso.onmicrosoft.com',
      groupId: 'Tier 0',
    });
    expect((await disable()).status).toBe(204);
  });

  it('S040: a combined change with the right to one half only changes nothing', async () => {
    const { graph } = await setStage(simulator, {
      permissions: ['User.EnableDisableAccount.All', 'User.Read.All'],
      users: [{ userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
    });

    const both = await graph('PATCH', '/users/ann@contoso.onmicrosoft.com', {
      body: { accountEnabled: false, passwordProfile: { password: goodPassword } },
    });
    const after = (await simulator.truth(tenantId)).users[0];
    const alone = await graph('PATCH', '/users/ann@contoso.onmicrosoft.com', {
      body: { accountEnabled: false },
    });

    expect([both.status, after?.accountEnabled, alone.status]).toEqual([403, true, 204]);
  });

  it('S041: a new password moves the instants by which sessions are judged', async () => {
    const { graph, createUser } = await setStage(simulator, {
      directoryRoles: ['Privileged Authentication Administrator'],
    });
    const id = await createUser();
    await simulator.advance(5_000);

    const answer = await graph('PATCH', `/users/${id}`, {
      body: { passwordProfile: { password: `${goodPassword}!` } },
    });

    expect(answer.status).toBe(204);
    expect((await simulator.history({ tenantId, userId: id })).at(-1)).toMatchObject({
      what: 'password.set',
    });
    const [user] = (await simulator.truth(tenantId)).users;
    expect(user?.lastPasswordChangeDateTime).toBe(user?.signInSessionsValidFromDateTime);
  });

  it('S042: the password of a federated or synced user is not set in the cloud', async () => {
    const { graph } = await setStage(simulator, {
      users: [
        { userPrincipalName: 'fed@federated.example' },
        { userPrincipalName: 'synced@contoso.onmicrosoft.com', onPremises: true },
      ],
    });
    const body = { passwordProfile: { password: goodPassword } };

    expect((await graph('PATCH', '/users/fed@federated.example', { body })).status).toBe(400);
    expect((await graph('PATCH', '/users/synced@contoso.onmicrosoft.com', { body })).status).toBe(400);
  });

  it('S044: revoking sessions always answers true, and needs a user', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();

    const answer = await graph('POST', `/users/${id}/revokeSignInSessions`);

    expect(answer).toMatchObject({
      status: 200,
      body: { '@odata.context': `${simulator.url}/v1.0/$metadata#Edm.Boolean`, value: true },
    });
    expect((await graph('POST', '/users/gone@contoso.onmicrosoft.com/revokeSignInSessions')).status).toBe(
      404,
    );
  });

  it('S045: a deleted user is gone, frees its name, and comes back under a new one', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();

    expect((await graph('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await graph('GET', `/users/${id}`)).status).toBe(404);
    expect((await graph('GET', `/directory/deletedItems/${id}`)).status).toBe(200);
    await createUser();
    const restore = (body: object) => graph('POST', `/directory/deletedItems/${id}/restore`, { body });
    expect((await restore({})).body).toMatchObject({ error: { details: [{ code: 'ObjectConflict' }] } });
    expect((await restore({ newUserPrincipalName: 'ada2@contoso.onmicrosoft.com' })).status).toBe(200);
    expect((await graph('GET', '/users/ada2@contoso.onmicrosoft.com')).status).toBe(200);
  });

  it('S046: an admin is not deleted with User.ReadWrite.All, and nobody with Directory.ReadWrite.All', async () => {
    const boss = { userPrincipalName: 'boss@contoso.onmicrosoft.com', roles: ['Global Administrator'] };
    const one = await setStage(simulator, { users: [boss] });
    expect((await one.graph('DELETE', '/users/boss@contoso.onmicrosoft.com')).status).toBe(403);

    const other = await setStage(simulator, {
      permissions: ['Directory.ReadWrite.All'],
      users: [{ userPrincipalName: 'ann@contoso.onmicrosoft.com' }],
    });
    expect((await other.graph('DELETE', '/users/ann@contoso.onmicrosoft.com')).status).toBe(403);
  });

  it('S047: of two changes at the same time to one user one is refused, where the switch asks for it', async () => {
    const { batch, createUser } = await setStage(simulator, { switches: { concurrentWriteConflicts: true } });
    const id = await createUser();
    const patch = (part: string, dependsOn?: string[]) => ({
      id: part,
      method: 'PATCH',
      url: `/users/${id}`,
      headers: { 'Content-Type': 'application/json' },
      body: { jobTitle: part },
      ...(dependsOn === undefined ? {} : { dependsOn }),
    });

    const together = await batch([patch('1'), patch('2')]);
    const inTurn = await batch([patch('1'), patch('2', ['1'])]);

    expect(together.map((part) => part.status).sort()).toEqual([204, 409]);
    expect(inTurn.map((part) => part.status)).toEqual([204, 204]);
  });

  it('S049: what the customer does in the portal shows in Graph', async () => {
    const { graph, createUser } = await setStage(simulator);
    const id = await createUser();
    await graph('PATCH', `/users/${id}`, { body: { accountEnabled: false } });

    await simulator.portal(tenantId, { do: 'patchUser', userId: id, changes: { accountEnabled: true } });

    expect(bodyOf(await graph('GET', `/users/${id}?$select=accountEnabled`))['accountEnabled']).toBe(true);
    expect((await simulator.history({ userId: id })).at(-1)).toMatchObject({
      what: 'user.enabled',
      by: 'portal',
    });
  });

  it('identities need a permission of their own', async () => {
    const { graph, createUser } = await setStage(simulator, { permissions: usualPermissions });
    const id = await createUser();

    expect((await graph('PATCH', `/users/${id}`, { body: { identities: [] } })).status).toBe(403);
  });
});
