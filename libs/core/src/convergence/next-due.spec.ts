import fc from 'fast-check';
import { HOLDS_NOTHING, type ManagedAccount } from '#core/accounts';
import type { Grant, GrantInForce, GrantState } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { nextTimes, unprovenAt } from './next-due.js';

const ids = new FakeIds();
const sample = aRunningGrant(ids, aWorld(ids));
const open = (change: Partial<Grant> = {}): GrantInForce => ({
  grant: { ...sample, startsAt: NOON, expiresAt: NOON + HOUR, createdAt: NOON, ...change },
  policyGives: sample.approved,
  bar: null,
});
const calm: Pick<ManagedAccount, 'verification' | 'failure' | 'own' | 'retirement'> = {
  verification: null,
  failure: null,
  own: null,
  retirement: null,
};
const verification = { writtenAt: NOON, proofs: 0, nextAt: NOON + 5 * SECOND };
const failure = {
  reason: 'unknown',
  message: '',
  sinceAt: NOON,
  attempts: 1,
  retryAt: NOON + 30 * SECOND,
  steps: { disable: NOON + 30 * SECOND },
  version: 1,
};
const NOW = NOON + MINUTE;

describe('when an account next needs a look', () => {
  it('is never when nothing is open and nothing is to be proven', () => {
    expect(nextTimes(calm, [], NOW)).toEqual({ dueAt: null, takeAt: null });
  });

  it.each<[GrantState, Partial<Grant>, number]>([
    ['scheduled', { startsAt: NOON + 10 * MINUTE }, NOON + 10 * MINUTE],
    ['starting', {}, NOON + 5 * MINUTE],
    ['starting', { expiresAt: NOON + 2 * MINUTE }, NOON + 2 * MINUTE],
    ['active', {}, NOON + HOUR],
  ])('of a %s grant is its next move', (state, change, at) => {
    expect(nextTimes(calm, [open({ state, ...change })], NOW).dueAt).toBe(at);
  });

  it('is the earliest of all open grants', () => {
    const grants = [open({ expiresAt: NOON + 2 * HOUR }), open(), open({ expiresAt: NOON + 3 * HOUR })];
    expect(nextTimes(calm, grants, NOW).dueAt).toBe(NOON + HOUR);
  });

  it('is the next read-back, but after a failure its retry: nothing is proven while something fails', () => {
    expect(nextTimes({ ...calm, verification }, [], NOON).dueAt).toBe(verification.nextAt);
    expect(nextTimes({ ...calm, verification, failure }, [], NOON).dueAt).toBe(failure.retryAt);
    expect(nextTimes({ ...calm, verification, failure }, [], NOW).dueAt).toBe(verification.nextAt);
  });

  it('is the next of the steps that wait, though others have waited long enough and are wanted no longer', () => {
    const steps = { setPassword: NOON + 30 * SECOND, removeFromGroup: NOON + 31 * SECOND };
    const mixed = { ...failure, steps };
    const later = open({ expiresAt: NOON + HOUR });
    expect(nextTimes({ ...calm, failure: mixed }, [later], NOON + 30 * SECOND).dueAt).toBe(
      NOON + 31 * SECOND,
    );
  });

  it('is the end of a grant even while something else fails for longer', () => {
    const soon = open({ expiresAt: NOON + 10 * SECOND });
    expect(nextTimes({ ...calm, failure }, [soon], NOON).dueAt).toBe(NOON + 10 * SECOND);
  });
});

describe('when nothing else asks for a look', () => {
  it('what was taken away and is not proven is looked at in a minute, and nothing else', () => {
    const account = { ...calm, mayHold: HOLDS_NOTHING, objectId: null, removal: null };
    const taken = open({ state: 'ending', endingAt: NOON, takenAt: NOON + SECOND });
    expect(unprovenAt(account, [open(), taken], NOW)).toBe(NOW + MINUTE);
    expect(unprovenAt(account, [open(), open({ state: 'ending', endingAt: NOON })], NOW)).toBeNull();
  });
});

describe('the earliest end not yet confirmed', () => {
  it('is that of the grant which ends first', () => {
    expect(nextTimes(calm, [open({ expiresAt: NOON + 2 * HOUR }), open()], NOW).takeAt).toBe(NOON + HOUR);
  });

  it('is the moment at which somebody ended it', () => {
    const ended = open({ state: 'ending', endingAt: NOON + SECOND });
    expect(nextTimes(calm, [ended, open()], NOW).takeAt).toBe(NOON + SECOND);
  });

  it('is no longer that of a grant whose rights are taken away, proven or not', () => {
    const taken = open({ state: 'ending', endingAt: NOON, takenAt: NOON + SECOND });
    expect(nextTimes(calm, [taken], NOW).takeAt).toBeNull();
  });

  it('is never later than the end of any grant that is owed one', () => {
    const grant = fc
      .record({
        state: fc.constantFrom<GrantState>('scheduled', 'starting', 'active', 'failed', 'ending'),
        expiresAt: fc.integer({ min: NOON, max: NOON + 2 * HOUR }),
        endingAt: fc.option(fc.integer({ min: NOON, max: NOON + 2 * HOUR })),
        takenAt: fc.option(fc.constant(NOON)),
      })
      .map(open);
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 4 }), (grants) => {
        const { takeAt } = nextTimes(calm, grants, NOW);
        const owed = grants.filter((each) => each.grant.takenAt === null);
        const ends = owed.map((each) => Math.min(each.grant.endingAt ?? Infinity, each.grant.expiresAt));
        expect(takeAt).toBe(ends.length === 0 ? null : Math.min(...ends));
      }),
    );
  });

  it('so is a canary whose time is over and whose object nobody has seen gone', () => {
    const own = { enabled: true, roles: [], groups: [], startsAt: NOON, expiresAt: NOW } as const;
    const over = {
      ...calm,
      own: { ...own, endAction: 'delete' as const },
      mayHold: HOLDS_NOTHING,
      removal: null,
    };
    expect(unprovenAt({ ...over, objectId: idOf('object') }, [], NOW)).toBe(NOW + MINUTE);
    expect(unprovenAt({ ...over, objectId: null }, [], NOW)).toBeNull();
    expect(unprovenAt({ ...over, objectId: idOf('object') }, [], NOW - 1)).toBeNull();
  });
});

describe('when an account is entitled to something by itself', () => {
  const own = (startsAt: number, expiresAt: number) => ({
    ...calm,
    own: { enabled: true, roles: [], groups: [], startsAt, expiresAt, endAction: 'delete' as const },
  });

  it('is due at its start and at its end, and owes the end until it is over', () => {
    expect(nextTimes(own(NOW + 1, NOW + 9), [], NOW)).toEqual({ dueAt: NOW + 1, takeAt: NOW + 9 });
    expect(nextTimes(own(NOON, NOW + 9), [], NOW)).toEqual({ dueAt: NOW + 9, takeAt: NOW + 9 });
    expect(nextTimes(own(NOON, NOW), [], NOW)).toEqual({ dueAt: null, takeAt: null });
    expect(nextTimes({ ...own(NOON, NOW + 9), retirement: 'customer_removed' }, [], NOW)).toEqual({
      dueAt: null,
      takeAt: null,
    });
  });
});
