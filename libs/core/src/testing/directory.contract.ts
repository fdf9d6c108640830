import { type DirectoryCall, type DirectoryStep } from '#core/accounts';
import { Secret } from '#core/shared';
import { DirectoryBench, ROLE, NOBODY, BUDGET_MS } from './directory-bench.contract.js';
import { type MakeWorld } from './directory-world.contract.js';
import { accessContract } from './directory-access.contract.js';
import { leastConsentContract } from './directory-consent.contract.js';
import { methodsContract } from './directory-methods.contract.js';
import { timedRolesContract } from './directory-timed-roles.contract.js';
import { unitsContract } from './directory-units.contract.js';

export {
  verdictOf,
  type DirectoryWorld,
  type PlantedMethod,
  type TenantWish,
  type TrueAccount,
} from './directory-world.contract.js';

/**
 * The promises of the `Directory` port, for the adapter and the fake alike: what passes here may stand in for the other.
 * `makeWorld` gives each test a tenant of its own.
 */
export const directoryContract = (name: string, makeWorld: MakeWorld): void => {
  describe(`${name} keeps the promises of a directory`, () => {
    const bench = new DirectoryBench(makeWorld);
    const { enter, perform, ask, refusal, newUser, make, user } = bench;

    afterEach(() => bench.leave());

    describe('making and finding', () => {
      it('makes an account disabled, with our marker on it', async () => {
        await enter();

        const id = await make();

        expect(await bench.world.truth(id)).toEqual({
          enabled: false,
          marker: 'curfew-mark',
          roles: [],
          groups: [],
        });
        expect(await user(id)).toMatchObject({ objectId: id, enabled: false, marker: 'curfew-mark' });
      });

      it('finds an account by its name, and says null for a name that nobody has', async () => {
        await enter();
        const id = await make(`kim.o'neill@${bench.world.domain}`);

        const found = await ask({ do: 'findUser', upn: `kim.o'neill@${bench.world.domain}` });

        expect(found).toMatchObject({ did: 'findUser', user: { objectId: id } });
        expect(await ask({ do: 'findUser', upn: `nobody@${bench.world.domain}` })).toEqual({
          did: 'findUser',
          user: null,
        });
        expect(await user(NOBODY)).toBeNull();
      });

      it('shows no marker on an account of somebody else', async () => {
        await enter();

        const id = await bench.world.plantUser(`ceo@${bench.world.domain}`);

        expect(await user(id)).toMatchObject({ marker: null, enabled: true });
      });

      it('refuses a name that is taken, a domain that is not theirs and a weak password, for good', async () => {
        await enter();
        await bench.world.plantUser(`jo@${bench.world.domain}`);

        expect(await refusal(newUser(`JO@${bench.world.domain}`))).toBe('conflict never');
        expect(await refusal(newUser('jo@elsewhere.example'))).toBe('invalid never');
        expect(
          await refusal({
            ...newUser(`kim@${bench.world.domain}`),
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
        await bench.world.settle();
        expect(await refusal({ do: 'enable', user: id })).toBe('ok');
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
        expect(await ask({ do: 'findUser', upn: `jo@${bench.world.domain}` })).toMatchObject({ user: null });
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

        const { domains, capabilities, ...told } = await bench.world.directory.inspect(
          bench.world.app,
          BUDGET_MS,
        );

        expect(told).toMatchObject({
          tenantId: bench.world.app.tenantId,
          missingPermissions: [],
          recommendedPermissions: [],
        });
        expect(told.permissions).toContain('RoleManagement.ReadWrite.Directory');
        expect(domains).toContainEqual({ name: bench.world.domain, verified: true, managed: true });
        expect(capabilities).toMatchObject({
          mayTouchRoleHolders: true,
          pass: { onceOnly: false },
          timedRoles: true,
        });
      });

      it('tells what is missing instead of failing', async () => {
        const unread = ['Domain.Read.All', 'Group.Read.All', 'Policy.Read.AuthenticationMethod'];
        await enter({
          without: [...unread, 'Directory.Read.All'],
          mayTouchRoleHolders: false,
        });

        const told = await bench.world.directory.inspect(bench.world.app, BUDGET_MS);

        expect([...told.missingPermissions].sort()).toEqual(unread);
        expect(told).toMatchObject({ domains: [], capabilities: { mayTouchRoleHolders: false, pass: null } });
      });
    });
  });

  accessContract(name, makeWorld);
  methodsContract(name, makeWorld);
  timedRolesContract(name, makeWorld);
  unitsContract(name, makeWorld);
  leastConsentContract(name, makeWorld);
};
