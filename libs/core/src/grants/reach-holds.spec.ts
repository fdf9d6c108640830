import { idOf, MINUTE, SECOND, sharedErrors, type AccountId, type HoldId } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { aRunningGrant } from '../testing/unit-of-work.samples.js';
import type { Hold, HoldScope } from './hold.js';
import type { HoldStore } from './hold-store.js';
import { PullKillSwitch } from './pull-kill-switch.js';
import { ReachHolds } from './reach-holds.js';

const EVERYBODY: HoldScope = { kind: 'organization' };
const slow = () => sharedErrors.refuse('database.timed_out');

/** What the store does by itself. */
interface Real {
  readonly reach: (...asked: Parameters<HoldStore['reach']>) => ReturnType<HoldStore['reach']>;
  readonly wanted: (...asked: Parameters<HoldStore['wanted']>) => ReturnType<HoldStore['wanted']>;
}

/** An organization with so many technicians' accounts beside its first, and whatever its holds' store answers. */
const setUp = async (others: number) => {
  const [clock, queue, unitOfWork] = [new FakeClock(NOON), new FakeJobQueue(), new InMemoryUnitOfWork()];
  const ids = new FakeIds();
  const world = aWorld(ids);
  await plant(unitOfWork, { ...world, account: { ...world.account, takeAt: null } });
  const organizationId = world.organization.id;
  const accounts: AccountId[] = [world.account.id];
  for (let made = 0; made < others; made += 1) {
    const technicianId = idOf<'technician'>(ids.uuid());
    const account = { ...world.account, id: idOf<'account'>(ids.uuid()), technicianId, takeAt: null };
    accounts.push(account.id);
    await unitOfWork.inOrganization(organizationId, async (stores) => {
      await stores.technicians.insert({ ...world.technician, id: technicianId, username: technicianId });
      await stores.accounts.insert({ ...account, upn: `${account.id}@contoso.onmicrosoft.com` });
    });
  }
  const hold = (scope: HoldScope = EVERYBODY): Hold => ({
    id: idOf<'hold'>(ids.uuid()),
    organizationId,
    scope,
    reason: 'a laptop was stolen',
    placedAt: NOON,
    placedBy: { kind: 'console' },
    liftedAt: null,
    liftedBy: null,
  });
  const place = (...placed: readonly Hold[]) =>
    unitOfWork.inOrganization(organizationId, async ({ holds }) => {
      for (const each of placed) await holds.insert(each);
    });
  const inOrganization = unitOfWork.inOrganization.bind(unitOfWork);
  /** What fails of the store, in each transaction from here on. */
  const breaks = (change: (real: Real) => Partial<HoldStore>): void => {
    unitOfWork.inOrganization = (organization, work) =>
      inOrganization(organization, (stores) => {
        const { holds } = stores;
        const real = { reach: holds.reach.bind(holds), wanted: holds.wanted.bind(holds) };
        Object.assign(holds, change(real));
        return work(stores);
      });
  };
  const owed = () =>
    unitOfWork
      .peek()
      .accounts.filter(({ takeAt }) => takeAt !== null)
      .map(({ id }) => id)
      .sort();
  const ports = { unitOfWork, queue, clock, ids };
  const holds = new ReachHolds(ports);
  const pass = async () => {
    const failures: [HoldId, AccountId | null, unknown][] = [];
    await holds.execute(({ holdId, accountId }, error) => failures.push([holdId, accountId, error]));
    return failures;
  };
  return {
    world,
    ids,
    clock,
    unitOfWork,
    organizationId,
    accounts: accounts.sort(),
    hold,
    place,
    breaks,
    owed,
    pass,
    ports,
  };
};

/** A row that takes too long, whoever it is written together with. */
const slowRow =
  (odd: AccountId, asked: AccountId[][] = []) =>
  ({ reach }: Real): Partial<HoldStore> => ({
    reach: (hold, of) => {
      asked.push([...of.accounts]);
      return of.accounts.includes(odd) ? Promise.reject(slow()) : reach(hold, of);
    },
  });

