import type { DirectoryAnswer, DirectoryCall } from '#core/accounts';
import { idOf, type ObjectId, type UnitId } from '#core/shared';
import { DirectoryBench, NOBODY, ROLE } from './directory-bench.contract.js';
import type { MakeWorld } from './directory-world.contract.js';

const NO_UNIT: UnitId = idOf('77777777-7777-4777-8777-777777777777');

/** What the port promises of administrative units: who is in them, and roles that hold in them alone. */
export const unitsContract = (name: string, makeWorld: MakeWorld): void => {
  describe(`${name} knows units`, () => {
    const bench = new DirectoryBench(makeWorld);
    const { enter, ask, refusal, make } = bench;
    const move = (how: 'addToUnit' | 'removeFromUnit', user: ObjectId, unitId: UnitId): DirectoryCall => ({
      do: how,
      user,
      unitId,
    });
    const rolesOf = async (
      user: ObjectId,
    ): Promise<Extract<DirectoryAnswer, { did: 'listRoleAssignments' }>['roles']> => {
      const answer = await ask({ do: 'listRoleAssignments', user });
      return answer.did === 'listRoleAssignments' ? answer.roles : [];
    };

    afterEach(() => bench.leave());

    it('puts people in and takes them out, and takes what is so already for done', async () => {
      const { units } = await enter();
      const user = await make();

      for (const how of ['addToUnit', 'removeFromUnit'] as const) {
        expect(await ask(move(how, user, units.plain))).toEqual({ did: how, already: false });
        expect(await ask(move(how, user, units.plain))).toEqual({ did: how, already: true });
      }
    });

    it('takes no unit for a group', async () => {
      const { units, groups } = await enter();
      const user = await make();
      const [groupId = idOf<'entra group'>('')] = groups.plain;
      await ask({ do: 'addToGroup', user, groupId });

      await ask(move('addToUnit', user, units.plain));

      expect(await ask({ do: 'listGroups', user })).toEqual({
        did: 'listGroups',
        groups: [groupId],
        direct: true,
      });
    });

    it('tells a unit that is not there from a user that is not there yet', async () => {
      const { units } = await enter();
      const user = await make();

      expect(await refusal(move('addToUnit', user, NO_UNIT))).toBe('gone never');
      expect(await refusal(move('addToUnit', NOBODY, units.plain))).toBe('replication later');
    });

    it('tells missing consent', async () => {
      const { units } = await enter({ without: ['AdministrativeUnit.ReadWrite.All'] });
      const user = await make();

      expect(await refusal(move('addToUnit', user, units.plain))).toBe('consent_missing never');
    });

    it('S098: tells that a restricted unit guards its members, whatever was consented to', async () => {
      const { units } = await enter();
      const user = await make();
      await ask({ do: 'enable', user });
      await ask(move('addToUnit', user, units.restricted));

      expect(await refusal({ do: 'disable', user })).toBe('directory_role_missing later');
      expect(await bench.world.truth(user)).toMatchObject({ enabled: true });
      await ask(move('removeFromUnit', user, units.restricted));
      expect(await refusal({ do: 'disable', user })).toBe('ok');
    });

    it('gives a role in a unit beside the same in the whole tenant, and takes each by itself', async () => {
      const { units } = await enter();
      const user = await make();
      const scope = `/administrativeUnits/${units.plain}` as const;
      const scoped = await ask({ do: 'assignRole', user, roleId: ROLE, scope });
      const assignmentId = scoped.did === 'assignRole' ? scoped.assignmentId : null;

      expect(await ask({ do: 'assignRole', user, roleId: ROLE, scope })).toMatchObject({
        assignmentId: null,
      });
      expect(await ask({ do: 'assignRole', user, roleId: ROLE })).not.toMatchObject({ assignmentId: null });
      expect(await rolesOf(user)).toContainEqual({ roleId: ROLE, assignmentId, scope });
      expect(await rolesOf(user)).toHaveLength(2);
      expect(await refusal({ do: 'unassignRole', user, roleId: ROLE, assignmentId: null })).toBe('ok');
      expect(await rolesOf(user)).toEqual([{ roleId: ROLE, assignmentId, scope }]);
      expect(await refusal({ do: 'unassignRole', user, roleId: ROLE, assignmentId, scope })).toBe('ok');
      expect(await rolesOf(user)).toEqual([]);
    });

    it('guesses no assignment in a unit', async () => {
      const { units } = await enter();
      const user = await make();
      const scope = `/administrativeUnits/${units.plain}` as const;

      expect(await refusal({ do: 'unassignRole', user, roleId: ROLE, assignmentId: null, scope })).toBe(
        'invalid never',
      );
    });
  });
};
