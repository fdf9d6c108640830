import type { AccessPolicy } from '#core/access';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { EndGrant } from './end-grant.js';
import { ExtendGrant } from './extend-grant.js';
import type { Grant } from './grant.js';

/** A grant that runs for an hour from NOON on, and may run for two, by what was approved and by what its policy says. */
const setUp = async (change: Partial<Grant> = {}, terms: Partial<AccessPolicy> = {}) => {
  const [clock, queue, unitOfWork] = [new FakeClock(NOON), new FakeJobQueue(), new InMemoryUnitOfWork()];
  const planted = aWorld(new FakeIds());
  const account = { ...planted.account, dueAt: NOON + HOUR, takeAt: NOON + HOUR };
  const grant: Grant = {
    ...planted.grant,
    state: 'active',
    endReason: null,
    failure: null,
    endingAt: null,
    takenAt: null,
    endedAt: null,
    proofs: [],
    ...change,
  };
  const policy = { ...planted.policy, maximumDurationSeconds: (2 * HOUR) / SECOND, ...terms };
  await plant(unitOfWork, { ...planted, policy, account, grant });
  const ports = { unitOfWork, queue, clock };
  const actor = { kind: 'technician', id: planted.technician.id, tokenId: null } as const;
  const by = { organizationId: planted.organization.id, grantId: grant.id, actor };
  const end = () => new EndGrant(ports).execute({ ...by, reason: 'ended_by_technician' });
  const extend = (expiresAt: number) => new ExtendGrant(ports).execute({ ...by, expiresAt });
  return { ...planted, grant, ports, by, clock, queue, unitOfWork, end, extend };
};

const pickEvidence = ({ endedAt, takenAt, proofs }: Grant): Partial<Grant> => ({ endedAt, takenAt, proofs });

describe('EndGrant', () => {
  it('owes the end from now on, and rings', async () => {
    const { end, unitOfWork, queue, customer, grant, clock } = await setUp();
    clock.advance(MINUTE);

    const ended = await end();

    const now = NOON + MINUTE;
    expect(ended).toMatchObject({ state: 'ending', endingAt: now, endReason: 'ended_by_technician' });
    expect(unitOfWork.peek().grants).toEqual([{ ...ended, version: grant.version + 1 }]);
    expect(unitOfWork.peek().accounts).toMatchObject([{ dueAt: now, takeAt: now }]);
    expect(unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'grant.end_requested',
      details: { reason: 'ended_by_technician' },
    });
    expect(queue.rung).toMatchObject([{ at: null, job: { customerId: customer.id } }]);
  });

  it.each<[Grant['state'], Partial<Grant>]>([
    ['ending', { endingAt: NOON }],
    ['ended', pickEvidence(aWorld(new FakeIds()).grant)],
  ])('refuses one that is %s', async (state, change) => {
    const { end, unitOfWork, grant, queue } = await setUp({ ...change, state });

    await expect(end()).rejects.toMatchObject({ code: 'grant.already_ended' });
    expect(unitOfWork.peek().grants).toEqual([grant]);
    expect(unitOfWork.peek().accounts[0]?.dueAt).toBe(NOON + HOUR);
    expect(queue.rung).toEqual([]);
  });

  it('lets one of many win who end it at the same moment', async () => {
    const { end, unitOfWork } = await setUp();

    const results = await Promise.allSettled(Array.from({ length: 10 }, end));

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(unitOfWork.peek().audit.filter(({ action }) => action === 'grant.end_requested')).toHaveLength(1);
  });

  it('ends all the same when a reveal was counted between reading and writing', async () => {
    const { ports, by, unitOfWork } = await setUp();
    let saves = 0;
    const revealed = Object.assign(Object.create(unitOfWork) as InMemoryUnitOfWork, {
      inOrganization: (...[id, work]: Parameters<InMemoryUnitOfWork['inOrganization']>) =>
        unitOfWork.inOrganization(id, (stores) => {
          const { grants } = stores;
          const losing = Object.assign(Object.create(grants) as typeof grants, {
            save: (grant: Grant) => (saves++ === 0 ? Promise.resolve(false) : grants.save(grant)),
          });
          return work({ ...stores, grants: losing });
        }),
    });

    await new EndGrant({ ...ports, unitOfWork: revealed }).execute({ ...by, reason: 'ended_by_admin' });

    expect(unitOfWork.peek().grants[0]?.state).toBe('ending');
  });

  it('knows no other grant', async () => {
    const { ports, by } = await setUp();
    const grantId = idOf<'grant'>('0190a000-0000-7000-8000-0000000000aa');

    await expect(
      new EndGrant(ports).execute({ ...by, grantId, reason: 'ended_by_admin' }),
    ).rejects.toMatchObject({ code: 'grant.not_found' });
  });
});

