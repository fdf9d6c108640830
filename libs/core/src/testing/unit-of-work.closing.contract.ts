import type { AllStores } from '#core/access';
import { HOLDS_NOTHING, type ManagedAccount } from '#core/accounts';
import {
  CLOSING_STATES,
  UNFINISHED,
  type Grant,
  type Hold,
  type HoldScope,
  type HoldStore,
  type HoldToReach,
} from '#core/grants';
import { HOUR, idOf, MINUTE, type AccountId } from '#core/shared';
import {
  aRunningGrant,
  anAccount,
  aWorld,
  NOON,
  plant,
  type Plant,
  type Planted,
} from './unit-of-work.samples.js';

export const AT = NOON + 30 * MINUTE;
const ALL = { states: CLOSING_STATES, after: null, limit: 99, now: AT };
export const EVERYBODY: HoldScope = { kind: 'organization' };

/** An organization with one running grant, on which a switch was pulled. */
export const pulled = async (planted: Plant, change: Partial<Grant> = {}) => {
  const base = await planted();
  const running = { ...aRunningGrant(base.ids, base.world), ...change };
  await base.within(({ grants }) => grants.insert(running));
  const hold = holdOf(base, EVERYBODY);
  const reach = await base.within(async ({ holds }) => {
    await holds.insert(hold);
    return reachAll(holds, hold, AT);
  });
  /** What a claim found of the account, or what became of it: somebody may sign in, or nobody. */
  const found = (is: 'held' | null) => async (): Promise<void> => {
    const { account, customer } = base.world;
    const ref = { organizationId: customer.organizationId, customerId: customer.id };
    const claim = await base.unitOfWork.clockwork.claimAccount(ref, account.id, AT);
    await base.within(async ({ accounts }) => {
      const claims = claim === null ? [] : [claim];
      const [row] = await accounts.lock(claims);
      if (row === undefined) throw new Error('There is no account.');
      await accounts.record(claims, [{ ...row, mayHold: { ...row.mayHold, enabled: is } }]);
      await accounts.release([{ id: row.id, dueAt: AT, takeAt: AT, lookAt: null }]);
    });
  };
  return { ...base, running, hold, reach, enabled: found('held'), disabled: found(null) };
};

const ENDED = {
  state: 'ended',
  endReason: 'killed',
  endingAt: AT,
  takenAt: AT,
  endedAt: AT + 5,
} as const;

export const holdOf = ({ ids, world }: Planted, scope: HoldScope): Hold => ({
  id: idOf(ids.uuid()),
  organizationId: world.organization.id,
  scope,
  reason: 'a laptop was stolen',
  placedAt: AT,
  placedBy: { kind: 'console' },
  liftedAt: null,
  liftedBy: null,
});

/** All in one page, and on record when it was all. */
export const reachAll = async (holds: HoldStore, hold: HoldToReach, at: number) => {
  const wanted = await holds.wanted(hold, { at, after: null, limit: 99 });
  const { accounts, customers, skipped } = await holds.reach(hold, { at, accounts: wanted });
  if (skipped === 0) await holds.settle(hold, at);
  return { accounts, customers, skipped };
};

