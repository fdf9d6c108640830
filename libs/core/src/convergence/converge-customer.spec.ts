import { idOf, MINUTE } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { ConvergeCustomer } from './converge-customer.js';

describe('ConvergeCustomer', () => {
  it('works on everything of the customer that is due, together', async () => {
    const world = await ConvergenceWorld.create();
    const due = [await world.grant({ technician: 'alice' }), await world.grant({ technician: 'bob' })];
    const later = await world.grant({ technician: 'carol', startsInMs: MINUTE });

    expect(await new ConvergeCustomer(world.ports, world.converge).execute(world.customer)).toBe(2);

    expect(due.map((id) => world.grantRow(id).state)).toEqual(['active', 'active']);
    expect(world.grantRow(later).state).toBe('scheduled');
    expect(world.directory.performs).toBe(2);
  });

  it('is quiet when a bell rings too early, twice, or for nobody', async () => {
    const world = await ConvergenceWorld.create();
    const customers = new ConvergeCustomer(world.ports, world.converge);
    await world.grant({ startsInMs: MINUTE });
    expect(await customers.execute(world.customer)).toBe(0);
    world.clock.advance(MINUTE);
    expect(await customers.execute(world.customer)).toBe(1);
    expect(await customers.execute(world.customer)).toBe(0);
    expect(await customers.execute({ ...world.customer, customerId: idOf('unknown') })).toBe(0);
  });

  it('leaves to another what it holds: two bells at once are one piece of work', async () => {
    const world = await ConvergenceWorld.create();
    const customers = new ConvergeCustomer(world.ports, world.converge);
    await world.grant();

    const done = await Promise.all([customers.execute(world.customer), customers.execute(world.customer)]);

    expect(done).toEqual([1, 0]);
    expect(world.tenant.users()).toHaveLength(1);
  });
});
