import { ExtendGrant } from '#core/grants';
import type { TakeBackProof } from '#core/proving';
import { idOf, MINUTE, SECOND } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
} from '#core/testing';
import { RequestAccess } from './request-access.js';

const GLOBAL_ADMIN = idOf<'entra role'>('62e90394-69f5-4237-9190-012177145e10');

/** A customer at which Global Administrator can be asked for, and what canaries have shown there. */
const setUp = async (changes: Partial<TakeBackProof> = {}) => {
  const [ids, clock, queue] = [new FakeIds(), new FakeClock(NOON), new FakeJobQueue()];
  const [box, unitOfWork] = [new FakeSecretBox(), new InMemoryUnitOfWork()];
  const { organization, technician, customer, connection, ...world } = aWorld(ids);
  const { cloud, tenantId, clientId } = connection;
  const ownership = { organizationId: organization.id, customerId: customer.id };
  const know = (verdict: TakeBackProof['verdict'], more: Partial<TakeBackProof> = {}) =>
    unitOfWork.inOrganization(organization.id, ({ takeBack }) =>
      takeBack.save({
        ...{ ...ownership, tier: 'admin', verdict, at: NOON, app: { cloud, tenantId, clientId } },
        cause: { code: 'directory.directory_role_missing', says: '403', mend: 'Assign the role.' },
        ...{ run: null, dueAt: null, rereadAt: null, ...changes, ...more },
      }),
    );
  await unitOfWork.inOrganization(organization.id, async (stores) => {
    await stores.organizations.insert(organization);
    await stores.technicians.insert(technician);
    await stores.customers.insert(customer);
    await stores.connections.save(connection, null);
    const gives = { roles: [GLOBAL_ADMIN], groups: [] };
    await stores.policies.insert({ ...world.policy, gives, reason: 'off' });
  });
  const actor = { kind: 'technician', id: technician.id, tokenId: null } as const;
  const ask = () =>
    new RequestAccess({ unitOfWork, queue, clock, ids, box }).execute({
      ...{ ...ownership, technicianId: technician.id, policyId: world.policy.id, actor },
      ...{ durationSeconds: 30 * 60, startsAt: null, reason: null, ticket: null, idempotency: null },
    });
  const extend = async () => {
    const [grant] = unitOfWork.peek().grants;
    if (grant === undefined) throw new Error('No grant.');
    const expiresAt = grant.expiresAt + MINUTE;
    const { organizationId } = ownership;
    return new ExtendGrant({ unitOfWork, queue, clock }).execute({
      organizationId,
      grantId: grant.id,
      expiresAt,
      actor,
    });
  };
  return { ask, clock, extend, know, unitOfWork };
};

describe('A request for what could not be taken back', () => {
  it.each(['failed', 'lost'] as const)(
    'is refused where that is %s, with cause and mend',
    async (verdict) => {
      const { ask, know, unitOfWork } = await setUp();
      await know(verdict);

      await expect(ask()).rejects.toMatchObject({
        code: 'customer.take_back_unproven',
        kind: 'conflict',
        details: {
          tier: 'admin',
          cause: 'directory.directory_role_missing',
          says: '403',
          mend: 'Assign the role.',
        },
      });
      expect(unitOfWork.peek().grants).toEqual([]);
    },
  );

  it('is taken where it is proven, or failed for another app or another tier', async () => {
    const proven = await setUp();
    await proven.know('proven', { cause: null });
    expect(await proven.ask()).toMatchObject({ state: 'approved' });

    const another = await setUp({ app: { cloud: 'global', tenantId: 'another', clientId: 'another' } });
    await another.know('failed');
    expect(await another.ask()).toMatchObject({ state: 'approved' });

    const limited = await setUp({ tier: 'limited' });
    await limited.know('failed');
    expect(await limited.ask()).toMatchObject({ state: 'approved' });
  });

  it('extends nothing either, and ends nothing', async () => {
    const { ask, clock, extend, know, unitOfWork } = await setUp();
    await know('proven', { cause: null });
    await ask();
    clock.advance(SECOND);
    await extend();
    await know('lost');

    await expect(extend()).rejects.toMatchObject({ code: 'customer.take_back_unproven' });
    expect(unitOfWork.peek().grants).toMatchObject([{ endReason: null }]);
  });
});
