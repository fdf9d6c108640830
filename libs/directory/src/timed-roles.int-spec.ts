import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { HOUR, idOf, MINUTE, Secret, type ObjectId } from '#core/shared';
import { verdictOf } from '#core/testing';
import { isPermitted } from './permissions.js';
import { PASSWORD, Rig, ROLES } from './testing/rig.js';

const REQUESTS = '/roleManagement/directory/roleAssignmentScheduleRequests';
const LOST = { status: 504, commit: true };
const [ROLE] = ROLES;

describe('EntraDirectory and roles with an end', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(() => rig.leave());
  afterAll(() => rig.stop());

  const untilIn = async (user: ObjectId, ms: number): Promise<DirectoryCall> => {
    const { at } = await rig.tell({ do: 'readUser', user });
    return { do: 'assignRoleUntil', user, roleId: ROLE, until: (at ?? 0) + ms, reason: 'Ticket 1' };
  };
  const endsOf = async (user: ObjectId): Promise<unknown> => {
    const outcome = await rig.tell({ do: 'listRoleSchedules', user });
    return outcome.ok && outcome.answer.did === 'listRoleSchedules'
      ? outcome.answer.schedules.map(({ endsAt }) => endsAt)
      : verdictOf(outcome);
  };

  it('S073: adopts what it gave when the answer was lost, and sends nothing twice by itself', async () => {
    await rig.enter();
    const user = await rig.make();
    const call = await untilIn(user, HOUR);
    await rig.fault({ match: { method: 'POST', path: REQUESTS }, effect: LOST });
    await rig.countFromHere();

    expect(await rig.verdict(call)).toBe('unanswered later');
    expect(await rig.graphCalls()).toEqual([`POST ${REQUESTS}`]);
    expect(await rig.tell(call)).toMatchObject({ answer: { already: true } });
    expect(await endsOf(user)).toEqual(['until' in call ? call.until : null]);
  });

  it('S110: takes "does not exist" after a lost answer for no more than it is; the list is the proof', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.tell(await untilIn(user, HOUR));
    await rig.simulator.advance(6 * MINUTE);
    await rig.fault({ match: { method: 'POST', path: REQUESTS }, effect: LOST });
    const end: DirectoryCall = { do: 'endTimedRole', user, roleId: ROLE };

    expect(await rig.verdict(end)).toBe('unanswered later');
    expect(await rig.tell(end)).toMatchObject({ answer: { did: 'endTimedRole', already: true } });
    await rig.fault({
      times: 2,
      match: { method: 'GET', path: '/roleManagement/**' },
      effect: { status: 503 },
    });
    expect(await endsOf(user)).toBe('unanswered later');
    expect(await endsOf(user)).toEqual([]);
  });

  it('ends what an admin made eligible by hand, which the list then shows no more', async () => {
    await rig.enter();
    const user = await rig.make();
    const planted = { userId: user, roleId: ROLE, kind: 'eligible' } as const;
    await rig.simulator.portal(rig.tenantId, { do: 'scheduleRole', ...planted });

    const listed = await rig.tell({ do: 'listEligibilities', user });
    expect(listed).toMatchObject({ answer: { eligibilities: [{ roleId: ROLE, scope: '/', endsAt: null }] } });
    expect(await rig.tell({ do: 'endEligibility', user, roleId: ROLE })).toMatchObject({
      answer: { already: false },
    });
    expect(await rig.tell({ do: 'listEligibilities', user })).toMatchObject({
      answer: { eligibilities: [] },
    });
  });

  it('S111: comes back later while another request for the same is pending', async () => {
    await rig.enter();
    const user = await rig.make();
    await rig.simulator.patchTenant(rig.tenantId, { pim: { provisioningMs: 60_000 } });
    const call = await untilIn(user, HOUR);

    expect(await rig.tell(call)).toMatchObject({ answer: { already: false, status: 'pending' } });
    expect(await rig.verdict(call)).toBe('conflict later');
    expect(await endsOf(user)).toEqual([]);
    await rig.simulator.advance(2 * MINUTE);
    expect(await rig.tell(call)).toMatchObject({ answer: { already: true } });
  });

  it('gives a parked account its password, timed roles and eligibilities, and enables it, with one call', async () => {
    await rig.enter();
    const user = await rig.make();
    const timed = await untilIn(user, HOUR);
    const [, second] = ROLES;
    const steps: readonly DirectoryStep[] = [
      { ref: 'password', call: { do: 'setPassword', user, password: new Secret(PASSWORD) } },
      { ref: 'on', call: { do: 'enable', user }, after: 'password' },
      { ref: 'timed', call: timed },
      { ref: 'own', call: { do: 'makeEligible', user, roleId: second, until: null, reason: '' } },
    ];
    await rig.countFromHere();

    const outcomes = await rig.perform(steps);

    expect(outcomes.map(verdictOf)).toEqual(steps.map(() => 'ok'));
    expect(await rig.graphCalls()).toEqual(['POST /$batch']);
  });

  it.each([
    'RoleManagement.ReadWrite.Directory',
    'RoleManagement.Read.Directory',
    'RoleManagement.Read.All',
    'RoleAssignmentSchedule.ReadWrite.Directory',
    'RoleAssignmentSchedule.Read.Directory',
    'RoleAssignmentSchedule.Remove.Directory',
    'RoleEligibilitySchedule.ReadWrite.Directory',
    'RoleEligibilitySchedule.Read.Directory',
    'RoleEligibilitySchedule.Remove.Directory',
    'AdministrativeUnit.ReadWrite.All',
    'Directory.ReadWrite.All',
    'Directory.Read.All',
    'User.ReadWrite.All',
  ])('knows which calls %s opens by itself', async (permission) => {
    const { units, domain } = await rig.enter({ permissions: [permission] });
    const user = await rig.world.plantUser(`ceo@${domain}`);
    const role = { user, roleId: ROLE };
    const unit = { user, unitId: units.plain };
    const until = (await rig.tell({ do: 'findUser', upn: 'x' })).at ?? 0;
    const calls: readonly DirectoryCall[] = [
      { do: 'assignRoleUntil', ...role, until: until + HOUR, reason: 'Ticket 1' },
      { do: 'changeTimedRole', ...role, until: until + 2 * HOUR, reason: 'Ticket 1' },
      { do: 'listRoleSchedules', user },
      { do: 'endTimedRole', ...role, roleId: idOf('729827e3-9c14-49f7-bb1b-9608f156bbb8') },
      { do: 'makeEligible', ...role, until: null, reason: 'Ticket 1' },
      { do: 'listEligibilities', user },
      { do: 'endEligibility', ...role },
      { do: 'addToUnit', ...unit },
      { do: 'removeFromUnit', ...unit },
    ];

    for (const call of calls) {
      const expected = isPermitted(call, new Set([permission])) ? 'ok' : 'consent_missing never';
      expect([call.do, await rig.verdict(call)]).toEqual([call.do, expected]);
    }
  });
});
