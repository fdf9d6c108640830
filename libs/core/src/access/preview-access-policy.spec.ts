import fc from 'fast-check';
import { common, type Grant, type LocalTime } from '#core/grants';
import type { Technician } from '#core/identity';
import { idOf, type PolicyId, type RoleId, type TechnicianGroupId } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import type { AccessPolicy, PolicyTerms } from './access-policy.js';
import { ChangeAccessPolicy } from './change-access-policy.js';
import { CreateAccessPolicy } from './create-access-policy.js';
import type { CustomerEffects } from './policy-effects.js';
import { PreviewAccessPolicy, type PreviewAccessPolicyCommand } from './preview-access-policy.js';

const ROLES = ['role 1', 'role 2', 'role 3'].map((id): RoleId => idOf(id));
const GROUP: TechnicianGroupId = idOf('0190a000-0000-7000-8000-0000000000a1');

const hoursOf = (from: LocalTime, to: LocalTime): PolicyTerms['allowedHours'] => ({
  timeZone: 'UTC',
  windows: [{ days: ['monday', 'saturday'], from, to }],
});

/** Grants of an hour, one under a policy for all and one under the customer's own; one technician of two is in the group. */
const setUp = async (forAll: Partial<AccessPolicy> = {}, own: Partial<AccessPolicy> = {}) => {
  const [ids, clock, queue] = [new FakeIds(), new FakeClock(NOON), new FakeJobQueue()];
  const unitOfWork = new InMemoryUnitOfWork();
  const planted = aWorld(ids);
  const { organization, technician } = planted;
  const shared: Partial<AccessPolicy> = {
    gives: { roles: ROLES, groups: [] },
    reason: 'off',
    allowedHours: null,
  };
  const general: AccessPolicy = {
    ...planted.policy,
    ...shared,
    customerId: null,
    name: 'Helpdesk',
    ...forAll,
  };
  const special: AccessPolicy = {
    ...planted.policy,
    ...shared,
    id: idOf(ids.uuid()),
    name: 'Backup',
    ...own,
  };
  const grant: Grant = {
    ...planted.grant,
    approved: { roles: ROLES, groups: [] },
    ...{ state: 'active', endReason: null, endingAt: null, takenAt: null, endedAt: null, proofs: [] },
  };
  const account = { ...planted.account, takeAt: grant.expiresAt };
  await plant(unitOfWork, { ...planted, policy: general, account, grant });
  const bea: Technician = { ...technician, id: idOf(ids.uuid()), username: 'bea', role: 'admin' };
  const group = { id: GROUP, organizationId: organization.id, name: 'Tier 2', createdAt: NOON } as const;
  const second = { ...planted.request, id: idOf<'request'>(ids.uuid()), technicianId: bea.id };
  await unitOfWork.inOrganization(organization.id, async (stores) => {
    await stores.policies.insert(special);
    await stores.technicians.insert(bea);
    await stores.groups.insert({ ...group, state: 'active' });
    await stores.groups.addMembers(group.id, [bea.id]);
    await stores.accounts.insert({
      ...account,
      id: idOf(ids.uuid()),
      technicianId: bea.id,
      upn: 'bea@contoso',
    });
    const { id: accountId } = unitOfWork.peek().accounts.at(-1) ?? account;
    const id = idOf<'grant'>(ids.uuid());
    await stores.requests.insert({ ...second, grantId: id });
    const technicianId = bea.id;
    const other = { ...grant, id, accountId, technicianId, requestId: second.id, policyId: special.id };
    await stores.grants.insert(other);
  });
  const { id: organizationId } = organization;
  const asked = { organizationId, policyId: null, customerId: null, terms: general, state: null };
  const preview = (wish: Partial<PreviewAccessPolicyCommand> = {}) =>
    new PreviewAccessPolicy({ unitOfWork, clock }).execute({ ...asked, ...wish });
  const by = { organizationId, actor: { kind: 'console' } } as const;
  const create = (customerId: AccessPolicy['customerId'], terms: PolicyTerms) =>
    new CreateAccessPolicy({ unitOfWork, queue, clock, ids }).execute({
      ...by,
      customerId,
      terms,
      idempotency: null,
    });
  const change = (policy: AccessPolicy, terms: PolicyTerms, state: AccessPolicy['state']) =>
    new ChangeAccessPolicy({ unitOfWork, clock, queue }).execute({
      ...by,
      ...{ policyId: policy.id, version: policy.version, terms, state },
    });
  const inForce = () =>
    unitOfWork.inOrganization(organizationId, ({ grants }) =>
      grants.openOf(unitOfWork.peek().accounts.map(({ id }) => id)),
    );
  return { ...planted, general, special, bea, unitOfWork, preview, create, change, inForce };
};

