import { anError, bodyOf, roles, tenantId, usualPermissions, valueOf } from '../../testing/stage.js';
import { ann, hours, minutes, ofAnn, paths, PimStage } from '../../testing/pim-stage.js';

const refusal = (code: string, message?: string) => ({
  status: 400,
  body: message === undefined ? { error: { code } } : anError(code, message),
});
const policyRefusal = (...rules: string[]) =>
  refusal(
    'RoleAssignmentRequestPolicyValidationFailed',
    `The following policy rules failed: ${JSON.stringify(rules)}`,
  );
const tooShort = refusal(
  'ActiveDurationTooShort',
  'The Active duration is too short. Miniumum Required is 5 minutes.',
);
const exists = refusal('RoleAssignmentExists', 'The Role assignment already exists.');
const doesNotExist = refusal('RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
const forEver = { expiration: { type: 'noExpiration' } };

describe('What Privileged Identity Management refuses', () => {
  let stage: PimStage;

  beforeAll(async () => {
    stage = await PimStage.start();
  });
  afterAll(() => stage.stop());

  const addRole = () =>
    stage.simulator.portal(tenantId, { do: 'addRole', userId: ann, roleId: 'Global Administrator' });
  const schedulesOfAnn = async () => valueOf(await stage.graph('GET', `${paths.schedules}?${ofAnn}`));

  it('S071: nothing is done when a request is for validation only', async () => {
    await stage.set();

    expect(await stage.ask({ isValidationOnly: true })).toMatchObject({
      status: 201,
      body: { status: 'Granted', isValidationOnly: true },
    });

    expect(valueOf(await stage.graph('GET', paths.requests))).toEqual([]);
    expect(await stage.ann()).toMatchObject({ roles: [], schedules: [] });
    await stage.ask();
    expect(await stage.ask({ isValidationOnly: true })).toMatchObject(exists);
  });

  it('S072: everything without the licence, reading as well as writing', async () => {
    await stage.set({ licence: 'P1' });
    const refused = refusal(
      'AadPremiumLicenseRequired',
      'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    );

    expect(await stage.ask()).toMatchObject(refused);
    expect(await stage.graph('GET', paths.schedules)).toMatchObject(refused);
  });

  it('S073: what is there already, whatever its time, and whoever made it', async () => {
    await stage.set();
    await stage.ask();

    expect(await stage.ask()).toMatchObject(exists);
    const later = { ...stage.until(20 * hours), startDateTime: stage.at(10 * hours) };
    expect(await stage.ask({ scheduleInfo: later })).toMatchObject(exists);

    await stage.set();
    await addRole();
    expect(await stage.ask()).toMatchObject(exists);
  });

  it('S073: with the switch only what overlaps', async () => {
    await stage.set({ switches: { pimLaterAssignment: 'accepted' } });
    await stage.ask();
    const from = (ms: number) => ({
      scheduleInfo: { ...stage.until(20 * hours), startDateTime: stage.at(ms) },
    });

    expect(await stage.ask(from(8 * hours - 1))).toMatchObject(exists);
    expect((await stage.ask(from(8 * hours))).status).toBe(201);

    await stage.advance(8 * hours);
    expect((await stage.ann())?.roles).toHaveLength(1);
    await stage.advance(12 * hours);
    expect((await stage.ann())?.roles).toEqual([]);
  });

  it("S074: what breaks the role's policy", async () => {
    await stage.set({
      rolePolicies: [
        { active: { maximumDuration: 'PT4H' }, eligible: { enabledRules: ['Ticketing'] } },
        { role: 'Global Administrator', active: { maximumDuration: 'PT2H', isExpirationRequired: true } },
      ],
    });
    const roleDefinitionId = roles.directoryReaders;

    expect(await stage.ask()).toMatchObject(policyRefusal('ExpirationRule'));
    expect(await stage.ask({ scheduleInfo: forEver })).toMatchObject(policyRefusal('ExpirationRule'));
    expect(await stage.ask({ justification: ' ' })).toMatchObject(
      policyRefusal('ExpirationRule', 'JustificationRule'),
    );
    expect((await stage.ask({ scheduleInfo: stage.until(2 * hours) })).status).toBe(201);
    expect(await stage.ask({ roleDefinitionId })).toMatchObject(policyRefusal('ExpirationRule'));
    const eligible = { body: stage.asking({ roleDefinitionId }) };
    expect(await stage.graph('POST', paths.eligibilityRequests, eligible)).toMatchObject(
      policyRefusal('TicketingRule'),
    );
    await stage.simulator.patchTenant(tenantId, { switches: { pimMaximumBesidePermanent: 'ignored' } });
    expect((await stage.ask({ roleDefinitionId })).status).toBe(201);
  });

  it('S074: the policy can be read first', async () => {
    await stage.set({
      permissions: [...usualPermissions, 'RoleManagementPolicy.Read.Directory'],
      rolePolicies: [{ active: { maximumDuration: 'PT2H', isExpirationRequired: true } }],
    });
    const root = '/policies/roleManagementPolicyAssignments';
    const filter = `$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'`;
    const ofRole = `${filter} and roleDefinitionId eq '${roles.globalAdministrator}'`;

    const [assignment] = valueOf(await stage.graph('GET', `${root}?${ofRole}&$expand=policy($expand=rules)`));
    const { rules } = assignment!['policy'] as { rules: Record<string, unknown>[] };

    expect(assignment).toMatchObject({
      scopeType: 'DirectoryRole',
      roleDefinitionId: roles.globalAdministrator,
    });
    expect(rules.find((rule) => rule['id'] === 'Expiration_Admin_Assignment')).toMatchObject({
      '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
      isExpirationRequired: true,
      maximumDuration: 'PT2H',
      target: { caller: 'Admin', level: 'Assignment', operations: ['all'] },
    });
    expect(rules.find((rule) => rule['id'] === 'Enablement_Admin_Assignment')).toMatchObject({
      enabledRules: ['Justification'],
    });
    expect((await stage.graph('GET', root)).status).toBe(400);
    const policies = valueOf(
      await stage.graph('GET', `/policies/roleManagementPolicies?${filter}&$expand=rules&$top=2`),
    );
    expect(policies).toMatchObject([{ scopeId: '/' }, { scopeId: '/' }]);
    expect(policies[0]!['rules']).toHaveLength(17);
  });

  it('S075: to take an active role back in its first five minutes, or to give it for less', async () => {
    await stage.set();
    await stage.ask();

    await stage.advance(5 * minutes - 1);
    expect(await stage.remove()).toMatchObject(tooShort);
    await stage.advance(1);
    expect(await stage.remove()).toMatchObject({
      status: 201,
      body: { status: 'Revoked', scheduleInfo: null },
    });

    expect(await stage.ask({ scheduleInfo: stage.until(5 * minutes - 1) })).toMatchObject(tooShort);
    await stage.simulator.patchTenant(tenantId, { switches: { pimFiveMinutes: false } });
    await stage.ask();
    expect((await stage.remove()).status).toBe(201);
  });

  it('S077: no word because of its case; all are shown in camelCase', async () => {
    await stage.set();

    const answer = await stage.ask({
      action: 'AdminAssign',
      scheduleInfo: { expiration: { type: 'NoExpiration' } },
    });

    expect(answer.body).toMatchObject({
      action: 'adminAssign',
      scheduleInfo: { expiration: { type: 'noExpiration', endDateTime: null, duration: null } },
    });
    expect((await stage.simulator.violations()).requests).toEqual([]);
  });

  it('S078: to remove what is not there', async () => {
    await stage.set();

    expect(await stage.remove()).toMatchObject(doesNotExist);
    expect(await stage.ask({ action: 'adminExtend' })).toMatchObject(doesNotExist);

    await addRole();
    expect(await schedulesOfAnn()).toMatchObject([
      { createdUsing: null, assignmentType: 'Assigned', scheduleInfo: forEver },
    ]);
    expect((await stage.remove()).status).toBe(201);
    expect((await stage.ann())?.roles).toEqual([]);
    expect(await stage.remove()).toMatchObject(doesNotExist);
  });

  it('S111: another request while one is pending, which can be canceled until it begins', async () => {
    await stage.set();
    const scheduleInfo = { ...stage.until(8 * hours), startDateTime: stage.at(hours) };
    const { id } = bodyOf(await stage.ask({ scheduleInfo }));
    const cancel = () => stage.graph('POST', `${paths.requests}/${String(id)}/cancel`);

    expect(await stage.ask()).toMatchObject(refusal('PendingRoleAssignmentRequest'));
    expect((await cancel()).status).toBe(204);
    expect(bodyOf(await stage.graph('GET', `${paths.requests}/${String(id)}`))['status']).toBe('Canceled');
    expect((await cancel()).status).toBe(400);
    expect((await stage.ask()).status).toBe(201);
    await stage.advance(hours);
    expect((await stage.ann())?.schedules).toHaveLength(1);
  });

  it('S111: another request while one is being carried out, where that takes time', async () => {
    await stage.set({ pim: { provisioningMs: 30_000 } });
    const answer = await stage.ask();

    expect(answer.body).toMatchObject({ status: 'PendingProvisioning' });
    expect(await stage.ask()).toMatchObject(refusal('PendingRoleAssignmentRequest'));
    expect(await stage.remove()).toMatchObject(refusal('PendingRoleAssignmentRequest'));
    expect(await schedulesOfAnn()).toEqual([]);
    await stage.advance(30_000);
    expect(await stage.ask()).toMatchObject(exists);
    expect(await schedulesOfAnn()).toMatchObject([{ status: 'Provisioned' }]);
  });

  it('what only users can do, and what the permissions do not cover', async () => {
    await stage.set();
    expect(await stage.ask({ action: 'selfActivate' })).toMatchObject({
      status: 403,
      body: { error: { code: 'UnauthorizedAccessException' } },
    });

    await stage.set({ permissions: ['RoleAssignmentSchedule.Remove.Directory'] });
    await addRole();
    expect(await stage.ask()).toMatchObject({
      status: 403,
      body: { error: { code: 'PermissionScopeNotGranted' } },
    });
    expect((await stage.remove()).status).toBe(201);
  });

  it('scopes that are neither the tenant nor a unit, and roles that do not suit one', async () => {
    const unitId = '55555555-0000-4000-8000-000000000001';
    await stage.set({ administrativeUnits: [{ id: unitId, displayName: 'Unit' }] });
    const directoryScopeId = `/administrativeUnits/${unitId}`;
    const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';

    for (const scope of [directoryScopeId.replace(/1$/, '9'), '/nowhere', undefined]) {
      expect(await stage.ask({ directoryScopeId: scope })).toMatchObject(refusal('InvalidScope'));
    }
    expect(await stage.ask({ directoryScopeId })).toMatchObject(refusal('Request_BadRequest'));
    expect((await stage.ask({ directoryScopeId, roleDefinitionId: helpdesk })).status).toBe(201);
  });

  it('S068: groups that are not role-assignable', async () => {
    await stage.set({
      groups: [{ displayName: 'Plain' }, { displayName: 'Tier 0', isAssignableToRole: true }],
    });
    const [plain, tierZero] = (await stage.simulator.truth(tenantId)).groups;

    expect(await stage.ask({ principalId: plain!.id })).toMatchObject(refusal('Request_BadRequest'));
    expect((await stage.ask({ principalId: tierZero!.id })).status).toBe(201);
  });

  it('requests over a limit of its own', async () => {
    await stage.set({ pim: { requestsPerMinute: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await stage.graph('GET', paths.schedules)).status);
    const refused = await stage.graph('GET', paths.schedules);

    expect(statuses).toEqual([200, 200, 429]);
    expect((await stage.graph('GET', '/users')).status).toBe(200);
    await stage.advance(Number(refused.headers['retry-after']) * 1000);
    expect((await stage.graph('GET', paths.schedules)).status).toBe(200);
  });
});
