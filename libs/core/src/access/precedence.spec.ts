import fc from 'fast-check';
import { common, type Entitlement, type Grant } from '#core/grants';
import { HOUR, idOf, MINUTE, type PolicyId, type RoleId } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
  plant,
} from '#core/testing';
import type { AccessPolicy } from './access-policy.js';
import { ChangeAccessPolicy } from './change-access-policy.js';
import { CreateAccessPolicy } from './create-access-policy.js';
import { RequestAccess } from './request-access.js';

const ROLES = ['role 1', 'role 2', 'role 3'].map((id): RoleId => idOf(id));
const [ROLE_1 = idOf<'entra role'>(''), ROLE_2 = ROLE_1] = ROLES;
const only = (...roles: readonly RoleId[]): Entitlement => ({ roles, groups: [] });

/** A grant of an hour of roles 1 and 2 under an organization-wide policy that nobody has overridden yet. */
const setUp = async (forAll: Partial<AccessPolicy> = {}, running: Partial<Grant> = {}) => {
  const [ids, clock, queue] = [new FakeIds(), new FakeClock(NOON), new FakeJobQueue()];
  const [box, unitOfWork] = [new FakeSecretBox(), new InMemoryUnitOfWork()];
  const planted = aWorld(ids);
  const known: AccessPolicy = {
    ...planted.policy,
    customerId: null,
    name: 'Helpdesk',
    gives: only(ROLE_1, ROLE_2),
    reason: 'off',
    allowedHours: null,
    ...forAll,
  };
  const account = { ...planted.account, dueAt: NOON + HOUR, takeAt: NOON + HOUR };
  const grant: Grant = {
    ...planted.grant,
    approved: only(ROLE_1, ROLE_2),
    state: 'active',
    endReason: null,
    endingAt: null,
    takenAt: null,
    endedAt: null,
    proofs: [],
    ...running,
  };
  await plant(unitOfWork, { ...planted, policy: known, account, grant });
  const { organization, customer, technician } = planted;
  const by = {
    organizationId: organization.id,
    actor: { kind: 'technician', id: technician.id, tokenId: null },
  } as const;
  const override = (
    terms: Partial<AccessPolicy> = {},
    customerId: AccessPolicy['customerId'] = customer.id,
  ) =>
    new CreateAccessPolicy({ unitOfWork, queue, clock, ids }).execute({
      ...by,
      customerId,
      terms: { ...known, ...terms },
      idempotency: null,
    });
  const change = (policy: AccessPolicy, terms: Partial<AccessPolicy>) =>
    new ChangeAccessPolicy({ unitOfWork, clock, queue }).execute({
      ...by,
      policyId: policy.id,
      version: policy.version,
      terms: { ...policy, ...terms },
      state: terms.state ?? policy.state,
    });
  const ask = (policyId: PolicyId) =>
    new RequestAccess({ unitOfWork, queue, clock, ids, box }).execute({
      ...by,
      technicianId: technician.id,
      customerId: customer.id,
      policyId,
      durationSeconds: null,
      startsAt: NOON + 5 * HOUR,
      reason: null,
      ticket: null,
      idempotency: null,
    });
  const inForce = async () => {
    const open = await unitOfWork.inOrganization(organization.id, ({ grants }) =>
      grants.openOf([account.id]),
    );
    const found = open.find((each) => each.grant.id === grant.id);
    if (found === undefined) throw new Error('The grant is not open.');
    return found;
  };
  const told = () => unitOfWork.peek().audit.filter(({ subject }) => subject.id === grant.id);
  return { ...planted, known, grant, clock, queue, unitOfWork, ids, override, change, ask, inForce, told };
};

