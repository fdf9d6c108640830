import type { TakeBackProof } from '#core/proving';
import { idOf } from '../shared/index.js';
import { NOON, type Plant, type World } from './unit-of-work.samples.js';

const proofOf = ({ customer, connection }: World, changes: Partial<TakeBackProof> = {}): TakeBackProof => {
  const { cloud, tenantId, clientId } = connection;
  return {
    organizationId: customer.organizationId,
    customerId: customer.id,
    tier: 'admin',
    verdict: 'failed',
    at: NOON,
    app: { cloud, tenantId, clientId },
    cause: { code: 'directory.directory_role_missing', says: '403', mend: 'Assign it.' },
    run: null,
    dueAt: null,
    rereadAt: null,
    ...changes,
  };
};

export const describeTakeBack = (planted: Plant): void => {
  describe('what canaries have shown', () => {
    it('is kept tier by tier, and the later stands in place of the earlier', async () => {
      const { within, world } = await planted();
      const known = () => within(({ takeBack }) => takeBack.ofCustomer(world.customer.id));
      expect(await known()).toEqual([]);
      const [admin, limited] = [
        proofOf(world),
        proofOf(world, { tier: 'limited', verdict: null, at: null, app: null }),
      ];
      await within(async ({ takeBack }) => {
        await takeBack.lock(world.customer.id);
        await takeBack.save(limited);
        await takeBack.save(admin);
      });
      expect(await known()).toEqual([admin, limited]);

      const proven = { ...admin, verdict: 'proven' as const, cause: null };
      await within(({ takeBack }) => takeBack.save(proven));
      expect(await within(({ takeBack }) => takeBack.lock(world.customer.id))).toEqual([proven, limited]);
    });

    it('is due while canaries are under way, at each customer once', async () => {
      const { unitOfWork, within, world, ids } = await planted();
      const { cloud, tenantId, clientId } = world.connection;
      const run = {
        startedAt: NOON,
        app: { cloud, tenantId, clientId },
        role: idOf<'entra role'>('role 1'),
        canaries: [{ id: idOf<'account'>(ids.uuid()), order: 'disable_first' as const }],
      };
      const under = proofOf(world, { run, dueAt: NOON + 5 });
      await within(async ({ takeBack }) => {
        await takeBack.save(under);
        await takeBack.save({ ...under, tier: 'limited', dueAt: NOON + 6 });
      });

      expect(await within(({ takeBack }) => takeBack.ofCustomer(world.customer.id))).toContainEqual(under);
      const due = (now: number) => unitOfWork.clockwork.dueCanaries(now, 9);
      expect(await due(NOON + 4)).toEqual([]);
      const { organizationId, id: customerId } = world.customer;
      expect(await due(NOON + 9)).toEqual([{ organizationId, customerId }]);
      const undue = { ...under, dueAt: null };
      await expect(within(({ takeBack }) => takeBack.save(undue))).rejects.toThrow();
    });

    it('tells the facts of a customer which tiers are closed, for the app that is connected', async () => {
      const { within, world } = await planted();
      const closed = () =>
        within(async ({ customerFacts }) => (await customerFacts.of(world.customer.id, NOON))?.closedTiers);
      await within(async ({ takeBack }) => {
        await takeBack.save(proofOf(world));
        await takeBack.save(proofOf(world, { tier: 'limited', verdict: 'proven' }));
      });
      expect(await closed()).toEqual([{ tier: 'admin', verdict: 'failed' }]);
      const app = { cloud: 'global' as const, tenantId: 'another', clientId: 'another' };
      await within(({ takeBack }) => takeBack.save(proofOf(world, { app })));
      expect(await closed()).toEqual([]);
    });
  });
};
