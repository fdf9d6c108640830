import type { AllowedHours } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
} from '#core/testing';
import type { AccessPolicy } from './access-policy.js';
import { RequestAccess, type RequestAccessCommand } from './request-access.js';

/** Somebody who may ask for half an hour, and for an hour at most, under a policy with these conditions. */
const setUp = async (change: Partial<AccessPolicy> = {}) => {
  const [ids, clock, queue] = [new FakeIds(), new FakeClock(NOON), new FakeJobQueue()];
  const [box, unitOfWork] = [new FakeSecretBox(), new InMemoryUnitOfWork()];
  const { organization, technician, customer, connection, ...world } = aWorld(ids);
  const policy: AccessPolicy = { ...world.policy, reason: 'off', ...change };
  await unitOfWork.inOrganization(organization.id, async (stores) => {
    await stores.organizations.insert(organization);
    await stores.technicians.insert(technician);
    await stores.customers.insert(customer);
    await stores.connections.save(connection, null);
    await stores.policies.insert(policy);
  });
  const ask = (wish: Partial<RequestAccessCommand> = {}) =>
    new RequestAccess({ unitOfWork, queue, clock, ids, box }).execute({
      organizationId: organization.id,
      technicianId: technician.id,
      customerId: customer.id,
      policyId: policy.id,
      durationSeconds: null,
      startsAt: null,
      reason: null,
      ticket: null,
      actor: { kind: 'technician', id: technician.id, tokenId: null },
      idempotency: null,
      ...wish,
    });
  const lower = (roles: readonly string[], version: number) =>
    unitOfWork.inOrganization(organization.id, ({ organizations }) =>
      organizations.saveRoleCeiling({ roles: roles.map((id) => idOf(id)), version }),
    );
  const grants = () => unitOfWork.peek().grants;
  return { ask, grants, lower };
};

describe('The ticket of a request', () => {
  const patterns = ['INC-#######', '#+'];

  it.each(['INC-0012345', ' inc-0012345 ', '77'])('%j is taken where it fits', async (ticket) => {
    const { ask } = await setUp({ ticket: 'required', ticketPatterns: patterns });

    expect(await ask({ ticket })).toMatchObject({ state: 'approved', ticket });
  });

  it.each(['INC-12345', 'INC-0012345 and more', 'please'])(
    '%j is refused, and shows what is wanted',
    async (ticket) => {
      const { ask, grants } = await setUp({ ticket: 'optional', ticketPatterns: patterns });

      await expect(ask({ ticket })).rejects.toMatchObject({
        code: 'access_request.ticket_mismatch',
        details: { patterns },
      });
      expect(grants()).toEqual([]);
    },
  );

  it.each([null, '', ' '])(
    'may be left out (%j) where it is optional, and not where it is required',
    async (ticket) => {
      const optional = await setUp({ ticket: 'optional', ticketPatterns: patterns });
      const required = await setUp({ ticket: 'required', ticketPatterns: patterns });

      expect(await optional.ask({ ticket })).toMatchObject({ state: 'approved' });
      await expect(required.ask({ ticket })).rejects.toMatchObject({
        code: 'access_request.ticket_required',
      });
    },
  );
});

/** NOON is on a Saturday, 123 ms past. */
const on = (
  from: `${number}:${number}`,
  to: `${number}:${number}`,
): { readonly allowedHours: AllowedHours } => ({
  allowedHours: { timeZone: 'UTC', windows: [{ days: ['saturday'], from, to }] },
});
const noon = NOON - 123;

describe('The hours of a policy', () => {
  it('let a grant begin within them, and be extended no further than they last', async () => {
    const { ask, grants } = await setUp(on('08:00', '12:45'));

    await ask();

    expect(grants()).toMatchObject([
      { startsAt: NOON, expiresAt: NOON + 30 * MINUTE, latestExpiresAt: noon + 45 * MINUTE },
    ]);
  });

  it('end a grant whose duration was left to the policy', async () => {
    const { ask, grants } = await setUp(on('08:00', '12:10'));

    await ask();

    const [grant] = grants();
    const seconds = 10 * 60 - 1;
    expect(grant).toMatchObject({ expiresAt: NOON + seconds * SECOND, latestExpiresAt: noon + 10 * MINUTE });
  });

  it('refuse a duration that was asked for and does not fit, and say which would', async () => {
    const { ask, grants } = await setUp(on('08:00', '12:10'));

    await expect(ask({ durationSeconds: 900 })).rejects.toMatchObject({
      code: 'access_request.beyond_hours',
      details: { maximumSeconds: 599, closesAt: new Date(noon + 10 * MINUTE).toISOString() },
    });
    expect(grants()).toEqual([]);
  });

  it.each([
    ['before they begin', on('13:00', '14:00'), noon + HOUR],
    ['after they ended', on('08:00', '12:00'), noon + 7 * 24 * HOUR - 4 * HOUR],
    ['in their last seconds', on('08:00', '12:01'), noon + 7 * 24 * HOUR - 4 * HOUR],
  ])('refuse a start %s, and say when they begin', async (_, policy, opensAt) => {
    const { ask } = await setUp(policy);

    await expect(ask({ startsAt: noon + 31 * SECOND })).rejects.toMatchObject({
      code: 'access_request.outside_hours',
      details: { timeZone: 'UTC', opensAt: new Date(opensAt).toISOString() },
    });
  });

  it('are those of the start that is asked for', async () => {
    const { ask, grants } = await setUp(on('15:00', '16:00'));

    await ask({ startsAt: noon + 3 * HOUR });

    expect(grants()).toMatchObject([{ startsAt: noon + 3 * HOUR, latestExpiresAt: noon + 4 * HOUR }]);
  });
});

describe('The ceiling of roles', () => {
  it('trims what is approved, and refuses what has nothing left', async () => {
    const { ask, grants, lower } = await setUp();

    await lower(['role 2'], 1);
    await ask();
    expect(grants()).toMatchObject([{ approved: { roles: ['role 2'], groups: ['group 1'] } }]);

    const bare = await setUp({ gives: { roles: [idOf('role 1')], groups: [] } });
    await bare.lower(['role 2'], 1);
    await expect(bare.ask()).rejects.toMatchObject({
      code: 'access_policy.withheld',
      details: { roles: ['role 1'] },
    });
  });
});
