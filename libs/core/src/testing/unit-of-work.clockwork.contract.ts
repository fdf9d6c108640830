import type { ManagedAccount } from '#core/accounts';
import { CLAIM_MS, HOUR, idOf, SECOND, UNREAD_MS, type CustomerRef, type UpcomingBell } from '#core/shared';
import {
  aCustomer,
  anAccount,
  aWorld,
  NOON,
  plant,
  type Plant,
  type Planted,
} from './unit-of-work.samples.js';

const refOf = ({ organizationId, customerId }: CustomerRef): CustomerRef => ({ organizationId, customerId });
const free = (of: CustomerRef) => ({ ...refOf(of), isHeld: false });

/** Another customer with one account, due at an instant. */
const plantCustomer = async (
  { within, world, ids }: Planted,
  times: Pick<ManagedAccount, 'dueAt' | 'takeAt'> & Partial<Pick<ManagedAccount, 'verification'>>,
): Promise<ManagedAccount> => {
  const customer = aCustomer(ids, world);
  const account = { ...anAccount(ids, { customer }), ...times };
  await within(async ({ customers, accounts }) => {
    await customers.insert(customer);
    await accounts.insert(account);
  });
  return account;
};

/** Another account of the world's customer. */
const plantAccount = async (
  { within, world, ids }: Planted,
  times: Pick<ManagedAccount, 'dueAt' | 'takeAt'>,
): Promise<ManagedAccount> => {
  const id = idOf<'account'>(ids.uuid());
  const account = { ...anAccount(ids, world), ...times, id, upn: `${id}@contoso.com` };
  await within(({ accounts }) => accounts.insert(account));
  return account;
};

