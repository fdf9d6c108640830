import fc from 'fast-check';
import { HOLDS_NOTHING, type MayHold } from '#core/accounts';
import {
  isRunning,
  type Bar,
  type Entitlement,
  type Grant,
  type GrantInForce,
  type GrantState,
} from '#core/grants';
import { HOUR, idOf, MINUTE, type GroupId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { aRunningGrant, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { desiredAccount, excessOf, given, isNothing } from './desired-account.js';

const ids = new FakeIds();
const sample = aRunningGrant(ids, aWorld(ids));
const [READER, ADMIN]: [RoleId, RoleId] = [idOf('reader'), idOf('admin')];
const [HELPDESK, EXCHANGE]: [GroupId, GroupId] = [idOf('helpdesk'), idOf('exchange')];
const EVERYTHING: Entitlement = { roles: [READER, ADMIN], groups: [HELPDESK, EXCHANGE] };
const NOW = NOON + MINUTE;
const KEPT = { own: null, retirement: null };

const granted = (
  change: Partial<Grant> = {},
  policyGives: Entitlement | null = EVERYTHING,
): GrantInForce => ({
  grant: {
    ...sample,
    approved: { roles: [READER], groups: [HELPDESK] },
    credential: 'pass',
    endAction: 'disable',
    startsAt: NOON,
    expiresAt: NOON + HOUR,
    ...change,
  },
  policyGives,
  bar: null,
});

const NOTHING = {
  enabled: false,
  roles: new Map(),
  groups: new Set(),
  password: false,
  pass: false,
  removed: false,
};

describe('what a grant gives', () => {
  it('is what was approved, as far as its policy still gives it', () => {
    const narrowed = granted({ approved: EVERYTHING }, { roles: [ADMIN], groups: [] });
    expect(given(narrowed)).toEqual({ roles: [ADMIN], groups: [] });
  });

  it('is no more than was approved, however much the policy gives now', () => {
    expect(given(granted())).toEqual({ roles: [READER], groups: [HELPDESK] });
  });

  it('is nothing when the policy is gone', () => {
    expect(given(granted({}, null))).toEqual({ roles: [], groups: [] });
    expect(desiredAccount([granted({}, null)], NOW, KEPT)).toEqual(NOTHING);
  });
});

describe('the desired account', () => {
  it('is nothing without grants', () => {
    expect(desiredAccount([], NOW, KEPT)).toEqual(NOTHING);
  });

  it.each<GrantState>(['failed', 'ending', 'ended'])('is nothing by a grant that is %s', (state) => {
    expect(desiredAccount([granted({ state })], NOW, KEPT)).toEqual(NOTHING);
  });

  it('is nothing before the start and from the very end on', () => {
    expect(desiredAccount([granted()], NOON - 1, KEPT)).toEqual(NOTHING);
    expect(desiredAccount([granted()], NOON + HOUR, KEPT)).toEqual(NOTHING);
  });

  it('is the union of overlapping grants, each role for as long as some grant gives it', () => {
    const short = granted({ approved: { roles: [READER, ADMIN], groups: [HELPDESK] } });
    const long = granted({ approved: { roles: [READER], groups: [EXCHANGE] }, expiresAt: NOON + 2 * HOUR });

    for (const open of [
      [short, long],
      [long, short],
    ]) {
      const desired = desiredAccount(open, NOW, KEPT);
      expect(desired).toMatchObject({ enabled: true, groups: new Set([HELPDESK, EXCHANGE]) });
      expect(desired.roles).toEqual(
        new Map([
          [READER, NOON + 2 * HOUR],
          [ADMIN, NOON + HOUR],
        ]),
      );
    }
    expect(desiredAccount([short, long], NOON + HOUR, KEPT)).toMatchObject({
      enabled: true,
      roles: new Map([[READER, NOON + 2 * HOUR]]),
      groups: new Set([EXCHANGE]),
    });
  });

  it('stays enabled for a policy that gives nothing any more, with nothing in hand', () => {
    const desired = desiredAccount([granted({}, { roles: [], groups: [] })], NOW, KEPT);
    expect(desired).toMatchObject({ enabled: true, roles: new Map(), groups: new Set() });
  });

  it.each([
    ['pass', { pass: true, password: false }],
    ['password', { pass: false, password: true }],
    ['both', { pass: true, password: true }],
  ] as const)('has the credential of a %s grant', (credential, expected) => {
    expect(desiredAccount([granted({ credential })], NOW, KEPT)).toMatchObject(expected);
  });

  it('is removed once a grant that says so is over and nothing else is to come', () => {
    const over = granted({ state: 'ending', endAction: 'delete' });
    const later = granted({ state: 'scheduled', startsAt: NOON + 2 * HOUR, expiresAt: NOON + 3 * HOUR });

    expect(desiredAccount([over], NOW, KEPT).removed).toBe(true);
    expect(desiredAccount([over, later], NOW, KEPT).removed).toBe(false);
    expect(desiredAccount([granted({ endAction: 'delete' })], NOW, KEPT).removed).toBe(false);
    expect(desiredAccount([granted({ endAction: 'delete' })], NOON + HOUR, KEPT).removed).toBe(true);
  });
});

const entitlement = fc.record({
  roles: fc.subarray([READER, ADMIN]),
  groups: fc.subarray([HELPDESK, EXCHANGE]),
});
const anyGrant = fc
  .record({
    state: fc.constantFrom<GrantState>('scheduled', 'starting', 'active', 'failed', 'ending', 'ended'),
    approved: entitlement,
    credential: fc.constantFrom('pass' as const, 'password' as const, 'both' as const),
    endAction: fc.constantFrom('disable' as const, 'delete' as const),
    startsAt: fc.integer({ min: NOON - HOUR, max: NOON + HOUR }),
    expiresAt: fc.integer({ min: NOON - HOUR, max: NOON + 2 * HOUR }),
    policyGives: fc.option(entitlement),
  })
  .map(({ policyGives, ...change }) => granted(change, policyGives));

const gives = (each: GrantInForce, right: RoleId | GroupId): boolean => {
  if (each.policyGives === null || !isRunning(each.grant, NOW)) return false;
  const { roles, groups }: { roles: readonly string[]; groups: readonly string[] } = given(each);
  return [...roles, ...groups].includes(right);
};

describe('the desired account, whatever the grants', () => {
  it('holds exactly what running grants give, and no role for longer than one of them runs', () => {
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 5 }), (open) => {
        const desired = desiredAccount(open, NOW, KEPT);
        const rights = [...desired.roles.keys(), ...desired.groups];
        for (const right of [READER, ADMIN, HELPDESK, EXCHANGE])
          expect(rights.includes(right)).toBe(open.some((each) => gives(each, right)));
        for (const [role, until] of desired.roles) {
          const ends = open.filter((each) => gives(each, role)).map(({ grant }) => grant.expiresAt);
          expect(until).toBe(Math.max(...ends));
        }
        if (rights.length > 0) expect(desired.enabled).toBe(true);
        if (desired.enabled) expect(desired.removed).toBe(false);
      }),
    );
  });
});