type Seen = Awaited<ReturnType<Awaited<ReturnType<typeof setUp>>['inForce']>>;

/** What was done to grants between two looks at them. */
const doneBetween = (before: Seen, after: Seen) => {
  const sums = { ended: 0, shortened: 0, reduced: 0, moved: 0 };
  for (const old of before) {
    const now = after.find(({ grant }) => grant.id === old.grant.id) ?? old;
    const given = ({ grant, policyGives }: Seen[number]) =>
      common(grant.approved, policyGives ?? { roles: [], groups: [] }).roles;
    if (now.bar !== null || now.policyGives === null || now.grant.expiresAt <= NOON) {
      sums.ended += 1;
      continue;
    }
    sums.shortened += Number(now.grant.expiresAt < old.grant.expiresAt);
    sums.reduced += Number(given(old).some((role) => !given(now).includes(role)));
    sums.moved += Number(now.grant.policyId !== old.grant.policyId);
  }
  return sums;
};

/** There is one customer at which anything runs. */
const toldIn = (effects: readonly CustomerEffects[]) => {
  const [effect = { ended: 0, shortened: 0, reduced: 0, moved: 0 }] = effects;
  const { ended, shortened, reduced, moved } = effect;
  return { ended, shortened, reduced, moved };
};

const wished = fc.record({
  name: fc.constantFrom('Helpdesk', 'backup', 'BACKUP ', 'Other'),
  gives: fc.subarray([...ROLES], { minLength: 1 }).map((roles) => ({ roles, groups: [] })),
  defaultDurationSeconds: fc.constant(60),
  maximumDurationSeconds: fc.constantFrom(60, 1_800, 3_600, 7_200),
  technicianGroups: fc.constantFrom([], [GROUP]),
  allowedHours: fc.constantFrom(
    null,
    { timeZone: 'UTC', windows: [{ days: ['saturday'], from: '11:00', to: '12:20' }] } as const,
    { timeZone: 'UTC', windows: [{ days: ['friday'], from: '08:00', to: '18:00' }] } as const,
  ),
});

