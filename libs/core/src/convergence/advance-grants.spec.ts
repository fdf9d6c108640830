import {
  DirectoryError,
  HOLDS_NOTHING,
  type DirectoryErrorReason,
  type ManagedAccount,
  type MayHold,
} from '#core/accounts';
import type { Entitlement, Grant, GrantInForce, Proof } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { advanceGrants, GIVE_UP_MS, type Advanced, type GrantCircumstances } from './advance-grants.js';
import type { StepFailure } from './failure.js';
import { planned, type PlannedStep } from './planned-step.js';

const ids = new FakeIds();
const world = aWorld(ids);
const sample = aRunningGrant(ids, world);
const user: ObjectId = idOf('user');
const [READER, ADMIN]: [RoleId, RoleId] = [idOf('reader'), idOf('admin')];
const HELPDESK: GroupId = idOf('helpdesk');
const GIVEN: Entitlement = { roles: [READER], groups: [HELPDESK] };
const NOW = NOON + MINUTE;

const open = (change: Partial<Grant> = {}, policyGives: Entitlement | null = GIVEN): GrantInForce => ({
  grant: {
    ...sample,
    approved: GIVEN,
    credential: 'pass',
    endAction: 'disable',
    state: 'starting',
    startsAt: NOON,
    expiresAt: NOON + HOUR,
    createdAt: NOON,
    activeAt: null,
    ...change,
  },
  policyGives,
  bar: null,
});
const account = (mayHold: Partial<MayHold> = {}, change: Partial<ManagedAccount> = {}): ManagedAccount => ({
  ...world.account,
  objectId: user,
  mayHold: { ...HOLDS_NOTHING, object: 'held', ...mayHold },
  password: null,
  failure: null,
  ...change,
});
const given: Partial<MayHold> = {
  enabled: 'held',
  roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
  groups: { [HELPDESK]: 'held' },
  sessions: true,
  methods: true,
};
const proof: Proof = {
  readAt: NOW,
  graphAt: NOW,
  enabled: false,
  objectFound: true,
  roles: [],
  groups: [],
  methods: [],
};

const advance = (grants: readonly GrantInForce[], change: Partial<GrantCircumstances> = {}): Advanced =>
  advanceGrants(grants, {
    account: account(),
    now: NOW,
    failures: [],
    proof: null,
    nameTaken: false,
    takingOnly: false,
    stopped: false,
    ...change,
  });
const only = (advanced: Advanced): Grant => {
  const [first] = advanced.open;
  if (first === undefined) throw new Error('No grant is left.');
  return first.grant;
};
const actions = ({ audit }: Advanced): readonly string[] => audit.map(({ action }) => action);

const failed = (reason: DirectoryErrorReason, step: PlannedStep): StepFailure => ({
  step,
  error: new DirectoryError(reason, 'Graph said no', {
    retry: 'later',
    workload: 'directory',
    status: 400,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  }),
});
const enable = planned('give', { do: 'enable', user });

describe('a grant, by time', () => {
  it('stays scheduled until its start', () => {
    const scheduled = open({ state: 'scheduled', startsAt: NOW + SECOND });
    expect(advance([scheduled])).toMatchObject({ changed: [], audit: [] });
    expect(only(advance([scheduled], { now: NOW + SECOND })).state).toBe('starting');
  });

  it('expires at its end and not a moment earlier, whatever it has come to', () => {
    for (const state of ['scheduled', 'starting', 'active'] as const) {
      const grants = [open({ state, expiresAt: NOW + SECOND })];
      expect(only(advance(grants)).endReason).toBeNull();
      const over = advance(grants, { now: NOW + SECOND, account: account({ enabled: 'held' }) });
      expect(only(over)).toMatchObject({ state: 'ending', endReason: 'expired', takenAt: null });
      expect(actions(over)).toEqual(['grant.expired']);
    }
  });

  it('ends when its policy is gone', () => {
    expect(only(advance([open({ state: 'active' }, null)]))).toMatchObject({ endReason: 'policy_removed' });
  });
});

