import { HOLDS_NOTHING, type Failure, type ManagedAccount, type MayHold } from '#core/accounts';
import type { Grant, GrantInForce } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import type { Throttle } from '#core/tenancy';
import { FakeIds } from '../testing/fake-ids.js';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { draftRound, type Draft, type DraftInput } from './draft.js';

const ids = new FakeIds();
const world = aWorld(ids);
const READER = idOf<'entra role'>('reader');
const approved = { roles: [READER], groups: [] };
const NOW = NOON + MINUTE;
const UNTIL = NOW + 90 * SECOND;

const grant = (change: Partial<Grant>): GrantInForce => ({
  grant: {
    ...aRunningGrant(ids, world),
    approved,
    credential: 'pass',
    endAction: 'disable',
    ...change,
  },
  policyGives: approved,
  bar: null,
});
const OVER = grant({ state: 'active', startsAt: NOON, expiresAt: NOON + SECOND });
const TAKEN = grant({ state: 'ending', startsAt: NOON, endingAt: NOON, takenAt: NOON, expiresAt: NOON });
const WANTED = grant({ state: 'scheduled', startsAt: NOON, expiresAt: NOON + HOUR, createdAt: NOON });

const account = (mayHold: Partial<MayHold>, change: Partial<ManagedAccount> = {}): ManagedAccount => ({
  ...world.account,
  objectId: idOf('user'),
  mayHold: { ...HOLDS_NOTHING, object: 'held', ...mayHold },
  pristine: false,
  password: null,
  verification: null,
  failure: null,
  ...change,
});
const GIVEN: Partial<MayHold> = {
  enabled: 'held',
  roles: { [READER]: { certainty: 'maybe', assignmentId: null } },
  password: 'maybe',
  sessions: true,
  methods: true,
};
const METHODS: readonly Throttle[] = [{ workload: 'authentication-methods', until: UNTIL, reason: '429' }];

const draft = (of: Partial<DraftInput>): Draft =>
  draftRound(
    {
      claim: { ...world.customer, customerId: world.customer.id, accountId: world.account.id, ...CLAIM },
      account: account({}),
      open: [],
      work: null,
      connection: world.connection,
      mint: null,
      throttles: METHODS,
      now: NOW,
      stop: false,
      takingOnly: false,
      looking: false,
      ...of,
    },
    { box: new FakeSecretBox(), ids },
  );
const CLAIM = { epoch: 1, claimedUntil: NOW };
const keys = ({ work }: Draft): readonly string[] => work.steps.map(({ key }) => key);
const waiting = (...steps: readonly string[]): Failure => ({
  reason: 'throttled',
  message: '429',
  sinceAt: NOON,
  attempts: 1,
  retryAt: UNTIL,
  steps: Object.fromEntries(steps.map((key) => [key, UNTIL])),
  version: world.account.version,
});

describe('a draft under a throttle of authentication methods', () => {
  it('takes away all but the methods at once, which are due when it is over', () => {
    const taking = draft({ account: account(GIVEN), open: [OVER] });
    expect(keys(taking)).toEqual([
      'disable',
      'revokeSessions',
      'unassignRole:reader',
      'setPassword',
      'listRoleAssignments',
    ]);

    const left = draft({ account: account({ methods: true }), open: [OVER] });
    expect(left).toMatchObject({ work: { steps: [] }, settled: { dueAt: UNTIL, takeAt: NOON + SECOND } });
    expect(keys(draft({ account: account({ methods: true }), open: [OVER], now: UNTIL }))).toEqual([
      'listMethods',
    ]);
  });

  it('looks whether an account that should be off is off, and proves it later', () => {
    const due = { writtenAt: NOON, proofs: 0, nextAt: NOW };
    const glance = draft({ account: account({}, { verification: due }), open: [TAKEN] });
    expect(keys(glance)).toEqual(['readUser']);

    const observed = { user: null };
    const seen = { ...glance.work, observed };
    const rest = draft({ account: account({}, { verification: due }), open: [TAKEN], work: seen });
    expect(rest).toMatchObject({ work: { steps: [] }, settled: { dueAt: UNTIL } });
  });

  it('gives nothing to a parked account that cannot be read as a whole, and never spins', () => {
    const parked = draft({ open: [WANTED] });
    expect(keys(parked)).toEqual([]);
    expect(parked.settled?.dueAt).toBe(UNTIL);
  });

  it('leaves what is due before that as it is', () => {
    const running = grant({ state: 'active', startsAt: NOON, expiresAt: NOW + SECOND });
    const held = account({ ...GIVEN, roles: { [READER]: { certainty: 'held', assignmentId: 'a' } } });
    const verification = { writtenAt: NOON, proofs: 0, nextAt: NOW };
    const { settled } = draft({ account: { ...held, verification }, open: [running] });
    expect(settled?.dueAt).toBe(NOW + SECOND);
  });

  it('has sessions revoked and roles listed although the methods of this account wait for their next try', () => {
    const failure = waiting('deleteMethod:pass', 'listMethods');
    const owed = account(
      {
        sessions: true,
        roles: { [READER]: { certainty: 'maybe', assignmentId: null } },
        pass: { certainty: 'held', passId: 'pass' },
        methods: true,
      },
      { failure },
    );
    expect(keys(draft({ account: owed, open: [OVER], throttles: [] }))).toEqual([
      'revokeSessions',
      'unassignRole:reader',
      'listRoleAssignments',
    ]);
    const lone = account({ sessions: true, pass: { certainty: 'held', passId: 'pass' } }, { failure });
    expect(keys(draft({ account: lone, open: [OVER], throttles: [] }))).toEqual(['revokeSessions']);
  });
});
