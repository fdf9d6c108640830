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

  it('is fast enough for thousands of cases', async () => {
    const unitOfWork = new InMemoryUnitOfWork();
    const world = aWorld(new FakeIds());
    await plant(unitOfWork, world);
    const startedAt = performance.now();

    for (let count = 0; count < 2_000; count += 1) {
      await unitOfWork.inOrganization(world.organization.id, async ({ accounts, audit }) => {
        await accounts.intend([world.account.id], { dueAt: NOON });
        await audit.append([world.event]);
      });
    }

    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
