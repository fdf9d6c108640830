import { HOUR, idOf, MINUTE, sharedErrors } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { ExtendGrant } from './extend-grant.js';
import type { Grant } from './grant.js';
import type { HoldScope } from './hold.js';
import { LiftHold } from './lift-hold.js';
import { PullKillSwitch, type PullKillSwitchCommand } from './pull-kill-switch.js';
import { ReachHolds } from './reach-holds.js';

const EVERYBODY: HoldScope = { kind: 'organization' };

/** An organization with one grant that runs for an hour from NOON on. */
const setUp = async (change: Partial<Grant> = {}) => {
  const [clock, queue, unitOfWork] = [new FakeClock(NOON), new FakeJobQueue(), new InMemoryUnitOfWork()];
  const ids = new FakeIds();
  const planted = aWorld(ids);
  const account = { ...planted.account, dueAt: NOON + HOUR, takeAt: NOON + HOUR };
  const grant: Grant = {
    ...planted.grant,
    state: 'active',
    endReason: null,
    endingAt: null,
    takenAt: null,
    endedAt: null,
    proofs: [],
    ...change,
  };
  await plant(unitOfWork, { ...planted, account, grant });
  const ports = { unitOfWork, queue, clock, ids };
  const organizationId = planted.organization.id;
  const actor = { kind: 'technician', id: planted.technician.id, tokenId: null } as const;
  const pull = (wish: Partial<PullKillSwitchCommand> = {}) =>
    new PullKillSwitch(ports).execute({
      organizationId,
      scope: EVERYBODY,
      reason: 'a laptop was stolen',
      actor,
      idempotency: null,
      ...wish,
    });
  const lift = (holdId: string) =>
    new LiftHold(ports).execute({ organizationId, holdId: idOf(holdId), actor });
  const barNow = () =>
    unitOfWork.inOrganization(organizationId, async ({ grants }) => {
      const [inForce] = await grants.openOf([account.id]);
      return inForce?.bar ?? null;
    });
  const told = () => unitOfWork.peek().audit.filter(({ action }) => action.startsWith('hold.'));
  return {
    ...planted,
    account,
    grant,
    actor,
    ports,
    ids,
    clock,
    queue,
    unitOfWork,
    pull,
    lift,
    barNow,
    told,
  };
};

