import { type DirectoryAnswer, type DirectoryCall, type StepOutcome } from '#core/accounts';
import { idOf, Secret, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import {
  answerOf,
  mintedBy,
  only,
  sorted,
  verdictOf,
  type DirectoryWorld,
  type TenantWish,
} from './directory-world.contract.js';

/** The least set of Microsoft's documents: no reading of the whole directory, no methods but passes. */
const LEAST_CONSENT = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthMethod-TAP.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
  'AuditLog.Read.All',
];
const BUDGET_MS = 10_000;
/** User Administrator. */
const ROLE: RoleId = idOf('fe930be7-5e62-47db-91af-98c3a49a38b1');
const password = new Secret('Correct-7-horse-battery');

/** What the port promises to a customer who consented to as little as can be, and of groups that are none of ours. */
export const leastConsentContract = (
  name: string,
  makeWorld: (wish: TenantWish) => Promise<DirectoryWorld>,
): void => {
  describe(`${name} reads what it may`, () => {
    let world: DirectoryWorld;

    const enter = async (wish: TenantWish = { permissions: LEAST_CONSENT }): Promise<DirectoryWorld> =>
      (world = await makeWorld(wish));
    const perform = (calls: readonly DirectoryCall[]): Promise<readonly StepOutcome[]> =>
      world.directory.perform(
        world.app,
        calls.map((call, at) => ({ ref: `${at}`, call })),
        BUDGET_MS,
      );
    const ask = async (call: DirectoryCall): Promise<DirectoryAnswer> =>
      answerOf(only(await perform([call])));
    const make = async (): Promise<ObjectId> => {
      const upn = `jo@${world.domain}`;
      const texts = { upn, displayName: 'Jo', mailNickname: 'jo', marker: 'curfew-mark' };
      const answer = await ask({ do: 'createUser', ...texts, password });
      return answer.did === 'createUser' ? answer.objectId : idOf('');
    };
    const look = (user: ObjectId): Promise<readonly StepOutcome[]> =>
      perform([
        { do: 'readUser', user },
        { do: 'listRoleAssignments', user },
        { do: 'listGroups', user },
        { do: 'listMethods', user },
      ]);

    afterEach(() => world.close());

    it('gives with the least consent', async () => {
      await enter();
      const user = await make();
      const [groupId] = world.groups.plain as readonly [GroupId];

      const given = await perform([
        { do: 'setPassword', user, password },
        { do: 'enable', user },
        { do: 'addToGroup', user, groupId },
        { do: 'assignRole', user, roleId: ROLE },
        { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false },
      ]);

      expect(given.map(verdictOf)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
      expect(await world.truth(user)).toMatchObject({ enabled: true, roles: [ROLE], groups: [groupId] });
    });

    it('reads all that it gave, passes too, and says that nested memberships may be among them', async () => {
      await enter();
      const user = await make();
      const [groupId] = world.groups.plain as readonly [GroupId];
      await perform([
        { do: 'addToGroup', user, groupId },
        { do: 'assignRole', user, roleId: ROLE },
      ]);
      const { passId } = mintedBy(
        await ask({ do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false }),
      );

      const read = await look(user);

      expect(read.map(answerOf)).toMatchObject([
        { user: { objectId: user, enabled: false } },
        { roles: [{ roleId: ROLE, scope: '/' }] },
        { did: 'listGroups', groups: [groupId], direct: false },
        { did: 'listMethods', methods: [{ kind: 'temporaryAccessPass', id: passId }] },
      ]);
    });

    it('takes all of it away again, and the read-back shows nothing', async () => {
      await enter();
      const user = await make();
      const [groupId] = world.groups.plain as readonly [GroupId];
      await perform([
        { do: 'enable', user },
        { do: 'addToGroup', user, groupId },
        { do: 'assignRole', user, roleId: ROLE },
      ]);
      const { passId: id } = mintedBy(
        await ask({ do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false }),
      );

      const taken = await perform([
        { do: 'disable', user },
        { do: 'revokeSessions', user },
        { do: 'setPassword', user, password },
        { do: 'unassignRole', user, roleId: ROLE, assignmentId: null },
        { do: 'removeFromGroup', user, groupId },
        { do: 'deleteMethod', user, method: { kind: 'temporaryAccessPass', id } },
      ]);

      expect(taken.map(verdictOf)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
      expect((await look(user)).map(answerOf)).toMatchObject([
        { user: { enabled: false } },
        { roles: [] },
        { groups: [] },
        { methods: [] },
      ]);
      expect(sorted(await world.truth(user))).toMatchObject({ enabled: false, roles: [], groups: [] });
      expect(verdictOf(only(await perform([{ do: 'deleteUser', user }])))).toBe('ok');
    });

    it('misses nothing with the least consent, and recommends what would show more', async () => {
      await enter();

      const told = await world.directory.inspect(world.app, BUDGET_MS);

      expect(told).toMatchObject({
        missingPermissions: [],
        domains: expect.arrayContaining([{ name: world.domain, verified: true, managed: true }]) as unknown,
        capabilities: { mayTouchRoleHolders: true, pass: { onceOnly: false }, timedRoles: true },
      });
      expect([...told.recommendedPermissions].sort()).toEqual([
        'Directory.Read.All',
        'UserAuthenticationMethod.ReadWrite.All',
      ]);
    });

    it('sees no passkey with the least consent, and says that it may not remove one', async () => {
      await enter();
      const user = await make();
      await world.addMethod(user, 'fido2');

      expect(await ask({ do: 'listMethods', user })).toEqual({ did: 'listMethods', methods: [] });
      const [refused] = await perform([{ do: 'deleteMethod', user, method: { kind: 'fido2', id: 'key-1' } }]);
      expect(refused === undefined ? '' : verdictOf(refused)).toBe('consent_missing never');
    });

    it.each([
      ['all consented to', {}],
      ['the least consent', { permissions: LEAST_CONSENT }],
    ])('leaves out groups that nobody can be taken out of, with %s', async (_consent, wish) => {
      await enter(wish);
      const user = await make();
      const [groupId] = world.groups.plain as readonly [GroupId];
      const { dynamic, synced, mail, roleAssignable } = world.groups;
      for (const group of [groupId, dynamic, synced, mail, roleAssignable]) {
        await world.makeMember(user, group);
      }

      const listed = await ask({ do: 'listGroups', user });

      const groups = listed.did === 'listGroups' ? listed.groups : [];
      expect([...groups].sort()).toEqual([groupId, roleAssignable].sort());
    });
  });
};
