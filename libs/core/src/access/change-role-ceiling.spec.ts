import { HOUR, idOf, type RoleId } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { ChangeAccessPolicy } from './change-access-policy.js';
import { ChangeRoleCeiling } from './change-role-ceiling.js';
import { CreateAccessPolicy } from './create-access-policy.js';

const [ROLE_1, ROLE_2] = ['role 1', 'role 2'].map((id): RoleId => idOf(id));

/** A world whose policy gives two roles and a group to a running grant. */
const setUp = async () => {
  const [ids, clock, queue] = [new FakeIds(), new FakeClock(NOON), new FakeJobQueue()];
  const unitOfWork = new InMemoryUnitOfWork();
  const planted = aWorld(ids);
  const account = { ...planted.account, dueAt: NOON + HOUR, takeAt: NOON + HOUR };
  const grant = { ...planted.grant, state: 'active' as const, endedAt: null, proofs: [] };
  const world = { ...planted, account, grant };
  await plant(unitOfWork, world);
  const actor = { kind: 'technician', id: world.technician.id, tokenId: null } as const;
  const organizationId = world.organization.id;
  const lower = (roles: readonly (RoleId | undefined)[] | null, version = 1) =>
    new ChangeRoleCeiling({ unitOfWork, clock, queue }).execute({
      organizationId,
      version,
      roles: roles?.flatMap((role) => role ?? []) ?? null,
      actor,
    });
  const given = async () => {
    const open = await unitOfWork.inOrganization(organizationId, ({ grants }) => grants.openOf([account.id]));
    return open[0]?.policyGives;
  };
  const policyOf = (change: object) =>
    new ChangeAccessPolicy({ unitOfWork, clock, queue }).execute({
      organizationId,
      policyId: world.policy.id,
      version: world.policy.version,
      terms: world.policy,
      state: 'active',
      actor,
      ...change,
    });
  const create = () =>
    new CreateAccessPolicy({ unitOfWork, queue, clock, ids }).execute({
      organizationId,
      customerId: null,
      terms: world.policy,
      actor,
      idempotency: null,
    });
  return { ...world, clock, queue, unitOfWork, lower, given, policyOf, create };
};

describe('ChangeRoleCeiling', () => {
  it('takes what is above it from running grants: their accounts are looked at now', async () => {
    const { lower, given, unitOfWork, customer, queue, policy } = await setUp();

    const saved = await lower([ROLE_1, ROLE_1]);

    expect(saved).toEqual({ roles: [ROLE_1], version: 2 });
    expect(await given()).toEqual({ roles: [ROLE_1], groups: policy.gives.groups });
    expect(unitOfWork.peek().accounts[0]).toMatchObject({ dueAt: NOON, takeAt: NOON });
    expect(queue.rung).toMatchObject([{ job: { customerId: customer.id }, at: null }]);
    expect(unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'role_ceiling.changed',
      details: { roles: [ROLE_1], noLonger: null, version: 2 },
    });
  });

  it('leaves alone whoever has nothing above it, and gives back what is under it again', async () => {
    const { lower, given, policy, queue, unitOfWork } = await setUp();

    await lower([ROLE_1, ROLE_2]);
    expect(queue.rung).toEqual([]);
    await lower([], 2);
    expect(await given()).toEqual({ roles: [], groups: policy.gives.groups });
    await lower(null, 3);

    expect(await given()).toEqual(policy.gives);
    expect(unitOfWork.peek().audit.at(-2)).toMatchObject({ details: { noLonger: [ROLE_1, ROLE_2] } });
  });

  it('lets one of two owners win, and tells the other which version there is', async () => {
    const { lower } = await setUp();

    const results = await Promise.allSettled([lower([ROLE_1]), lower([ROLE_2])]);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(lower(null, 1)).rejects.toMatchObject({
      code: 'role_ceiling.changed_meanwhile',
      details: { version: 2 },
    });
  });

  it('refuses a policy above it, with the roles, and lets one be archived all the same', async () => {
    const { lower, policyOf, create, unitOfWork, policy } = await setUp();
    await lower([ROLE_1]);
    const refused = { code: 'access_policy.above_role_ceiling', details: { roles: [ROLE_2] } };

    await expect(create()).rejects.toMatchObject(refused);
    await expect(policyOf({ terms: { ...policy, name: 'Another name' } })).rejects.toMatchObject(refused);
    expect(unitOfWork.peek().policies).toEqual([policy]);
    expect(await policyOf({ state: 'archived' })).toMatchObject({ state: 'archived' });
  });
});