describe('PullKillSwitch', () => {
  it('owes every end in its scope from now on, in one go with the hold and one entry of the log, and rings', async () => {
    const { pull, unitOfWork, account, actor, customer, clock, queue, barNow, told } = await setUp();
    clock.advance(MINUTE);
    const now = NOON + MINUTE;

    const hold = await pull();

    expect(hold).toMatchObject({ scope: EVERYBODY, placedAt: now, placedBy: actor, liftedAt: null });
    expect(unitOfWork.peek().holds).toEqual([hold]);
    expect(unitOfWork.peek().accounts).toMatchObject([
      { dueAt: now, takeAt: now, version: account.version + 1 },
    ]);
    expect(await barNow()).toBe('killed');
    expect(told()).toMatchObject([
      {
        action: 'hold.placed',
        at: now,
        actor,
        subject: { kind: 'hold', id: hold.id },
        details: { scope: 'organization', reason: 'a laptop was stolen', accounts: 1, customers: 1 },
      },
    ]);
    expect(queue.rung).toMatchObject([{ at: null, job: { customerId: customer.id } }]);
  });

  it('is there or not at all: when the log cannot be written, nothing was pulled', async () => {
    const { pull, unitOfWork, account, queue } = await setUp();

    await expect(pull({ organizationId: idOf('nobody') })).rejects.toThrow();

    expect(unitOfWork.peek().holds).toEqual([]);
    expect(unitOfWork.peek().accounts).toMatchObject([{ version: account.version }]);
    expect(queue.rung).toEqual([]);
  });

  it('stands at once though somebody holds a row in its scope: that one is told as open, and reached when it is free', async () => {
    const { pull, ports, unitOfWork, account, organization, queue, clock, told } = await setUp();
    clock.advance(MINUTE);
    const now = NOON + MINUTE;
    unitOfWork.heldRows.add(account.id);

    const hold = await pull();

    const tally = () => unitOfWork.inOrganization(organization.id, ({ holds }) => holds.tally(hold));
    expect(unitOfWork.peek().holds).toEqual([hold]);
    expect(unitOfWork.peek().accounts).toMatchObject([{ takeAt: account.takeAt, version: account.version }]);
    expect(await tally()).toMatchObject({ open: 1 });
    expect(told()).toMatchObject([{ action: 'hold.placed', details: { accounts: 1, customers: 1 } }]);
    expect(await pull({ reason: 'still there' })).toEqual(hold);
    expect(told()).toHaveLength(1);
    expect(queue.rung).toEqual([]);

    unitOfWork.heldRows.clear();
    const workers = new ReachHolds(ports);
    const failures: unknown[] = [];
    await workers.execute((_, error) => failures.push(error));
    await workers.execute((_, error) => failures.push(error));

    expect(failures).toEqual([]);
    expect(unitOfWork.peek().accounts).toMatchObject([
      { dueAt: now, takeAt: now, version: account.version + 1 },
    ]);
    expect(await tally()).toMatchObject({ open: 1 });
    expect(queue.rung).toHaveLength(1);
    expect(told()).toHaveLength(1);
  });

  it('stands though the database falls away right after, and is reached by the workers', async () => {
    const { pull, ports, unitOfWork, account } = await setUp();
    const inOrganization = unitOfWork.inOrganization.bind(unitOfWork);
    let transactions = 0;
    unitOfWork.inOrganization = (...asked) => {
      transactions += 1;
      return transactions === 2
        ? Promise.reject(sharedErrors.refuse('database.unavailable'))
        : inOrganization(...asked);
    };

    const hold = await pull();
    expect(unitOfWork.peek()).toMatchObject({ holds: [hold], accounts: [{ version: account.version }] });

    await new ReachHolds(ports).execute(() => undefined);
    expect(unitOfWork.peek().accounts).toMatchObject([{ takeAt: NOON, version: account.version + 1 }]);
  });

  it('pulled again and again while it stands it is the same hold: nothing moves, nothing rings, nothing is told', async () => {
    const { pull, unitOfWork, queue, clock } = await setUp();
    const first = await pull();
    const before = structuredClone(unitOfWork.peek());
    const rung = queue.rung.length;

    for (let repeat = 0; repeat < 20; repeat += 1) {
      clock.advance(MINUTE);
      expect(await pull({ reason: 'still there' })).toEqual(first);
    }

    expect(unitOfWork.peek()).toEqual(before);
    expect(queue.rung).toHaveLength(rung);
  });

  it('pulled again it reaches what it had not found before, alone, and tells of that once', async () => {
    const { pull, unitOfWork, organization, account, ids, clock, queue, told } = await setUp();
    const first = await pull();
    clock.advance(MINUTE);
    const late = { ...account, id: idOf<'account'>(ids.uuid()), upn: 'jit-late@contoso.onmicrosoft.com' };
    const technicianId = idOf<'technician'>(ids.uuid());
    await unitOfWork.inOrganization(organization.id, async ({ accounts, technicians }) => {
      const [known] = unitOfWork.peek().technicians;
      if (known !== undefined) await technicians.insert({ ...known, id: technicianId, username: 'late' });
      await accounts.insert({ ...late, technicianId });
    });

    await pull({ reason: 'still there' });
    const second = await pull({ reason: 'and again' });

    expect(second).toEqual(first);
    expect(unitOfWork.peek().accounts).toMatchObject([
      { id: account.id, version: account.version + 1 },
      { id: late.id, version: late.version + 1 },
    ]);
    expect(told().map(({ action, details }) => [action, details['reason'], details['accounts']])).toEqual([
      ['hold.placed', 'a laptop was stolen', 1],
      ['hold.repeated', 'still there', 1],
    ]);
    expect(queue.rung).toHaveLength(2);
  });

  it('sent again under the same key it is done once, lifted or not', async () => {
    const { pull, lift, unitOfWork, told } = await setUp();
    const idempotency = { key: 'k', actorId: 'ada', bodyDigest: 'b' };
    const first = await pull({ idempotency });
    await pull({ idempotency });
    await lift(first.id);

    const late = await pull({ idempotency });

    expect(late).toMatchObject({ id: first.id, liftedAt: NOON });
    expect(unitOfWork.peek().holds).toHaveLength(1);
    expect(told().map(({ action }) => action)).toEqual(['hold.placed', 'hold.lifted']);
  });

  it('with a key of its own finds the hold that stands', async () => {
    const { pull } = await setUp();
    const first = await pull();
    const idempotency = { key: 'k', actorId: 'ada', bodyDigest: 'b' };

    expect(await pull({ idempotency })).toEqual(first);
    expect(await pull({ idempotency })).toEqual(first);
  });

  it('of one technician leaves a hold of everybody its own', async () => {
    const { pull, technician } = await setUp();
    const person = await pull({ scope: { kind: 'technician', technicianId: technician.id } });

    expect((await pull()).id).not.toBe(person.id);
  });

  it.each<[string, HoldScope]>([
    ['technician.not_found', { kind: 'technician', technicianId: idOf('nobody') }],
    ['customer.not_found', { kind: 'customer', customerId: idOf('nobody') }],
  ])('refuses with %s', async (code, scope) => {
    const { pull } = await setUp();

    await expect(pull({ scope })).rejects.toMatchObject({ code });
  });

  it('is newer than every grant that it finds, though another clock is ahead', async () => {
    const { pull, lift, barNow } = await setUp({ createdAt: NOON + 40 });

    const hold = await pull();
    await lift(hold.id);

    expect(hold.placedAt).toBe(NOON + 40);
    expect(await barNow()).toBe('killed');
  });

  it('lets nothing be extended', async () => {
    const { pull, ports, organization, grant, actor } = await setUp({ expiresAt: NOON + 30 * MINUTE });
    const hold = await pull();

    const extended = new ExtendGrant(ports).execute({
      organizationId: organization.id,
      grantId: grant.id,
      expiresAt: NOON + HOUR,
      actor,
    });

    await expect(extended).rejects.toMatchObject({ code: 'access.held', details: { holdId: hold.id } });
  });
});

describe('LiftHold', () => {
  it('ends the hold once, tells it, and revives nothing', async () => {
    const { pull, lift, barNow, told, clock, actor } = await setUp();
    const { id } = await pull();
    clock.advance(MINUTE);

    const lifted = await lift(id);

    expect(lifted).toMatchObject({ id, liftedAt: NOON + MINUTE, liftedBy: actor });
    expect(await barNow()).toBe('killed');
    expect(told().at(-1)).toMatchObject({ action: 'hold.lifted', actor, subject: { kind: 'hold', id } });
    await expect(lift(id)).rejects.toMatchObject({ code: 'hold.already_lifted' });
    await expect(lift('nothing')).rejects.toMatchObject({ code: 'hold.not_found' });
  });

  it('makes the next pull another hold', async () => {
    const { pull, lift } = await setUp();
    const first = await pull();
    await lift(first.id);

    expect((await pull()).id).not.toBe(first.id);
  });
});
