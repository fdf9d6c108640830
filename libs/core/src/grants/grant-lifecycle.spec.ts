import { CURFEW } from '#core/audit';
import { MINUTE } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { isFinal, type Grant, type GrantState, type Proof } from './grant.js';
import { grantTransitions, transition, type GrantEvent } from './grant-lifecycle.js';

const ids = new FakeIds();
const running = aRunningGrant(ids, aWorld(ids));
const inState = (state: GrantState): Grant => ({ ...running, state });
const by = { actor: CURFEW, now: NOON + 5 * MINUTE };

const proof: Proof = {
  readAt: by.now,
  graphAt: by.now,
  enabled: false,
  objectFound: true,
  roles: [],
  groups: [],
  methods: [],
};
const events: Readonly<Record<GrantEvent['what'], GrantEvent>> = {
  start: { what: 'start' },
  activate: { what: 'activate' },
  fail: { what: 'fail', code: 'directory.quota', message: 'The tenant is full.' },
  end: { what: 'end', reason: 'ended_by_admin' },
  confirm: { what: 'confirm' },
  prove: { what: 'prove', proof },
  leave_behind: { what: 'leave_behind', reason: 'connection_removed' },
};
const STATES: readonly GrantState[] = [
  'scheduled',
  'starting',
  'active',
  'failed',
  'ending',
  'ended',
  'left_behind',
];
const every = Object.values(events).flatMap((event) =>
  STATES.map((state) => ({ what: event.what, event, state })),
);
const legal = every.filter(({ event, state }) => grantTransitions[event.what].from.includes(state));
const illegal = every.filter((each) => !legal.includes(each));

const reachable = (from: GrantState): ReadonlySet<GrantState> => {
  const found = new Set([from]);
  for (const state of found) {
    for (const { event } of legal.filter((each) => each.state === state))
      found.add(transition(inState(state), event, by).grant.state);
  }
  return found;
};

describe("a grant's life", () => {
  it('can come to every state', () => {
    expect([...reachable('scheduled')].sort()).toEqual([...STATES].sort());
  });

  it.each(STATES.filter((state) => state !== 'left_behind'))('can be brought to its end from %s', (state) => {
    expect(reachable(state)).toContain('ended');
  });

  it('is over when it has ended or was left behind, and only then', () => {
    for (const state of STATES) {
      const goesOn = legal.some((each) => each.state === state);
      expect(isFinal({ state })).toBe(!goesOn);
    }
    expect(STATES.filter((state) => isFinal({ state }))).toEqual(['ended', 'left_behind']);
  });

  it('never gives again what it has begun to take away', () => {
    expect([...reachable('ending')]).toEqual(['ending', 'ended', 'left_behind']);
    expect([...reachable('failed')]).toEqual(['failed', 'ending', 'left_behind', 'ended']);
  });

  it.each(illegal)('refuses to $what when $state', ({ event, state }) => {
    expect(() => transition(inState(state), event, by)).toThrow(
      expect.objectContaining({
        code: 'grant.illegal_transition',
        details: { state, event: event.what },
      }) as Error,
    );
  });

  it.each(legal)('to $what when $state is told by exactly one audit event', ({ event, state }) => {
    const grant = inState(state);
    const { audit } = transition(grant, event, by);

    expect(audit).toMatchObject({
      organizationId: grant.organizationId,
      customerId: grant.customerId,
      at: by.now,
      actor: CURFEW,
      subject: { kind: 'grant', id: grant.id },
    });
    expect(audit.action).toBe(
      {
        start: 'grant.starting',
        activate: 'grant.activated',
        fail: 'grant.failed',
        end: 'grant.end_requested',
        confirm: 'grant.taken_away',
        prove: 'grant.ended',
        leave_behind: 'grant.left_behind',
      }[event.what],
    );
  });

  it('leaves the grant that it was given as it was', () => {
    for (const { event, state } of legal) {
      const grant = Object.freeze(inState(state));
      expect(transition(grant, event, by).grant).not.toBe(grant);
      expect(grant.state).toBe(state);
    }
  });
});

describe('what a transition writes', () => {
  it('gives a grant that is left behind a reason and an end, and keeps those it has', () => {
    const event = { what: 'leave_behind', reason: 'connection_removed' } as const;
    const ending = { ...inState('ending'), endReason: 'killed', endingAt: NOON } as const;

    expect(transition(running, event, by).grant).toMatchObject({
      endReason: 'connection_removed',
      endingAt: by.now,
      endedAt: null,
    });
    expect(transition(ending, event, by).grant).toMatchObject({ endReason: 'killed', endingAt: NOON });
  });

  it('notes when the grant became active', () => {
    expect(transition(inState('starting'), events.activate, by).grant).toMatchObject({
      state: 'active',
      activeAt: by.now,
    });
  });

  it('keeps what made it fail', () => {
    expect(transition(inState('starting'), events.fail, by).grant).toMatchObject({
      state: 'failed',
      failure: { code: 'directory.quota', message: 'The tenant is full.' },
    });
  });

  it('owes an early end from now, and says who wanted it', () => {
    const { grant, audit } = transition(inState('active'), events.end, by);
    expect(grant).toMatchObject({ state: 'ending', endReason: 'ended_by_admin', endingAt: by.now });
    expect(audit.details).toEqual({ reason: 'ended_by_admin' });
  });

  it('owes an end by time from its own instant, however late it was noticed', () => {
    const late = { actor: CURFEW, now: running.expiresAt + 10 * MINUTE };
    const { grant, audit } = transition(inState('active'), { what: 'end', reason: 'expired' }, late);
    expect(grant).toMatchObject({ endReason: 'expired', endingAt: running.expiresAt });
    expect(audit.action).toBe('grant.expired');
  });

  it('stays ending when everything was taken away: only a proof ends it', () => {
    const { grant } = transition(inState('ending'), events.confirm, by);
    expect(grant).toMatchObject({ state: 'ending', takenAt: by.now, endedAt: null });
  });

  it('keeps the proof, and when it had been taken away', () => {
    const taken: Grant = { ...inState('ending'), takenAt: NOON };
    expect(transition(taken, events.prove, by).grant).toMatchObject({
      state: 'ended',
      takenAt: NOON,
      endedAt: by.now,
      proofs: [proof],
    });
  });

  it('tells what the proof has found', () => {
    const left: Proof = { ...proof, roles: ['reader'], groups: ['helpdesk'] };
    const { audit } = transition(inState('ending'), { what: 'prove', proof: left }, by);
    expect(audit.details).toEqual({
      graphAt: new Date(by.now).toISOString(),
      enabled: false,
      rolesLeft: ['reader'],
      groupsLeft: ['helpdesk'],
    });
  });
});
