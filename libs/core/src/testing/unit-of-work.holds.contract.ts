import type { AccountScope } from '#core/accounts';
import type { Hold, HoldScope } from '#core/grants';
import { HOUR, idOf, MINUTE, type Ids } from '#core/shared';
import { anAccount, aRunningGrant, NOON, type Plant, type World } from './unit-of-work.samples.js';

export const aHold = (ids: Ids, world: World, of: Pick<Hold, 'scope'> & Partial<Hold>): Hold => ({
  id: idOf(ids.uuid()),
  organizationId: world.organization.id,
  reason: 'a laptop was stolen',
  placedAt: NOON + HOUR,
  placedBy: { kind: 'technician', id: world.technician.id, tokenId: null },
  liftedAt: null,
  liftedBy: null,
  ...of,
});

const CONSOLE = { kind: 'console' } as const;

export const describeHolds = (planted: Plant): void => {
  describe('holds', () => {
    it('are kept with their scope, the latest first, until they are lifted, which happens once', async () => {
      const { within, world, ids } = await planted();
      const everybody = aHold(ids, world, { scope: { kind: 'organization' } });
      const person = aHold(ids, world, {
        scope: { kind: 'technician', technicianId: world.technician.id },
        placedAt: NOON + 2 * HOUR,
      });
      await within(async ({ holds }) => {
        await holds.insert(everybody);
        await holds.insert(person);
      });

      const standing = await within(({ holds }) => holds.standing());
      const by = { at: NOON + 3 * HOUR, actor: CONSOLE };
      const lifted = await within(({ holds }) => holds.lift(person.id, by));
      const again = await within(({ holds }) => holds.lift(person.id, { ...by, at: NOON + 4 * HOUR }));

      expect(standing).toEqual([person, everybody]);
      expect([lifted, again]).toEqual([true, false]);
      expect(await within(({ holds }) => holds.get(person.id))).toEqual({
        ...person,
        liftedAt: by.at,
        liftedBy: CONSOLE,
      });
      expect(await within(({ holds }) => holds.standing())).toEqual([everybody]);
    });

    it.each<[string, (world: World) => HoldScope]>([
      ['everybody', () => ({ kind: 'organization' })],
      ['the technician', ({ technician }) => ({ kind: 'technician', technicianId: technician.id })],
      ['the customer', ({ customer }) => ({ kind: 'customer', customerId: customer.id })],
    ])('on %s forbid a grant', async (_, scopeOf) => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      const hold = aHold(ids, world, { scope: scopeOf(world) });
      await within(async ({ grants, holds }) => {
        await grants.insert(running);
        await holds.insert(hold);
      });

      const open = await within(({ grants }) => grants.openOf([world.account.id]));

      expect(open.map(({ bar }) => bar)).toEqual(['killed']);
    });

    it('leave other people alone, and kill for good only what there was before them', async () => {
      const { within, world, ids } = await planted();
      const other = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'grace' };
      const before = aRunningGrant(ids, world);
      const after = { ...aRunningGrant(ids, world), createdAt: NOON + 2 * HOUR };
      const hold = aHold(ids, world, { scope: { kind: 'organization' } });
      await within(async ({ grants, holds, technicians }) => {
        await technicians.insert(other);
        await holds.insert(aHold(ids, world, { scope: { kind: 'technician', technicianId: other.id } }));
        await grants.insert(before);
        await grants.insert(after);
        await holds.insert(hold);
        await holds.lift(hold.id, { at: NOON + 90 * MINUTE, actor: CONSOLE });
      });

      const open = await within(({ grants }) => grants.openOf([world.account.id]));

      expect(new Map(open.map(({ grant, bar }) => [grant.id, bar]))).toEqual(
        new Map([
          [before.id, 'killed'],
          [after.id, null],
        ]),
      );
    });
  });

  describe('what surrounds a grant', () => {
    it('forbids it while its technician is suspended or has left', async () => {
      const { within, world, ids } = await planted();
      const left = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'grace' };
      const running = { ...aRunningGrant(ids, world), technicianId: left.id };
      await within(async ({ grants, technicians }) => {
        await technicians.insert({ ...left, state: 'left' });
        await grants.insert(running);
      });

      const open = await within(({ grants }) => grants.openOf([world.account.id]));

      expect(open.map(({ bar }) => bar)).toEqual(['technician_left']);
    });

    it('forbids it while its connection is being removed', async () => {
      const { within, world, ids } = await planted();
      await within(async ({ grants, connections }) => {
        await grants.insert(aRunningGrant(ids, world));
        await connections.save({ ...world.connection, state: 'removing', version: 2 }, 1);
      });

      const open = await within(({ grants }) => grants.openOf([world.account.id]));

      expect(open.map(({ bar }) => bar)).toEqual(['connection_removed']);
    });
  });

  describe('all that is owed in a scope', () => {
    it.each<[string, (world: World) => AccountScope]>([
      ['of everybody', () => ({ kind: 'organization' })],
      ['of the technician', ({ technician }) => ({ kind: 'technician', technicianId: technician.id })],
      ['of the customer', ({ customer }) => ({ kind: 'customer', customerId: customer.id })],
    ])('%s is due and owed at once, and whatever is parked stays so', async (_, scopeOf) => {
      const { within, world, ids } = await planted();
      const parked = { ...anAccount(ids, world, 1), takeAt: null };
      await within(({ accounts }) => accounts.insert(parked));
      const { id, customerId, version } = world.account;

      const ended = await within(({ accounts }) => accounts.endAll(scopeOf(world), NOON - HOUR));

      expect(ended).toEqual([{ id, customerId }]);
      expect(await within(({ accounts }) => accounts.get(id))).toEqual({
        ...world.account,
        dueAt: NOON - HOUR,
        takeAt: NOON - HOUR,
        version: version + 1,
      });
      expect(await within(({ accounts }) => accounts.get(parked.id))).toEqual(parked);
    });

    it('of somebody else, or later than it is owed anyway, changes no time', async () => {
      const { within, world, ids } = await planted();
      const { id, dueAt, takeAt } = world.account;
      const nobody = { kind: 'technician', technicianId: idOf<'technician'>(ids.uuid()) } as const;

      const others = await within(({ accounts }) => accounts.endAll(nobody, NOON - HOUR));
      await within(({ accounts }) => accounts.endAll({ kind: 'organization' }, NOON + HOUR));

      expect(others).toEqual([]);
      expect(await within(({ accounts }) => accounts.get(id))).toMatchObject({ dueAt, takeAt });
    });
  });

  describe('an account that is to go', () => {
    it('is due at once, says why, and is kept when somebody needs it again', async () => {
      const { within, world } = await planted();
      const { id, version } = world.account;

      await within(({ accounts }) => accounts.retire([id], 'unused', NOON - HOUR));
      const retired = await within(({ accounts }) => accounts.get(id));
      await within(({ accounts }) => accounts.keep(id));
      const kept = await within(({ accounts }) => accounts.get(id));

      expect(retired).toMatchObject({ retirement: 'unused', dueAt: NOON - HOUR, version: version + 1 });
      expect(kept).toMatchObject({ retirement: null });
    });

    it('goes all the same when a grant ended with that, until its object is gone', async () => {
      const base = await planted();
      const { within, world, unitOfWork } = base;
      const { id, mayHold } = world.account;
      const retirement = async () => (await within(({ accounts }) => accounts.get(id)))?.retirement;

      await within(({ accounts }) => accounts.retire([id], 'ended_with_delete', NOON));
      await within(({ accounts }) => accounts.keep(id));
      const needed = await retirement();
      const claim = await unitOfWork.clockwork.claimAccount(world.account, id, NOON);
      await within(async ({ accounts }) => {
        const claims = claim === null ? [] : [claim];
        await accounts.record(claims, [{ ...world.account, mayHold: { ...mayHold, object: null } }]);
        await accounts.keep(id);
      });

      expect(needed).toBe('ended_with_delete');
      expect(await retirement()).toBeNull();
    });
  });

  describe('standing holds', () => {
    it('are listed page by page, the newest first, with the lifted ones when those are asked for', async () => {
      const { ids, within, world } = await planted();
      const everybody = (): Hold => aHold(ids, world, { scope: { kind: 'organization' }, placedBy: CONSOLE });
      const [first, second, third] = [everybody(), everybody(), everybody()];
      await within(async ({ holds }) => {
        await holds.insert(first);
        await holds.insert(second);
        await holds.lift(first.id, { at: NOON, actor: { kind: 'console' } });
      });
      const of = { technicianId: world.technician.id, customerId: world.customer.id };
      const page = { after: null, limit: 9 };

      await within(async ({ holds }) => {
        const ids = async (filter: Parameters<typeof holds.list>[0]) =>
          (await holds.list(filter)).map(({ id }) => id);
        expect(await ids({ ...page, which: 'all' })).toEqual([second.id, first.id]);
        expect(await ids({ ...page, which: 'all', after: second.id })).toEqual([first.id]);
        expect(await ids({ ...page, which: 'standing' })).toEqual([second.id]);
        const own: Hold = { ...third, placedBy: { kind: 'technician', id: of.technicianId, tokenId: null } };
        await holds.insert(own);
        expect(await ids({ ...page, which: 'standing', placedBy: of.technicianId })).toEqual([own.id]);
        await holds.lift(own.id, { at: NOON, actor: { kind: 'console' } });
        expect((await holds.concerning(of))?.id).toBe(second.id);
        const byItself = { ...of, technicianId: null };
        expect((await holds.concerning(byItself))?.id).toBe(second.id);
        const scope = { kind: 'technician' as const, technicianId: of.technicianId };
        const theirs: Hold = { ...everybody(), scope };
        await holds.insert(theirs);
        expect((await holds.concerning(byItself))?.id).toBe(second.id);
        await holds.lift(theirs.id, { at: NOON, actor: { kind: 'console' } });
        await holds.lift(second.id, { at: NOON, actor: { kind: 'console' } });
        expect(await holds.concerning(of)).toBeNull();
      });
    });
  });
};
