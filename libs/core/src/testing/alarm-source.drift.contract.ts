import type { AlarmSource, FactsAsked } from '#core/alarms';
import { HOUR, type CustomerId } from '#core/shared';
import { aConnection, aCustomer, NOON, type Planted } from './unit-of-work.samples.js';

interface Scene extends Planted {
  readonly alarms: AlarmSource;
}

/** What is told of comparing customers with their tenants. */
export const describeDriftFacts = (scene: () => Promise<Scene>, later: FactsAsked): void => {
  it('tells whom nobody compares, and of whom something is left undone for long, the longest due first', async () => {
    const { alarms, unitOfWork, within, world, ids } = await scene();
    const organizationId = world.organization.id;
    const late = { dueAt: later.passesBefore - 1, comparedAt: later.now };
    const undone = { dueAt: later.now + HOUR, comparedAt: later.comparedBefore - 1 };
    const well = { dueAt: later.passesBefore, comparedAt: later.comparedBefore };
    const ends = new Map<CustomerId, typeof well>();
    for (const end of [late, undone, well]) {
      const customer = aCustomer(ids, world);
      ends.set(customer.id, end);
      await within(async ({ customers, connections }) => {
        await customers.insert(customer);
        await connections.save(aConnection(ids, customer), null);
      });
    }
    for (const claim of await unitOfWork.clockwork.claimDrift(later.now, 50))
      await within(({ drift }) => drift.finish(claim, ends.get(claim.customerId) ?? well));
    const [first, second] = ends.keys();

    const { uncompared } = await alarms.ofOrganization(organizationId, later);

    expect(uncompared).toEqual([
      { organizationId, customerId: first, ...late },
      { organizationId, customerId: second, ...undone },
    ]);
  });

  it('tells where more markers are written than are kept, for as long as asked', async () => {
    const { alarms, unitOfWork, within, world } = await scene();
    const organizationId = world.organization.id;
    const [claim] = await unitOfWork.clockwork.claimDrift(later.now, 1);
    if (claim === undefined) throw new Error('There was nothing to claim.');
    const place = { tenantId: 't', cursor: null, toldAt: NOON, unkept: 7, unkeptAt: NOON };
    await within(({ drift }) => drift.advance(claim, place));

    const flooded = async (markersSince: number) =>
      (await alarms.ofOrganization(organizationId, { ...later, markersSince })).flooded;

    expect(await flooded(NOON)).toEqual([
      { organizationId, customerId: world.customer.id, unkept: 7, at: NOON },
    ]);
    expect(await flooded(NOON + 1)).toEqual([]);
  });

  it('tells where what was proven is lost, and nothing of what failed', async () => {
    const { alarms, within, world } = await scene();
    const { id: customerId, organizationId } = world.customer;
    const { cloud, tenantId, clientId } = world.connection;
    const known = { organizationId, customerId, app: { cloud, tenantId, clientId }, cause: null };
    const rest = { run: null, dueAt: null, rereadAt: null };
    await within(async ({ takeBack }) => {
      await takeBack.save({ ...known, ...rest, tier: 'admin', verdict: 'lost', at: NOON + 2 });
      await takeBack.save({ ...known, ...rest, tier: 'limited', verdict: 'failed', at: NOON });
    });

    const lost = [{ organizationId, customerId, tiers: ['admin'], sinceAt: NOON + 2 }];
    expect((await alarms.ofOrganization(organizationId, later)).lost).toEqual(lost);
    expect((await alarms.ofDeployment(later)).lost).toContainEqual(lost[0]);
  });
};
