import { roleInUnit } from '#core/accounts';
import { idOf, HOUR } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import type { PolicyTerms } from './access-policy.js';
import { ChangeAccessPolicy, type ChangeAccessPolicyCommand } from './change-access-policy.js';
import { CreateAccessPolicy, type CreateAccessPolicyCommand } from './create-access-policy.js';

const terms: PolicyTerms = {
  name: 'Helpdesk',
  gives: { roles: [idOf('role 1')], groups: [] },
  credential: 'pass',
  endAction: 'disable',
  defaultDurationSeconds: 1_800,
  maximumDurationSeconds: 3_600,
  reason: 'optional',
  ticket: 'off',
  ticketPatterns: [],
  allowedHours: null,
  technicianGroups: [],
};

/** A world with a running grant under its policy. */
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
  const create = (wish: Partial<CreateAccessPolicyCommand> = {}) =>
    new CreateAccessPolicy({ unitOfWork, queue, clock, ids }).execute({
      organizationId,
      customerId: null,
      terms,
      actor,
      idempotency: null,
      ...wish,
    });
  const change = (wish: Partial<ChangeAccessPolicyCommand> = {}) =>
    new ChangeAccessPolicy({ unitOfWork, clock, queue }).execute({
      organizationId,
      policyId: world.policy.id,
      version: world.policy.version,
      terms,
      state: 'active',
      actor,
      ...wish,
    });
  return { ...world, clock, queue, unitOfWork, create, change };
};

const hours = {
  timeZone: 'Europe/Zurich',
  windows: [{ days: ['monday'], from: '08:00', to: '18:00' }],
} as const;

const unusable: readonly (readonly [string, Partial<PolicyTerms>])[] = [
  ['access_policy.ticket_pattern_invalid', { ticket: 'optional', ticketPatterns: ['INC-.*'] }],
  [
    'access_policy.ticket_patterns_too_many',
    { ticket: 'required', ticketPatterns: Array.from({ length: 11 }, (_, index) => `${index}-#`) },
  ],
  ['access_policy.ticket_pattern_unused', { ticket: 'off', ticketPatterns: ['#+'] }],
  ['access_policy.time_zone_unknown', { allowedHours: { ...hours, timeZone: 'Europe/Zuerich' } }],
  ['access_policy.time_zone_unknown', { allowedHours: { ...hours, timeZone: '+01:00' } }],
  ['access_policy.hours_empty', { allowedHours: { ...hours, windows: [] } }],
  [
    'access_policy.hours_empty',
    { allowedHours: { ...hours, windows: [...hours.windows, { days: [], from: '08:00', to: '18:00' }] } },
  ],
  ['access_policy.gives_nothing', { gives: { roles: [], groups: [] } }],
  ['access_policy.durations_invalid', { defaultDurationSeconds: 3_601 }],
  ['access_policy.duration_out_of_range', { defaultDurationSeconds: 29 }],
  ['access_policy.duration_out_of_range', { maximumDurationSeconds: 7 * 24 * 3_600 + 1 }],
];

describe('CreateAccessPolicy', () => {
  it('keeps each role and group once, and is audited', async () => {
    const { create, unitOfWork } = await setUp();
    const gives = { roles: [idOf<'entra role'>('r'), idOf<'entra role'>('r')], groups: [] };

    const policy = await create({ terms: { ...terms, gives } });

    expect(policy).toMatchObject({ version: 1, state: 'active', gives: { roles: ['r'], groups: [] } });
    expect(unitOfWork.peek().policies).toContainEqual(policy);
    expect(unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'access_policy.created',
      subject: { id: policy.id },
      details: { name: 'Helpdesk', roles: ['r'] },
    });
  });

  it('answers the same policy to the same request sent again', async () => {
    const { create, technician, unitOfWork } = await setUp();
    const idempotency = { key: 'k', actorId: technician.id, bodyDigest: 'd' };

    const [one, other] = await Promise.all([create({ idempotency }), create({ idempotency })]);

    expect(one).toEqual(other);
    expect(unitOfWork.peek().policies).toHaveLength(2);
  });

  it.each(unusable)('refuses with %s', async (code, change) => {
    const { create, unitOfWork } = await setUp();

    await expect(create({ terms: { ...terms, ...change } })).rejects.toMatchObject({ code });
    expect(unitOfWork.peek().policies).toHaveLength(1);
  });

  it('gives a role in a unit at one customer, and never at all of them', async () => {
    const { create, customer } = await setUp();
    const gives = { roles: [roleInUnit(idOf('role 1'), idOf('north'))], groups: [] };

    const policy = await create({ customerId: customer.id, terms: { ...terms, gives } });

    expect(policy).toMatchObject({ gives });
    await expect(create({ terms: { ...terms, gives } })).rejects.toMatchObject({
      code: 'access_policy.unit_needs_customer',
    });
  });

  it('knows no customer of somebody else', async () => {
    const { create } = await setUp();

    await expect(create({ customerId: idOf('0190a000-0000-7000-8000-0000000000aa') })).rejects.toMatchObject({
      code: 'customer.not_found',
    });
  });
});