describe('A preview of an access policy', () => {
  it('tells who may get what, where and for how long, of a policy that is not there yet', async () => {
    const { preview, customer, bea, general, unitOfWork } = await setUp();
    const before = unitOfWork.peek();

    const told = await preview({ customerId: customer.id, terms: { ...general, technicianGroups: [GROUP] } });

    expect(told.reach).toMatchObject({
      technicians: [{ id: bea.id }],
      groups: [{ group: { id: GROUP, name: 'Tier 2' }, members: [bea.id] }],
      customers: [{ customer: { id: customer.id }, obstacles: [], overriddenBy: null }],
      longestSeconds: 3_600,
    });
    expect(told).toMatchObject({ complete: true, effects: [{ customerId: customer.id, ended: 1 }] });
    expect(unitOfWork.peek()).toEqual(before);
  });

  it('names where a policy for all does not count or can not be used, and leaves out who may not ask', async () => {
    const { preview, customer, organization, unitOfWork, technician, bea, general } = await setUp(
      {},
      { name: 'helpdesk' },
    );
    const bare = { ...customer, id: idOf<'customer'>('0190a000-0000-7000-8000-0000000000c1') };
    const gone = { ...bare, id: idOf<'customer'>('0190a000-0000-7000-8000-0000000000c2') };
    await unitOfWork.inOrganization(organization.id, async ({ customers, technicians }) => {
      for (const each of [bare, gone]) await customers.insert(each);
      await customers.setState(gone.id, 'removing');
      await technicians.save({ ...technician, state: 'suspended' });
      await technicians.save({ ...bea, role: 'auditor' });
    });

    const { reach, warnings } = await preview({ policyId: general.id, terms: null });

    const obstacles = new Map(reach.customers.map((each) => [each.customer.id, each.obstacles]));
    expect(obstacles).toEqual(
      new Map([
        [customer.id, ['overridden']],
        [bare.id, ['not_connected']],
        [gone.id, ['closing', 'not_connected']],
      ]),
    );
    expect(reach.technicians).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(['no_technician', 'not_connected']);
  });

  it.each<[string, Partial<PolicyTerms>, readonly string[]]>([
    ['an hour that is not open so long', { allowedHours: hoursOf('10:00', '10:30') }, ['hours_shorter']],
    ['the name of one for all', { name: 'HELPDESK' }, ['overrides']],
    ['a name that the customer has', { name: 'backup' }, ['same_name']],
    ['nothing to tell', {}, []],
  ])('warns of %s', async (_, terms, codes) => {
    const { preview, customer, general } = await setUp();

    const { warnings } = await preview({
      customerId: customer.id,
      terms: { ...general, name: 'Other', ...terms },
    });

    expect(warnings.map(({ code }) => code)).toEqual(codes);
  });

  it('warns of groups in which nobody is, and of a tenant without passes', async () => {
    const { preview, customer, connection, organization, unitOfWork, bea, general } = await setUp();
    await unitOfWork.inOrganization(organization.id, async ({ connections, groups }) => {
      await groups.removeMembers(GROUP, [bea.id]);
      const capabilities = { ...connection.capabilities, pass: null };
      await connections.save({ ...connection, capabilities, version: 2 }, 1);
    });
    const terms = { ...general, name: 'Other', technicianGroups: [GROUP] };

    const { warnings } = await preview({ customerId: customer.id, terms });
    const ofPassword = await preview({
      customerId: customer.id,
      terms: { ...terms, credential: 'password' },
    });

    expect(warnings.map(({ code }) => code)).toEqual(['groups_empty', 'pass_unavailable']);
    expect(ofPassword.warnings.map(({ code }) => code)).toEqual(['groups_empty']);
  });

  it('is refused with what saving would be refused with', async () => {
    const { preview, customer, general, organization, unitOfWork } = await setUp();
    const missing: PolicyId = idOf('0190a000-0000-7000-8000-0000000000aa');

    await expect(preview({ policyId: missing })).rejects.toMatchObject({ code: 'access_policy.not_found' });
    await expect(preview({ terms: { ...general, defaultDurationSeconds: 7_200 } })).rejects.toMatchObject({
      code: 'access_policy.durations_invalid',
    });
    await unitOfWork.inOrganization(organization.id, ({ customers }) =>
      customers.setState(customer.id, 'removing'),
    );
    await expect(preview({ customerId: customer.id })).rejects.toMatchObject({ code: 'customer.removed' });
  });

  it('tells of a change exactly what is done to running grants when it is saved', async () => {
    const wishes = fc.record({
      forAll: wished,
      own: wished,
      wish: wished,
      isForAll: fc.boolean(),
      state: fc.constantFrom('active' as const, 'active' as const, 'archived' as const),
    });
    const wide = { technicianGroups: [], allowedHours: null, maximumDurationSeconds: 7_200 };
    await fc.assert(
      fc.asyncProperty(wishes, async ({ forAll, own, wish, isForAll, state }) => {
        const { preview, change, general, special, inForce } = await setUp(
          { ...forAll, ...wide },
          { ...own, ...wide, name: 'Backup' },
        );
        const policy = isForAll ? general : special;
        const terms = { ...policy, ...wish };
        const before = await inForce();

        const { effects } = await preview({ policyId: policy.id, terms, state });
        await change(policy, terms, state);

        expect(toldIn(effects)).toEqual(doneBetween(before, await inForce()));
      }),
      { numRuns: 150 },
    );
  });

  it('tells of a new policy exactly what is done to running grants when it is saved', async () => {
    await fc.assert(
      fc.asyncProperty(wished, async (wish) => {
        const { preview, create, customer, general, inForce } = await setUp();
        const terms = { ...general, ...wish };
        const before = await inForce();

        const { effects } = await preview({ customerId: customer.id, terms });
        await create(customer.id, terms);

        expect(toldIn(effects)).toEqual(doneBetween(before, await inForce()));
      }),
      { numRuns: 60 },
    );
  });
});
