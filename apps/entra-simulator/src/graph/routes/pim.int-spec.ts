import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bodyOf,
  clientId,
  goodPassword,
  roles,
  startedAt,
  tenantId,
  usualPermissions,
  valueOf,
} from '../../testing/stage.js';
import { ann, annsName, aRemoval, hours, minutes, ofAnn, paths, PimStage } from '../../testing/pim-stage.js';

const globalAdministrator = 'Global Administrator';

describe('Privileged Identity Management', () => {
  let stage: PimStage;

  beforeAll(async () => {
    stage = await PimStage.start();
  });
  afterAll(() => stage.stop());

  const signIn = () =>
    stage.simulator.signIn(tenantId, { userPrincipalName: annsName, password: goodPassword });
  const seen = async (path: string) => valueOf(await stage.graph('GET', `${path}?${ofAnn}`));
  const statusOf = async (id: unknown) =>
    bodyOf(await stage.graph('GET', `${paths.requests}/${String(id)}`))['status'];

  it('S071: gives a role, which appears as assignment, schedule and instance', async () => {
    await stage.set();

    const answer = await stage.ask();

    expect(answer.status).toBe(201);
    const { id } = bodyOf(answer);
    const end = stage.at(8 * hours);
    expect(answer.body).toMatchObject({
      '@odata.context': expect.stringContaining('roleAssignmentScheduleRequests/$entity') as string,
      status: 'Provisioned',
      action: 'adminAssign',
      createdDateTime: stage.at(0),
      completedDateTime: stage.at(0),
      targetScheduleId: id,
      justification: 'a ticket',
      scheduleInfo: {
        startDateTime: stage.at(0),
        recurrence: null,
        expiration: { type: 'afterDateTime', endDateTime: end, duration: null },
      },
    });
    const assignmentId = 'lAPpYvVpN0KRkAEhdxReEDMzMzMAAABAgAAAAAAAAAE-1';
    expect(await seen(paths.assignments)).toMatchObject([{ id: assignmentId }]);
    expect(await seen(paths.schedules)).toMatchObject([
      { id, createdUsing: id, status: 'Provisioned', assignmentType: 'Assigned' },
    ]);
    expect(await seen(paths.instances)).toMatchObject([
      { id: assignmentId, endDateTime: end, roleAssignmentScheduleId: id },
    ]);
    expect((await stage.graph('GET', `${paths.schedules}/${String(id)}`)).status).toBe(200);
  });

  it('S071: takes the role away at the end, on the dot, without any request', async () => {
    await stage.set();
    const { id } = bodyOf(await stage.ask());

    await stage.advance(8 * hours - 1);
    expect(await seen(paths.assignments)).toHaveLength(1);
    await stage.advance(1 + 5 * minutes);

    expect((await stage.events()).slice(-2)).toEqual([
      ['schedule.ended', 'pim', -5 * minutes],
      ['role.removed', 'pim', -5 * minutes],
    ]);
    expect(await seen(paths.assignments)).toEqual([]);
    expect(await seen(paths.schedules)).toEqual([]);
    expect(valueOf(await stage.graph('GET', `/users/${ann}/memberOf`))).toEqual([]);
    expect(await statusOf(id)).toBe('Provisioned');
  });

  it('S071: starts by itself when it is asked for ahead of time', async () => {
    await stage.set();
    const expiration = { type: 'afterDuration', duration: 'PT2H' };

    const answer = await stage.ask({ scheduleInfo: { startDateTime: stage.at(hours), expiration } });

    expect(answer.body).toMatchObject({ status: 'Granted', completedDateTime: stage.at(hours) });
    expect(await stage.ann()).toMatchObject({
      roles: [],
      schedules: [{ isInForce: false, startDateTime: stage.at(hours), endDateTime: stage.at(3 * hours) }],
    });
    expect(await seen(paths.instances)).toEqual([]);
    expect(await seen(paths.schedules)).toMatchObject([{ status: 'Granted' }]);

    await stage.advance(hours);

    expect(await stage.ann()).toMatchObject({
      roles: [{ name: globalAdministrator }],
      schedules: [{ kind: 'active', isInForce: true }],
    });
    expect((await signIn()).roles).toMatchObject([{ name: globalAdministrator }]);
    expect(await statusOf(bodyOf(answer)['id'])).toBe('Provisioned');
    expect((await stage.events()).slice(-2)).toEqual([
      ['schedule.started', 'pim', 0],
      ['role.assigned', 'pim', 0],
    ]);

    await stage.advance(2 * hours);

    expect(await stage.ann()).toMatchObject({ roles: [], schedules: [] });
    expect((await signIn()).roles).toEqual([]);
  });

  it('S073: is there when a request is sent again whose 201 was lost', async () => {
    await stage.set();
    const match = { method: 'POST', path: paths.requests };
    await stage.simulator.addFault({ tenantId, match, times: 1, effect: { status: 504, commit: true } });

    const [first, second] = [await stage.ask(), await stage.ask()];

    expect(first.status).toBe(504);
    expect(second).toMatchObject({ status: 400, body: { error: { code: 'RoleAssignmentExists' } } });
    expect(await seen(paths.schedules)).toHaveLength(1);
    await stage.simulator.clearFaults();
  });

  it('S073: is updated or extended instead of assigned again', async () => {
    await stage.set();
    const { id } = bodyOf(await stage.ask());

    const update = await stage.ask({ action: 'AdminUpdate', scheduleInfo: stage.until(2 * hours) });
    await stage.advance(hours);
    const extended = await stage.ask({ action: 'adminExtend', scheduleInfo: stage.until(3 * hours) });

    expect(update.body).toMatchObject({ action: 'adminUpdate', status: 'Provisioned', targetScheduleId: id });
    expect(extended).toMatchObject({ status: 201, body: { targetScheduleId: id } });
    await stage.advance(3 * hours - 1);
    expect((await stage.ann())?.roles).toHaveLength(1);
    await stage.advance(1);
    expect((await stage.ann())?.roles).toEqual([]);
  });

  it('S073: is put under a schedule when it was assigned past PIM', async () => {
    await stage.set();
    await stage.simulator.portal(tenantId, { do: 'addRole', userId: ann, roleId: globalAdministrator });

    expect((await stage.ask({ action: 'adminUpdate' })).status).toBe(201);

    await stage.advance(8 * hours);
    expect(await stage.ann()).toMatchObject({ roles: [], schedules: [] });
  });

  it('S075: ends with its assignment, which can be deleted past PIM at any time', async () => {
    await stage.set();
    await stage.ask();
    const [assignment] = await seen(paths.assignments);

    const deleted = await stage.graph('DELETE', `${paths.assignments}/${String(assignment!['id'])}`);

    expect(deleted.status).toBe(204);
    expect(await seen(paths.schedules)).toEqual([]);
    expect(await stage.ann()).toMatchObject({ roles: [], schedules: [] });
    await stage.advance(8 * hours);
    expect((await stage.events()).at(-1)).toEqual(['role.removed', { appId: clientId }, -8 * hours]);
  });

  it('S076: knows a new user, and shows what it did, after a lag of its own', async () => {
    const { createUser } = await stage.set({ lags: { pim: { minMs: 90_000, maxMs: 90_000 } } });
    const principalId = await createUser();
    const filter = `$filter=principalId eq '${principalId}'`;
    const notFound = (code: string) => ({ status: 404, body: { error: { code } } });

    expect(await stage.ask({ principalId })).toMatchObject(notFound('SubjectNotFound'));
    expect(await stage.ask({ principalId, roleDefinitionId: ann })).toMatchObject(notFound('RoleNotFound'));
    await stage.advance(90_000);
    expect((await stage.ask({ principalId })).status).toBe(201);

    for (const path of [paths.requests, paths.schedules, paths.instances]) {
      expect(valueOf(await stage.graph('GET', `${path}?${filter}`))).toEqual([]);
    }
    expect(valueOf(await stage.graph('GET', `${paths.assignments}?${filter}`))).toHaveLength(1);
    await stage.advance(90_000);
    for (const path of [paths.requests, paths.schedules, paths.instances]) {
      expect(valueOf(await stage.graph('GET', `${path}?${filter}`))).toHaveLength(1);
    }
  });

  it('S110: says that nothing is there when a removal is sent again whose answer was lost', async () => {
    await stage.set();
    await stage.ask();
    await stage.advance(5 * minutes);
    const match = { method: 'POST', path: paths.requests };
    await stage.simulator.addFault({ tenantId, match, times: 1, effect: { status: 504, commit: true } });

    const [first, second] = [await stage.remove(), await stage.remove()];

    expect(first.status).toBe(504);
    expect(second).toMatchObject({ status: 400, body: { error: { code: 'RoleAssignmentDoesNotExist' } } });
    const removals = `${paths.requests}?${ofAnn} and action eq 'adminRemove'`;
    expect(valueOf(await stage.graph('GET', removals))).toMatchObject([{ status: 'Revoked' }]);
    expect(await seen(paths.schedules)).toEqual([]);
    await stage.simulator.clearFaults();
  });

  it('S071: ends on the dot while the simulator is down, and starts what begins meanwhile', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'simulator-pim-'));
    const before = await PimStage.start({ dataDir });
    await before.set();
    await before.ask();
    const later = { startDateTime: before.at(hours), ...before.until(9 * hours) };
    await before.ask({ roleDefinitionId: roles.directoryReaders, scheduleInfo: later });
    const end = before.at(8 * hours);
    const start = before.at(hours);
    await before.stop();

    const after = await PimStage.start({ dataDir, startsAt: startedAt + 8.5 * hours });

    expect((await after.ann())?.roles).toMatchObject([{ name: 'Directory Readers' }]);
    const entries = await after.simulator.history({ userId: ann });
    const byPim = entries.filter(({ by }) => by === 'pim').map(({ what, at }) => [what, Date.parse(at)]);
    expect(byPim).toEqual([
      ['schedule.started', Date.parse(start)],
      ['role.assigned', Date.parse(start)],
      ['schedule.ended', Date.parse(end)],
      ['role.removed', Date.parse(end)],
    ]);
    await after.stop();
  });

  it('an eligible role gives no power, in sign-ins as little as in the authorisation matrix', async () => {
    await stage.set();
    const post = (body: object) => stage.graph('POST', paths.eligibilityRequests, { body });

    const answer = await post(stage.asking({ justification: undefined }));

    expect(answer).toMatchObject({ status: 201, body: { status: 'Provisioned' } });
    expect(await seen(paths.eligibilitySchedules)).toHaveLength(1);
    expect(await seen(paths.eligibilityRequests)).toHaveLength(1);
    expect(await seen(paths.schedules)).toEqual([]);
    expect(await stage.ann()).toMatchObject({
      roles: [],
      schedules: [{ kind: 'eligible', isInForce: true }],
    });
    expect((await signIn()).roles).toEqual([]);
    const disable = await stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    expect(disable.status).toBe(204);
    expect((await post(aRemoval)).status).toBe(201);
    expect((await stage.ann())?.schedules).toEqual([]);
  });

  it('an active role protects its holder from an app without a role, and no longer when it has ended', async () => {
    await stage.set();
    const disable = () => stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    await stage.ask();

    expect((await disable()).status).toBe(403);
    await stage.advance(8 * hours);
    expect((await disable()).status).toBe(204);
  });

  it('S038: the authorisation check learns of the end with a lag of its own', async () => {
    await stage.set({ lags: { authorisation: { minMs: 60_000, maxMs: 60_000 } } });
    const disable = () => stage.graph('PATCH', `/users/${ann}`, { body: { accountEnabled: false } });
    await stage.ask();

    await stage.advance(8 * hours + 59_999);
    expect((await stage.ann())?.roles).toEqual([]);
    expect((await disable()).status).toBe(403);
    await stage.advance(1);
    expect((await disable()).status).toBe(204);
  });

  it('a role that was assigned past PIM before its start stays, and the schedule comes to nothing', async () => {
    await stage.set();
    const scheduleInfo = { ...stage.until(8 * hours), startDateTime: stage.at(hours) };
    const { id } = bodyOf(await stage.ask({ scheduleInfo }));
    await stage.simulator.portal(tenantId, { do: 'addRole', userId: ann, roleId: globalAdministrator });

    await stage.advance(9 * hours);

    expect(await statusOf(id)).toBe('Failed');
    expect(await stage.ann()).toMatchObject({ roles: [{ name: globalAdministrator }], schedules: [] });
  });

  it('its requests are kept for 45 days, and name what they are about when asked to', async () => {
    await stage.set();
    const { id } = bodyOf(await stage.ask());
    const expanded = `${paths.requests}?$expand=principal,roleDefinition,targetSchedule`;

    expect(valueOf(await stage.graph('GET', expanded))).toMatchObject([
      {
        principal: { id: ann },
        roleDefinition: { displayName: globalAdministrator },
        targetSchedule: { id },
      },
    ]);
    for (const path of [paths.schedules, paths.instances]) {
      const whole = await stage.graph('GET', `${path}?$expand=principal,roleDefinition`);
      expect(valueOf(whole)).toContainEqual(
        expect.objectContaining({ principal: expect.objectContaining({ id: ann }) as object }),
      );
      expect((await stage.graph('GET', `${path}?$expand=nothing`)).status).toBe(400);
    }
    await stage.advance(45 * 24 * hours - 1);
    expect(await seen(paths.requests)).toHaveLength(1);
    await stage.advance(1);
    expect(await seen(paths.requests)).toEqual([]);
  });

  it('what waits for its start over a unit comes to nothing when the unit is gone', async () => {
    const unitId = '55555555-0000-4000-8000-000000000001';
    await stage.set({
      administrativeUnits: [{ id: unitId, displayName: 'Unit' }],
      permissions: [...usualPermissions, 'AdministrativeUnit.ReadWrite.All'],
    });
    const scheduleInfo = { ...stage.until(8 * hours), startDateTime: stage.at(hours) };
    const asked = await stage.ask({
      roleDefinitionId: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
      directoryScopeId: `/administrativeUnits/${unitId}`,
      scheduleInfo,
    });

    const deleted = await stage.graph('DELETE', `/directory/administrativeUnits/${unitId}`);
    await stage.advance(hours);

    expect(deleted.status).toBe(204);
    expect(await statusOf(bodyOf(asked)['id'])).toBe('Failed');
    expect(await stage.ann()).toMatchObject({ roles: [], schedules: [] });
  });

  it('what a deleted user holds lingers for a week', async () => {
    await stage.set();
    await stage.ask({ scheduleInfo: { expiration: { type: 'noExpiration' } } });
    await stage.simulator.portal(tenantId, { do: 'deleteUser', userId: ann });

    expect(await seen(paths.schedules)).toHaveLength(1);
    await stage.advance(7 * 24 * hours + 1);
    expect(await seen(paths.schedules)).toEqual([]);
  });

  it("the customer's admin gives a role for a time, changes it and takes it away", async () => {
    await stage.set();
    const { simulator } = stage;
    const role = { userId: ann, roleId: globalAdministrator };
    await simulator.portal(tenantId, { do: 'addRole', ...role });

    await simulator.portal(tenantId, { do: 'scheduleRole', ...role, endDateTime: stage.at(2 * hours) });
    expect((await stage.ann())?.schedules).toMatchObject([{ endDateTime: stage.at(2 * hours) }]);
    await simulator.portal(tenantId, { do: 'scheduleRole', ...role, endDateTime: stage.at(hours) });
    await stage.advance(hours);
    expect((await stage.ann())?.roles).toEqual([]);

    await simulator.portal(tenantId, { do: 'scheduleRole', ...role, startDateTime: stage.at(hours) });
    expect((await stage.ann())?.schedules).toMatchObject([{ isInForce: false, endDateTime: null }]);
    await simulator.portal(tenantId, { do: 'unscheduleRole', ...role });
    expect((await stage.ann())?.schedules).toEqual([]);
  });
});
