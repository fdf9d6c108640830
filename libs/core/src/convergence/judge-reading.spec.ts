import {
  HOLDS_NOTHING,
  NO_DRIFT,
  type AccountDrift,
  type Failure,
  type ManagedAccount,
  type MayHold,
  type ObservedUser,
} from '#core/accounts';
import { HOUR, idOf, MINUTE, SECOND, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import type { DesiredAccount } from './desired-account.js';
import { judgeReading, type Judgement } from './judge-reading.js';
import { REPLICATION_MS, type Observation } from './observation.js';

const ids = new FakeIds();
const USER: ObjectId = idOf('user');
const [READER, ADMIN]: [RoleId, RoleId] = [idOf('reader'), idOf('admin')];
const HELPDESK: GroupId = idOf('helpdesk');
const NOW = NOON + 10 * SECOND;
const BARE: MayHold = { ...HOLDS_NOTHING, object: 'held' };

const nothing: DesiredAccount = {
  enabled: false,
  roles: new Map(),
  groups: new Set(),
  password: false,
  pass: false,
  removed: false,
};
const reader: DesiredAccount = { ...nothing, enabled: true, pass: true, roles: new Map([[READER, NOW]]) };

/** Ended at noon: everything taken, no proof yet. */
const account = (change: Partial<ManagedAccount> = {}): ManagedAccount => ({
  ...anAccount(ids, aWorld(ids)),
  objectId: USER,
  mayHold: BARE,
  pristine: false,
  password: null,
  verification: { writtenAt: NOON, proofs: 0, nextAt: NOW },
  failure: null,
  ...change,
});
const user = (change: Partial<ObservedUser> = {}): ObservedUser => ({
  objectId: USER,
  upn: anAccount(ids, aWorld(ids)).upn,
  enabled: false,
  marker: 'curfew1.mark',
  sessionsValidFromAt: NOON,
  passwordChangedAt: NOON,
  ...change,
});
const whole = (change: Observation = {}): Observation => ({
  user: user(),
  roles: [],
  groups: [],
  methods: [],
  at: NOW - SECOND,
  ...change,
});
const judge = (of: {
  account?: ManagedAccount;
  observed: Observation;
  desired?: DesiredAccount;
  failedBefore?: Failure;
  givenAt?: number;
  now?: number;
}): Judgement => {
  const working = {
    account: of.account ?? account(),
    observed: of.observed,
    known: new Set<GroupId>(),
    failedBefore: of.failedBefore ?? null,
    givenAt: of.givenAt ?? null,
  };
  return judgeReading(working, of.desired ?? nothing, of.now ?? NOW);
};

/** Nothing but old readings since noon. */
const lagging: Failure = {
  reason: 'replication',
  message: 'What Graph shows is older than what it accepted from us.',
  sinceAt: NOON,
  attempts: 4,
  retryAt: NOW,
  steps: { readUser: NOW },
  version: 1,
};

describe('a whole and fresh reading', () => {
  it('that shows nothing left is a proof, with the time by which Graph answered', () => {
    expect(judge({ observed: whole() }).proof).toEqual({
      readAt: NOW,
      graphAt: NOW - SECOND,
      enabled: false,
      objectFound: true,
      roles: [],
      groups: [],
      methods: [],
    });
  });

  it('is followed by others after 1, 5 and 60 minutes, and the fourth proof is the last', () => {
    const waits: (number | null)[] = [];
    for (let proofs = 0; proofs < 4; proofs += 1) {
      const verification = { writtenAt: NOON, proofs, nextAt: NOW };
      const next = judge({ account: account({ verification }), observed: whole() }).account.verification;
      waits.push(next && next.nextAt - NOW);
    }
    expect(waits).toEqual([55 * SECOND, 4 * MINUTE, 55 * MINUTE, null]);
  });

  it('without a write of ours is never older than one', () => {
    const next = judge({ account: account({ verification: null }), observed: whole() }).account.verification;
    expect(next).toEqual({ writtenAt: 0, proofs: 1, nextAt: NOW + 55 * SECOND });
  });

  it.each<[string, Observation, Partial<MayHold>]>([
    ['enabled', { user: user({ enabled: true }) }, { enabled: 'held', sessions: true, methods: true }],
    [
      'with a role',
      { roles: [{ roleId: READER, assignmentId: 'a', scope: '/' }] },
      { roles: { [READER]: { certainty: 'held', assignmentId: 'a' } } },
    ],
    ['in a group', { groups: [HELPDESK] }, { groups: { [HELPDESK]: 'held' } }],
    ['with a method', { methods: [{ kind: 'fido2', id: 'key' }] }, { methods: true }],
  ])('that shows it %s is no proof: it is taken away again', (_how, seen, held) => {
    const judged = judge({ observed: whole(seen) });
    expect(judged.proof).toBeNull();
    expect(judged.account.mayHold).toMatchObject(held);
    expect(judged.account.verification).toMatchObject({ proofs: 0, nextAt: NOW + 5 * SECOND });
  });

  it('tells of what came back after a proof, and not of what was never gone', () => {
    const observed = whole({ user: user({ enabled: true }) });
    const proven = account({ verification: { writtenAt: NOON, proofs: 1, nextAt: NOW } });
    expect(judge({ account: proven, observed }).notes).toMatchObject([{ action: 'account.drifted' }]);
    expect(judge({ observed }).notes).toEqual([]);
  });

  it('tells of what comes back before any proof from the second time within a day on', () => {
    const backAt = (before: AccountDrift, now: number): Judgement =>
      judge({
        account: account({
          drift: before,
          verification: { writtenAt: now - 5 * SECOND, proofs: 0, nextAt: now },
        }),
        observed: whole({ user: user({ enabled: true, sessionsValidFromAt: now - 5 * SECOND }) }),
        now,
      });
    const first = backAt(NO_DRIFT, NOW);
    expect(first.notes).toEqual([]);
    const second = backAt(first.account.drift, NOW + 5 * SECOND);
    expect(second.notes).toMatchObject([{ action: 'account.drifted', details: { found: ['enabled'] } }]);
    expect(second.account.drift.enabledAt).toEqual([NOW, NOW + 5 * SECOND]);

    expect(backAt(first.account.drift, NOW + 24 * HOUR).notes).toEqual([]);
  });

  it('remembers each time that somebody enabled it, and not what else came back', () => {
    const proven = (drift: AccountDrift) =>
      account({ drift, verification: { writtenAt: NOON, proofs: 1, nextAt: NOW } });
    const once = judge({ account: proven(NO_DRIFT), observed: whole({ user: user({ enabled: true }) }) });
    const grouped = judge({ account: proven(once.account.drift), observed: whole({ groups: [HELPDESK] }) });

    expect(grouped.account.drift).toMatchObject({ enabledAt: [NOW], recentAt: [NOW, NOW] });
  });

  it('never takes a role in a smaller scope for one that a grant gives', () => {
    const roles = [{ roleId: READER, assignmentId: 'a', scope: '/administrativeUnits/1' }];
    const judged = judge({ observed: whole({ roles }), desired: reader });
    expect(judged.proof).toBeNull();
    expect(Object.keys(judged.account.mayHold.roles)).toEqual([`${READER}@/administrativeUnits/1`]);
  });

  it('adds to what may be held, and drops no right because a list does not show it', () => {
    const held: MayHold = { ...BARE, roles: { [ADMIN]: { certainty: 'maybe', assignmentId: null } } };
    const judged = judge({ account: account({ mayHold: held }), observed: whole() });
    expect(judged.account.mayHold.roles).toEqual(held.roles);
    expect(judged.proof).toBeNull();
  });

  it('drops methods only of an account that nobody can sign in to, and a pass of unknown id that is not listed', () => {
    const left: Partial<MayHold> = { methods: true, pass: { certainty: 'maybe', passId: null } };
    const parked = account({ mayHold: { ...BARE, ...left } });
    expect(judge({ account: parked, observed: whole() }).account.mayHold).toEqual(BARE);

    const enabled = account({ mayHold: { ...BARE, ...left, enabled: 'held' } });
    const observed = whole({ user: user({ enabled: true }) });
    expect(judge({ account: enabled, observed, desired: reader }).account.mayHold).toMatchObject({
      methods: true,
      pass: null,
    });
  });
});

describe('a reading of the user alone', () => {
  it('is no proof for a grant, but counts as a look', () => {
    const judged = judge({ observed: { user: user(), at: NOW } });
    expect(judged.proof).toBeNull();
    expect(judged.account.verification?.proofs).toBe(1);
  });

  it('still finds that somebody enabled it', () => {
    const judged = judge({ observed: { user: user({ enabled: true }), at: NOW } });
    expect(judged.account.mayHold.enabled).toBe('held');
  });

  it('is not made up from nothing', () => {
    const unread = account();
    expect(judge({ account: unread, observed: { roles: [] } })).toEqual({
      account: unread,
      notes: [],
      proof: null,
      stopped: false,
    });
  });
});

describe('a stale reading', () => {
  const old = { sessionsValidFromAt: NOON - MINUTE, passwordChangedAt: NOON - MINUTE };

  it('proves nothing, whatever it shows, and is repeated', () => {
    const judged = judge({ observed: whole({ user: user(old) }) });
    expect(judged).toMatchObject({ proof: null, notes: [] });
    const { verification, version } = account();
    const retryAt = NOW + 2 * SECOND;
    expect(judged.account).toMatchObject({
      verification,
      failure: {
        reason: 'replication',
        sinceAt: NOW,
        attempts: 1,
        retryAt,
        steps: { readUser: retryAt },
        version,
      },
    });
  });

  it('counts from the first of its kind, and not from another failure', () => {
    const observed = whole({ user: user(old) });
    expect(judge({ observed, failedBefore: lagging }).account.failure?.sinceAt).toBe(NOON);
    const anew = { ...lagging, anewAt: NOON + SECOND };
    expect(judge({ observed, failedBefore: anew }).account.failure?.anewAt).toBe(NOON + SECOND);
    expect(judge({ observed, failedBefore: lagging }).account.failure).not.toHaveProperty('anewAt');
    const other: Failure = { ...lagging, reason: 'throttled' };
    expect(judge({ observed, failedBefore: other }).account.failure?.sinceAt).toBe(NOW);
  });

  it('counts as fresh within the whole seconds of Graph, or by a newer password', () => {
    const rounded = user({ sessionsValidFromAt: NOON - SECOND, passwordChangedAt: null });
    expect(judge({ observed: whole({ user: rounded }) }).proof).not.toBeNull();
    const reset = user({ sessionsValidFromAt: null, passwordChangedAt: NOON });
    expect(judge({ observed: whole({ user: reset }) }).proof).not.toBeNull();
  });

  it('that shows it enabled lets the disable be sent again: it may have been lost', () => {
    const observed = whole({ user: user({ ...old, enabled: true }) });
    expect(judge({ observed }).account.mayHold.enabled).toBe('maybe');
    expect(judge({ observed, desired: reader }).account.mayHold.enabled).toBeNull();
  });

  it('lets sessions be revoked again once no replica lags for so long', () => {
    const observed = whole({ user: user(old) });
    expect(judge({ observed, now: NOON + 5 * MINUTE }).account.mayHold.sessions).toBe(false);
    expect(judge({ observed, now: NOON + 6 * MINUTE }).account.mayHold.sessions).toBe(true);
  });

  it('is repeated within a fifth of what was waited, and within a minute', () => {
    for (const waited of [0, 20 * SECOND, 2 * MINUTE, 30 * MINUTE]) {
      const { failure } = judge({ observed: whole({ user: user(old) }), now: NOON + waited }).account;
      const wait = (failure?.retryAt ?? 0) - NOON - waited;
      expect(wait).toBe(Math.min(MINUTE, Math.max(2 * SECOND, waited / 5)));
    }
  });

  it('of an object that was just deleted, enabled though it knows of our revocation, means that nothing was carried out', () => {
    const deleted = account({ mayHold: HOLDS_NOTHING });

    const fresh = judge({ account: deleted, observed: whole({ user: user({ enabled: true }) }) });
    expect(fresh.account.mayHold).toMatchObject({ object: 'held', enabled: 'held' });

    const old = user({ enabled: true, sessionsValidFromAt: NOON - MINUTE, passwordChangedAt: null });
    const stale = judge({ account: deleted, observed: whole({ user: old }) });
    expect(stale.account.mayHold).toEqual(HOLDS_NOTHING);
  });

  it('of an object that was just deleted says nothing; later it means that somebody restored it', () => {
    const gone = account({ mayHold: HOLDS_NOTHING });
    const soon = judge({ account: gone, observed: whole() });
    expect(soon).toMatchObject({ proof: null, account: { mayHold: HOLDS_NOTHING } });

    const observed = whole({ user: user(old) });
    const later = judge({ account: gone, observed, now: NOON + REPLICATION_MS + SECOND });
    expect(later.account.mayHold.object).toBe('held');
  });
});

describe('"no such user"', () => {
  const missing: Observation = { user: null, at: NOW };

  it('proves the end of an account that we deleted', () => {
    const judged = judge({ account: account({ mayHold: HOLDS_NOTHING }), observed: missing });
    expect(judged.proof).toMatchObject({ objectFound: false, enabled: null });
    expect(judged.account.verification?.proofs).toBe(1);
  });

  it('is no evidence right after a write: a replica may not know the object yet', () => {
    const held: MayHold = { ...BARE, enabled: 'held' };
    const judged = judge({ account: account({ mayHold: held }), observed: missing });
    expect(judged).toMatchObject({ proof: null, notes: [], account: { mayHold: held } });
    expect(judged.account.failure?.retryAt).toBeGreaterThan(NOW);
  });

  it('for longer than any replica lags means that it is gone, and proves the end', () => {
    const held: MayHold = { ...BARE, enabled: 'held' };
    const now = NOON + REPLICATION_MS + SECOND;
    const begun = account({ mayHold: held });
    const judged = judge({ account: begun, observed: missing, failedBefore: lagging, now });
    expect(judged.proof).toMatchObject({ readAt: now, objectFound: false });
    expect(judged.account).toMatchObject({ mayHold: HOLDS_NOTHING, verification: null, failure: null });
    expect(judged.notes).toMatchObject([{ action: 'account.drifted' }]);

    const unrelated: Failure = { ...lagging, reason: 'throttled' };
    const first = judge({ account: begun, observed: missing, failedBefore: unrelated, now });
    expect(first).toMatchObject({ proof: null, account: { mayHold: held } });
  });

  it('of an account that was parked for long is believed at once', () => {
    const judged = judge({ account: account({ verification: null }), observed: missing });
    expect(judged.account).toMatchObject({ mayHold: HOLDS_NOTHING, failure: null });
    expect(judged.proof).not.toBeNull();
    const fresh = judge({ account: account({ verification: null, pristine: true }), observed: missing });
    expect(fresh).toMatchObject({ proof: null, account: { mayHold: BARE } });
  });

  it('of a wanted account lets it be made anew: a POST tells for certain whether it is there', () => {
    const soon = judge({ observed: missing, desired: reader });
    expect(soon).toMatchObject({ proof: null, account: { objectId: USER, mayHold: BARE } });

    const now = NOON + REPLICATION_MS + SECOND;
    const judged = judge({ observed: missing, desired: reader, failedBefore: lagging, now });
    expect(judged.account).toMatchObject({
      objectId: null,
      mayHold: { ...HOLDS_NOTHING, object: 'maybe' },
    });
    expect(judged.proof).toBeNull();
  });
});
