import { HOLDS_NOTHING, type Failure, type ManagedAccount, type MayHold } from '#core/accounts';
import type { Grant, GrantInForce } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { draftRound, type Draft, type DraftInput } from './draft.js';
import { REPLICATION_MS } from './observation.js';

const ids = new FakeIds();
const world = aWorld(ids);
const ports = { box: new FakeSecretBox(), ids };
const user: ObjectId = idOf('user');
const READER: RoleId = idOf('reader');
const HELPDESK: GroupId = idOf('helpdesk');
const approved = { roles: [READER], groups: [HELPDESK] };
const NOW = NOON + MINUTE;

const open = (change: Partial<Grant> = {}): GrantInForce => ({
  grant: {
    ...aRunningGrant(ids, world),
    approved,
    credential: 'pass',
    endAction: 'disable',
    state: 'scheduled',
    startsAt: NOON,
    expiresAt: NOON + HOUR,
    createdAt: NOON,
    ...change,
  },
  policyGives: approved,
  bar: null,
});
const over = open({ state: 'active', expiresAt: NOON + SECOND });

const account = (change: Partial<ManagedAccount> = {}, mayHold: Partial<MayHold> = {}): ManagedAccount => ({
  ...world.account,
  objectId: user,
  mayHold: { ...HOLDS_NOTHING, object: 'held', ...mayHold },
  pristine: true,
  password: null,
  passwordGeneration: 0,
  verification: null,
  failure: null,
  ...change,
});
const given: Partial<MayHold> = {
  enabled: 'held',
  roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
  groups: { [HELPDESK]: 'held' },
  password: 'maybe',
  sessions: true,
  methods: true,
};
const failing = (keys: readonly string[], change: Partial<Failure> = {}): Failure => {
  const retryAt = change.retryAt ?? NOW + 30 * SECOND;
  return {
    reason: 'unknown',
    message: 'Graph said no',
    sinceAt: NOON,
    attempts: 1,
    retryAt,
    steps: Object.fromEntries(keys.map((key) => [key, retryAt])),
    version: world.account.version,
    ...change,
  };
};

/** There is one way to take a role. */
const unlicensed = {
  ...world.connection,
  capabilities: { ...world.connection.capabilities, timedRoles: false },
};
const draft = (of: Partial<DraftInput> = {}): Draft =>
  draftRound(
    {
      claim: {
        ...world.customer,
        customerId: world.customer.id,
        accountId: world.account.id,
        epoch: 1,
        claimedUntil: NOW,
      },
      account: account(),
      open: [],
      work: null,
      connection: unlicensed,
      mint: null,
      throttles: [],
      now: NOW,
      stop: false,
      takingOnly: false,
      looking: false,
      ...of,
    },
    ports,
  );
const keys = ({ work }: Draft): readonly string[] => work.steps.map(({ key }) => key);

describe('a draft that gives', () => {
  it('raises what may be held before anything leaves, and keeps how it was', () => {
    const before = account();
    const { work, settled } = draft({ account: before, open: [open()] });
    expect(settled).toBeNull();
    expect(work.before).toEqual(before.mayHold);
    expect(work.account.mayHold).toMatchObject({
      enabled: 'maybe',
      roles: { [READER]: { certainty: 'maybe' } },
      groups: { [HELPDESK]: 'maybe' },
      sessions: true,
    });
  });

  it('seals the password before the write that sets it', () => {
    const { work } = draft({ open: [open({ credential: 'password' })] });
    expect(work.account.password).toMatchObject({ state: 'pending', generation: 1 });
    expect(work.account.mayHold.password).toBe('maybe');
  });

  it('uses a sealed password that still waits, instead of another', () => {
    const password = { sealed: 'sealed', state: 'pending', generation: 3 } as const;
    const waiting = account({ password, passwordGeneration: 3 }, { password: 'maybe' });
    const { work } = draft({ account: waiting, open: [open({ credential: 'password' })] });
    expect(work.account.password).toEqual(password);
  });

  it('moves the grant along in the same breath', () => {
    const { audit, grants } = draft({ open: [open()] });
    expect(grants).toMatchObject([{ state: 'starting' }]);
    expect(audit).toMatchObject([{ action: 'grant.starting' }]);
  });

  it('sends nothing and raises nothing without a connection, or when no round is left', () => {
    const left = [draft({ open: [open()], connection: null }), draft({ open: [open()], stop: true })];
    for (const { settled, work } of left) {
      expect(work.steps).toEqual([]);
      expect(work.account.mayHold).toEqual(account().mayHold);
      expect(settled).not.toBeNull();
    }
    expect(left.map(({ settled }) => settled?.dueAt)).toEqual([NOW + MINUTE, NOW]);
  });
});

