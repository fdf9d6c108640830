import { DirectoryError, type DirectoryAnswer, type DirectoryCall, type DirectoryStep } from '#core/accounts';
import { Secret, type GroupId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import {
  DirectoryBench,
  ROLES,
  ROLE,
  NOBODY,
  NO_GROUP,
  BUDGET_MS,
  OTHER,
} from './directory-bench.contract.js';
import { sorted, verdictOf, type MakeWorld } from './directory-world.contract.js';

/** What the port promises of giving access, taking it away, and being refused. */
export const accessContract = (name: string, makeWorld: MakeWorld): void => {
  describe(`${name} gives and takes`, () => {
    const bench = new DirectoryBench(makeWorld);
    const { enter, perform, ask, refusal, make, user } = bench;

    afterEach(() => bench.leave());

    describe('giving', () => {
      it('gives a parked account its password, groups and roles and enables it', async () => {
        await enter();
        const id = await make();
        const steps: DirectoryStep[] = [
          { ref: 'password', call: { do: 'setPassword', user: id, password: OTHER } },
          { ref: 'enable', call: { do: 'enable', user: id }, after: 'password' },
          ...bench.world.groups.plain.map((groupId): DirectoryStep => ({
            ref: `in ${groupId}`,
            call: { do: 'addToGroup', user: id, groupId },
          })),
          ...ROLES.map((roleId): DirectoryStep => ({
            ref: `as ${roleId}`,
            call: { do: 'assignRole', user: id, roleId },
          })),
        ];

        const outcomes = await perform(steps);

        expect(outcomes.map(verdictOf)).toEqual(steps.map(() => 'ok'));
        expect(outcomes.map(({ ref }) => ref)).toEqual(steps.map(({ ref }) => ref));
        expect(sorted(await bench.world.truth(id))).toEqual(
          sorted({ enabled: true, marker: 'curfew-mark', roles: ROLES, groups: bench.world.groups.plain }),
        );
      });

      it('takes what is there already for done', async () => {
        await enter();
        const id = await make();
        const [groupId] = bench.world.groups.plain as readonly [GroupId];
        const again = async (call: DirectoryCall): Promise<DirectoryAnswer> =>
          ask(call).then(() => ask(call));

        expect(await again({ do: 'addToGroup', user: id, groupId })).toEqual({
          did: 'addToGroup',
          already: true,
        });
        expect(await again({ do: 'assignRole', user: id, roleId: ROLE })).toEqual({
          did: 'assignRole',
          assignmentId: null,
        });
      });

      it('does not try a step whose predecessor failed, and tells so', async () => {
        await enter();
        const id = await make();

        const outcomes = await perform([
          { ref: 'password', call: { do: 'setPassword', user: id, password: new Secret('short') } },
          { ref: 'enable', call: { do: 'enable', user: id }, after: 'password' },
          { ref: 'role', call: { do: 'assignRole', user: id, roleId: ROLE }, after: 'enable' },
        ]);

        expect(outcomes.map(verdictOf)).toEqual(['invalid never', 'not_tried later', 'not_tried later']);
        expect(await bench.world.truth(id)).toMatchObject({ enabled: false, roles: [] });
      });

      it('refuses groups that nobody can manage through Graph, or that are not there', async () => {
        await enter();
        const id = await make();

        expect(await refusal({ do: 'addToGroup', user: id, groupId: bench.world.groups.dynamic })).toBe(
          'not_manageable never',
        );
        expect(await refusal({ do: 'addToGroup', user: id, groupId: NO_GROUP })).toBe('gone never');
      });
    });

    describe('taking away', () => {
      it('disables, revokes sessions and takes roles and groups, with no assignment id at hand', async () => {
        await enter();
        const id = await make();
        const [groupId] = bench.world.groups.plain as readonly [GroupId];
        await perform([
          { ref: 'on', call: { do: 'enable', user: id } },
          { ref: 'in', call: { do: 'addToGroup', user: id, groupId } },
          { ref: 'as', call: { do: 'assignRole', user: id, roleId: ROLE } },
        ]);

        const outcomes = await perform([
          { ref: 'off', call: { do: 'disable', user: id } },
          { ref: 'revoke', call: { do: 'revokeSessions', user: id } },
          { ref: 'not as', call: { do: 'unassignRole', user: id, roleId: ROLE, assignmentId: null } },
          { ref: 'out', call: { do: 'removeFromGroup', user: id, groupId } },
        ]);

        expect(outcomes.map(verdictOf)).toEqual(['ok', 'ok', 'ok', 'ok']);
        expect(await bench.world.truth(id)).toEqual({
          enabled: false,
          marker: 'curfew-mark',
          roles: [],
          groups: [],
        });
        expect((await user(id))?.sessionsValidFromAt).toEqual(expect.any(Number));
      });

      it('shows what is held, with the ids by which it can be taken', async () => {
        await enter();
        const id = await make();
        const [groupId] = bench.world.groups.plain as readonly [GroupId];
        await ask({ do: 'addToGroup', user: id, groupId });
        const assigned = await ask({ do: 'assignRole', user: id, roleId: ROLE });

        const roles = await ask({ do: 'listRoleAssignments', user: id });

        const assignmentId = assigned.did === 'assignRole' ? assigned.assignmentId : null;
        expect(roles).toEqual({
          did: 'listRoleAssignments',
          roles: [{ roleId: ROLE, assignmentId, scope: '/' }],
        });
        expect(await ask({ do: 'listGroups', user: id })).toEqual({
          did: 'listGroups',
          groups: [groupId],
          direct: true,
        });
      });

      it('takes what is gone already for done', async () => {
        await enter();
        const id = await make();
        const [groupId] = bench.world.groups.plain as readonly [GroupId];
        const gone = [
          { do: 'removeFromGroup', user: id, groupId },
          { do: 'unassignRole', user: id, roleId: ROLE, assignmentId: null },
          { do: 'deleteMethod', user: id, method: { kind: 'fido2', id: 'no-such-key' } },
          { do: 'deleteUser', user: NOBODY },
        ] as const satisfies readonly DirectoryCall[];

        for (const call of gone) expect(await ask(call)).toEqual({ did: call.do, already: true });
      });

      it('deletes an account, which frees its name', async () => {
        await enter();
        const id = await make();

        expect(await ask({ do: 'deleteUser', user: id })).toEqual({ did: 'deleteUser', already: false });
        expect(await bench.world.truth(id)).toBeNull();
        expect(await user(id)).toBeNull();
        expect(await make()).not.toBe(id);
      });
    });

    describe('refusals', () => {
      it('tells missing consent, call by call', async () => {
        await enter({ without: ['RoleManagement.ReadWrite.Directory'] });
        const id = await make();

        const outcomes = await perform([
          { ref: 'on', call: { do: 'enable', user: id } },
          { ref: 'as', call: { do: 'assignRole', user: id, roleId: ROLE } },
        ]);

        expect(outcomes.map(verdictOf)).toEqual(['ok', 'consent_missing never']);
        expect(await bench.world.truth(id)).toMatchObject({ enabled: true, roles: [] });
      });

      it('S057: tells that a role-assignable group asks for more consent than others', async () => {
        const { groups } = await enter({ without: ['RoleManagement.ReadWrite.Directory'] });
        const user = await make();
        const [plain = NO_GROUP] = groups.plain;

        expect(await refusal({ do: 'addToGroup', user, groupId: plain })).toBe('ok');
        expect(await refusal({ do: 'addToGroup', user, groupId: groups.roleAssignable })).toBe(
          'consent_missing never',
        );
      });

      it('tells a missing directory role, and can disable once the role is gone', async () => {
        await enter({ mayTouchRoleHolders: false });
        const id = await make();
        await ask({ do: 'enable', user: id });
        await ask({ do: 'assignRole', user: id, roleId: ROLE });

        expect(await refusal({ do: 'disable', user: id })).toBe('directory_role_missing later');
        expect(await bench.world.truth(id)).toMatchObject({ enabled: true });
        await ask({ do: 'unassignRole', user: id, roleId: ROLE, assignmentId: null });
        await bench.world.settle();
        expect(await refusal({ do: 'disable', user: id })).toBe('ok');
      });

      it('counts members of a role-assignable group among the protected', async () => {
        await enter({ mayTouchRoleHolders: false });
        const id = await make();
        await ask({ do: 'addToGroup', user: id, groupId: bench.world.groups.roleAssignable });

        expect(await refusal({ do: 'disable', user: id })).toBe('directory_role_missing later');
      });

      it('fails every step, and an inspection, for a credential that is not accepted', async () => {
        await enter();
        const credential = { kind: 'secret', value: new Secret('not-the-secret') } as const;
        const stranger: EntraApp = { ...bench.world.app, credential, version: bench.world.app.version + 1 };
        const steps = ['a', 'b'].map((ref): DirectoryStep => ({
          ref,
          call: { do: 'findUser', upn: `x@${bench.world.domain}` },
        }));

        const outcomes = await bench.world.directory.perform(stranger, steps, BUDGET_MS);

        expect(outcomes.map(verdictOf)).toEqual(['credential_bad later', 'credential_bad later']);
        await expect(bench.world.directory.inspect(stranger, BUDGET_MS)).rejects.toMatchObject({
          reason: 'credential_bad',
        });
        await expect(bench.world.directory.inspect(stranger, BUDGET_MS)).rejects.toBeInstanceOf(
          DirectoryError,
        );
      });
    });
  });
};
