import { NO_DRIFT, type ManagedAccount } from '#core/accounts';
import type { AlarmSource, BeatingLayer } from '#core/alarms';
import { HOUR, idOf, MINUTE, SECOND, type AccountId } from '#core/shared';
import { describeCredentialFacts } from './alarm-source.credentials.contract.js';
import { describeDriftFacts } from './alarm-source.drift.contract.js';
import { describeHoldFacts } from './alarm-source.holds.contract.js';
import { FakeIds } from './fake-ids.js';
import {
  aCanary,
  aCustomer,
  anAccount,
  aRunningGrant,
  aWorld,
  NOON,
  plant,
  type EmptyDatabase,
  type Planted,
  type World,
} from './unit-of-work.samples.js';

/** A database with nothing in it, and what alarms are derived from in it. */
export interface AlarmedDatabase extends EmptyDatabase {
  readonly alarms: AlarmSource;
}

const LATER = {
  now: NOON + HOUR,
  lateBefore: NOON + HOUR - MINUTE,
  clocksSince: NOON - 5,
  enabledSince: NOON - 5,
  credentialsUntil: NOON + 24 * HOUR,
  passesBefore: NOON - HOUR,
  comparedBefore: NOON - 9 * HOUR,
  markersSince: NOON - HOUR,
  unreachedBefore: NOON + HOUR - 30 * SECOND,
};
const refOf = ({ organizationId, customerId }: ManagedAccount) => ({ organizationId, customerId });

interface Scene extends Planted {
  readonly alarms: AlarmSource;
  /** The world's account is quiet; this makes another one of the same customer. */
  readonly account: (wish: Partial<ManagedAccount>) => Promise<ManagedAccount>;
  readonly ofWorld: () => ReturnType<AlarmSource['ofOrganization']>;
}

const QUIET: Partial<ManagedAccount> = {
  kind: 'jit',
  failure: null,
  verification: null,
  dueAt: null,
  takeAt: null,
};

const quietWorld = (ids: FakeIds): World => {
  const world = aWorld(ids);
  const { mayHold } = world.account;
  return { ...world, account: { ...world.account, ...QUIET, mayHold: { ...mayHold, enabled: null } } };
};

/** What every AlarmSource promises: run by the spec of each implementation. */
export const describeAlarmSource = (name: string, createEmpty: () => Promise<AlarmedDatabase>): void => {
  const scene = async (): Promise<Scene> => {
    const database = await createEmpty();
    const ids = new FakeIds();
    const world = quietWorld(ids);
    await plant(database.unitOfWork, world);
    const within: Scene['within'] = (work) => database.unitOfWork.inOrganization(world.organization.id, work);
    const account = async (wish: Partial<ManagedAccount>): Promise<ManagedAccount> => {
      const id: AccountId = idOf(ids.uuid());
      const technicianId = idOf<'technician'>(ids.uuid());
      const disabled = { ...world.account.mayHold, enabled: null };
      const row = {
        ...anAccount(ids, world),
        ...QUIET,
        mayHold: disabled,
        id,
        technicianId,
        upn: `${id}@c.com`,
        ...wish,
      };
      await within(async ({ technicians, accounts }) => {
        await technicians.insert({ ...world.technician, id: technicianId, username: technicianId });
        await accounts.insert(row);
      });
      return row;
    };
    const ofWorld = () => database.alarms.ofOrganization(world.organization.id, LATER);
    return { ...database, ids, world, within, account, ofWorld };
  };

  describe(`${name} keeps the contract of AlarmSource`, () => {
    describeOverdue(scene);
    describeCustomers(scene);
    describeClocks(scene);
    describeCredentialFacts(scene, LATER);
    describeDriftFacts(scene, LATER);
    describeHoldFacts(scene, LATER);
    describeAccounts(scene);
    describeBeats(scene);
    describeScope(scene);
  });
};

const failing = (reason: string, sinceAt: number): ManagedAccount['failure'] => ({
  reason,
  message: 'Ada Lovelace may not',
  sinceAt,
  attempts: 3,
  retryAt: NOON,
  steps: {},
  version: 1,
});

