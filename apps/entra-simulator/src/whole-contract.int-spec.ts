import { startTestSimulator, type TestSimulator } from '../../../test/support/simulator.js';
import {
  aUser,
  bodyOf,
  goodPassword,
  reference,
  roles,
  setStage,
  tenantId,
  usualPermissions,
} from './testing/stage.js';

const everythingElse = [
  'Policy.ReadWrite.AuthenticationMethod',
  'User.DeleteRestore.All',
  'AuditLog.Read.All',
];

describe("The simulator's own answers", () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startTestSimulator();
  });
  afterAll(() => simulator.stopSimulator());

  it("keep Microsoft's contract on every route of an account's life", async () => {
    const { graph, createUser } = await setStage(simulator, {
      permissions: [...usualPermissions, ...everythingElse],
      directoryRoles: ['Privileged Authentication Administrator'],
      groups: [
        { displayName: 'Admins', isAssignableToRole: true },
        { displayName: 'Staff', dynamic: true },
      ],
    });
    const truth = await simulator.truth(tenantId);
    const groupId = truth.groups[0]!.id;
    const servicePrincipalId = truth.apps[0]!.servicePrincipalId;
    const id = await createUser({
      employeeId: 'JIT-1',
      onPremisesExtensionAttributes: { extensionAttribute15: 'm' },
    });
    for (const kind of ['fido2', 'softwareOath', 'phone', 'microsoftAuthenticator'] as const) {
      await simulator.portal(tenantId, { do: 'addMethod', userId: id, kind });
    }
    const user = `/users/${id}`;
    const assignments = '/roleManagement/directory/roleAssignments';
    const passes = `${user}/authentication/temporaryAccessPassMethods`;
    const policy = '/policies/authenticationMethodsPolicy';
    const assignment = {
      roleDefinitionId: roles.globalAdministrator,
      principalId: id,
      directoryScopeId: '/',
    };

    const answers = [
      await graph('GET', '/users?$top=5'),
      await graph('GET', user),
      await graph(
        'GET',
        `${user}?$select=id,accountEnabled,onPremisesExtensionAttributes,lastPasswordChangeDateTime`,
      ),
      await graph('PATCH', user, { body: { accountEnabled: true, jobTitle: null } }),
      await graph('POST', `/groups/${groupId}/members/$ref`, { body: reference(id) }),
      await graph('POST', assignments, { body: assignment }),
      await graph('GET', `${assignments}?$filter=principalId eq '${id}'&$expand=principal`),
      await graph('GET', `${assignments}?$filter=principalId eq '${id}'&$expand=roleDefinition`),
      await graph('GET', `${user}/memberOf`),
      await graph('GET', `${user}/transitiveMemberOf/microsoft.graph.directoryRole`),
      await graph('GET', `/groups/${groupId}/members`),
      await graph('GET', '/groups?$filter=isAssignableToRole eq true'),
      await graph('GET', `/groups/${groupId}`),
      await graph('POST', `${user}/revokeSignInSessions`),
      await graph('POST', passes, { body: { lifetimeInMinutes: 60 } }),
      await graph('GET', passes),
      await graph('GET', `${user}/authentication/methods`),
      await graph('GET', `${user}/authentication/fido2Methods`),
      await graph('GET', `${user}/authentication/passwordMethods`),
      await graph('GET', '/roleManagement/directory/roleDefinitions'),
      await graph('GET', `/roleManagement/directory/roleDefinitions/${roles.globalAdministrator}`),
      await graph('GET', policy),
      await graph('GET', `${policy}/authenticationMethodConfigurations/temporaryAccessPass`),
      await graph('PATCH', `${policy}/authenticationMethodConfigurations/TemporaryAccessPass`, {
        body: {
          '@odata.type': '#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration',
          defaultLifetimeInMinutes: 90,
        },
      }),
      await graph('GET', '/organization'),
      await graph('GET', '/domains'),
      await graph('GET', '/domains/contoso.onmicrosoft.com'),
      await graph('GET', '/subscribedSkus'),
      await graph('GET', "/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'"),
      await graph('GET', "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"),
      await graph('GET', `/servicePrincipals/${servicePrincipalId}/appRoleAssignments`),
      await graph('PATCH', user, { body: { passwordProfile: { password: `${goodPassword}x` } } }),
      await graph('DELETE', user),
      await graph('GET', `/directory/deletedItems/${id}`),
      await graph('GET', '/directory/deletedItems/microsoft.graph.user'),
      await graph('POST', `/directory/deletedItems/${id}/restore`, { body: {} }),
    ];

    expect(answers.filter((answer) => answer.status >= 300).map(bodyOf)).toEqual([]);
    expect((await simulator.violations()).own).toEqual([]);
    expect((await simulator.violations()).requests).toEqual([]);
  });

  it("S028: record and refuse a request that breaks Microsoft's contract", async () => {
    const { graph } = await setStage(simulator);

    const answer = await graph('POST', '/users', { body: aUser({ acountEnabled: true }) });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      error: { code: 'Request_BadRequest', message: "Invalid property 'acountEnabled'." },
    });
    const { requests } = await simulator.violations();
    expect(requests.at(-1)).toMatchObject({
      path: '/users',
      problems: ['/: must NOT have additional properties (acountEnabled)'],
    });
  });
});