describe('ExtendGrant', () => {
  it('moves the end later, and has the account looked at', async () => {
    const { extend, unitOfWork, queue } = await setUp();

    const extended = await extend(NOON + 90 * MINUTE);

    expect(extended).toMatchObject({ state: 'active', expiresAt: NOON + 90 * MINUTE });
    expect(unitOfWork.peek().grants).toEqual([extended]);
    expect(unitOfWork.peek().accounts[0]?.dueAt).toBe(NOON);
    expect(unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'grant.extended',
      details: { to: new Date(NOON + 90 * MINUTE).toISOString() },
    });
    expect(queue.rung).toHaveLength(1);
  });

  it('goes as far as was approved and not a millisecond further', async () => {
    const { extend, grant } = await setUp();

    await expect(extend(grant.latestExpiresAt + 1)).rejects.toMatchObject({
      code: 'grant.extension_too_long',
      details: { latestExpiresAt: new Date(grant.latestExpiresAt).toISOString() },
    });
    expect((await extend(grant.latestExpiresAt)).expiresAt).toBe(grant.latestExpiresAt);
  });

  it('goes no further than its policy allows by now, counted from the start', async () => {
    const most = NOON + 90 * MINUTE;
    const { extend, clock } = await setUp({}, { maximumDurationSeconds: (90 * MINUTE) / SECOND });
    clock.advance(30 * MINUTE);

    await expect(extend(most + 1)).rejects.toMatchObject({
      code: 'grant.extension_too_long',
      details: { latestExpiresAt: new Date(most).toISOString() },
    });
    expect((await extend(most)).expiresAt).toBe(most);
  });

  it('goes no further than the hours of its policy as they are now', async () => {
    const windows = [{ days: ['saturday'], from: '08:00', to: '13:15' }] as const;
    const { extend } = await setUp({}, { allowedHours: { timeZone: 'UTC', windows } });
    const most = Date.UTC(2026, 2, 14, 13, 15);

    await expect(extend(most + 1)).rejects.toMatchObject({ code: 'grant.extension_too_long' });
    expect((await extend(most)).expiresAt).toBe(most);
  });

  it('goes no further than was approved, when its policy allows more by now', async () => {
    const { extend, grant } = await setUp({}, { maximumDurationSeconds: (9 * HOUR) / SECOND });

    await expect(extend(grant.latestExpiresAt + 1)).rejects.toMatchObject({
      code: 'grant.extension_too_long',
      details: { latestExpiresAt: new Date(grant.latestExpiresAt).toISOString() },
    });
  });

  it.each<[string, Partial<AccessPolicy>]>([
    ['is archived', { state: 'archived' }],
    [
      'is closed by now',
      { allowedHours: { timeZone: 'UTC', windows: [{ days: ['sunday'], from: '12:00', to: '13:00' }] } },
    ],
    ['allows less by now than the grant has', { maximumDurationSeconds: (30 * MINUTE) / SECOND }],
  ])('is refused, and leaves the grant as it is, when its policy %s', async (_, terms) => {
    const { extend, grant, unitOfWork, queue } = await setUp({}, terms);

    await expect(extend(grant.expiresAt + 1)).rejects.toMatchObject({
      code: 'grant.extension_too_long',
      details: { latestExpiresAt: new Date(grant.expiresAt).toISOString() },
    });

    expect(unitOfWork.peek().grants).toEqual([grant]);
    expect(queue.rung).toEqual([]);
  });

  it('knows no other grant', async () => {
    const { ports, by } = await setUp();
    const grantId = idOf<'grant'>('0190a000-0000-7000-8000-0000000000aa');

    await expect(
      new ExtendGrant(ports).execute({ ...by, grantId, expiresAt: NOON + 90 * MINUTE }),
    ).rejects.toMatchObject({ code: 'grant.not_found' });
  });

  it('refuses an end that is not later', async () => {
    const { extend, grant } = await setUp();

    await expect(extend(grant.expiresAt)).rejects.toMatchObject({ code: 'grant.extension_not_later' });
  });

  it('is in time until the last millisecond, and too late from the end on', async () => {
    const inTime = await setUp();
    inTime.clock.set(NOON + HOUR - 1);
    expect((await inTime.extend(NOON + HOUR + MINUTE)).state).toBe('active');

    const late = await setUp();
    late.clock.set(NOON + HOUR);
    await expect(late.extend(NOON + HOUR + MINUTE)).rejects.toMatchObject({ code: 'grant.already_ended' });
  });

  it('is judged by what the one before it left, when an end comes at the same moment', async () => {
    const { end, extend, unitOfWork } = await setUp();

    const [ended, extended] = await Promise.allSettled([end(), extend(NOON + 90 * MINUTE)]);

    expect(ended.status).toBe('fulfilled');
    expect(extended).toMatchObject({ status: 'rejected', reason: { code: 'grant.already_ended' } });
    expect(unitOfWork.peek().grants[0]?.expiresAt).toBe(NOON + HOUR);
  });

  it.each<[string, Partial<Grant>]>([
    ['grant.already_ended', { state: 'failed' }],
    ['grant.already_ended', { state: 'ending' }],
    ['grant.not_started', { state: 'scheduled', startsAt: NOON + SECOND }],
  ])('refuses with %s', async (code, change) => {
    const { extend } = await setUp(change);

    await expect(extend(NOON + 90 * MINUTE)).rejects.toMatchObject({ code });
  });
});