describe('a starting grant', () => {
  it('becomes active when everything that it gives is certainly held', () => {
    const advanced = advance([open()], { account: account(given) });
    expect(only(advanced)).toMatchObject({ state: 'active', activeAt: NOW });
    expect(advanced.changed).toEqual([only(advanced)]);
  });

  it.each<[string, Partial<MayHold>]>([
    ['the enable', { enabled: 'maybe' }],
    ['a role', { roles: { [READER]: { certainty: 'maybe', assignmentId: null } } }],
    ['a group', { groups: { [HELPDESK]: 'maybe' } }],
    ['everything', { enabled: null, roles: {}, groups: {} }],
  ])('waits while %s is only possible', (_what, change) => {
    expect(advance([open()], { account: account({ ...given, ...change }) }).changed).toEqual([]);
  });

  it('waits for its password, unless it needs none', () => {
    const password = { sealed: 'sealed', state: 'pending', generation: 1 } as const;
    const states = [null, password, { ...password, state: 'set' as const }].map((kept) => {
      const holder = account(given, { password: kept });
      return only(advance([open({ credential: 'both' })], { account: holder })).state;
    });
    expect(states).toEqual(['starting', 'starting', 'active']);
  });

  it('does not wait for what its policy no longer gives', () => {
    const narrowed = open({ approved: { roles: [READER, ADMIN], groups: [] } });
    expect(only(advance([narrowed], { account: account(given) })).state).toBe('active');
  });

  it('is given up after 5 minutes, counted from when it could begin, and what it gave is taken away', () => {
    const late = open({ createdAt: NOON + 10 * MINUTE });
    const at = NOON + 10 * MINUTE + GIVE_UP_MS;
    const failure = {
      reason: 'unanswered',
      message: 'No answer.',
      sinceAt: NOON,
      attempts: 3,
      retryAt: at,
      steps: { enable: at },
      version: 1,
    };
    const half = { ...account({ enabled: 'maybe' }), failure };
    expect(only(advance([late], { now: at, account: { ...half, failure: null } })).state).toBe('starting');
    expect(only(advance([late], { now: at - 1, account: half })).state).toBe('starting');
    expect(only(advance([late], { now: at, account: half }))).toMatchObject({
      state: 'ending',
      endReason: 'failed',
      failure: { code: 'grant.start_timeout' },
      takenAt: null,
    });
  });

  it('waits for the end of another grant that fails, however long, and is given up for what it wants itself', () => {
    const at = NOON + GIVE_UP_MS + MINUTE;
    const other = open({ id: idOf('other'), state: 'ending', endReason: 'expired', endingAt: NOON });
    const failing = (...keys: readonly string[]) =>
      account(given, {
        failure: {
          reason: 'unanswered',
          message: 'No answer.',
          sinceAt: NOON,
          attempts: 30,
          retryAt: at + MINUTE,
          steps: Object.fromEntries(keys.map((key) => [key, at + MINUTE])),
          version: 1,
        },
      });
    const starting = open({ approved: { roles: [ADMIN], groups: [] } }, { roles: [ADMIN], groups: [] });
    const stateBeside = (grants: readonly GrantInForce[], ...keys: readonly string[]) =>
      only(advance(grants, { now: at, account: failing(...keys) })).state;

    expect(stateBeside([starting, other], 'unassignRole:reader', 'revokeSessions')).toBe('starting');
    expect(stateBeside([starting], 'unassignRole:reader')).toBe('ending');
    expect(stateBeside([starting, other], 'assignRole:admin')).toBe('ending');
    const taken = { ...other, grant: { ...other.grant, takenAt: NOON } };
    expect(stateBeside([starting, taken], 'listGroups')).toBe('ending');
  });

  it.each<[DirectoryErrorReason, string]>([
    ['consent_missing', 'directory.consent_missing'],
    ['quota', 'directory.quota'],
  ])('fails at once at %s, which cannot heal', (reason, code) => {
    const advanced = advance([open()], { failures: [failed(reason, enable)] });
    expect(only(advanced).failure).toMatchObject({ code });
    expect(only(advanced).failure?.message).toContain('Graph said no');
  });

  it.each<DirectoryErrorReason>(['throttled', 'unanswered', 'replication', 'unknown', 'conflict'])(
    'does not fail at %s, which heals',
    (reason) => {
      expect(only(advance([open()], { failures: [failed(reason, enable)] })).state).toBe('starting');
    },
  );

  it('fails for its own roles and groups only, and never for a take-away or a pass', () => {
    const mine = planned('give', { do: 'assignRole', user, roleId: READER });
    const others = [
      planned('give', { do: 'assignRole', user, roleId: ADMIN }),
      planned('give', { do: 'addToGroup', user, groupId: idOf('exchange') }),
      planned('then', { do: 'unassignRole', user, roleId: READER, assignmentId: 'a' }),
      planned('give', { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false }),
    ];
    expect(only(advance([open()], { failures: [failed('invalid', mine)] })).failure).not.toBeNull();
    for (const step of others)
      expect(only(advance([open()], { failures: [failed('invalid', step)] })).failure).toBeNull();
  });
});