const describeOverdue = (scene: () => Promise<Scene>): void => {
  it('tells what is overdue at a customer together, names the longest, and nothing that is on its way', async () => {
    const { account, ofWorld } = await scene();
    const late = await account({ takeAt: NOON + 2, dueAt: NOON });
    const longest = await account({ takeAt: NOON + 1, dueAt: NOON, claimedUntil: NOON + 2 * HOUR });
    await account({ takeAt: LATER.lateBefore, dueAt: NOON });
    await account({ takeAt: LATER.now, dueAt: NOON });

    const { overdue, overdueCount, overdueSince } = await ofWorld();

    expect(overdue).toEqual([
      {
        ...refOf(late),
        accounts: 2,
        accountIds: [longest.id, late.id],
        takeAt: NOON + 1,
        grantIds: [],
        failureReason: null,
        throttledBy: null,
        claimed: true,
      },
    ]);
    expect([overdueCount, overdueSince]).toEqual([3, NOON + 1]);
  });

  it('tells apart what has failed for another reason, and names ten of many', async () => {
    const { account, ofWorld } = await scene();
    const failure = failing('consent_missing', NOON);
    const many = [];
    for (let index = 0; index < 12; index += 1)
      many.push((await account({ takeAt: NOON + 20 - index, dueAt: NOON, failure })).id);
    await account({ takeAt: NOON + 10, dueAt: NOON });

    const { overdue } = await ofWorld();

    expect(overdue).toMatchObject([
      { failureReason: 'consent_missing', accounts: 12, claimed: false },
      { failureReason: null, accounts: 1 },
    ]);
    expect(overdue[0]?.accountIds).toEqual(many.reverse().slice(0, 10));
  });

  it("tells each customer's longest before any customer's next", async () => {
    const { account, ofWorld, within, world, ids } = await scene();
    const customer = aCustomer(ids, world);
    await within(({ customers }) => customers.insert(customer));
    await account({ takeAt: NOON + 1, dueAt: NOON });
    await account({ takeAt: NOON + 2, dueAt: NOON, failure: failing('throttled', NOON) });
    await account({ takeAt: NOON + 3, dueAt: NOON, customerId: customer.id });

    expect((await ofWorld()).overdue.map(({ customerId, takeAt }) => [customerId, takeAt])).toEqual([
      [world.customer.id, NOON + 1],
      [customer.id, NOON + 3],
      [world.customer.id, NOON + 2],
    ]);
  });

  it('tells why: the failure, and the throttle', async () => {
    const { account, ofWorld, within, world } = await scene();
    await account({ takeAt: NOON, dueAt: NOON, failure: failing('consent_missing', NOON) });
    await within(({ customers }) =>
      customers.throttle(world.customer.id, { workload: 'sign-in', until: NOON + 2 * HOUR, reason: 'x' }),
    );

    expect((await ofWorld()).overdue).toMatchObject([
      { failureReason: 'consent_missing', throttledBy: 'sign-in' },
    ]);
  });

  it('names the grants whose end is owed, and no others', async () => {
    const { account, ofWorld, within, world, ids } = await scene();
    const { id } = await account({ takeAt: NOON, dueAt: NOON });
    const of = { ...world, account: { ...world.account, id } };
    const early = {
      ...aRunningGrant(ids, of),
      state: 'ending' as const,
      endReason: 'expired' as const,
      endingAt: NOON,
    };
    const past = { ...aRunningGrant(ids, of), expiresAt: LATER.now };
    const running = { ...aRunningGrant(ids, of), expiresAt: LATER.now + 1 };
    const taken = { ...early, id: idOf<'grant'>(ids.uuid()), takenAt: NOON + 1 };
    await within(async ({ grants }) => {
      for (const grant of [early, past, running, taken]) await grants.insert(grant);
    });

    const [end] = (await ofWorld()).overdue;

    expect(end?.grantIds).toEqual([early.id, past.id].sort());
  });
};

const describeCustomers = (scene: () => Promise<Scene>): void => {
  it('counts what fails at a customer for one reason, since the first, and what of it is owed', async () => {
    const { account, ofWorld, world } = await scene();
    const dueAt = LATER.now + MINUTE;
    await account({ failure: failing('consent_missing', NOON + 5), dueAt });
    await account({ failure: failing('consent_missing', NOON + 2), dueAt, takeAt: NOON });
    await account({ failure: failing('credential_bad', NOON + 9), dueAt });

    const common = refOf(world.account);
    expect((await ofWorld()).failing).toEqual([
      { ...common, reason: 'consent_missing', sinceAt: NOON + 2, accounts: 2, owed: 1, owedSince: NOON },
      { ...common, reason: 'credential_bad', sinceAt: NOON + 9, accounts: 1, owed: 0, owedSince: null },
    ]);
  });

  it('tells of what is owed though Graph lets nobody try for long', async () => {
    const { account, ofWorld } = await scene();
    await account({ failure: failing('throttled', NOON), takeAt: NOON + 1, dueAt: LATER.now + HOUR });

    expect((await ofWorld()).failing).toMatchObject([{ reason: 'throttled', owed: 1, owedSince: NOON + 1 }]);
  });

  it('leaves out what is not tried any more, and what is about one account', async () => {
    const { account, ofWorld } = await scene();
    await account({ failure: failing('consent_missing', NOON), dueAt: null });
    await account({ failure: failing('consent_missing', NOON), dueAt: LATER.now + HOUR });
    await account({ failure: failing('not_manageable', NOON), dueAt: NOON });

    expect((await ofWorld()).failing).toEqual([]);
  });
};

