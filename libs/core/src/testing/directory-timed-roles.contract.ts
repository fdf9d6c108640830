import type { DirectoryAnswer, DirectoryCall, ObservedSchedule } from '#core/accounts';
import { HOUR, MINUTE, type Instant, type ObjectId } from '#core/shared';
import { DirectoryBench, ROLE, ROLES } from './directory-bench.contract.js';
import type { MakeWorld } from './directory-world.contract.js';

type Given = Extract<DirectoryAnswer, { scheduleId: string | null }>;

/** What the port promises of roles that Entra ends by itself, and of those that wait to be activated. */
export const timedRolesContract = (name: string, makeWorld: MakeWorld): void => {
  describe(`${name} knows roles with an end`, () => {
    const bench = new DirectoryBench(makeWorld);
    const { enter, tell, ask, refusal, make } = bench;
    const reason = 'Ticket 4711';

    /** By Graph's clock, which no other needs to agree with. */
    const now = async (): Promise<Instant> =>
      (await tell({ do: 'findUser', upn: `nobody@${bench.world.domain}` })).at ?? 0;
    const until = (user: ObjectId, end: Instant, roleId = ROLE): DirectoryCall => ({
      do: 'assignRoleUntil',
      user,
      roleId,
      until: end,
      reason,
    });
    const give = async (call: DirectoryCall): Promise<Given> => (await ask(call)) as Given;
    const schedules = async (user: ObjectId): Promise<readonly ObservedSchedule[]> => {
      const answer = await ask({ do: 'listRoleSchedules', user });
      return answer.did === 'listRoleSchedules' ? answer.schedules : [];
    };
    const rolesOf = async (user: ObjectId): Promise<readonly string[]> =>
      (await bench.world.truth(user))?.roles ?? [];

    afterEach(() => bench.leave());

    it('S071: gives a role that goes without us at its end', async () => {
      await enter();
      const user = await make();
      const end = (await now()) + HOUR;

      const given = await give(until(user, end));

      expect(given).toEqual({
        did: 'assignRoleUntil',
        already: false,
        status: 'done',
        requestId: expect.any(String) as string,
        scheduleId: expect.any(String) as string,
      });
      expect(await schedules(user)).toMatchObject([
        { scheduleId: given.scheduleId, roleId: ROLE, scope: '/', endsAt: end, activated: false },
      ]);
      expect(await ask({ do: 'listRoleAssignments', user })).toMatchObject({
        roles: [{ roleId: ROLE, scope: '/' }],
      });
      expect(await rolesOf(user)).toEqual([ROLE]);
      await bench.world.advance(HOUR + MINUTE);
      expect(await rolesOf(user)).toEqual([]);
      expect(await schedules(user)).toEqual([]);
    });

    it('S073: says of what is there already no more than that; the end that counts is in the list', async () => {
      await enter();
      const user = await make();
      const end = (await now()) + HOUR;
      await give(until(user, end));

      const again = await give(until(user, end + HOUR));

      expect(again).toEqual({
        did: 'assignRoleUntil',
        already: true,
        status: null,
        requestId: null,
        scheduleId: null,
      });
      expect((await schedules(user)).map(({ endsAt }) => endsAt)).toEqual([end]);
    });

    it('moves the end of a role that runs, later and sooner, without a gap', async () => {
      await enter();
      const user = await make();
      const end = (await now()) + HOUR;
      await give(until(user, end));
      const moved = (to: Instant): DirectoryCall => ({
        do: 'changeTimedRole',
        user,
        roleId: ROLE,
        until: to,
        reason,
      });

      expect(await ask(moved(end + HOUR))).toMatchObject({ did: 'changeTimedRole', already: false });
      expect((await schedules(user)).map(({ endsAt }) => endsAt)).toEqual([end + HOUR]);
      await bench.world.advance(HOUR + MINUTE);
      expect(await rolesOf(user)).toEqual([ROLE]);
      await ask(moved(end + 30 * MINUTE));
      await bench.world.advance(30 * MINUTE);
      expect(await rolesOf(user)).toEqual([]);
    });

    it('moves no end to within five minutes, and none where there is nothing', async () => {
      await enter();
      const user = await make();
      const start = await now();
      const moved = { do: 'changeTimedRole', user, roleId: ROLE, reason } as const;

      expect(await refusal({ ...moved, until: start + HOUR })).toBe('gone never');
      await give(until(user, start + HOUR));
      expect(await refusal({ ...moved, until: start + 4 * MINUTE })).toBe('invalid never');
      expect((await schedules(user)).map(({ endsAt }) => endsAt)).toEqual([start + HOUR]);
    });

    it('tells an inspection that it has no licence for them, or no consent', async () => {
      await enter({ withoutPim: true });
      const inspect = () => bench.world.directory.inspect(bench.world.app, 10_000);
      expect(await inspect()).toMatchObject({ capabilities: { timedRoles: false } });
      await bench.leave();
      await enter({ without: ['RoleManagement.ReadWrite.Directory'] });
      expect(await inspect()).toMatchObject({ capabilities: { timedRoles: false } });
    });

    it('shows a role that was given outside of PIM without an end, and takes it for there already', async () => {
      await enter();
      const user = await make();
      await ask({ do: 'assignRole', user, roleId: ROLE });

      expect(await schedules(user)).toMatchObject([{ roleId: ROLE, scope: '/', endsAt: null }]);
      expect(await give(until(user, (await now()) + HOUR))).toMatchObject({ already: true });
    });

    it('S075: takes nothing in the first five minutes, and says how long that lasts', async () => {
      await enter();
      const user = await make();
      const givenAt = await now();
      await give(until(user, givenAt + HOUR));

      const early = await tell({ do: 'endTimedRole', user, roleId: ROLE, givenAt });

      expect(early).toMatchObject({ ok: false, error: { reason: 'too_soon', facts: { retry: 'later' } } });
      const seconds = early.ok ? null : early.error.facts.retryAfterSeconds;
      expect(seconds).toBeGreaterThan(270);
      expect(seconds).toBeLessThanOrEqual(300);
      expect(await tell({ do: 'endTimedRole', user, roleId: ROLE })).toMatchObject({
        error: { facts: { retryAfterSeconds: null } },
      });
      expect(await rolesOf(user)).toEqual([ROLE]);
    });

    it('S078: takes it later, and takes what is gone for done', async () => {
      await enter();
      const user = await make();
      await give(until(user, (await now()) + HOUR));
      await bench.world.advance(6 * MINUTE);

      expect(await ask({ do: 'endTimedRole', user, roleId: ROLE })).toEqual({
        did: 'endTimedRole',
        already: false,
      });
      expect(await rolesOf(user)).toEqual([]);
      expect(await schedules(user)).toEqual([]);
      expect(await ask({ do: 'endTimedRole', user, roleId: ROLE })).toEqual({
        did: 'endTimedRole',
        already: true,
      });
    });

    it('S110: goes on showing what it has taken while PIM lags, so that only an empty list is proof', async () => {
      await enter({ lagging: true });
      const user = await make();
      await bench.world.settle();
      await give(until(user, (await now()) + HOUR));
      await bench.world.settle();
      await bench.world.advance(6 * MINUTE);

      expect(await refusal({ do: 'endTimedRole', user, roleId: ROLE })).toBe('ok');
      expect(await schedules(user)).toHaveLength(1);
      expect(await ask({ do: 'endTimedRole', user, roleId: ROLE })).toMatchObject({ already: true });
      await bench.world.settle();
      expect(await schedules(user)).toEqual([]);
    });

    it('S076: takes a user that PIM does not know yet for replication', async () => {
      await enter({ lagging: true });
      const user = await make();
      const end = (await now()) + HOUR;

      expect(await refusal(until(user, end))).toBe('replication later');
      expect(await schedules(user)).toEqual([]);
      await bench.world.settle();
      expect(await refusal(until(user, end))).toBe('ok');
    });

    it('S072: tells a missing licence, for good', async () => {
      await enter({ withoutPim: true });
      const user = await make();
      const calls: readonly DirectoryCall[] = [
        until(user, (await now()) + HOUR),
        { do: 'changeTimedRole', user, roleId: ROLE, until: (await now()) + HOUR, reason },
        { do: 'endTimedRole', user, roleId: ROLE },
        { do: 'listRoleSchedules', user },
        { do: 'makeEligible', user, roleId: ROLE, until: null, reason },
        { do: 'endEligibility', user, roleId: ROLE },
        { do: 'listEligibilities', user },
      ];

      for (const call of calls) expect(await refusal(call)).toBe('licence_missing never');
      expect(await refusal({ do: 'assignRole', user, roleId: ROLE })).toBe('ok');
    });

    it("S074: tells the rules of the tenant's own that a request breaks", async () => {
      await enter({ longestTimedRoleMinutes: 30 });
      const user = await make();
      const start = await now();

      const outcome = await tell(until(user, start + HOUR));

      expect(outcome).toMatchObject({
        ok: false,
        error: { reason: 'forbidden_by_policy', facts: { retry: 'never', workload: 'pim' } },
      });
      expect(outcome.ok ? '' : outcome.error.message).toContain('ExpirationRule');
      expect(await rolesOf(user)).toEqual([]);
      expect(await refusal(until(user, start + 20 * MINUTE))).toBe('ok');
    });

    it('gives nothing for less than five minutes', async () => {
      await enter();
      const user = await make();

      expect(await refusal(until(user, (await now()) + 4 * MINUTE))).toBe('invalid never');
      expect(await rolesOf(user)).toEqual([]);
    });

    it('keeps roles of a unit and of the whole tenant apart', async () => {
      await enter();
      const user = await make();
      const scope = `/administrativeUnits/${bench.world.units.plain}` as const;
      const end = (await now()) + HOUR;

      await give({ do: 'assignRoleUntil', user, roleId: ROLE, scope, until: end, reason });

      expect(await give(until(user, end))).toMatchObject({ already: false });
      expect((await schedules(user)).map((held) => held.scope).sort()).toEqual(['/', scope]);
      await bench.world.advance(6 * MINUTE);
      expect(await refusal({ do: 'endTimedRole', user, roleId: ROLE, scope })).toBe('ok');
      expect(await schedules(user)).toMatchObject([{ scope: '/' }]);
    });

    it('lets a user activate a role himself: for good or for a time, and holding it is another thing', async () => {
      await enter();
      const user = await make();
      const end = (await now()) + HOUR;
      const [first, second] = ROLES;
      const forGood = { do: 'makeEligible', user, roleId: first, until: null, reason } as const;

      expect(await give(forGood)).toMatchObject({ already: false, status: 'done' });
      expect(await give({ ...forGood, roleId: second, until: end })).toMatchObject({ already: false });
      expect(await give({ ...forGood, until: end })).toMatchObject({ already: true });

      const listed = await ask({ do: 'listEligibilities', user });
      const eligibilities = listed.did === 'listEligibilities' ? listed.eligibilities : [];
      expect(eligibilities.map(({ roleId, scope, endsAt }) => [roleId, scope, endsAt]).sort()).toEqual(
        [
          [first, '/', null],
          [second, '/', end],
        ].sort(),
      );
      expect(await rolesOf(user)).toEqual([]);
      expect(await schedules(user)).toEqual([]);
      await bench.world.advance(HOUR + MINUTE);
      expect(await ask({ do: 'listEligibilities', user })).toMatchObject({
        eligibilities: [{ roleId: first }],
      });
    });

    it('ends an eligibility at once, and takes what is gone for done', async () => {
      await enter();
      const user = await make();
      await give({ do: 'makeEligible', user, roleId: ROLE, until: null, reason });
      const end = { do: 'endEligibility', user, roleId: ROLE } as const;

      expect(await ask(end)).toEqual({ did: 'endEligibility', already: false });
      expect(await ask({ do: 'listEligibilities', user })).toEqual({
        did: 'listEligibilities',
        eligibilities: [],
      });
      expect(await ask(end)).toEqual({ did: 'endEligibility', already: true });
    });

    it('tells missing consent', async () => {
      await enter({ without: ['RoleManagement.ReadWrite.Directory'] });
      const user = await make();

      expect(await refusal(until(user, (await now()) + HOUR))).toBe('consent_missing never');
      expect(await refusal({ do: 'listEligibilities', user })).toBe('consent_missing never');
    });

    it('makes its holder protected, as any role does, until its end', async () => {
      await enter({ mayTouchRoleHolders: false });
      const user = await make();
      await give(until(user, (await now()) + 10 * MINUTE));

      expect(await refusal({ do: 'disable', user })).toBe('directory_role_missing later');
      await bench.world.advance(11 * MINUTE);
      await bench.world.settle();
      expect(await refusal({ do: 'disable', user })).toBe('ok');
    });
  });
};