describe('the excess', () => {
  const enabled: MayHold = {
    ...HOLDS_NOTHING,
    object: 'held',
    enabled: 'held',
    roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
    groups: { [HELPDESK]: 'maybe' },
    pass: { certainty: 'held', passId: 'p' },
    password: 'maybe',
    sessions: true,
    methods: true,
  };

  it('is nothing while running grants give all that is held', () => {
    expect(isNothing(excessOf(enabled, desiredAccount([granted()], NOW, KEPT)))).toBe(true);
  });

  it('is everything but the object when nothing gives anything', () => {
    expect(excessOf(enabled, desiredAccount([], NOW, KEPT))).toEqual({
      enabled: true,
      roles: [READER],
      groups: [HELPDESK],
      eligible: [],
      pass: true,
      password: true,
      sessions: true,
      methods: true,
      object: false,
    });
  });

  it('is what a shrinking union no longer gives', () => {
    const other = granted({ approved: { roles: [ADMIN], groups: [] }, credential: 'password' });
    expect(excessOf(enabled, desiredAccount([other], NOW, KEPT))).toMatchObject({
      enabled: false,
      roles: [READER],
      groups: [HELPDESK],
      pass: true,
      sessions: false,
      methods: false,
    });
  });

  it('is a pass, sessions and methods left on an account that is not enabled yet', () => {
    const parked = { ...enabled, enabled: null };
    expect(excessOf(parked, desiredAccount([granted()], NOW, KEPT))).toMatchObject({
      pass: true,
      sessions: true,
      methods: true,
    });
  });

  it('is an enable that is not known to have worked, with all that it allows', () => {
    const doubtful: MayHold = { ...enabled, enabled: 'maybe' };
    expect(excessOf(doubtful, desiredAccount([granted()], NOW, KEPT))).toMatchObject({
      enabled: true,
      pass: true,
      sessions: true,
      methods: true,
    });
  });

  it('is a shown password once only passes keep the account enabled', () => {
    const shown: MayHold = { ...enabled, password: 'held' };
    expect(excessOf(shown, desiredAccount([granted()], NOW, KEPT)).password).toBe(true);
    expect(excessOf(shown, desiredAccount([granted({ credential: 'both' })], NOW, KEPT)).password).toBe(
      false,
    );
  });
});

describe('what is forbidden', () => {
  it.each<Bar>(['killed', 'technician_suspended', 'customer_removed'])('gives nothing: %s', (bar) => {
    expect(desiredAccount([{ ...granted(), bar }], NOW, KEPT)).toEqual(NOTHING);
  });

  it('leaves alone what another grant gives', () => {
    const barred: GrantInForce = { ...granted({ approved: EVERYTHING }), bar: 'technician_suspended' };
    expect([...desiredAccount([barred, granted()], NOW, KEPT).roles.keys()]).toEqual([READER]);
  });

  it('does not keep an object that is to go', () => {
    const retired = { own: null, retirement: 'technician_left' as const };
    expect(desiredAccount([granted()], NOW, retired).removed).toBe(false);
    expect(desiredAccount([{ ...granted(), bar: 'technician_left' }], NOW, retired).removed).toBe(true);
    expect(desiredAccount([], NOW, retired).removed).toBe(true);
  });
});
