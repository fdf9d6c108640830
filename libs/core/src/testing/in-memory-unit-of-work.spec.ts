import { InMemoryUnitOfWork } from './in-memory-unit-of-work.js';
import { FakeIds } from './fake-ids.js';
import { describeUnitOfWork } from './unit-of-work.contract.js';
import { aWorld, NOON, plant } from './unit-of-work.samples.js';

describeUnitOfWork('InMemoryUnitOfWork', () => {
  const unitOfWork = new InMemoryUnitOfWork();
  return Promise.resolve({ unitOfWork, doorway: unitOfWork.doorway });
});

describe('InMemoryUnitOfWork', () => {
  it('shows all rows to assertions', async () => {
    const unitOfWork = new InMemoryUnitOfWork();
    const world = aWorld(new FakeIds());

    await plant(unitOfWork, world);

    const rows = unitOfWork.peek();
    expect(rows.accounts).toEqual([world.account]);
    expect(rows.grants).toEqual([world.grant]);
    expect(rows.audit).toHaveLength(1);
  });

  it('gives out rows that nobody can change, and keeps its own when the given one changes', async () => {
    const unitOfWork = new InMemoryUnitOfWork();
    const world = aWorld(new FakeIds());
    const given = { ...world, customer: { ...world.customer } };
    await plant(unitOfWork, given);

    given.customer.name = 'changed afterwards';

    const [kept] = unitOfWork.peek().customers;
    expect(kept).toEqual(world.customer);
    expect(Object.isFrozen(kept)).toBe(true);
    expect(Object.isFrozen(unitOfWork.peek().accounts[0]?.mayHold.roles)).toBe(true);
  });

  it('refuses a store whose transaction is over', async () => {
    const unitOfWork = new InMemoryUnitOfWork();
    const world = aWorld(new FakeIds());
    const stores = await unitOfWork.inOrganization(world.organization.id, (all) => Promise.resolve(all));

    await expect(stores.customers.list({ after: null, limit: 1 })).rejects.toThrow('is over');
  });

  it('copies no row that a transaction only reads, or takes back, so that none costs more for what others have written', async () => {
    const unitOfWork = new InMemoryUnitOfWork();
    const world = aWorld(new FakeIds());
    await plant(unitOfWork, world);
    const before = unitOfWork.peek();

    await unitOfWork.inOrganization(world.organization.id, ({ audit }) => audit.append([world.event]));
    const refused = unitOfWork.inOrganization(world.organization.id, async ({ accounts }) => {
      await accounts.intend([world.account.id], { dueAt: NOON });
      throw new Error('taken back');
    });
    await expect(refused).rejects.toThrow('taken back');

    const after = unitOfWork.peek();
    expect(after.audit).toHaveLength(2);
    for (const rows of ['accounts', 'grants', 'customers', 'audit'] as const)
      expect(after[rows][0]).toBe(before[rows][0]);
  });
});