describe('A policy of a customer by the name of one for all', () => {
  it('takes over what runs there, takes what it does not give, and tells before and after', async () => {
    const { override, inForce, told, known, unitOfWork, queue, customer } = await setUp();

    const own = await override({ name: ' HELPDESK', gives: only(ROLE_2), maximumDurationSeconds: 1_800 });

    const { grant, policyGives } = await inForce();
    expect([grant.policyId, policyGives]).toEqual([own.id, only(ROLE_2)]);
    expect([grant.expiresAt, grant.latestExpiresAt]).toEqual([NOON + 30 * MINUTE, NOON + 30 * MINUTE]);
    expect(told().slice(-2)).toMatchObject([
      {
        action: 'grant.moved',
        details: {
          fromPolicyId: known.id,
          toPolicyId: own.id,
          rolesBefore: [ROLE_1, ROLE_2],
          roles: [ROLE_2],
        },
      },
      { action: 'grant.shortened', details: { policyId: own.id } },
    ]);
    expect(unitOfWork.peek().accounts[0]).toMatchObject({ dueAt: NOON, takeAt: NOON });
    expect(queue.rung).toMatchObject([{ job: { customerId: customer.id } }]);
  });

  it('ends what runs there for somebody whom it is not for', async () => {
    const { override, inForce, unitOfWork, organization, ids } = await setUp();
    const group = {
      id: idOf<'technician group'>(ids.uuid()),
      organizationId: organization.id,
      name: 'Tier 2',
    };
    await unitOfWork.inOrganization(organization.id, ({ groups }) =>
      groups.insert({ ...group, state: 'active', createdAt: NOON }),
    );

    await override({ technicianGroups: [group.id] });

    expect(await inForce()).toMatchObject({ bar: 'not_entitled' });
  });

  it('is the one that can be asked for there, and the refusal of the other names it', async () => {
    const { override, ask, known } = await setUp();
    expect(await ask(known.id)).toMatchObject({ state: 'approved' });
    const own = await override();

    await expect(ask(known.id)).rejects.toMatchObject({
      code: 'access_policy.overridden',
      details: { policyId: own.id, name: 'Helpdesk' },
    });
  });

  it('gives the one for all back to new requests when it is archived, and ends what stands on it', async () => {
    const { override, change, ask, known, inForce } = await setUp();
    const own = await override();

    await change(own, { state: 'archived' });

    expect(await inForce()).toMatchObject({ policyGives: null });
    expect(await ask(known.id)).toMatchObject({ state: 'approved', policyId: known.id });
  });

  it('begins to override when it is renamed, or used again', async () => {
    const { override, change, inForce, known } = await setUp();
    const own = await override({ name: 'Backup' });
    expect((await inForce()).grant.policyId).toBe(known.id);
    const archived = await change(own, { name: 'Helpdesk', state: 'archived' });
    expect((await inForce()).grant.policyId).toBe(known.id);

    await change(archived, { state: 'active' });

    expect((await inForce()).grant.policyId).toBe(own.id);
  });

  it('takes over when the one for all gets its name', async () => {
    const { override, change, inForce, known } = await setUp();
    const own = await override({ name: 'Backup', gives: only(ROLE_2), maximumDurationSeconds: 1_800 });

    await change(known, { name: 'backup' });

    expect(await inForce()).toMatchObject({
      grant: { policyId: own.id, expiresAt: NOON + 30 * MINUTE },
      policyGives: only(ROLE_2),
    });
  });

  it('leaves alone what runs elsewhere, and what is ending', async () => {
    const { override, inForce, known, unitOfWork, organization, ids, customer } = await setUp(
      {},
      {
        state: 'ending',
        endReason: 'expired',
        endingAt: NOON,
      },
    );
    const other = { ...customer, id: idOf<'customer'>(ids.uuid()) };
    await unitOfWork.inOrganization(organization.id, ({ customers }) => customers.insert(other));

    await override();
    await override({}, other.id);

    expect((await inForce()).grant.policyId).toBe(known.id);
  });

  it('has nothing more to say of what it took over once the one for all is narrowed', async () => {
    const { override, change, inForce, known } = await setUp();
    await override();

    await change(known, { state: 'archived' });

    expect(await inForce()).toMatchObject({ policyGives: only(ROLE_1, ROLE_2), bar: null });
  });

  it('never gives more than was given, whatever both say', async () => {
    const terms = fc.record({
      gives: fc.subarray([...ROLES], { minLength: 1 }).map((roles) => only(...roles)),
      maximumDurationSeconds: fc.integer({ min: 1_800, max: 10_800 }),
    });
    await fc.assert(
      fc.asyncProperty(terms, terms, fc.subarray([...ROLES]), async (forAll, wanted, approved) => {
        const { override, inForce, grant, known } = await setUp(forAll, { approved: only(...approved) });
        const before = common(grant.approved, known.gives);

        const own = await override(wanted);

        const after = await inForce();
        expect(after.grant.policyId).toBe(own.id);
        const given = common(after.grant.approved, after.policyGives ?? only());
        expect(given).toEqual(common(before, own.gives));
        expect(after.grant.approved).toEqual(before);
        const until = Math.min(grant.expiresAt, grant.startsAt + own.maximumDurationSeconds * 1_000);
        expect(after.grant.expiresAt).toBe(until);
        expect(after.grant.latestExpiresAt).toBeLessThanOrEqual(grant.latestExpiresAt);
      }),
      { numRuns: 60 },
    );
  });
});