describe('a draft after a failure', () => {
  const ending = (failure: Failure | null): Draft =>
    draft({ account: account({ failure, pristine: false }, given), open: [over] });

  it('lets what failed wait, and everything else go on', () => {
    expect(keys(ending(failing(['unassignRole:reader'])))).toEqual([
      'disable',
      'revokeSessions',
      `removeFromGroup:${HELPDESK}`,
      'setPassword',
      'listMethods',
    ]);
  });

  it('tries again when its time has come', () => {
    const steps = keys(ending(failing(['unassignRole:reader'], { retryAt: NOW })));
    expect(steps).toContain('unassignRole:reader');
    expect(steps).toEqual(keys(ending(null)));
  });

  it('repeats companions with what they go with, and not without it', () => {
    const principals = ['disable', 'unassignRole:reader', `removeFromGroup:${HELPDESK}`];
    const waiting = ending(failing(principals, { retryAt: NOW + 9 * SECOND }));
    expect(keys(waiting)).toEqual([]);
    expect(waiting.settled).toMatchObject({ dueAt: NOW + 9 * SECOND, takeAt: NOON + SECOND });
  });

  it('looks at the account before it waits for long, unless Graph would refuse that too', () => {
    const principals = ['disable', 'unassignRole:reader', `removeFromGroup:${HELPDESK}`];
    expect(keys(ending(failing(principals)))).toEqual([
      'readUser',
      'listRoleAssignments',
      'listGroups',
      'listMethods',
    ]);
    for (const reason of ['throttled', 'credential_bad', 'replication'])
      expect(keys(ending(failing(principals, { reason })))).toEqual([]);
  });

  it('lets what comes after a failed step wait with it', () => {
    const connection = {
      ...world.connection,
      capabilities: { ...world.connection.capabilities, mayTouchRoleHolders: false },
    };
    const failure = failing(['enable']);
    const waiting = draft({ account: account({ failure }), open: [open()], connection });
    expect(keys(waiting)).toEqual([]);
  });

  it('repeats readings together: half a reading is judged not at all', () => {
    const parked = account({ pristine: false, failure: failing(['listGroups']) });
    expect(keys(draft({ account: parked, open: [open()] }))).toEqual([]);
    const again = account({ pristine: false, failure: failing(['listGroups'], { retryAt: NOW }) });
    expect(keys(draft({ account: again, open: [open()], connection: world.connection }))).toHaveLength(5);
  });

  it('forgets it once nothing has wanted the step for some minutes', () => {
    const waiting = failing(['assignRole:reader']);
    expect(draft({ account: account({ failure: waiting }) }).work.account.failure).toEqual(waiting);
    const past = failing(['assignRole:reader'], { retryAt: NOW - 2 * MINUTE });
    expect(draft({ account: account({ failure: past }) }).work.account.failure).toBeNull();
  });

  it('lets each step wait for its own time only', () => {
    const group = `removeFromGroup:${HELPDESK}`;
    const steps = { 'unassignRole:reader': NOW + 30 * SECOND, [group]: NOW };
    const left = keys(ending(failing([], { retryAt: NOW, steps })));
    expect(left).toContain(group);
    expect(left).not.toContain('unassignRole:reader');
  });

  it('lets nothing wait for a failure of an older intent', () => {
    const older = failing(['disable', 'unassignRole:reader'], { version: world.account.version - 1 });
    expect(keys(ending(older))).toEqual(keys(ending(null)));
  });

  it('looks whether the object is gone when writes have met "not found" for too long', () => {
    const missing = (sinceAt: number): Failure =>
      failing(['disable'], { reason: 'replication', sinceAt, retryAt: NOW });
    expect(keys(ending(missing(NOW - REPLICATION_MS)))).not.toContain('readUser');
    expect(keys(ending(missing(NOW - REPLICATION_MS - 1)))).toContain('readUser');
  });
});

describe('a settled draft', () => {
  it('is due at its next move and owes its earliest end', () => {
    const running = open({ state: 'active' });
    const { settled } = draft({ account: account({}, given), open: [running] });
    expect(settled).toMatchObject({ dueAt: NOON + HOUR, takeAt: NOON + HOUR });
  });

  it('is due never again when all is proven', () => {
    expect(draft().settled).toMatchObject({ dueAt: null, takeAt: null });
  });

  it('reads back while an end is taken away and not proven, even if nobody has planned a look', () => {
    const taken = open({ state: 'ending', endingAt: NOON, takenAt: NOON });
    expect(keys(draft({ account: account({ pristine: false }), open: [taken] }))).toContain('readUser');
  });

  it('reads back when its time has come, and not before', () => {
    const verification = { writtenAt: NOON, proofs: 2, nextAt: NOW };
    expect(keys(draft({ account: account({ verification }) }))).toEqual(['readUser']);
    const later = draft({ account: account({ verification: { ...verification, nextAt: NOW + 1 } }) });
    expect(later).toMatchObject({ work: { steps: [] }, settled: { dueAt: NOW + 1 } });
  });

  it('rests for a second when it would be due at once: it never spins', () => {
    const verification = { writtenAt: NOON, proofs: 0, nextAt: NOON };
    const running = open({ state: 'active', expiresAt: NOON + HOUR });
    const parted = account({ verification, failure: failing(['disable'], { retryAt: NOON }) }, given);
    const { settled } = draft({ account: parted, open: [running], connection: null });
    expect(settled?.dueAt).toBeGreaterThanOrEqual(NOW + SECOND);
  });

  it('tells of what the last round noticed', () => {
    const { work } = draft();
    const notes = [{ action: 'account.adopted' as const, details: { upn: 'jit-alice@contoso.example' } }];
    expect(draft({ work: { ...work, notes } }).audit).toMatchObject([
      { action: 'account.adopted', subject: { kind: 'managed_account', id: world.account.id }, at: NOW },
    ]);
  });

  it('destroys a sealed password that nobody can know and nothing sets', () => {
    const password = { sealed: 'sealed', state: 'pending', generation: 1 } as const;
    expect(draft({ account: account({ password }) }).work.account.password).toBeNull();
    const known = account({ password }, { password: 'maybe' });
    const kept = draft({
      account: known,
      open: [open({ state: 'active', credential: 'password' })],
      stop: true,
    });
    expect(kept.work.account.password).toEqual(password);
  });
});