const describeClocks = (scene: () => Promise<Scene>): void => {
  it('tells of differences of clocks that were measured lately, the largest first', async () => {
    const { within, ofWorld, world, ids } = await scene();
    const measured = async (aheadMs: number, measuredAt: number): Promise<string> => {
      const customer = aCustomer(ids, world);
      await within(async ({ customers }) => {
        await customers.insert(customer);
        await customers.noteClock(customer.id, { aheadMs, leadMs: 0, measuredAt });
      });
      return customer.id;
    };
    const ahead = await measured(30_001, NOON);
    const behind = await measured(-40_000, LATER.clocksSince);
    await measured(30_000, NOON);
    await measured(50_000, LATER.clocksSince - 1);

    const organizationId = world.organization.id;
    expect((await ofWorld()).clocks).toEqual([
      { organizationId, customerId: behind, aheadMs: -40_000, measuredAt: LATER.clocksSince },
      { organizationId, customerId: ahead, aheadMs: 30_001, measuredAt: NOON },
    ]);
  });
};

const describeAccounts = (scene: () => Promise<Scene>): void => {
  it('finds accounts that may be enabled without a grant that runs, and those that nothing ends', async () => {
    const { account, ofWorld, within, world, ids } = await scene();
    const enabled = { ...world.account.mayHold, enabled: 'maybe' as const };
    const never = await account({ mayHold: enabled });
    const stuck = await account({ mayHold: enabled, dueAt: NOON });
    await account({ mayHold: enabled, dueAt: LATER.now });
    const running = await account({ mayHold: enabled, dueAt: NOON, takeAt: LATER.now + 1 });
    await account({ mayHold: enabled, dueAt: NOON, takeAt: NOON });
    await account({ mayHold: enabled, kind: 'laps' });
    const { kind, own, upn } = aCanary(ids, world);
    await account({
      kind,
      own,
      technicianId: null,
      upn,
      mayHold: enabled,
      dueAt: NOON,
      takeAt: LATER.now + 1,
    });
    const endless = { kind, own, technicianId: null, upn: `2${upn}`, mayHold: enabled, dueAt: LATER.now };
    await account(endless);
    const of = { ...world, account: running };
    await within(({ grants }) => grants.insert({ ...aRunningGrant(ids, of), expiresAt: LATER.now + 1 }));

    const facts = await ofWorld();

    expect(facts.withoutEnd).toEqual([
      { ...refOf(never), accounts: 1, accountIds: [never.id], dueAt: null },
      { ...refOf(never), accounts: 1, accountIds: [stuck.id], dueAt: NOON },
    ]);
    // The canary that nothing ends, and not the one that has its end.
    expect(facts.enabledWithoutGrant).toBe(5);
  });

  it('finds accounts that somebody enabled again, and within a day once more', async () => {
    const { account, ofWorld, world } = await scene();
    const enabledAt = (...times: readonly number[]) => account({ drift: { ...NO_DRIFT, enabledAt: times } });
    await enabledAt(NOON);
    await enabledAt(NOON - 9, LATER.enabledSince);
    const later = await enabledAt(NOON, NOON + 1, NOON + 3);
    const sooner = await enabledAt(NOON, NOON + 2);

    expect((await ofWorld()).enabledAgain).toEqual([
      {
        ...refOf(world.account),
        accounts: 2,
        accountIds: [sooner.id, later.id],
        sinceAt: NOON + 2,
        lastAt: NOON + 3,
      },
    ]);
  });

  it('tells since when a read-back waits that nothing stands in the way of', async () => {
    const { account, ofWorld, within, ids, world } = await scene();
    const verification = (nextAt: number) => ({ writtenAt: NOON, proofs: 1, nextAt });
    const throttled = aCustomer(ids, world);
    await within(async ({ customers }) => {
      await customers.insert(throttled);
      await customers.throttle(throttled.id, {
        workload: 'directory',
        until: NOON + 2 * HOUR,
        reason: '429',
      });
    });
    await account({
      verification: verification(NOON + 1),
      dueAt: NOON + 1,
      failure: failing('unknown', NOON),
    });
    await account({ verification: verification(NOON + 2), dueAt: NOON + 2, customerId: throttled.id });
    await account({ verification: verification(LATER.now + 1), dueAt: LATER.now + 1 });
    expect((await ofWorld()).readBackOwedAt).toBeNull();

    await account({ verification: verification(NOON + 4), dueAt: NOON + 4 });
    await account({ verification: verification(NOON + 3), dueAt: NOON + 3 });

    expect((await ofWorld()).readBackOwedAt).toBe(NOON + 3);
  });
};

