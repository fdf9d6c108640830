import { CANARY_MS, type ManagedAccount } from '#core/accounts';
import { CLAIM_MS, HOUR, idOf, MINUTE, type Claim } from '#core/shared';
import { aCanary, anAccount, NOON, type Plant, type Planted } from './unit-of-work.samples.js';

const read = ({ within, world }: Planted): Promise<ManagedAccount | null> =>
  within(({ accounts }) => accounts.get(world.account.id));

/** The claim on the world's account; it is free, so there is one. */
const claim = async ({ unitOfWork, world }: Planted, now = NOON): Promise<Claim> => {
  const made = await unitOfWork.clockwork.claimAccount(refOf(world.account), world.account.id, now);
  if (made === null) throw new Error('The account is claimed already.');
  return made;
};

const refOf = ({ organizationId, customerId }: ManagedAccount) => ({ organizationId, customerId });

export const describeManagedAccounts = (planted: Plant): void => {
  describe('managed accounts', () => {
    it('come back as they were given, full and bare', async () => {
      const base = await planted();
      const { within, world, ids } = base;
      const bare: ManagedAccount = {
        ...anAccount(ids, world, 1),
        objectId: null,
        password: null,
        verification: null,
        failure: null,
        dueAt: null,
        takeAt: null,
      };
      await within(({ accounts }) => accounts.insert(bare));

      expect(await read(base)).toEqual(world.account);
      expect(await within(({ accounts }) => accounts.get(bare.id))).toEqual(bare);
      const known = [bare.id, idOf<'account'>(ids.uuid()), world.account.id];
      const together = await within(({ accounts }) => accounts.ofIds(known));
      expect(new Map(together.map((each) => [each.id, each]))).toEqual(
        new Map([world.account, bare].map((each) => [each.id, each])),
      );
      expect(await within(({ accounts }) => accounts.ofIds([]))).toEqual([]);
      expect(await within(({ accounts }) => accounts.objectIdOf(bare.id))).toBeNull();
      expect(await within(({ accounts }) => accounts.objectIdOf(world.account.id))).toBe(
        world.account.objectId,
      );
      const { customerId } = world.account;
      const own = await within(({ accounts }) => accounts.ofTechnician(customerId, world.technician.id));
      expect(own).toEqual(world.account);
    });

    it('are entitled to something by themselves, for as long as their row says', async () => {
      const { within, world, ids } = await planted();
      const canary = aCanary(ids, world);
      const canaries = [canary, { ...aCanary(ids, world), upn: 'canary-2@contoso.com' }];
      for (const each of canaries) await within(({ accounts }) => accounts.insert(each));

      const own = { ...canary.own, enabled: false, roles: [], expiresAt: NOON + MINUTE };
      await within(({ accounts }) => accounts.entitle(canary.id, own, NOON + 5));

      expect(await within(({ accounts }) => accounts.get(canary.id))).toEqual({
        ...canary,
        own,
        version: canary.version + 1,
        takeAt: NOON + MINUTE,
      });
    });

    it('are no canaries that last longer than five minutes', async () => {
      const { within, world, ids } = await planted();
      const canary = aCanary(ids, world);
      const lasting = { ...canary, own: { ...canary.own, expiresAt: NOON + CANARY_MS + 1 } };
      await expect(within(({ accounts }) => accounts.insert(lasting))).rejects.toThrow();
      const kept = { ...canary, own: { ...canary.own, endAction: 'disable' as const } };
      await expect(within(({ accounts }) => accounts.insert(kept))).rejects.toThrow();
      await expect(within(({ accounts }) => accounts.insert({ ...canary, own: null }))).rejects.toThrow();

      await within(({ accounts }) => accounts.insert(canary));
      await expect(
        within(({ accounts }) => accounts.entitle(canary.id, lasting.own, NOON)),
      ).rejects.toThrow();
      expect(await within(({ accounts }) => accounts.get(canary.id))).toEqual(canary);
    });

    it('are one for each technician and customer, and never two of a name', async () => {
      const { within, world, ids } = await planted();
      const exists = { code: 'account.exists' };

      const second = { ...world.account, id: idOf<'account'>(ids.uuid()), upn: 'other@contoso.com' };
      await expect(within(({ accounts }) => accounts.insert(second))).rejects.toMatchObject(exists);
      const sameName = { ...anAccount(ids, world), upn: world.account.upn };
      await expect(within(({ accounts }) => accounts.insert(sameName))).rejects.toMatchObject(exists);
      const names = await within(({ accounts }) =>
        accounts.takenNames(world.customer.id, [world.account.upn, 'free@contoso.com']),
      );
      expect(names).toEqual([world.account.upn]);
    });

    it('refuse a change of name to one that is taken', async () => {
      const base = await planted();
      const { within, world, ids } = base;
      const other = anAccount(ids, world, 1);
      await within(({ accounts }) => accounts.insert(other));
      const held = await claim(base);

      const work = within(({ accounts }) => accounts.record([held], [{ ...world.account, upn: other.upn }]));

      await expect(work).rejects.toMatchObject({ code: 'account.exists' });
    });

    it('lower their times with a change of intent and never raise them', async () => {
      const base = await planted();
      const { within, world } = base;
      const { id } = world.account;

      await within(({ accounts }) => accounts.intend([id], { dueAt: NOON + HOUR, takeAt: NOON + HOUR }));
      expect(await read(base)).toEqual({ ...world.account, version: 6 });
      await within(({ accounts }) => accounts.intend([id], { dueAt: NOON - 1 }));
      expect(await read(base)).toEqual({ ...world.account, version: 7, dueAt: NOON - 1 });
      await within(({ accounts }) => accounts.intend([id], { dueAt: NOON, takeAt: NOON - 2 }));
      expect(await read(base)).toMatchObject({ version: 8, dueAt: NOON - 1, takeAt: NOON - 2 });
    });

    it('take times where none are set, each account once', async () => {
      const { within, world, ids } = await planted();
      const idle = { ...anAccount(ids, world, 1), dueAt: null, takeAt: null };
      await within(({ accounts }) => accounts.insert(idle));

      await within(({ accounts }) =>
        accounts.intend([idle.id, idle.id, idOf(ids.uuid())], { dueAt: NOON + 8, takeAt: NOON + 9 }),
      );

      const kept = await within(({ accounts }) => accounts.get(idle.id));
      expect(kept).toEqual({ ...idle, version: idle.version + 1, dueAt: NOON + 8, takeAt: NOON + 9 });
    });

    it('are recorded under the claim, with what converge knows and nothing else', async () => {
      const base = await planted();
      const { within, world } = base;
      const held = await claim(base);
      const worked: ManagedAccount = {
        ...world.account,
        upn: 'next@contoso.com',
        marker: 'curfew1.other',
        objectId: null,
        mayHold: { ...world.account.mayHold, enabled: null, roles: {}, pass: null },
        pristine: true,
        password: null,
        passwordGeneration: 9,
        verification: null,
        failure: null,
      };
      const strayed = { ...worked, displayName: 'stray', dueAt: null, takeAt: null, version: 99, epoch: 99 };

      const written = await within(({ accounts }) => accounts.record([held], [strayed]));

      expect(written).toEqual([world.account.id]);
      expect(await read(base)).toEqual({ ...worked, epoch: held.epoch, claimedUntil: NOON + CLAIM_MS });
    });

    it('are not written by a zombie whose claim was taken over', async () => {
      const base = await planted();
      const { within, world } = base;
      const zombie = await claim(base);
      const heir = await claim(base, NOON + CLAIM_MS);
      const before = await read(base);

      const [locked, written] = await within(async ({ accounts }) => [
        await accounts.lock([zombie]),
        await accounts.record([zombie], [{ ...world.account, objectId: null }]),
      ]);

      expect([locked, written]).toEqual([[], []]);
      expect(await read(base)).toEqual(before);
      expect(await within(({ accounts }) => accounts.lock([heir]))).toEqual([before]);
    });

    it('are worked on many at a time, those whose claim still stands', async () => {
      const base = await planted();
      const { within, world, ids, unitOfWork } = base;
      const second = anAccount(ids, world, 1);
      await within(({ accounts }) => accounts.insert(second));
      const claims = await unitOfWork.clockwork.claimDue([refOf(second)], NOON + HOUR, 9);
      const [first] = claims;
      if (first === undefined) throw new Error('Nothing was claimed.');
      const stale = claims.map((one) => (one === first ? { ...one, epoch: one.epoch - 1 } : one));
      const both = [world.account, second].map((account) => ({ ...account, marker: 'worked' }));

      const written = await within(({ accounts }) => accounts.record(stale, both));

      expect(claims).toHaveLength(2);
      expect(written).toEqual(claims.filter((one) => one !== first).map((one) => one.accountId));
      const seen = await within(({ accounts }) => accounts.lock(claims));
      expect(seen.map(({ marker }) => marker).sort()).toEqual(['curfew1.mark', 'worked']);
    });

    it('are given back with new times by whoever locked them', async () => {
      const base = await planted();
      const { within, world } = base;
      const { id } = world.account;
      const held = await claim(base);

      const locked = await within(async ({ accounts }) => {
        const rows = await accounts.lock([held]);
        await accounts.release([{ id, dueAt: NOON + 99, takeAt: null, lookAt: null }]);
        return rows;
      });

      expect(locked).toEqual([{ ...world.account, epoch: held.epoch, claimedUntil: held.claimedUntil }]);
      expect(await read(base)).toEqual({
        ...world.account,
        epoch: held.epoch,
        dueAt: NOON + 99,
        takeAt: null,
      });
    });

    it('are given back with what is known of them, in one writing', async () => {
      const base = await planted();
      const { within, world, ids } = base;
      const second = anAccount(ids, world, 1);
      await within(({ accounts }) => accounts.insert(second));
      const claims = await base.unitOfWork.clockwork.claimDue([refOf(second)], NOON + HOUR, 9);
      const times = { dueAt: NOON + 99, takeAt: null, lookAt: NOON + 7 };
      const worked = { ...world.account, marker: 'curfew1.worked', pristine: !world.account.pristine };

      await within(async ({ accounts }) => {
        await accounts.lock(claims);
        await accounts.release([
          { id: world.account.id, ...times, worked },
          { id: second.id, ...times },
        ]);
      });

      expect(await read(base)).toMatchObject({
        ...times,
        marker: worked.marker,
        pristine: worked.pristine,
        claimedUntil: null,
      });
      const other = await within(({ accounts }) => accounts.get(second.id));
      expect(other).toMatchObject({ ...times, marker: second.marker, claimedUntil: null });
    });

    it('are given back by nobody else', async () => {
      const base = await planted();
      const { id } = base.world.account;

      const work = base.within(({ accounts }) =>
        accounts.release([{ id, dueAt: null, takeAt: null, lookAt: null }]),
      );

      await expect(work).rejects.toThrow('locked in this transaction');
    });

    it('are set aside without being read: due later, what is owed as it was, and free', async () => {
      const base = await planted();
      const { within, world } = base;
      const held = await claim(base);

      const lost = { ...held, epoch: held.epoch - 1 };
      expect(await within(({ accounts }) => accounts.setAside(lost, NOON + 1))).toBe(true);
      expect(await read(base)).toMatchObject({ claimedUntil: held.claimedUntil });
      expect(await within(({ accounts }) => accounts.setAside(held, NOON + 77))).toBe(true);

      expect(await read(base)).toEqual({ ...world.account, epoch: held.epoch, dueAt: NOON + 77 });
    });

    it('keep a wake-up for as long as an end is owed', async () => {
      const base = await planted();
      const { id } = base.world.account;
      const held = await claim(base);

      const work = base.within(async ({ accounts }) => {
        await accounts.lock([held]);
        await accounts.release([{ id, dueAt: null, takeAt: NOON, lookAt: null }]);
      });

      await expect(work).rejects.toThrow();
    });

    it('can be suspected by a claimant that lost its claim: more may be held, and it falls due as one that owes', async () => {
      const base = await planted();
      const { within, world } = base;
      const { id, mayHold } = world.account;

      await within(async ({ accounts }) => {
        await accounts.suspect(id, (held) => ({ ...held, methods: true }), NOON - 5);
        await accounts.suspect(idOf(base.ids.uuid()), (held) => held, NOON - 9);
      });

      const suspected = {
        ...world.account,
        mayHold: { ...mayHold, methods: true },
        dueAt: NOON - 5,
        takeAt: NOON - 5,
        epoch: world.account.epoch + 1,
      };
      expect(await read(base)).toEqual(suspected);
    });

    it('can be suspected without waiting for anybody, whether it is there or not', async () => {
      const base = await planted();
      const { within, world } = base;
      const { id, mayHold } = world.account;

      const told = await within(({ accounts }) =>
        accounts.suspectUnlessHeld(id, (held) => ({ ...held, methods: true }), NOON - 5),
      );
      const missing = await within(({ accounts }) =>
        accounts.suspectUnlessHeld(idOf(base.ids.uuid()), (held) => held, NOON - 9),
      );

      expect([told, missing]).toEqual([true, true]);
      expect(await read(base)).toEqual({
        ...world.account,
        mayHold: { ...mayHold, methods: true },
        dueAt: NOON - 5,
        takeAt: NOON - 5,
        epoch: world.account.epoch + 1,
      });
    });

    it('keeps which roles its owner was found to be eligible for, and forgets them with the rest', async () => {
      const base = await planted();
      const { id, mayHold } = base.world.account;
      const eligible = {
        [idOf<'entra role'>('role 1@/administrativeUnits/a')]: 'found',
        x: 'ended',
      } as const;

      await base.within(({ accounts }) => accounts.suspect(id, (held) => ({ ...held, eligible }), NOON));
      expect((await read(base))?.mayHold).toEqual({ ...mayHold, eligible });

      await base.within(({ accounts }) => accounts.suspect(id, () => mayHold, NOON));
      expect((await read(base))?.mayHold).toEqual(mayHold);
    });

    it('is taken from its present claimant by being suspected', async () => {
      const base = await planted();
      const { id } = base.world.account;
      const held = await claim(base);

      await base.within(({ accounts }) => accounts.suspect(id, (may) => may, NOON));

      expect(await base.within(({ accounts }) => accounts.lock([held]))).toEqual([]);
    });

    it('have no work for nobody', async () => {
      const { within } = await planted();

      await within(async ({ accounts, grants }) => {
        await accounts.intend([], { dueAt: NOON });
        await accounts.release([]);
        expect(await accounts.lock([])).toEqual([]);
        expect(await accounts.record([], [])).toEqual([]);
        expect(await accounts.lock([])).toEqual([]);
        expect(await grants.openOf([])).toEqual([]);
      });
    });
  });
};
