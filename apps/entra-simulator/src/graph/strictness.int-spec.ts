import type { TestSimulator } from '../../../../test/support/simulator.js';
import { anError, aUser, setStage, startFrozen, tenantId, usualPermissions } from '../testing/stage.js';

const ann = '33333333-0000-4000-8000-000000000001';
const users = [{ id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' }];
const badValue = (property: string, resource = 'User') =>
  `Invalid value specified for property '${property}' of resource '${resource}'.`;

describe('Bodies', () => {
  let simulator: TestSimulator;

  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  it.each([
    [
      'S028: an empty Content-Type',
      { 'content-type': '' },
      '{}',
      'Entity only allows writes with a JSON Content-Type header.',
    ],
    [
      'S028: another Content-Type',
      { 'content-type': 'text/plain' },
      '{}',
      'Entity only allows writes with a JSON Content-Type header.',
    ],
    [
      'S028: JSON that is none',
      { 'content-type': 'application/json' },
      '{"a":',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    ],
    [
      'S028: JSON that is no object',
      { 'content-type': 'application/json' },
      '[]',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    ],
    ['S028: nothing', { 'content-type': 'application/json' }, '', 'Empty Payload. JSON content expected.'],
  ])('%s is refused', async (...[, headers, body, message]) => {
    const { graph } = await setStage(simulator, { users });

    const answer = await graph('PATCH', `/users/${ann}`, { headers, body });

    expect(answer).toMatchObject({ status: 400, body: anError('BadRequest', message) });
  });

  it('S028: names that no type has are refused at any depth, and wrong types', async () => {
    const { graph } = await setStage(simulator, { users });
    const patch = async (body: object) => (await graph('PATCH', `/users/${ann}`, { body })).body;

    expect(await patch({ passwordProfile: { pasword: 'x' } })).toMatchObject(
      anError('Request_BadRequest', "Invalid property 'pasword'."),
    );
    expect(await patch({ jobTitle: 7 })).toMatchObject(
      anError('Request_BadRequest', "Invalid value specified for property 'jobTitle'."),
    );
    expect(await patch({ accountEnabled: 'false' })).toMatchObject(
      anError('Request_BadRequest', "Invalid value specified for property 'accountEnabled'."),
    );
  });

  it.each([
    ['displayName', 257],
    ['jobTitle', 129],
    ['department', 65],
    ['givenName', 65],
    ['surname', 65],
    ['companyName', 65],
    ['mailNickname', 65],
    ['employeeId', 17],
    ['mobilePhone', 65],
    ['postalCode', 41],
    ['streetAddress', 1025],
  ])('S029: %s of %d characters is too long, and one fewer is not', async (property, characters) => {
    const { graph } = await setStage(simulator, { users });
    const patch = (length: number) =>
      graph('PATCH', `/users/${ann}`, { body: { [property]: 'x'.repeat(length) } });

    expect(await patch(characters)).toMatchObject({
      status: 400,
      body: anError('Request_BadRequest', badValue(property)),
    });
    expect((await patch(characters - 1)).status).toBe(204);
  });

  it('S029: so are an extension attribute, the parts of a name, and a country of three letters', async () => {
    const { graph } = await setStage(simulator, { users });
    const at = '@contoso.onmicrosoft.com';
    const bodies = [
      { onPremisesExtensionAttributes: { extensionAttribute3: 'x'.repeat(1025) } },
      { userPrincipalName: `${'x'.repeat(65)}${at}` },
      { usageLocation: 'DEU' },
    ];

    for (const body of bodies) expect((await graph('PATCH', `/users/${ann}`, { body })).status).toBe(400);
    const good = { usageLocation: 'DE', userPrincipalName: `${'x'.repeat(64)}${at}` };
    expect((await graph('PATCH', `/users/${ann}`, { body: good })).status).toBe(204);
  });

  it.each(['accountEnabled', 'displayName', 'mailNickname', 'passwordProfile', 'userPrincipalName'])(
    'S024: a user is not made without %s',
    async (property) => {
      const { graph } = await setStage(simulator);

      for (const value of [undefined, null]) {
        const answer = await graph('POST', '/users', { body: aUser({ [property]: value }) });
        expect(answer.body).toMatchObject(
          anError('Request_BadRequest', `A value is required for property '${property}' of resource 'User'.`),
        );
      }
      expect((await simulator.truth(tenantId)).users).toEqual([]);
    },
  );

  it('S024: nor is a group made without what it must have', async () => {
    const { graph } = await setStage(simulator, {
      permissions: [...usualPermissions, 'Group.ReadWrite.All'],
    });
    const body = { displayName: 'G', mailEnabled: false, mailNickname: 'g', securityEnabled: true };

    for (const property of Object.keys(body)) {
      const answer = await graph('POST', '/groups', { body: { ...body, [property]: undefined } });
      expect(answer.body).toMatchObject(
        anError('Request_BadRequest', `A value is required for property '${property}' of resource 'Group'.`),
      );
    }
    const spaced = await graph('POST', '/groups', { body: { ...body, mailNickname: 'g h' } });
    expect(spaced.body).toMatchObject(anError('Request_BadRequest', badValue('mailNickname', 'Group')));
  });

  it('S028: what can only be read, and what only a person may write, is refused', async () => {
    const { graph } = await setStage(simulator, { users });
    const patch = (body: object) => graph('PATCH', `/users/${ann}`, { body });

    for (const property of [
      'id',
      'createdDateTime',
      'signInSessionsValidFromDateTime',
      'securityIdentifier',
    ]) {
      expect((await patch({ [property]: '2026-01-01T00:00:00Z' })).body).toMatchObject(
        anError('Request_BadRequest', `Property '${property}' is read-only and cannot be set.`),
      );
    }
    for (const property of ['aboutMe', 'birthday', 'employeeHireDate', 'mySite']) {
      expect((await patch({ [property]: '2026-01-01T00:00:00Z' })).status).toBe(403);
    }
    expect((await patch({ skills: ['x'] })).status).toBe(403);
    expect((await patch({ accountEnabled: null })).status).toBe(400);
  });

  it('S050: a reference names an object of this service', async () => {
    const { graph } = await setStage(simulator, { users, groups: [{ displayName: 'G' }] });
    const [group] = (await simulator.truth(tenantId)).groups;
    const add = (body: object) => graph('POST', `/groups/${group!.id}/members/$ref`, { body });
    const wrong = [
      {},
      { '@odata.id': ann },
      { '@odata.id': `https://evil.example/v1.0/directoryObjects/${ann}` },
      { '@odata.id': `https://graph.microsoft.com/directoryObjects/${ann}` },
    ];

    for (const body of wrong) expect((await add(body)).status).toBe(400);
    expect((await add({ '@odata.id': `https://graph.microsoft.com/v1.0/users/${ann}` })).status).toBe(204);
  });

  it('S077: members of enumerations are taken in any case, or as documented where the switch says so', async () => {
    const path = '/roleManagement/directory/roleAssignmentScheduleRequests';
    const body = {
      action: 'AdminAssign',
      justification: 'x',
      principalId: ann,
      roleDefinitionId: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
      directoryScopeId: '/',
      scheduleInfo: {
        startDateTime: '2026-03-01T09:00:00Z',
        expiration: { type: 'AfterDuration', duration: 'PT1H' },
      },
    };
    const usual = await setStage(simulator, { users });
    expect((await usual.graph('POST', path, { body })).status).toBe(201);

    const strict = await setStage(simulator, { users, switches: { enumCase: 'exact' } });
    expect((await strict.graph('POST', path, { body })).status).toBe(400);
    const exact = {
      ...body,
      action: 'adminAssign',
      scheduleInfo: { ...body.scheduleInfo, expiration: { type: 'afterDuration', duration: 'PT1H' } },
    };
    expect((await strict.graph('POST', path, { body: exact })).status).toBe(201);
  });
});
