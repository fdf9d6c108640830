import type { StrayUser } from '#core/accounts';
import { DRIFT_CLAIM_MS, HOUR, idOf, LOOK_KEEPS_CLEAR_MS, type DriftClaim } from '#core/shared';
import { aRunningGrant, aWorld, NOON, plant, type Plant, type Planted } from './unit-of-work.samples.js';

const aStray = ({ world }: Pick<Planted, 'world'>, change: Partial<StrayUser> = {}): StrayUser => ({
  customerId: world.customer.id,
  objectId: idOf('00000000-0000-4000-8000-0000000000aa'),
  upn: 'jit-lost@contoso.example',
  verdict: 'orphan',
  accountId: idOf('0190a000-0000-7000-8000-0000000000bb'),
  foundAt: NOON,
  containedAt: null,
  triedAt: null,
  ...change,
});

const NONE_UNKEPT = { unkept: 0, unkeptAt: null };

/** Everybody who is connected is due by then. */
const LATER = NOON + 24 * HOUR;

const claimed = async ({ unitOfWork, world }: Planted, now = LATER): Promise<DriftClaim | undefined> => {
  const claims = await unitOfWork.clockwork.claimDrift(now, 50);
  return claims.find(({ customerId }) => customerId === world.customer.id);
};

export const describeDrift = (planted: Plant): void => {
  describe('comparing', () => {
    it('begins with the connection, is claimed by one alone, and by another when its claimant died', async () => {
      const base = await planted();

      const first = await claimed(base);
      const second = await claimed(base, LATER + DRIFT_CLAIM_MS - 1);
      const third = await claimed(base, LATER + DRIFT_CLAIM_MS);

      expect(first?.claimedUntil).toBe(LATER + DRIFT_CLAIM_MS);
      expect(second).toBeUndefined();
      expect(third?.epoch).toBe((first?.epoch ?? 0) + 1);
    });

    it('remembers how far it came, under its own claim alone', async () => {
      const base = await planted();
      const { within, world } = base;
      const dead = await claimed(base);
      const alive = await claimed(base, LATER + DRIFT_CLAIM_MS);
      if (dead === undefined || alive === undefined) throw new Error('There was nothing to claim.');
      const place = {
        tenantId: 't',
        cursor: '/users/delta?$deltatoken=1',
        toldAt: NOON,
        unkept: 3,
        unkeptAt: NOON,
      };

      const written = await within(async ({ drift }) => [
        await drift.advance(dead, { ...place, cursor: null }),
        await drift.advance(alive, place),
      ]);
      await within(({ drift }) => drift.finish(dead, { dueAt: NOON, comparedAt: NOON }));
      expect(await claimed(base, LATER + DRIFT_CLAIM_MS)).toBeUndefined();
      await within(({ drift }) => drift.finish(alive, { dueAt: LATER + 4 * HOUR, comparedAt: LATER }));

      expect(written).toEqual([false, true]);
      const known = await within(({ drift }) => drift.ofCustomer(world.customer.id));
      expect(known).toEqual({ customerId: world.customer.id, ...place });
      expect(await claimed(base, LATER + HOUR)).toBeUndefined();
      expect(await claimed(base, LATER + 4 * HOUR)).toBeDefined();
    });

    it('is due again when the connection is replaced', async () => {
      const base = await planted();
      const claim = await claimed(base);
      if (claim === undefined) throw new Error('There was nothing to claim.');
      await base.within(({ drift }) => drift.finish(claim, { dueAt: LATER + 9 * HOUR, comparedAt: null }));
      const next = { ...base.world.connection, version: 2, checkedAt: LATER + HOUR };

      await base.within(({ connections }) => connections.save(next, 1));

      expect(await claimed(base, LATER + HOUR)).toBeDefined();
    });

    it('begins anew with a new connection, and goes on with one that is replaced', async () => {
      const base = await planted();
      const { within, world } = base;
      const claim = await claimed(base);
      if (claim === undefined) throw new Error('There was nothing to claim.');
      const place = { tenantId: 't', cursor: '/users/delta?$deltatoken=1', toldAt: NOON, ...NONE_UNKEPT };
      await within(({ drift }) => drift.advance(claim, place));
      const cursor = () => within(async ({ drift }) => (await drift.ofCustomer(world.customer.id))?.cursor);
      await within(({ connections }) => connections.save({ ...world.connection, version: 2 }, 1));
      expect(await cursor()).toBe(place.cursor);

      await within(async ({ accounts, connections }) => {
        await connections.beginRemoval(world.customer.id);
        await accounts.leaveBehind([world.account.id], NOON);
        await accounts.close(world.customer.id, NOON);
        await connections.remove(world.customer.id);
        await connections.save(world.connection, null);
      });
      expect(await cursor()).toBeNull();
    });

    it('passes over a customer that is throttled', async () => {
      const base = await planted();
      await base.within(({ customers }) =>
        customers.throttle(base.world.customer.id, {
          workload: 'directory',
          until: LATER + 1,
          reason: '429',
        }),
      );

      expect(await claimed(base)).toBeUndefined();
      expect(await claimed(base, LATER + 1)).toBeDefined();
    });

    it('keeps users that no account knows, and tells which are still to be contained', async () => {
      const base = await planted();
      const { within, world } = base;
      const open = aStray(base);
      const other = aStray(base, { objectId: idOf('b'), verdict: 'unproven', accountId: null });
      const done = aStray(base, { objectId: idOf('c'), containedAt: NOON });
      await within(async ({ drift }) => {
        await drift.keepStrays([]);
        await drift.keepStrays([open, other, { ...done, containedAt: null }]);
        await drift.keepStrays([done]);
      });

      await within(async ({ drift }) => {
        const ids = [open.objectId, other.objectId, done.objectId, idOf<'entra object'>('d')];
        const found = await drift.strays(world.customer.id, ids);
        expect([...found].sort((a, b) => (a.objectId < b.objectId ? -1 : 1))).toEqual([open, other, done]);
        expect(await drift.openOrphans(world.customer.id, 9)).toEqual([open]);
      });
    });

    it('tries first the orphans that were not tried for longest', async () => {
      const base = await planted();
      const { within, world } = base;
      const tried = (name: string, triedAt: number | null) => aStray(base, { objectId: idOf(name), triedAt });
      await within(({ drift }) =>
        drift.keepStrays([tried('a', NOON + 2), tried('b', NOON + 1), tried('c', null), tried('d', null)]),
      );

      const open = await within(({ drift }) => drift.openOrphans(world.customer.id, 3));
      expect(open.map(({ objectId }) => objectId)).toEqual(['c', 'd', 'b']);
    });

    it('counts those that are no orphans no further than asked', async () => {
      const base = await planted();
      const { within, world } = base;
      const other = { verdict: 'second_bearer', accountId: world.account.id } as const;
      const many = ['a', 'b', 'c'].map((name) => aStray(base, { ...other, objectId: idOf(name) }));
      await within(({ drift }) => drift.keepStrays([aStray(base), ...many]));

      const counts = await within(async ({ drift }) => [
        await drift.othersKept(world.customer.id, 9),
        await drift.othersKept(world.customer.id, 2),
        await drift.othersKept(idOf(base.ids.uuid()), 9),
      ]);
      expect(counts).toEqual([3, 2, 0]);
    });

    it('neither shows nor changes anything of another organization', async () => {
      const base = await planted();
      const { unitOfWork, ids, within } = base;
      const foreign = aWorld(ids);
      await plant(unitOfWork, foreign);
      const stray = aStray({ world: foreign });
      const { customer, organization } = foreign;
      await unitOfWork.inOrganization(organization.id, ({ drift }) => drift.keepStrays([stray]));
      const claims = await unitOfWork.clockwork.claimDrift(LATER, 50);
      const claim = claims.find(({ customerId }) => customerId === customer.id);
      if (claim === undefined) throw new Error('There was nothing to claim.');

      await within(async ({ drift, accounts }) => {
        expect(await drift.ofCustomer(customer.id)).toBeNull();
        expect(await drift.strays(customer.id, [stray.objectId])).toEqual([]);
        expect(await drift.openOrphans(customer.id, 9)).toEqual([]);
        expect(await drift.othersKept(customer.id, 9)).toBe(0);
        expect(await drift.advance(claim, { tenantId: 't', cursor: 'c', toldAt: NOON, ...NONE_UNKEPT })).toBe(
          false,
        );
        await drift.finish(claim, { dueAt: NOON, comparedAt: NOON });
        const { objectId, marker } = foreign.account;
        const bearing = { objectIds: objectId === null ? [] : [objectId], markers: [marker] };
        expect(await accounts.bearing(customer.id, bearing)).toEqual([]);
        await accounts.askLook([foreign.account.id], NOON);
        await accounts.askLookAtAll(customer.id, NOON);
      });
      await expect(within(({ drift }) => drift.keepStrays([stray]))).rejects.toThrow();

      const known = await unitOfWork.inOrganization(organization.id, async ({ drift, accounts }) => ({
        place: await drift.ofCustomer(customer.id),
        lookAt: (await accounts.get(foreign.account.id))?.lookAt,
      }));
      expect(known).toEqual({
        place: { customerId: customer.id, tenantId: null, cursor: null, toldAt: null, ...NONE_UNKEPT },
        lookAt: null,
      });
    });
  });

  describe('looks', () => {
    it('are asked for earlier, never later, and change no intent', async () => {
      const { within, world } = await planted();
      const { id, version } = world.account;
      await within(({ accounts }) => accounts.askLook([id], NOON));
      await within(({ accounts }) => accounts.askLookAtAll(world.customer.id, NOON + HOUR));

      expect(await within(({ accounts }) => accounts.get(id))).toMatchObject({ lookAt: NOON, version });
    });

    it('are claimed once, when they are due, and not when an end is near or owed', async () => {
      const { within, world, unitOfWork } = await planted();
      const { id, takeAt } = world.account;
      const customer = { organizationId: world.organization.id, customerId: world.customer.id };
      await within(({ accounts }) => accounts.askLook([id], NOON - 9 * HOUR));
      const near = (takeAt ?? 0) - LOOK_KEEPS_CLEAR_MS;
      const claim = async (now: number) =>
        (await unitOfWork.clockwork.claimLooks(customer, now, 9)).map(({ accountId }) => accountId);

      expect(takeAt).not.toBeNull();
      expect(await claim(near)).toEqual([]);
      expect(await claim(near + HOUR)).toEqual([]);
      expect(await claim(near - 1)).toEqual([id]);
      expect(await claim(near - 1)).toEqual([]);
    });

    it('know which accounts nobody has needed since, and lock them', async () => {
      const base = await planted();
      const { within, world } = base;
      const { customer, account, grant } = world;
      const unused = (before: number) =>
        within(async ({ accounts }) => {
          const found = await accounts.unused(customer.id, before, 9);
          return found.map(({ id }) => id);
        });
      const far = NOON + 900 * HOUR;

      expect(await unused(account.createdAt)).toEqual([]);
      expect(await unused(grant.endedAt ?? 0)).toEqual([]);
      expect(await unused(far)).toEqual([account.id]);
      await within(({ grants }) => grants.insert(aRunningGrant(base.ids, world)));
      expect(await unused(far)).toEqual([]);
    });

    it('pass over accounts that are to go already', async () => {
      const { within, world } = await planted();
      const { customer, account } = world;
      await within(({ accounts }) => accounts.retire([account.id], 'unused', NOON));
      const far = NOON + 900 * HOUR;
      expect(await within(({ accounts }) => accounts.unused(customer.id, far, 9))).toEqual([]);
    });

    it('keep after how many days that is', async () => {
      const { within } = await planted();
      expect(await within(({ organizations }) => organizations.unusedAccountDays())).toBe(90);
      await within(({ organizations }) => organizations.setUnusedAccountDays(0));
      expect(await within(({ organizations }) => organizations.unusedAccountDays())).toBe(0);
    });

    it('find accounts by object and by marker', async () => {
      const { within, world } = await planted();
      const { customer, account } = world;
      const by = (objectIds: readonly string[], markers: readonly string[]) =>
        within(async ({ accounts }) => {
          const ids = objectIds.map((objectId) => idOf<'entra object'>(objectId));
          const found = await accounts.bearing(customer.id, { objectIds: ids, markers });
          return found.map(({ id }) => id);
        });

      expect(await by([account.objectId ?? ''], [])).toEqual([account.id]);
      expect(await by([], [account.marker])).toEqual([account.id]);
      expect(await by(['somebody else'], ['curfew1.other'])).toEqual([]);
    });
  });
};