export const describeClockwork = (planted: Plant): void => {
  describe('clockwork', () => {
    it('knows every organization that has a customer', async () => {
      const { ids, unitOfWork, world } = await planted();
      const other = aWorld(ids);
      await plant(unitOfWork, other);
      const { clockwork } = unitOfWork;

      const known = await clockwork.organizations(9);

      expect(new Set(known)).toEqual(new Set([world.organization.id, other.organization.id]));
      expect(await clockwork.organizations(1)).toHaveLength(1);
    });

    it('finds customers with something due, the longest-waiting first', async () => {
      const base = await planted();
      const earlier = await plantCustomer(base, { dueAt: NOON - 5, takeAt: null });
      await plantCustomer(base, { dueAt: NOON + HOUR, takeAt: null });
      await plantCustomer(base, { dueAt: null, takeAt: null });
      const { clockwork } = base.unitOfWork;

      expect(await clockwork.dueCustomers(NOON - 6, 9)).toEqual([]);
      expect(await clockwork.dueCustomers(NOON + 1, 9)).toEqual([refOf(earlier), refOf(base.world.account)]);
      expect(await clockwork.dueCustomers(NOON + 1, 1)).toEqual([refOf(earlier)]);
    });

    it('lets no customer with much to do stand before one on which nobody works yet', async () => {
      const base = await planted();
      const busy = base.world.account;
      await plantAccount(base, { dueAt: NOON - 9, takeAt: null });
      await plantAccount(base, { dueAt: NOON - 8, takeAt: null });
      const quiet = await plantCustomer(base, { dueAt: NOON, takeAt: null });
      const { clockwork } = base.unitOfWork;

      const before = await clockwork.dueCustomers(NOON + 1, 9);
      await clockwork.claimDue([refOf(busy)], NOON + 1, 1);
      const after = await clockwork.dueCustomers(NOON + 1, 9);

      expect(before).toEqual([refOf(busy), refOf(quiet)]);
      expect(after).toEqual([refOf(quiet), refOf(busy)]);
    });

    it('lets what others give stand before no end, however long it waits already', async () => {
      const base = await planted();
      const giving = await plantCustomer(base, { dueAt: NOON - HOUR, takeAt: NOON + HOUR });
      const owing = await plantCustomer(base, { dueAt: NOON, takeAt: NOON });
      const { clockwork } = base.unitOfWork;
      const others = (customers: readonly CustomerRef[]) =>
        customers.filter(({ customerId }) => customerId !== base.world.customer.id);

      expect(others(await clockwork.dueCustomers(NOON, 9))).toEqual([refOf(owing), refOf(giving)]);
    });

    it('leaves out customers whose accounts are all claimed, until the claims run out', async () => {
      const { unitOfWork, world } = await planted();
      const { clockwork } = unitOfWork;
      const customer = refOf(world.account);

      await clockwork.claimDue([customer], NOON + 1, 9);

      expect(await clockwork.dueCustomers(NOON + CLAIM_MS, 9)).toEqual([]);
      expect(await clockwork.dueCustomers(NOON + 1 + CLAIM_MS, 9)).toEqual([customer]);
    });

    it.each(['directory', 'sign-in'] as const)('leaves out a customer throttled on %s', async (workload) => {
      const { unitOfWork, world, within } = await planted();
      const customer = refOf(world.account);
      await within(({ customers }) =>
        customers.throttle(customer.customerId, { workload, until: NOON + 100, reason: '429' }),
      );

      expect(await unitOfWork.clockwork.dueCustomers(NOON + 99, 9)).toEqual([]);
      expect(await unitOfWork.clockwork.dueCustomers(NOON + 100, 9)).toEqual([customer]);
    });

    it('lets a throttle of another workload stop nothing', async () => {
      const { unitOfWork, world, within } = await planted();
      const customer = refOf(world.account);
      await within(({ customers }) =>
        customers.throttle(customer.customerId, { workload: 'reports', until: NOON + HOUR, reason: '429' }),
      );

      expect(await unitOfWork.clockwork.dueCustomers(NOON + 1, 9)).toEqual([customer]);
      expect(await unitOfWork.clockwork.claimDue([customer], NOON + 1, 9)).toHaveLength(1);
    });

    it.each(['directory', 'sign-in'] as const)(
      'claims nothing that is due of a customer throttled on %s, and all of it afterwards',
      async (workload) => {
        const base = await planted();
        const { clockwork } = base.unitOfWork;
        const { id, customerId } = base.world.account;
        const customer = refOf(base.world.account);
        const other = await plantCustomer(base, { dueAt: NOON, takeAt: NOON });
        await base.within(({ customers }) =>
          customers.throttle(customerId, { workload, until: NOON + 100, reason: '429' }),
        );

        const throttled = await clockwork.claimDue([customer], NOON + 99, 9);
        const ofOther = await clockwork.claimDue([refOf(other)], NOON + 99, 9);
        const afterwards = await clockwork.claimDue([customer], NOON + 100, 9);

        expect(throttled).toEqual([]);
        expect(ofOther).toMatchObject([{ accountId: other.id }]);
        expect(afterwards).toMatchObject([{ accountId: id }]);
      },
    );

    it('claims one account for a person who waits, throttled or not', async () => {
      const { unitOfWork, world, within } = await planted();
      const { id, customerId } = world.account;
      await within(({ customers }) =>
        customers.throttle(customerId, { workload: 'directory', until: NOON + HOUR, reason: '429' }),
      );

      const claim = await unitOfWork.clockwork.claimAccount(refOf(world.account), id, NOON);

      expect(claim).toMatchObject({ accountId: id });
    });

    it('claims ends before gives, then the longest due, and moves no time', async () => {
      const base = await planted();
      const give = await plantAccount(base, { dueAt: NOON - 9, takeAt: null });
      const laterEnd = await plantAccount(base, { dueAt: NOON - 4, takeAt: NOON - 4 });
      const end = await plantAccount(base, { dueAt: NOON - 5, takeAt: NOON - 4 });
      const notYet = await plantAccount(base, { dueAt: NOON - 6, takeAt: NOON + HOUR });
      await plantAccount(base, { dueAt: NOON + HOUR, takeAt: NOON - 9 });
      const customer = refOf(give);

      const claims = await base.unitOfWork.clockwork.claimDue([customer], NOON, 9);

      expect(claims).toEqual(
        [end, laterEnd, give, notYet].map((account) => ({
          ...customer,
          accountId: account.id,
          epoch: account.epoch + 1,
          claimedUntil: NOON + CLAIM_MS,
          owesEnd: account === end || account === laterEnd,
        })),
      );
      const kept = await base.within(({ accounts }) => accounts.get(end.id));
      expect(kept).toEqual({ ...end, epoch: end.epoch + 1, claimedUntil: NOON + CLAIM_MS });
    });

    it('claims no more than asked for, and of one customer only', async () => {
      const base = await planted();
      await plantAccount(base, { dueAt: NOON - 9, takeAt: null });
      const other = await plantCustomer(base, { dueAt: NOON - 9, takeAt: null });
      const { clockwork } = base.unitOfWork;

      expect(await clockwork.claimDue([refOf(base.world.account)], NOON + 1, 1)).toHaveLength(1);
      const claims = await clockwork.claimDue([refOf(other)], NOON + 1, 9);
      expect(claims.map(({ accountId }) => accountId)).toEqual([other.id]);
    });

    it('never gives one account to two claimants', async () => {
      const base = await planted();
      const planting = Array.from({ length: 11 }, () => plantAccount(base, { dueAt: NOON, takeAt: null }));
      const accounts = await Promise.all(planting);
      const customer = refOf(base.world.account);
      const one = accounts[0]?.id ?? idOf<'account'>('');

      const { clockwork } = base.unitOfWork;
      const claims = await Promise.all([
        ...Array.from({ length: 6 }, () => clockwork.claimDue([customer], NOON + 1, 3)),
        ...Array.from({ length: 3 }, () => clockwork.claimAccount(customer, one, NOON + 1)),
      ]);

      const ids = claims.flatMap((claim) => claim ?? []).map(({ accountId }) => accountId);
      expect(new Set(ids).size).toBe(ids.length);
      const rest = await clockwork.claimDue([customer], NOON + 1, 99);
      expect(ids.length + rest.length).toBe(12);
    });

    it('gives claims back, unless somebody else has claimed since', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const customer = refOf(base.world.account);
      const other = await plantAccount(base, { dueAt: NOON, takeAt: null });
      const claims = await clockwork.claimDue([customer], NOON + 1, 9);
      await clockwork.claimAccount(customer, other.id, NOON + 1 + CLAIM_MS);

      expect(await clockwork.giveBack([])).toEqual([]);
      expect(await clockwork.giveBack(claims)).toEqual([]);

      const free = await clockwork.claimDue([customer], NOON + 1 + CLAIM_MS, 9);
      expect(claims).toHaveLength(2);
      expect(free.map(({ accountId }) => accountId)).toEqual([base.world.account.id]);
      const row = await base.within(({ accounts }) => accounts.get(base.world.account.id));
      expect(row?.dueAt).toBe(base.world.account.dueAt);
    });

    it('claims one account whether due or not, once', async () => {
      const { unitOfWork, world, ids } = await planted();
      const { clockwork } = unitOfWork;
      const { id, epoch } = world.account;
      const customer = refOf(world.account);

      const claims = [
        await clockwork.claimAccount(customer, id, NOON - HOUR),
        await clockwork.claimAccount(customer, id, NOON - HOUR + CLAIM_MS - 1),
        await clockwork.claimAccount(customer, id, NOON - HOUR + CLAIM_MS),
        await clockwork.claimAccount(customer, idOf(ids.uuid()), NOON),
      ];

      expect(claims).toEqual([
        { ...customer, accountId: id, epoch: epoch + 1, claimedUntil: NOON - HOUR + CLAIM_MS },
        null,
        { ...customer, accountId: id, epoch: epoch + 2, claimedUntil: NOON - HOUR + 2 * CLAIM_MS },
        null,
      ]);
    });

    it('finds ends that are owed since before an instant, due or not, the longest-overdue first', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const later = await plantCustomer(base, { dueAt: NOON + HOUR, takeAt: NOON - 1 });
      const first = await plantCustomer(base, { dueAt: NOON, takeAt: NOON - 9 });
      await plantCustomer(base, { dueAt: NOON - 9, takeAt: NOON });
      await plantCustomer(base, { dueAt: NOON - 9, takeAt: null });
      const overdue = { now: NOON, owedBefore: NOON, except: [] };

      expect(await clockwork.overdueCustomers(overdue, 9)).toEqual([free(first), free(later)]);
      expect(await clockwork.overdueCustomers(overdue, 1)).toEqual([free(first)]);
      expect(await clockwork.overdueCustomers({ ...overdue, except: [first.id] }, 9)).toEqual([free(later)]);
    });

    it('claims what is overdue of one customer, once, and leaves its times alone', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const customer = refOf(base.world.account);
      const second = await plantAccount(base, { dueAt: NOON + HOUR, takeAt: NOON - 1 });
      const first = await plantAccount(base, { dueAt: NOON, takeAt: NOON - 2 });
      const spared = await plantAccount(base, { dueAt: NOON, takeAt: NOON - 3 });
      await plantAccount(base, { dueAt: NOON - 9, takeAt: null });
      const overdue = { now: NOON, owedBefore: NOON, except: [spared.id] };

      const claims = await clockwork.claimOverdue(customer, overdue, 9);

      expect(claims.map(({ accountId, epoch, claimedUntil }) => [accountId, epoch, claimedUntil])).toEqual([
        [first.id, first.epoch + 1, NOON + CLAIM_MS],
        [second.id, second.epoch + 1, NOON + CLAIM_MS],
      ]);
      expect(await clockwork.claimOverdue(customer, overdue, 9)).toEqual([]);
      expect(await clockwork.overdueCustomers(overdue, 9)).toEqual([]);
      const row = await base.within(({ accounts }) => accounts.get(second.id));
      expect(row).toMatchObject({ dueAt: NOON + HOUR, takeAt: NOON - 1 });
    });

    it('counts what was taken and never read back as overdue, a minute after it should have been', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const taken = { writtenAt: NOON, proofs: 0, nextAt: NOON + 5 };
      const unread = await plantCustomer(base, { dueAt: NOON + HOUR, takeAt: null, verification: taken });
      const booked = await plantCustomer(base, { dueAt: NOON, takeAt: NOON + HOUR, verification: taken });
      await plantCustomer(base, { dueAt: NOON, takeAt: null, verification: null });
      const at = (now: number) => ({ now, owedBefore: NOON - HOUR, except: [] });

      expect(await clockwork.overdueCustomers(at(NOON + 5 + UNREAD_MS), 9)).toEqual([]);
      const late = at(NOON + 6 + UNREAD_MS);
      // What ends there next doesn't put it off.
      expect(await clockwork.overdueCustomers(late, 9)).toEqual([free(booked), free(unread)]);
      expect(await clockwork.overdueCustomers({ ...late, except: [unread.id, booked.id] }, 9)).toEqual([]);
      expect(await clockwork.lockedOverdue(refOf(unread), late, 9)).toEqual([]);
      const claims = await clockwork.claimOverdue(refOf(unread), late, 9);
      expect(claims.map(({ accountId }) => accountId)).toEqual([unread.id]);
      expect(await clockwork.claimOverdue(refOf(unread), late, 9)).toEqual([]);
    });

    it('knows of no overdue account that is locked while nobody holds any', async () => {
      const base = await planted();
      const late = await plantCustomer(base, { dueAt: NOON, takeAt: NOON - 5 });
      const { clockwork } = base.unitOfWork;
      const overdue = { now: NOON, owedBefore: NOON, except: [] };

      expect(await clockwork.lockedOverdue(refOf(late), overdue, 9)).toEqual([]);
      expect(await clockwork.claimOverdue(refOf(late), overdue, 9)).toHaveLength(1);
    });

    it('claims what is due of many customers at once, so many of each at the most, and nothing of others', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const own = base.world.account;
      for (const ms of [3, 2, 1]) await plantAccount(base, { dueAt: NOON - ms, takeAt: null });
      const other = await plantCustomer(base, { dueAt: NOON - 5, takeAt: NOON - 5 });
      const throttled = await plantCustomer(base, { dueAt: NOON - 5, takeAt: NOON - 5 });
      const left = await plantCustomer(base, { dueAt: NOON - 5, takeAt: NOON - 5 });
      const throttle = { workload: 'directory', until: NOON + 9, reason: '429' } as const;
      await base.within(({ customers }) => customers.throttle(throttled.customerId, throttle));
      const asked = [own, other, throttled].map(refOf);

      const claims = await clockwork.claimDue(asked, NOON, 2);

      const ofEach = (id: typeof own.customerId) =>
        claims.filter(({ customerId }) => customerId === id).length;
      expect([own, other, throttled, left].map(({ customerId }) => ofEach(customerId))).toEqual([2, 1, 0, 0]);
      expect(claims.every(({ claimedUntil }) => claimedUntil === NOON + CLAIM_MS)).toBe(true);
      expect(await clockwork.claimDue([refOf(left)], NOON, 9)).toHaveLength(1);
      expect(await clockwork.claimDue([], NOON, 9)).toEqual([]);
    });

    it('tells every end that is owed before an instant, claimed or not, the earliest first', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const later = await plantCustomer(base, { dueAt: NOON, takeAt: NOON - HOUR + 9 });
      const first = await plantAccount(base, { dueAt: NOON + HOUR, takeAt: NOON - HOUR });
      await plantAccount(base, { dueAt: NOON, takeAt: NOON - HOUR + 10 });
      await plantAccount(base, { dueAt: NOON, takeAt: null });
      await clockwork.claimAccount(refOf(first), first.id, NOON);
      const [until, claimedUntil] = [NOON - HOUR + 10, NOON + CLAIM_MS];

      const ends = await clockwork.endsBefore(until, 9);

      expect(ends).toEqual([
        {
          ...refOf(first),
          ...{ accountId: first.id, epoch: first.epoch + 1, takeAt: NOON - HOUR, claimedUntil },
        },
        {
          ...refOf(later),
          ...{ accountId: later.id, epoch: later.epoch, takeAt: NOON - HOUR + 9, claimedUntil: null },
        },
      ]);
      expect(await clockwork.endsBefore(until, 1)).toEqual(ends.slice(0, 1));
    });

    it("tells each customer's earliest end before any customer's next one, where there are too many", async () => {
      const base = await planted();
      const crowd = [9, 8, 7].map((ms) => ({ dueAt: NOON, takeAt: NOON - HOUR - ms }));
      const crowded = [];
      for (const times of crowd) crowded.push(await plantAccount(base, times));
      const alone = await plantCustomer(base, { dueAt: NOON, takeAt: NOON - HOUR });

      const ends = await base.unitOfWork.clockwork.endsBefore(NOON, 2);

      expect(ends.map(({ accountId }) => accountId)).toEqual([crowded[0]?.id, alone.id]);
    });

    it('counts nothing as overdue under a throttle of the directory, which is for all of the customer', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const late = await plantCustomer(base, { dueAt: NOON - 9, takeAt: NOON - 9 });
      const throttle = { workload: 'directory', until: NOON + 9, reason: '429' } as const;
      await base.within(({ customers }) => customers.throttle(late.customerId, throttle));
      const at = (now: number) => ({ now, owedBefore: NOON, except: [] });

      expect(await clockwork.overdueCustomers(at(NOON + 8), 9)).toEqual([]);
      expect(await clockwork.claimOverdue(refOf(late), at(NOON + 8), 9)).toEqual([]);
      expect(await clockwork.overdueCustomers(at(NOON + 9), 9)).toEqual([free(late)]);
    });

    it('counts what is overdue though the credential is refused to those who give and take', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const late = await plantCustomer(base, { dueAt: NOON - 9, takeAt: NOON - 9 });
      const throttle = { workload: 'sign-in', until: NOON + 9, reason: 'refused' } as const;
      await base.within(({ customers }) => customers.throttle(late.customerId, throttle));
      const overdue = { now: NOON, owedBefore: NOON, except: [] };

      expect(await clockwork.overdueCustomers(overdue, 9)).toEqual([free(late)]);
      expect(await clockwork.claimOverdue(refOf(late), overdue, 9)).toHaveLength(1);
    });

    it('tells which bells to arm, one for each customer and second, at its first instant, in pages', async () => {
      const base = await planted();
      const second = NOON - (NOON % SECOND);
      await plantAccount(base, { dueAt: second + 400, takeAt: null });
      await plantAccount(base, { dueAt: second + 900, takeAt: null });
      await plantAccount(base, { dueAt: second + 1_000, takeAt: null });
      await plantAccount(base, { dueAt: second + HOUR, takeAt: null });
      const other = await plantCustomer(base, { dueAt: second + 950, takeAt: null });
      const customer = refOf(base.world.account);
      const { clockwork } = base.unitOfWork;

      const window = { from: second, until: second + HOUR, after: null };
      const bells = await clockwork.upcoming(window, 9);

      expect(bells).toEqual([
        { ...customer, at: NOON + 1 },
        { ...refOf(other), at: second + 950 },
        { ...customer, at: second + 1_000 },
      ]);
      const page = await clockwork.upcoming(window, 2);
      expect(page).toEqual(bells.slice(0, 2));
      expect(await clockwork.upcoming({ ...window, after: page[1] ?? null }, 2)).toEqual(bells.slice(2));
    });

    it('loses no bell between two pages, though many customers have something due at the same instant', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const at = NOON + HOUR;
      const many = Array.from({ length: 5 }, () => plantCustomer(base, { dueAt: at, takeAt: null }));
      const expected = (await Promise.all(many)).map((account) => ({ ...refOf(account), at }));

      const seen: UpcomingBell[] = [];
      for (let after: UpcomingBell | null = null; seen.length < 9; after = seen.at(-1) ?? null) {
        const page = await clockwork.upcoming({ from: at, until: at + 1, after }, 2);
        if (page.length === 0) break;
        seen.push(...page);
      }

      expect(seen).toHaveLength(5);
      expect(new Set(seen.map(({ customerId }) => customerId)).size).toBe(5);
      expect(seen).toEqual(expect.arrayContaining(expected));
    });

    it('tells when something of one customer falls due next, between two instants', async () => {
      const base = await planted();
      const { clockwork } = base.unitOfWork;
      const customer = refOf(base.world.account);
      await plantAccount(base, { dueAt: NOON + 400, takeAt: null });
      await plantAccount(base, { dueAt: NOON + 900, takeAt: null });
      await plantCustomer(base, { dueAt: NOON + 500, takeAt: null });

      const next = (after: number, before: number) => clockwork.nextDue(customer, after, before);

      expect(await next(NOON + 1, NOON + HOUR)).toBe(NOON + 400);
      expect(await next(NOON + 400, NOON + HOUR)).toBe(NOON + 900);
      expect(await next(NOON + 400, NOON + 900)).toBeNull();
    });
  });
};