describe('ReachHolds', () => {
  it('reaches all others though one row fails, tells which, and begins with the others the next time', async () => {
    const { accounts, hold, place, breaks, owed, pass, unitOfWork } = await setUp(20);
    const [odd = idOf<'account'>(''), ...others] = accounts;
    const stands = hold();
    await place(stands);
    const asked: AccountId[][] = [];
    breaks(slowRow(odd, asked));

    const failures = await pass();

    expect(owed()).toEqual(others);
    expect(failures).toMatchObject([[stands.id, odd, { code: 'database.timed_out' }]]);
    unitOfWork.heldRows.clear();
    asked.splice(0);
    expect(await pass()).toHaveLength(1);
    expect(asked).toEqual([[odd]]);

    breaks(() => ({}));
    expect(await pass()).toEqual([]);
    expect(owed()).toEqual(accounts);
    expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toEqual([]);
  });

  it('goes by the grants when an account cannot be read, and is not done with the hold', async () => {
    const { accounts, hold, place, breaks, owed, pass, unitOfWork, organizationId, world, ids } =
      await setUp(3);
    await unitOfWork.inOrganization(organizationId, ({ grants }) => grants.insert(aRunningGrant(ids, world)));
    await place(hold());
    breaks(() => ({ wanted: () => Promise.reject(new Error('could not read block 7')) }));

    const failures = await pass();

    expect(owed()).toEqual([world.account.id]);
    expect(failures).toMatchObject([[expect.anything(), null, { message: 'could not read block 7' }]]);
    expect(await unitOfWork.clockwork.unreachedHolds(null, 9)).toHaveLength(1);
    breaks(() => ({}));
    await pass();
    expect(owed()).toEqual(accounts);
  });

  it('goes on with the next pass where the time was over, and leaves nothing out', async () => {
    const { accounts, hold, place, breaks, owed, pass, clock } = await setUp(30);
    const [odd = idOf<'account'>(''), ...others] = accounts;
    await place(hold());
    breaks(({ reach }) => ({
      reach: (it, of) => {
        clock.advance(6 * SECOND);
        return of.accounts.includes(odd) ? Promise.reject(slow()) : reach(it, of);
      },
    }));

    for (let passes = 0; passes < 12; passes += 1) await pass();

    expect(owed()).toEqual(others);
  });

  it('carries out each hold whatever becomes of another one', async () => {
    const { hold, place, breaks, owed, pass, accounts, world, unitOfWork } = await setUp(2);
    const [wrong, right] = [hold(), hold({ kind: 'customer', customerId: world.customer.id })];
    await place(wrong, right);
    breaks(({ wanted, reach }) => ({
      wanted: (it, page) => (it.id === wrong.id ? Promise.reject(slow()) : wanted(it, page)),
      reach,
    }));

    const failures = await pass();

    expect(failures.map(([holdId]) => holdId)).toEqual([wrong.id]);
    expect(owed()).toEqual(accounts);
    const left = await unitOfWork.clockwork.unreachedHolds(null, 9);
    expect(left.map(({ holdId }) => holdId)).toEqual([wrong.id]);
  });
});

describe('PullKillSwitch', () => {
  const pull = ({ ports, organizationId }: Awaited<ReturnType<typeof setUp>>) =>
    new PullKillSwitch(ports).execute({
      organizationId,
      scope: EVERYBODY,
      reason: 'a laptop was stolen',
      actor: { kind: 'console' },
      idempotency: null,
    });

  it('is pulled whatever fails of what it reaches', async () => {
    const base = await setUp(1);
    base.breaks(() => ({ reach: () => Promise.reject(new Error('could not read block 7')) }));

    const hold = await pull(base);

    expect(base.unitOfWork.peek().holds).toEqual([hold]);
    expect(base.owed()).toEqual([]);
  });

  it('is pulled, pulled again, and reaches, though nobody can tell how much there is', async () => {
    const base = await setUp(1);
    base.breaks(() => ({
      latestGrantIn: () => Promise.resolve('unknown'),
      inReach: () => Promise.resolve('unknown'),
      reachAgain: () => Promise.resolve('unknown'),
    }));

    const hold = await pull(base);
    base.clock.advance(MINUTE);

    expect(await pull(base)).toEqual(hold);
    // Two clocks differ by less: no grant of before may look newer.
    expect(hold.placedAt).toBe(NOON + SECOND);
    expect(base.owed()).toEqual(base.accounts);
    expect(base.unitOfWork.peek().audit.filter(({ action }) => action.startsWith('hold.'))).toMatchObject([
      { action: 'hold.placed', details: { accounts: null, customers: null } },
    ]);
  });
});