export const describeClosing = (planted: Plant): void => {
  describe('what a hold reaches', () => {
    it('is due and owed at once, under a claim too, and told of', async () => {
      const { within, unitOfWork, world, hold, reach } = await pulled(planted);
      const { account, customer } = world;

      expect(reach).toEqual({ accounts: 1, customers: [customer.id], skipped: 0 });
      expect(await within(({ accounts }) => accounts.get(account.id))).toMatchObject({
        version: account.version + 1,
        // Earlier it stays.
        dueAt: account.dueAt,
        takeAt: account.takeAt,
      });
      const ref = { organizationId: customer.organizationId, customerId: customer.id };
      const claim = await unitOfWork.clockwork.claimAccount(ref, account.id, AT);
      await within(async ({ accounts, holds }) => {
        await accounts.lock(claim === null ? [] : [claim]);
        await accounts.release([{ id: account.id, dueAt: AT + HOUR, takeAt: AT + HOUR, lookAt: null }]);
        expect(await reachAll(holds, hold, AT + 1)).toEqual(reach);
      });
      expect(await within(({ accounts }) => accounts.get(account.id))).toMatchObject({
        version: account.version + 2,
        dueAt: AT + 1,
        takeAt: AT + 1,
      });
    });

    it('is left alone by the same hold once it is owed, with its back-off, and reached by another one', async () => {
      const base = await pulled(planted);
      const { within, unitOfWork, world, hold, reach } = base;
      const ref = { organizationId: hold.organizationId, customerId: world.customer.id };
      const claim = await unitOfWork.clockwork.claimAccount(ref, world.account.id, AT);
      await within(async ({ accounts }) => {
        await accounts.lock(claim === null ? [] : [claim]);
        await accounts.release([{ id: world.account.id, dueAt: AT + HOUR, takeAt: AT, lookAt: null }]);
      });
      const account = () => within(({ accounts }) => accounts.get(world.account.id));
      const before = await account();

      const again = await within(({ holds }) => reachAll(holds, hold, AT + 1));
      expect(again).toEqual({ accounts: 0, customers: [], skipped: 0 });
      expect(await account()).toEqual(before);

      const other = holdOf(base, { kind: 'customer', customerId: world.customer.id });
      await within(async ({ holds }) => {
        await holds.insert(other);
        expect(await reachAll(holds, other, AT + 1)).toEqual(reach);
      });
      expect(await account()).toMatchObject({ dueAt: AT + 1, takeAt: AT });
    });

    it.each<[string, (base: Planted) => HoldScope, number]>([
      ['its technician', ({ world }) => ({ kind: 'technician', technicianId: world.technician.id }), 1],
      ['its customer', ({ world }) => ({ kind: 'customer', customerId: world.customer.id }), 1],
      ['everybody', () => EVERYBODY, 1],
    ])('is found by %s', async (_, scopeOf, count) => {
      const base = await planted();
      const hold = holdOf(base, scopeOf(base));

      const reach = await base.within(async ({ holds }) => {
        await holds.insert(hold);
        return reachAll(holds, hold, AT);
      });

      expect(reach.accounts).toBe(count);
    });

    it("leaves alone what is somebody else's, what holds nothing, and what is nobody's in particular", async () => {
      const base = await planted();
      const { ids, world, within } = base;
      const grace = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'grace' };
      const parked = {
        ...anAccount(ids, world, 2),
        kind: 'jit' as const,
        technicianId: grace.id,
        mayHold: { ...HOLDS_NOTHING, object: 'held' as const },
      };
      const laps = anAccount(ids, world, 3);
      await within(async ({ accounts, technicians }) => {
        await technicians.insert(grace);
        await accounts.insert(parked);
        await accounts.insert(laps);
      });
      const person = holdOf(base, { kind: 'technician', technicianId: grace.id });
      const all = holdOf(base, EVERYBODY);

      const [ofPerson, ofAll] = await within(async ({ holds }) => {
        await holds.insert(person);
        await holds.insert(all);
        return [await reachAll(holds, person, AT), await reachAll(holds, all, AT)];
      });

      expect(ofPerson).toEqual({ accounts: 0, customers: [], skipped: 0 });
      expect(ofAll.accounts).toBe(1);
      expect(await within(({ accounts }) => accounts.get(laps.id))).toEqual(laps);
      expect(await within(({ accounts }) => accounts.get(parked.id))).toEqual(parked);
    });

    it('is counted and listed before it is reached, and the hold is told as unreached until then', async () => {
      const base = await planted();
      const { unitOfWork, within, world } = base;
      await within(({ grants }) => grants.insert(aRunningGrant(base.ids, world)));
      const hold = holdOf(base, EVERYBODY);
      const { organizationId } = hold;
      await within(({ holds }) => holds.insert(hold));
      const unreached = () => unitOfWork.clockwork.unreachedHolds(null, 9);
      const look = () =>
        within(async ({ holds }) => ({
          tally: await holds.tally(hold),
          listed: (await holds.closing(hold, ALL)).map(({ accountId, state }) => [accountId, state]),
        }));
      const seen = {
        tally: { open: 1, ending: 0, taken: 0, closed: 0 },
        listed: [[world.account.id, 'open']],
      };

      expect(await unreached()).toEqual([{ organizationId, holdId: hold.id }]);
      expect(await unitOfWork.clockwork.unreachedHolds(hold.id, 9)).toEqual([]);
      expect(await look()).toEqual(seen);
      const found = { accounts: 1, customers: [world.customer.id] };
      expect(await within(({ holds }) => holds.inReach(hold, AT))).toEqual(found);
      expect(await within(({ accounts }) => accounts.get(world.account.id))).toEqual(world.account);

      expect(await within(({ holds }) => reachAll(holds, hold, AT))).toEqual({ ...found, skipped: 0 });
      expect(await unreached()).toEqual([]);
      expect(await look()).toEqual(seen);
    });

    it('is reached again when it is not owed, and that is known from then on', async () => {
      const { unitOfWork, within, world, hold } = await pulled(planted);
      const again = (at: number) => within(({ holds }) => holds.reachAgain(hold, at));
      expect(await again(AT + 1)).toBe(false);
      // Who reached it had a clock that is ahead of ours.
      expect(await again(AT - 1)).toBe(false);
      const ref = { organizationId: hold.organizationId, customerId: world.customer.id };
      const claim = await unitOfWork.clockwork.claimAccount(ref, world.account.id, AT);
      await within(async ({ accounts }) => {
        await accounts.lock(claim === null ? [] : [claim]);
        await accounts.release([{ id: world.account.id, dueAt: AT + HOUR, takeAt: AT + HOUR, lookAt: null }]);
      });

      expect(await again(AT + 1)).toBe(true);
      expect(await again(AT + 1)).toBe(false);
      expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toHaveLength(1);
      expect(await within(({ holds }) => reachAll(holds, hold, AT + 1))).toMatchObject({ accounts: 1 });
      expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([]);
    });

    it('is, once the hold is lifted, only what it has not found', async () => {
      const { unitOfWork, within, world, hold } = await pulled(planted);
      const ref = { organizationId: hold.organizationId, customerId: world.customer.id };
      const claim = await unitOfWork.clockwork.claimAccount(ref, world.account.id, AT);
      await within(async ({ accounts, holds }) => {
        await accounts.lock(claim === null ? [] : [claim]);
        await accounts.release([{ id: world.account.id, dueAt: AT + HOUR, takeAt: AT + HOUR, lookAt: null }]);
        await holds.lift(hold.id, { at: AT, actor: { kind: 'console' } });
        expect(await holds.reachAgain(hold, AT)).toBe(false);
        const lifted = { ...hold, liftedAt: AT };
        expect(await holds.inReach(lifted, AT)).toEqual({ accounts: 0, customers: [] });
        expect(await reachAll(holds, lifted, AT)).toEqual({ accounts: 0, customers: [], skipped: 0 });
      });
    });

    it('comes page by page, and is on record as reached only when nothing is left', async () => {
      const base = await planted();
      const { ids, unitOfWork, within, world } = base;
      const more: ManagedAccount[] = [];
      for (const number of [7, 8, 9]) {
        const technicianId = idOf<'technician'>(ids.uuid());
        const account = { ...anAccount(ids, world, number), kind: 'jit' as const, technicianId };
        more.push(account);
        await within(async ({ accounts, technicians }) => {
          await technicians.insert({ ...world.technician, id: technicianId, username: technicianId });
          await accounts.insert(account);
        });
      }
      const all = [world.account, ...more].map(({ id }) => id).sort();
      const hold = holdOf(base, EVERYBODY);
      await within(({ holds }) => holds.insert(hold));
      const page = (after: AccountId | null) =>
        within(({ holds }) => holds.wanted(hold, { at: AT, after, limit: 3 }));
      const reach = (accounts: readonly AccountId[]) =>
        within(({ holds }) => holds.reach(hold, { at: AT, accounts }));
      const settle = (at: number) => within(({ holds }) => holds.settle(hold, at));
      const customers = [world.customer.id];

      expect(await page(null)).toEqual(all.slice(0, 3));
      expect(await page(all[2] ?? null)).toEqual(all.slice(3));
      expect(await reach(all.slice(0, 3))).toEqual({ accounts: 3, customers, skipped: 0 });
      expect(await page(null)).toEqual(all.slice(3));
      expect(await settle(AT)).toBe(false);
      expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toHaveLength(1);
      expect(await reach(all)).toEqual({ accounts: 1, customers, skipped: 0 });
      expect(await reach(all)).toEqual({ accounts: 0, customers: [], skipped: 0 });
      expect(await settle(AT)).toBe(true);
      expect(await settle(AT + 1)).toBe(true);
      expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([]);
    });

    it('is known by what the hold says of it alone', async () => {
      const { within, hold } = await pulled(planted);
      const { id, organizationId, scope, placedAt, liftedAt } = hold;
      const known = { id, organizationId, scope, placedAt, liftedAt };

      expect(await within(({ holds }) => holds.toReach(id))).toEqual(known);
      expect(await within(({ holds }) => holds.toReach(idOf(organizationId)))).toBeNull();
    });

    it('tells the latest grant in the scope that is not closed', async () => {
      const { within, world } = await pulled(planted, { createdAt: NOON + 7 });
      const nobody: HoldScope = { kind: 'technician', technicianId: idOf(world.customer.id) };

      await within(async ({ holds }) => {
        expect(await holds.latestGrantIn(EVERYBODY)).toBe(NOON + 7);
        expect(await holds.latestGrantIn(nobody)).toBeNull();
      });
    });

    it('lets requests go on side by side, and a switch after them', async () => {
      const { within } = await planted();

      await Promise.all([1, 2].map(() => within(({ holds }) => holds.shareWithGiving())));
      await within(({ holds }) => holds.excludeGiving());
    });
  });

  describe('an account that a hold closes', () => {
    it('is told with whose it is, where, what it may hold, and what keeps it', async () => {
      const { within, world, hold } = await pulled(planted);
      const { account, connection, customer } = world;
      const throttle = { workload: 'directory', until: AT + MINUTE, reason: '429' } as const;
      await within(({ customers }) => customers.throttle(customer.id, throttle));

      const [closing] = await within(({ holds }) => holds.closing(hold, ALL));

      expect(closing).toEqual({
        accountId: account.id,
        technicianId: account.technicianId,
        upn: account.upn,
        objectId: account.objectId,
        customer: { id: customer.id, name: customer.name },
        tenant: { id: connection.tenantId, cloud: connection.cloud },
        held: { enabled: true, roles: ['role 1'], groups: ['group 1'], pass: true },
        state: 'open',
        since: hold.placedAt,
        closedAt: null,
        failure: {
          reason: 'throttled',
          message: '429 TooManyRequests',
          sinceAt: NOON,
          attempts: 2,
          retryAt: NOON + 1,
        },
        throttle,
        readBackAt: account.verification?.nextAt,
      });
    });

    it.each<[string, Partial<Grant>, object]>([
      ['open', {}, { since: AT, closedAt: null }],
      [
        'ending',
        { state: 'ending', endReason: 'killed', endingAt: AT + 1 },
        { since: AT + 1, closedAt: null },
      ],
      [
        'taken',
        { state: 'ending', endReason: 'killed', endingAt: AT + 1, takenAt: AT + 2 },
        { since: AT + 1, closedAt: null },
      ],
    ])('is %s', async (state, change, told) => {
      const { within, hold, running, disabled } = await pulled(planted);
      await within(({ grants }) => grants.save({ ...running, ...change }));
      await disabled();

      const [tally, rows] = await within(async ({ holds }) => [
        await holds.tally(hold),
        await holds.closing(hold, ALL),
      ]);

      expect(tally).toEqual({ open: 0, ending: 0, taken: 0, closed: 0, [state]: 1 });
      expect(rows).toMatchObject([{ state, ...told }]);
    });

    it.each<[string, Partial<Grant>]>([
      ['taken', { state: 'ending', endReason: 'killed', endingAt: AT, takenAt: AT + 2 }],
      ['closed', ENDED],
    ])('that was %s is not done any more when somebody enables it again', async (state, change) => {
      const { within, hold, running, world, disabled, enabled } = await pulled(planted);
      const { proofs } = world.grant;
      await within(({ grants }) => grants.save({ ...running, ...change, proofs }));
      const tally = () => within(({ holds }) => holds.tally(hold));
      await disabled();
      expect(await tally()).toMatchObject({ ending: 0, [state]: 1 });

      await enabled();

      expect(await tally()).toEqual({ open: 0, ending: 1, taken: 0, closed: 0 });
      const rows = await within(({ holds }) => holds.closing(hold, { ...ALL, states: UNFINISHED }));
      expect(rows).toMatchObject([{ state: 'ending', closedAt: null, held: { enabled: true } }]);
    });

    it('is closed when every grant of that time is, whatever was given since', async () => {
      const { ids, within, world, running, hold } = await pulled(planted);
      const { proofs } = world.grant;
      await within(async ({ grants, holds }) => {
        await grants.save({ ...running, ...ENDED, proofs });
        await holds.lift(hold.id, { at: AT + 6, actor: { kind: 'console' } });
        await grants.insert({ ...aRunningGrant(ids, world), createdAt: AT + 7 });
      });

      await within(async ({ holds }) => {
        expect(await holds.tally(hold)).toEqual({ open: 0, ending: 0, taken: 0, closed: 1 });
        expect(await holds.closing(hold, ALL)).toMatchObject([{ state: 'closed', closedAt: AT + 5 }]);
        expect(await holds.closing(hold, { ...ALL, states: ['open', 'ending'] })).toEqual([]);
      });
    });

    it('comes page by page', async () => {
      const { ids, within, world, hold } = await pulled(planted);
      const more = anAccount(ids, world, 9);
      const grace = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'grace' };
      await within(async ({ accounts, technicians, holds }) => {
        await technicians.insert(grace);
        await accounts.insert({ ...more, kind: 'jit', technicianId: grace.id });
        await reachAll(holds, hold, AT);
      });

      await within(async ({ holds }) => {
        const [first] = await holds.closing(hold, { ...ALL, limit: 1 });
        const rest = await holds.closing(hold, { ...ALL, after: first?.accountId ?? null });
        expect(new Set([first, ...rest].map((each) => each?.accountId))).toEqual(
          new Set([world.account.id, more.id]),
        );
        expect(rest).toHaveLength(1);
      });
    });
  });

  describe('holds of another organization', () => {
    it('are not there, reach nothing of it and are not lifted', async () => {
      const { unitOfWork, ids, within, hold } = await pulled(planted);
      const foreign = aWorld(ids);
      await plant(unitOfWork, foreign);
      const theirs = <T>(work: (stores: AllStores) => Promise<T>) =>
        unitOfWork.inOrganization(foreign.organization.id, work);

      await theirs(async ({ holds }) => {
        expect(await holds.get(hold.id)).toBeNull();
        expect(await holds.toReach(hold.id)).toBeNull();
        expect(await holds.list({ which: 'all', after: null, limit: 9 })).toEqual([]);
        expect(await holds.standing()).toEqual([]);
        expect(await holds.lift(hold.id, { at: AT, actor: { kind: 'console' } })).toBe(false);
        expect(await holds.closing({ ...hold, organizationId: foreign.organization.id }, ALL)).toEqual([]);
      });
      expect(await within(({ holds }) => holds.standing())).toEqual([hold]);
    });
  });
};
