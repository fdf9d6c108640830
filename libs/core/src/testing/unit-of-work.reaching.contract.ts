import type { HoldScope } from '#core/grants';
import { idOf, type AccountId } from '#core/shared';
import { AT, EVERYBODY, holdOf, pulled, reachAll } from './unit-of-work.closing.contract.js';
import { aRunningGrant, type Plant } from './unit-of-work.samples.js';

export const describeReaching = (planted: Plant): void => {
  describe('what a hold is yet to reach', () => {
    it('is known by the grants too, for whoever cannot read the accounts', async () => {
      const { within, world } = await pulled(planted);
      const known = [{ accountId: world.account.id, customerId: world.customer.id }];
      const granted = (scope: HoldScope, after: AccountId | null = null) =>
        within(({ holds }) => holds.granted(scope, { after, limit: 9 }));

      expect(await granted(EVERYBODY)).toEqual(known);
      expect(await granted(EVERYBODY, world.account.id)).toEqual([]);
      expect(await granted({ kind: 'customer', customerId: world.customer.id })).toEqual(known);
      expect(await granted({ kind: 'technician', technicianId: world.technician.id })).toEqual(known);
      expect(await granted({ kind: 'technician', technicianId: idOf(world.customer.id) })).toEqual([]);
    });

    it('is, once the hold is lifted, nothing that came after it', async () => {
      const base = await planted();
      const { ids, unitOfWork, within, world } = base;
      const hold = holdOf(base, EVERYBODY);
      const early = { ...aRunningGrant(ids, world), createdAt: AT };
      await within(async ({ holds }) => {
        await holds.insert(hold);
        await holds.lift(hold.id, { at: AT + 1, actor: { kind: 'console' } });
      });
      const lifted = { ...hold, liftedAt: AT + 1, liftedBy: { kind: 'console' } as const };
      const seen = () =>
        within(async ({ holds }) => ({
          wanted: await holds.wanted(lifted, { at: AT, after: null, limit: 9 }),
          open: (await holds.tally(lifted)).open,
        }));

      expect(await seen()).toEqual({ wanted: [], open: 0 });
      await within(({ grants }) => grants.insert({ ...early, id: idOf(ids.uuid()), createdAt: AT + 2 }));
      expect(await seen()).toEqual({ wanted: [], open: 0 });
      await within(({ grants }) => grants.insert(early));
      expect(await seen()).toEqual({ wanted: [world.account.id], open: 1 });
      expect(await within(({ holds }) => reachAll(holds, lifted, AT))).toMatchObject({ accounts: 1 });
      expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([]);
    });
  });
};