describe('an active grant', () => {
  it('does not fail any more, whatever is refused', () => {
    const active = open({ state: 'active', activeAt: NOON });
    expect(advance([active], { failures: [failed('invalid', enable)] }).changed).toEqual([]);
  });
});

describe('an ending grant', () => {
  const ending = open({ state: 'ending', endReason: 'expired', endingAt: NOON });

  it('is not confirmed while anything may be left that nothing gives', () => {
    expect(advance([ending], { account: account({ sessions: true }), proof }).changed).toEqual([]);
  });

  it('is confirmed as taken away, and waits for its proof', () => {
    const advanced = advance([ending]);
    expect(only(advanced)).toMatchObject({ state: 'ending', takenAt: NOW, endedAt: null });
    expect(actions(advanced)).toEqual(['grant.taken_away']);
  });

  it('is closed by a reading from after the take-away, which it keeps', () => {
    const taken = open({ ...ending.grant, takenAt: NOW - SECOND });
    expect(only(advance([taken], { proof }))).toMatchObject({
      state: 'ended',
      endedAt: NOW,
      proofs: [proof],
    });
    const older = { ...proof, readAt: NOW - 2 * SECOND };
    expect(only(advance([taken], { proof: older })).state).toBe('ending');
  });

  it('is not closed without a proof, however long it takes', () => {
    const taken = open({ ...ending.grant, takenAt: NOON });
    expect(only(advance([taken], { now: NOON + 24 * HOUR })).state).toBe('ending');
  });

  it('needs no reading when nothing was ever made', () => {
    const unmade = account({ object: null }, { objectId: null });
    const advanced = advance([ending], { account: unmade });
    expect(only(advanced)).toMatchObject({ state: 'ended', proofs: [{ objectFound: false, enabled: null }] });
    expect(actions(advanced)).toEqual(['grant.taken_away', 'grant.ended']);
  });

  it('is confirmed while another grant keeps the rights that it shared', () => {
    const other = open({ state: 'active', expiresAt: NOON + 2 * HOUR });
    expect(only(advance([ending, other], { account: account(given) }))).toMatchObject({ takenAt: NOW });
  });
});

describe('several moves at once', () => {
  it('each have their own audit event, in their order', () => {
    const scheduled = open({ state: 'scheduled' });
    const half = account({ enabled: 'maybe' });
    const advanced = advance([scheduled], { account: half, failures: [failed('quota', enable)] });
    expect(actions(advanced)).toEqual(['grant.starting', 'grant.failed', 'grant.end_requested']);
  });

  it('leave alone what does not move', () => {
    const still = open({ state: 'active', expiresAt: NOON + 2 * HOUR });
    const advanced = advance([still, open()], { account: account(given) });
    expect(advanced.changed.map(({ state }) => state)).toEqual(['active']);
    expect(advanced.open[0]).toBe(still);
  });
});
