import {
  DirectoryError,
  type DirectoryAnswer,
  type DirectoryCall,
  type DirectoryStep,
  type StepOutcome,
} from '#core/accounts';
import { idOf, Secret, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { leastConsentContract } from './directory-consent.contract.js';
import {
  answerOf,
  mintedBy,
  only,
  sorted,
  verdictOf,
  type DirectoryWorld,
  type TenantWish,
} from './directory-world.contract.js';

export {
  verdictOf,
  type DirectoryWorld,
  type TenantWish,
  type TrueAccount,
} from './directory-world.contract.js';

/** User Administrator, Helpdesk Administrator: ids are the same in every tenant. */
const ROLES: readonly RoleId[] = [
  idOf('fe930be7-5e62-47db-91af-98c3a49a38b1'),
  idOf('729827e3-9c14-49f7-bb1b-9608f156bbb8'),
];
const [ROLE] = ROLES as readonly [RoleId];
const NOBODY: ObjectId = idOf('99999999-9999-4999-8999-999999999999');
const NO_GROUP: GroupId = idOf('88888888-8888-4888-8888-888888888888');
const BUDGET_MS = 10_000;
const STRONG = new Secret('Correct-7-horse-battery');
const OTHER = new Secret('Staple-8-correct-horse');

/**
 * The promises of the `Directory` port, for the adapter and the fake alike: what passes here may stand in for the other.
 * `makeWorld` gives each test a tenant of its own.
 */
export const directoryContract = (
  name: string,
  makeWorld: (wish: TenantWish) => Promise<DirectoryWorld>,
): void => {
  describe(`${name} keeps the promises of a directory`, () => {
    let world: DirectoryWorld;

    const enter = async (wish: TenantWish = {}): Promise<DirectoryWorld> => (world = await makeWorld(wish));
    const perform = (
      steps: readonly DirectoryStep[],
      timeoutMs = BUDGET_MS,
    ): Promise<readonly StepOutcome[]> => world.directory.perform(world.app, steps, timeoutMs);
    const tell = async (call: DirectoryCall): Promise<StepOutcome> =>
      only(await perform([{ ref: 'only', call }]));
    const ask = async (call: DirectoryCall): Promise<DirectoryAnswer> => answerOf(await tell(call));
    const refusal = async (call: DirectoryCall): Promise<string> => verdictOf(await tell(call));
    const newUser = (upn = `jo@${world.domain}`): DirectoryCall => ({
      do: 'createUser',
      upn,
      displayName: 'Jo (admin)',
      mailNickname: 'jo',
      marker: 'curfew-mark',
      password: STRONG,
    });
    const make = async (upn?: string): Promise<ObjectId> => {
      const answer = await ask(newUser(upn));
      return answer.did === 'createUser' ? answer.objectId : NOBODY;
    };
    const user = async (
      id: ObjectId,
    ): Promise<Extract<DirectoryAnswer, { did: 'findUser' | 'readUser' }>['user']> => {
      const answer = await ask({ do: 'readUser', user: id });
      return answer.did === 'readUser' ? answer.user : null;
    };

    afterEach(() => world.close());

    describe('making and finding', () => {
      it('makes an account disabled, with our marker on it', async () => {
        await enter();

        const id = await make();

        expect(await world.truth(id)).toEqual({
          enabled: false,
          marker: 'curfew-mark',
          roles: [],
          groups: [],
        });
        expect(await user(id)).toMatchObject({ objectId: id, enabled: false, marker: 'curfew-mark' });
      });

      it('finds an account by its name, and says null for a name that nobody has', async () => {
        await enter();
        const id = await make(`kim.o'neill@${world.domain}`);

        const found = await ask({ do: 'findUser', upn: `kim.o'neill@${world.domain}` });

        expect(found).toMatchObject({ did: 'findUser', user: { objectId: id } });
        expect(await ask({ do: 'findUser', upn: `nobody@${world.domain}` })).toEqual({
          did: 'findUser',
          user: null,
        });
        expect(await user(NOBODY)).toBeNull();
      });

      it('shows no marker on an account of somebody else', async () => {
        await enter();

        const id = await world.plantUser(`ceo@${world.domain}`);

        expect(await user(id)).toMatchObject({ marker: null, enabled: true });
      });

      it('refuses a name that is taken, a domain that is not theirs and a weak password, for good', async () => {
        await enter();
        await world.plantUser(`jo@${world.domain}`);

        expect(await refusal(newUser(`JO@${world.domain}`))).toBe('conflict never');
        expect(await refusal(newUser('jo@elsewhere.example'))).toBe('invalid never');
        expect(
          await refusal({
            ...newUser(`kim@${world.domain}`),
            password: new Secret('short'),
          } as DirectoryCall),
        ).toBe('invalid never');
      });

      it('takes calls against an account that no replica knows yet for replication, to be tried again', async () => {
        await enter({ lagging: true });
        const id = await make();

        expect(await user(id)).toBeNull();
        expect(await refusal({ do: 'enable', user: id })).toBe('replication later');
        expect(await refusal({ do: 'assignRole', user: id, roleId: ROLE })).toBe('replication later');
        await world.settle();
        expect(await refusal({ do: 'enable', user: id })).toBe('ok');
      });
    });

    describe('giving', () => {
      it('gives a parked account its password, groups and roles and enables it', async () => {
        await enter();
        const id = await make();
        const steps: DirectoryStep[] = [
          { ref: 'password', call: { do: 'setPassword', user: id, password: OTHER } },
          { ref: 'enable', call: { do: 'enable', user: id }, after: 'password' },
          ...world.groups.plain.map((groupId): DirectoryStep => ({
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
        expect(sorted(await world.truth(id))).toEqual(
          sorted({ enabled: true, marker: 'curfew-mark', roles: ROLES, groups: world.groups.plain }),
        );
      });

      it('takes what is there already for done', async () => {
        await enter();
        const id = await make();
        const [groupId] = world.groups.plain as readonly [GroupId];
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
        expect(await world.truth(id)).toMatchObject({ enabled: false, roles: [] });
      });

      it('refuses groups that nobody can manage through Graph, or that are not there', async () => {
        await enter();
        const id = await make();

        expect(await refusal({ do: 'addToGroup', user: id, groupId: world.groups.dynamic })).toBe(
          'not_manageable never',
        );
        expect(await refusal({ do: 'addToGroup', user: id, groupId: NO_GROUP })).toBe('gone never');
      });
    });

    describe('taking away', () => {
      it('disables, revokes sessions and takes roles and groups, with no assignment id at hand', async () => {
        await enter();
        const id = await make();
        const [groupId] = world.groups.plain as readonly [GroupId];
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
        expect(await world.truth(id)).toEqual({
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
        const [groupId] = world.groups.plain as readonly [GroupId];
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
        const [groupId] = world.groups.plain as readonly [GroupId];
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
        expect(await world.truth(id)).toBeNull();
        expect(await user(id)).toBeNull();
        expect(await make()).not.toBe(id);
      });
    });

    describe('passes and other methods', () => {
      it('mints a pass that replaces the one before, lists it without the password, and deletes it', async () => {
        await enter();
        const id = await make();
        const mint: DirectoryCall = { do: 'mintPass', user: id, lifetimeMinutes: 60, usableOnce: false };

        const first = mintedBy(await ask(mint));
        const second = mintedBy(await ask(mint));
        const listed = await ask({ do: 'listMethods', user: id });

        expect(second.pass.expose()).not.toBe('');
        expect(second).toMatchObject({ usable: true, expiresAt: expect.any(Number) as number });
        expect(second.passId).not.toBe(first.passId);
        const method = { kind: 'temporaryAccessPass', id: second.passId } as const;
        expect(listed).toEqual({ did: 'listMethods', methods: [method] });
        expect(await ask({ do: 'deleteMethod', user: id, method })).toMatchObject({ already: false });
        expect(await ask({ do: 'listMethods', user: id })).toEqual({ did: 'listMethods', methods: [] });
      });

      it('tells that a pass will open nothing where passes are switched off', async () => {
        await enter({ passesOff: true });
        const id = await make();

        const minted = mintedBy(
          await ask({ do: 'mintPass', user: id, lifetimeMinutes: 60, usableOnce: false }),
        );

        expect(minted.usable).toBe(false);
      });

      it("refuses a lifetime outside the tenant's policy for good", async () => {
        await enter();
        const id = await make();

        expect(await refusal({ do: 'mintPass', user: id, lifetimeMinutes: 40_000, usableOnce: false })).toBe(
          'invalid never',
        );
      });

      it('finds and removes a passkey that was registered meanwhile', async () => {
        await enter();
        const id = await make();
        await world.addPasskey(id);

        const listed = await ask({ do: 'listMethods', user: id });

        const [method] = listed.did === 'listMethods' ? listed.methods : [];
        expect(method).toMatchObject({ kind: 'fido2' });
        if (method === undefined) return;
        expect(await ask({ do: 'deleteMethod', user: id, method })).toEqual({
          did: 'deleteMethod',
          already: false,
        });
        expect(await ask({ do: 'listMethods', user: id })).toEqual({ did: 'listMethods', methods: [] });
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
        expect(await world.truth(id)).toMatchObject({ enabled: true, roles: [] });
      });

      it('tells a missing directory role, and can disable once the role is gone', async () => {
        await enter({ mayTouchRoleHolders: false });
        const id = await make();
        await ask({ do: 'enable', user: id });
        await ask({ do: 'assignRole', user: id, roleId: ROLE });

        expect(await refusal({ do: 'disable', user: id })).toBe('directory_role_missing later');
        expect(await world.truth(id)).toMatchObject({ enabled: true });
        await ask({ do: 'unassignRole', user: id, roleId: ROLE, assignmentId: null });
        await world.settle();
        expect(await refusal({ do: 'disable', user: id })).toBe('ok');
      });

      it('counts members of a role-assignable group among the protected', async () => {
        await enter({ mayTouchRoleHolders: false });
        const id = await make();
        await ask({ do: 'addToGroup', user: id, groupId: world.groups.roleAssignable });

        expect(await refusal({ do: 'disable', user: id })).toBe('directory_role_missing later');
      });

      it('fails every step, and an inspection, for a credential that is not accepted', async () => {
        await enter();
        const credential = { kind: 'secret', value: new Secret('not-the-secret') } as const;
        const stranger: EntraApp = { ...world.app, credential, version: world.app.version + 1 };
        const steps = ['a', 'b'].map((ref): DirectoryStep => ({
          ref,
          call: { do: 'findUser', upn: `x@${world.domain}` },
        }));

        const outcomes = await world.directory.perform(stranger, steps, BUDGET_MS);

        expect(outcomes.map(verdictOf)).toEqual(['credential_bad later', 'credential_bad later']);
        await expect(world.directory.inspect(stranger, BUDGET_MS)).rejects.toMatchObject({
          reason: 'credential_bad',
        });
        await expect(world.directory.inspect(stranger, BUDGET_MS)).rejects.toBeInstanceOf(DirectoryError);
      });
    });

    describe('answers', () => {
      it('answers each of many steps by its ref, in their order, with the whole second at which it was so', async () => {
        await enter();
        const id = await make();
        const steps = Array.from({ length: 45 }, (_, at): DirectoryStep => ({
          ref: `step ${at}`,
          call: { do: 'readUser', user: id },
        }));

        const outcomes = await perform(steps);

        expect(outcomes.map(({ ref }) => ref)).toEqual(steps.map(({ ref }) => ref));
        expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
        expect(outcomes.every(({ at }) => at !== null && at % 1_000 === 0)).toBe(true);
      });

      it('tries nothing without time, and answers all the same', async () => {
        await enter();

        const outcomes = await perform([{ ref: 'late', call: newUser() }], 0);

        expect(outcomes).toMatchObject([
          { ref: 'late', at: null, ok: false, error: { reason: 'not_tried' } },
        ]);
        expect(await ask({ do: 'findUser', upn: `jo@${world.domain}` })).toMatchObject({ user: null });
      });

      it('refuses a plan that no order can carry out', async () => {
        await enter();
        const call: DirectoryCall = { do: 'readUser', user: NOBODY };

        await expect(
          perform([
            { ref: 'a', call, after: 'b' },
            { ref: 'b', call, after: 'a' },
          ]),
        ).rejects.toThrow(TypeError);
        await expect(
          perform([
            { ref: 'a', call },
            { ref: 'a', call },
          ]),
        ).rejects.toThrow(TypeError);
        await expect(perform([{ ref: 'a', call, after: 'z' }])).rejects.toThrow(TypeError);
      });

      it('tells what a tenant is and allows', async () => {
        await enter();

        const { domains, capabilities, ...told } = await world.directory.inspect(world.app, BUDGET_MS);

        expect(told).toMatchObject({
          tenantId: world.app.tenantId,
          missingPermissions: [],
          recommendedPermissions: [],
        });
        expect(told.permissions).toContain('RoleManagement.ReadWrite.Directory');
        expect(domains).toContainEqual({ name: world.domain, verified: true, managed: true });
        expect(capabilities).toMatchObject({ mayTouchRoleHolders: true, pass: { onceOnly: false } });
      });

      it('tells what is missing instead of failing', async () => {
        const unread = ['Domain.Read.All', 'Group.Read.All', 'Policy.Read.AuthenticationMethod'];
        await enter({
          without: [...unread, 'Directory.Read.All'],
          mayTouchRoleHolders: false,
        });

        const told = await world.directory.inspect(world.app, BUDGET_MS);

        expect([...told.missingPermissions].sort()).toEqual(unread);
        expect(told).toMatchObject({ domains: [], capabilities: { mayTouchRoleHolders: false, pass: null } });
      });
    });
  });

  leastConsentContract(name, makeWorld);
};
