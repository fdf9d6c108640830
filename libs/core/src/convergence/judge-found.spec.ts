import { HOLDS_NOTHING, type ManagedAccount, type ObservedUser } from '#core/accounts';
import { idOf, MINUTE, SECOND } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { judgeFound } from './judge-found.js';
import { REPLICATION_MS } from './observation.js';

const ids = new FakeIds();
/** A POST has left and was never answered. */
const unanswered: ManagedAccount = {
  ...anAccount(ids, aWorld(ids)),
  objectId: null,
  mayHold: { ...HOLDS_NOTHING, object: 'maybe', password: 'maybe' },
  pristine: false,
  password: { sealed: 'sealed', state: 'set', generation: 4 },
  verification: null,
  failure: null,
};
const found: ObservedUser = {
  objectId: idOf('found'),
  upn: unanswered.upn,
  enabled: false,
  marker: unanswered.marker,
  sessionsValidFromAt: NOON,
  passwordChangedAt: NOON,
};
const wanted = { wanted: true, now: NOON };
const unwanted = { wanted: false, now: NOON };

const adopted = (user: ObservedUser, from = unanswered): ManagedAccount => {
  const judged = judgeFound(from, user, wanted);
  if (judged.what !== 'ours') throw new Error(`It was taken for ${judged.what}.`);
  return judged.account;
};

describe('a name under which nobody is found', () => {
  it('leaves nothing that the account may hold, once no replica can lag so far', () => {
    const suspected = { ...unanswered.mayHold, enabled: 'maybe', sessions: true } as const;
    const failure = {
      ...{ reason: 'replication', message: '', attempts: 9, retryAt: NOON, version: 1 },
      ...{ sinceAt: NOON - REPLICATION_MS, steps: { findUser: NOON } },
    };
    const judged = judgeFound({ ...unanswered, mayHold: suspected, failure }, null, unwanted);
    expect(judged).toMatchObject({ what: 'absent', account: { mayHold: HOLDS_NOTHING, failure: null } });
  });
});

describe('a user found under our name', () => {
  it('is adopted when it bears our marker, and its password set anew', () => {
    expect(adopted(found)).toMatchObject({
      objectId: 'found',
      pristine: false,
      password: { state: 'pending', generation: 4 },
      mayHold: { object: 'held', enabled: null },
    });
  });

  it('is adopted without a password when the grant has none', () => {
    expect(adopted(found, { ...unanswered, password: null }).password).toBeNull();
  });

  it('that somebody has enabled may hold what signing in allows', () => {
    expect(adopted({ ...found, enabled: true }).mayHold).toMatchObject({
      enabled: 'held',
      sessions: true,
      methods: true,
      password: 'maybe',
    });
  });

  it.each([null, '', 'curfew1.of-another-account'])('is never touched with marker %j', (marker) => {
    expect(judgeFound(unanswered, { ...found, marker }, wanted)).toEqual({ what: 'foreign' });
    expect(judgeFound(unanswered, { ...found, marker }, unwanted)).toEqual({ what: 'foreign' });
  });
});

describe('no user under our name', () => {
  it('leaves a wanted account as it is: the next POST tells for certain', () => {
    expect(judgeFound(unanswered, null, wanted)).toEqual({ what: 'absent', account: unanswered });
  });

  const search = (): readonly { at: number; account: ManagedAccount }[] => {
    const looks = [{ at: NOON, account: unanswered }];
    for (let now = NOON; looks.at(-1)?.account.mayHold.object === 'maybe';) {
      const judged = judgeFound(looks.at(-1)?.account ?? unanswered, null, { wanted: false, now });
      if (judged.what !== 'absent') throw new Error('It is absent.');
      looks.push({ at: now, account: judged.account });
      now = judged.account.failure?.retryAt ?? now;
    }
    return looks;
  };

  it('is looked for until no replica can lag so far, and only then believed', () => {
    const last = search().at(-1);
    expect(last?.at).toBeGreaterThanOrEqual(NOON + REPLICATION_MS);
    expect(last?.at).toBeLessThanOrEqual(NOON + REPLICATION_MS + MINUTE);
    expect(last?.account).toMatchObject({ failure: null, mayHold: HOLDS_NOTHING });
  });

  it('is looked for ever more rarely, and the row says why', () => {
    const looks = search().slice(1, -1);
    const waits = looks.map(({ at, account }) => (account.failure?.retryAt ?? at) - at);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(waits[0]).toBe(SECOND);
    for (const { account } of looks) {
      const steps = { findUser: account.failure?.retryAt };
      expect(account.failure).toMatchObject({ reason: 'replication', sinceAt: NOON, steps });
    }
  });
});