const describeBeats = (scene: () => Promise<Scene>): void => {
  const beat = (
    alarms: AlarmSource,
    [instance, at]: readonly [string, number],
    ...layers: readonly BeatingLayer[]
  ) =>
    alarms.beat({
      instance,
      layers: layers.map((layer) => ({ layer, at })),
      databaseDifferenceMs: 1_500,
      forgetBefore: at - 10 * SECOND,
    });
  const measured = { databaseDifferenceMs: 1_500, ended: false };

  it('keeps the first and the last beat of each layer of each process', async () => {
    const { alarms } = await scene();
    await beat(alarms, ['one', NOON], 'sweep', 'bells');
    await beat(alarms, ['one', NOON + 5], 'sweep');
    await beat(alarms, ['two', NOON + 6], 'sweep');

    expect((await alarms.ofDeployment(LATER)).beats).toEqual([
      { layer: 'bells', instance: 'one', firstAt: NOON, at: NOON, ...measured },
      { layer: 'sweep', instance: 'one', firstAt: NOON, at: NOON + 5, ...measured },
      { layer: 'sweep', instance: 'two', firstAt: NOON + 6, at: NOON + 6, ...measured },
    ]);
  });

  it('forgets who has been silent for long, but for the last of a layer', async () => {
    const { alarms } = await scene();
    await beat(alarms, ['old', NOON], 'sweep', 'revoker');
    await beat(alarms, ['new', NOON + MINUTE], 'sweep');

    const { beats } = await alarms.ofDeployment(LATER);

    expect(beats.map(({ layer, instance }) => `${layer} ${instance}`)).toEqual(['revoker old', 'sweep new']);
  });

  it('knows who has ended as it should, until it beats again', async () => {
    const { alarms } = await scene();
    await beat(alarms, ['one', NOON], 'sweep');
    await beat(alarms, ['two', NOON], 'sweep');
    await alarms.farewell('one');
    const endedOf = async () => (await alarms.ofDeployment(LATER)).beats.map(({ ended }) => ended);

    expect(await endedOf()).toEqual([true, false]);
    await beat(alarms, ['one', NOON + 1], 'sweep');
    expect(await endedOf()).toEqual([false, false]);
  });

  it('is beaten by many at once', async () => {
    const { alarms } = await scene();
    await beat(alarms, ['old', NOON], 'sweep', 'bells', 'api');

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        beat(alarms, [`p${index % 5}`, NOON + MINUTE + index], 'sweep', 'bells', 'api'),
      ),
    );

    expect((await alarms.ofDeployment(LATER)).beats).toHaveLength(15);
  });
};

const describeScope = (scene: () => Promise<Scene>): void => {
  it('shows an organization its own rows alone, and the beats of the deployment', async () => {
    const { unitOfWork, alarms, ids, account, ofWorld, world } = await scene();
    const foreign = aWorld(ids);
    await plant(unitOfWork, { ...foreign, connection: { ...foreign.connection, credentialEndsAt: NOON } });
    await account({ takeAt: NOON, dueAt: NOON, failure: failing('consent_missing', NOON) });
    await alarms.beat({
      instance: 'one',
      layers: [{ layer: 'api', at: NOON }],
      databaseDifferenceMs: null,
      forgetBefore: NOON,
    });

    const [own, all] = [await ofWorld(), await alarms.ofDeployment(LATER)];

    expect(JSON.stringify(own)).not.toContain(foreign.organization.id);
    expect(JSON.stringify(own)).not.toContain(foreign.customer.id);
    expect(own.overdueCount).toBe(1);
    expect(own.enabledWithoutGrant).toBe(0);
    expect(own.beats).toEqual(all.beats);
    expect(all.overdueCount).toBe(2);
    expect(all.enabledWithoutGrant).toBe(1);
    expect(new Set(all.overdue.map(({ organizationId }) => organizationId))).toEqual(
      new Set([world.organization.id, foreign.organization.id]),
    );
    expect(JSON.stringify(all)).not.toContain('Ada');
  });
};