describe('ChangeAccessPolicy', () => {
  it('has every account with an open grant of it looked at, and rings', async () => {
    const { change, unitOfWork, customer, queue, policy } = await setUp();

    const changed = await change();

    expect(changed).toMatchObject({ ...terms, version: policy.version + 1 });
    expect(unitOfWork.peek().policies).toEqual([changed]);
    expect(unitOfWork.peek().accounts[0]).toMatchObject({ dueAt: NOON, takeAt: NOON });
    expect(queue.rung).toMatchObject([{ job: { customerId: customer.id }, at: null }]);
    expect(unitOfWork.peek().audit.at(-1)).toMatchObject({ action: 'access_policy.changed' });
  });

  it('archives, so that grants of it are no longer given anything', async () => {
    const { change, unitOfWork, organization, account } = await setUp();

    await change({ state: 'archived' });

    const open = await unitOfWork.inOrganization(organization.id, (stores) =>
      stores.grants.openOf([account.id]),
    );
    expect(open).toMatchObject([{ policyGives: null }]);
  });

  it('has what runs end with its new hours, and tells whose end has moved', async () => {
    const { change, unitOfWork, grant } = await setUp();
    const windows = [{ days: ['saturday'], from: '11:00', to: '12:20' }] as const;

    await change({ terms: { ...terms, allowedHours: { timeZone: 'UTC', windows } } });

    const until = Date.UTC(2026, 2, 14, 12, 20);
    expect(unitOfWork.peek().grants).toMatchObject([
      { id: grant.id, expiresAt: until, latestExpiresAt: until },
    ]);
    expect(unitOfWork.peek().audit.map(({ action }) => action)).toContain('grant.shortened');
  });

  it('ends what runs when it is outside its new hours', async () => {
    const { change, clock, unitOfWork } = await setUp();
    clock.advance(60_000);

    await change({
      terms: { ...terms, allowedHours: { ...hours, windows: [{ ...hours.windows[0], days: ['friday'] }] } },
    });

    expect(unitOfWork.peek().grants).toMatchObject([{ expiresAt: NOON + 60_000 }]);
  });

  it('refuses a change of another version than the one that was read', async () => {
    const { change, unitOfWork, policy, queue } = await setUp();

    await expect(change({ version: policy.version - 1 })).rejects.toMatchObject({
      code: 'access_policy.changed_meanwhile',
    });

    expect(unitOfWork.peek().policies).toEqual([policy]);
    expect(queue.rung).toEqual([]);
  });

  it('lets one of two win who change it at the same moment', async () => {
    const { change } = await setUp();

    const results = await Promise.allSettled([change(), change()]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.each(unusable)('refuses with %s', async (code, wish) => {
    const { change } = await setUp();

    await expect(change({ terms: { ...terms, ...wish } })).rejects.toMatchObject({ code });
  });

  it('of a customer that goes is only archived', async () => {
    const { change, unitOfWork, organization, customer } = await setUp();
    await unitOfWork.inOrganization(organization.id, ({ customers }) =>
      customers.setState(customer.id, 'removing'),
    );

    await expect(change()).rejects.toMatchObject({ code: 'customer.removed' });
    expect(await change({ state: 'archived' })).toMatchObject({ state: 'archived' });
  });

  it('knows no other policy', async () => {
    const { change } = await setUp();

    await expect(change({ policyId: idOf('0190a000-0000-7000-8000-0000000000aa') })).rejects.toMatchObject({
      code: 'access_policy.not_found',
    });
  });
});
