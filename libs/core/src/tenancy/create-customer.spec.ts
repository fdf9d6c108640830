import { aWorld, FakeClock, FakeIds, InMemoryUnitOfWork, NOON } from '#core/testing';
import { CreateCustomer } from './create-customer.js';

const setUp = async () => {
  const [ids, clock, unitOfWork] = [new FakeIds(), new FakeClock(NOON), new InMemoryUnitOfWork()];
  const { organization, technician } = aWorld(ids);
  await unitOfWork.inOrganization(organization.id, (stores) => stores.organizations.insert(organization));
  const useCase = new CreateCustomer({ unitOfWork, clock, ids });
  const create = (key: string | null, bodyDigest = 'd') =>
    useCase.execute({
      organizationId: organization.id,
      name: 'Contoso',
      actor: { kind: 'technician', id: technician.id, tokenId: null },
      idempotency: key === null ? null : { key, bodyDigest, actorId: technician.id },
    });
  return { unitOfWork, create };
};

describe('CreateCustomer', () => {
  it('adds the customer and says so in the audit log', async () => {
    const { create, unitOfWork } = await setUp();

    const customer = await create(null);

    expect(customer).toMatchObject({ name: 'Contoso', createdAt: NOON });
    expect(unitOfWork.peek().customers).toEqual([customer]);
    expect(unitOfWork.peek().audit).toMatchObject([{ action: 'customer.created', customerId: customer.id }]);
  });

  it('makes another one each time it is asked without a key', async () => {
    const { create, unitOfWork } = await setUp();
    await create(null);
    await create(null);

    expect(unitOfWork.peek().customers).toHaveLength(2);
  });

  it('answers the same one to the same key, and refuses another body', async () => {
    const { create, unitOfWork } = await setUp();
    const first = await create('k');

    expect(await create('k')).toEqual(first);
    await expect(create('k', 'other')).rejects.toMatchObject({ code: 'idempotency.key_reused' });
    expect(unitOfWork.peek().customers).toEqual([first]);
    expect(unitOfWork.peek().audit).toHaveLength(1);
  });
});
