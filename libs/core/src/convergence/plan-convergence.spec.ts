import fc from 'fast-check';
import {
  HOLDS_NOTHING,
  type Certainty,
  type EligibleState,
  type ManagedAccount,
  type MayHold,
} from '#core/accounts';
import { idOf, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { isWhole, type Observation } from './observation.js';
import { planConvergence, type PlanInput } from './plan-convergence.js';
import { isGiving, isRead, type PlannedStep } from './planned-step.js';

const ids = new FakeIds();
const sample = anAccount(ids, aWorld(ids));
const USER: ObjectId = idOf('user');
const ROLES: RoleId[] = ['reader', 'admin', 'auditor'].map((id) => idOf(id));
const GROUPS: GroupId[] = ['helpdesk', 'exchange'].map((id) => idOf(id));

const certainty = fc.constantFrom<Certainty>('maybe', 'held');
const perhaps = fc.option(certainty);

const records = <Key extends string, Value>(keys: Key[], value: fc.Arbitrary<Value>) =>
  fc
    .subarray(keys)
    .chain((some) => fc.tuple(...some.map((key) => fc.tuple(fc.constant(key), value))))
    .map((entries) => Object.fromEntries(entries) as Record<Key, Value>);

const held: fc.Arbitrary<MayHold> = fc.record({
  object: fc.constant('held' as const),
  enabled: perhaps,
  roles: records(ROLES, fc.record({ certainty, assignmentId: fc.option(fc.constant('assignment')) })),
  groups: records(GROUPS, certainty),
  pass: fc.option(fc.record({ certainty, passId: fc.option(fc.constant('pass')) })),
  password: perhaps,
  sessions: fc.boolean(),
  methods: fc.boolean(),
});
const eligible = records(ROLES, fc.constantFrom<EligibleState>('found', 'ended'));
/** No object, one that a lost answer may have left, one that is gone again, and one that holds anything at all. */
const body: fc.Arbitrary<Pick<ManagedAccount, 'objectId' | 'mayHold'>> = fc.oneof(
  { arbitrary: held.map((mayHold) => ({ objectId: USER, mayHold })), weight: 8 },
  fc.tuple(held, eligible).map(([rest, roles]) => ({
    objectId: USER,
    mayHold: { ...rest, eligible: roles },
  })),
  perhaps.map((object) => ({ objectId: null, mayHold: { ...HOLDS_NOTHING, object } })),
  fc.constant({ objectId: USER, mayHold: HOLDS_NOTHING }),
);
const account: fc.Arbitrary<ManagedAccount> = fc
  .record({
    body,
    pristine: fc.boolean(),
    password: fc.option(fc.constantFrom('pending' as const, 'set' as const)),
    proofs: fc.option(fc.nat(3)),
  })
  .map(({ password, proofs, ...rest }) => ({
    ...sample,
    ...rest.body,
    pristine: rest.pristine,
    failure: null,
    password: password && { sealed: 'sealed', state: password, generation: 1 },
    verification: proofs === null ? null : { writtenAt: NOON, proofs, nextAt: NOON },
  }));

const desired: fc.Arbitrary<DesiredAccount> = fc.oneof(
  fc.boolean().map((removed) => ({ ...UNWANTED, removed })),
  fc
    .record({
      roles: fc.subarray(ROLES),
      groups: fc.subarray(GROUPS),
      credential: fc.constantFrom('pass', 'password', 'both'),
    })
    .map(({ roles, groups, credential }) => ({
      enabled: true,
      roles: new Map(roles.map((role) => [role, NOON])),
      groups: new Set(groups),
      password: credential !== 'pass',
      pass: credential !== 'password',
      removed: false,
    })),
);
const UNWANTED: DesiredAccount = {
  enabled: false,
  roles: new Map(),
  groups: new Set(),
  password: false,
  pass: false,
  removed: false,
};

const user = {
  objectId: USER,
  upn: sample.upn,
  enabled: false,
  marker: sample.marker,
  sessionsValidFromAt: NOON,
  passwordChangedAt: NOON,
};
const methods = fc.subarray([
  { kind: 'temporaryAccessPass' as const, id: 'pass' },
  { kind: 'temporaryAccessPass' as const, id: 'another pass' },
  { kind: 'fido2' as const, id: 'key' },
]);
const whole = methods.map((seen): Observation => ({ user, roles: [], groups: [], methods: seen, at: NOON }));
const observed: fc.Arbitrary<Observation | null> = fc.oneof(
  fc.constant(null),
  { arbitrary: whole, weight: 3 },
  methods.map((seen): Observation => ({ methods: seen })),
  fc.constantFrom<Observation>({ user: null }, { user }, { roles: [] }),
);

const arbitrary: fc.Arbitrary<PlanInput> = fc.record({
  account,
  desired,
  observed,
  capabilities: fc.record({ mayTouchRoleHolders: fc.boolean() }),
  timed: fc.constant(null),
  licensed: fc.boolean(),
  now: fc.constant(NOON),
  verify: fc.boolean(),
  unproven: fc.boolean(),
  eligibilities: fc.boolean(),
  mint: fc.option(fc.constant({ lifetimeMinutes: 60, usableOnce: false })),
  looking: fc.boolean(),
  doubtful: fc.boolean(),
});

const hasObject = ({ objectId, mayHold }: ManagedAccount): boolean =>
  objectId !== null && mayHold.object !== null;

/** Nothing held beyond what is desired, and nothing doubtful about it being enabled: otherwise a plan that gives would be a rare find. */
const fitting = ({ account: of, desired: wanted, ...rest }: PlanInput, all: boolean): PlanInput => {
  const { mayHold } = of;
  const enabled = all || mayHold.enabled !== null ? ('held' as const) : null;
  const roles = [...wanted.roles.keys()].flatMap((id) =>
    mayHold.roles[id] ? [[id, mayHold.roles[id]]] : [],
  );
  const groups = [...wanted.groups].flatMap((id) => (mayHold.groups[id] ? [[id, mayHold.groups[id]]] : []));
  const complete = [...wanted.roles.keys()].map((id) => [id, { certainty: 'held', assignmentId: null }]);
  return {
    ...rest,
    desired: wanted,
    account: {
      ...of,
      mayHold: {
        ...mayHold,
        enabled,
        roles: Object.fromEntries(all ? complete : roles) as MayHold['roles'],
        groups: Object.fromEntries(
          all ? [...wanted.groups].map((id) => [id, 'held']) : groups,
        ) as MayHold['groups'],
        pass: wanted.pass && enabled !== null ? mayHold.pass : null,
        password: wanted.password ? mayHold.password : null,
        sessions: mayHold.sessions && enabled !== null,
        methods: mayHold.methods && enabled !== null,
      },
    },
  };
};
const input = fc
  .tuple(arbitrary, fc.constantFrom('arbitrary', 'fitting', 'fitting', 'complete'))
  .map(([of, kind]) =>
    kind === 'arbitrary' || !of.desired.enabled || !hasObject(of.account)
      ? of
      : fitting(of, kind === 'complete'),
  );

const isTaking = (step: PlannedStep): boolean => !isGiving(step) && !isRead(step);
const names = (plan: readonly PlannedStep[]): readonly string[] => plan.map(({ call }) => call.do);
const keys = (plan: readonly PlannedStep[]): readonly string[] => plan.map(({ key }) => key);

const forAll = (check: (plan: readonly PlannedStep[], of: PlanInput) => void): void => {
  fc.assert(
    fc.property(input, (of) => {
      check(planConvergence(of), of);
    }),
    { numRuns: 500 },
  );
};

describe('planConvergence, whatever the account', () => {
  it('gives nothing in a plan that takes anything, or while anything is left to take', () => {
    forAll((plan, of) => {
      if (!plan.some(isGiving)) return;
      expect(plan.filter(isTaking)).toEqual([]);
      if (hasObject(of.account)) expect(isNothing(excessOf(of.account.mayHold, of.desired))).toBe(true);
    });
  });

  it('disables whatever may be enabled and is not to be, or is not known to be', () => {
    forAll((plan, { account: of, desired: wanted }) => {
      const { enabled } = of.mayHold;
      const due = hasObject(of) && (enabled === 'maybe' || (enabled === 'held' && !wanted.enabled));
      expect(names(plan).includes('disable')).toBe(due);
    });
  });

  it('lets the disable go first and wait for nothing where role holders may be touched', () => {
    forAll((plan, { capabilities }) => {
      if (!capabilities.mayTouchRoleHolders) return;
      const first = plan.filter(({ phase }) => phase === 'first');
      expect(first).toEqual(plan.filter(({ call }) => call.do === 'disable'));
    });
  });

  it('lets roles and groups go before the disable where role holders may not be touched', () => {
    forAll((plan, { capabilities }) => {
      if (capabilities.mayTouchRoleHolders) return;
      for (const { call, phase } of plan.filter(isTaking))
        expect(phase).toBe(['unassignRole', 'removeFromGroup'].includes(call.do) ? 'first' : 'then');
    });
  });

  it('lets no taking or reading step wait for the success of another', () => {
    forAll((plan) => {
      for (const step of plan.filter((each) => !isGiving(each))) expect(step).not.toHaveProperty('after');
    });
  });

  it('takes only what may be held and is not desired, all of it', () => {
    forAll((plan, { account: of, desired, capabilities }) => {
      if (!hasObject(of)) return;
      // Without the directory role a parked account is given to only once it holds nothing at all.
      const fromBare = !capabilities.mayTouchRoleHolders && of.mayHold.enabled !== 'held';
      const wanted = fromBare ? { roles: new Map(), groups: new Set() } : desired;
      const roles = Object.keys(of.mayHold.roles).filter((role) => !wanted.roles.has(idOf(role)));
      const groups = Object.keys(of.mayHold.groups).filter((group) => !wanted.groups.has(idOf(group)));
      const left = keys(plan).filter((key) => /^(unassignRole|removeFromGroup):/.test(key));
      expect(left).toEqual([
        ...roles.map((role) => `unassignRole:${role}`),
        ...groups.map((group) => `removeFromGroup:${group}`),
      ]);
    });
  });

  it('removes only methods that it knows of, and only passes while others may stay', () => {
    forAll((plan, { account: { mayHold }, desired: wanted, observed: seen }) => {
      for (const { call } of plan) {
        if (call.do !== 'deleteMethod') continue;
        const known = [mayHold.pass?.passId, ...(seen?.methods ?? []).map(({ id }) => id)];
        expect(known).toContain(call.method.id);
        if (wanted.enabled && mayHold.enabled === 'held')
          expect(call.method.kind).toBe('temporaryAccessPass');
      }
    });
  });

  it('deletes the object last, once it is bare', () => {
    forAll((plan, { account: { mayHold }, desired: wanted }) => {
      if (!names(plan).includes('deleteUser')) return;
      expect(names(plan)).toEqual(['deleteUser']);
      expect(wanted.removed).toBe(true);
      const { eligible: _goesWithIt, ...rest } = mayHold;
      expect({ ...rest, object: null }).toEqual(HOLDS_NOTHING);
    });
  });

  it('ends each role that its owner may activate, whether anybody else gives that role or not', () => {
    forAll((plan, { account: of }) => {
      const found = Object.entries(of.mayHold.eligible ?? {}).filter(([, state]) => state === 'found');
      if (!hasObject(of) || names(plan).includes('deleteUser')) return;
      expect(keys(plan).filter((key) => key.startsWith('endEligibility'))).toEqual(
        found.map(([role]) => `endEligibility:${role}`),
      );
    });
  });

  it('asks what its owner may activate within a look at the whole, and only where that is told', () => {
    forAll((plan, { eligibilities, timed }) => {
      const isLook = names(plan).includes('listGroups');
      expect(names(plan).includes('listEligibilities')).toBe(isLook && eligibilities);
      expect(timed).toBeNull();
    });
  });

  it('gives exactly what is desired and not held', () => {
    forAll((plan, { account: { mayHold, ...of }, desired: wanted }) => {
      if (!plan.some(isGiving) || !hasObject({ ...of, mayHold }) || names(plan).includes('mintPass')) return;
      const rights = keys(plan).filter((key) => /^(assignRole|addToGroup):/.test(key));
      expect(rights).toEqual([
        ...[...wanted.groups].filter((id) => mayHold.groups[id] !== 'held').map((id) => `addToGroup:${id}`),
        ...[...wanted.roles.keys()]
          .filter((id) => mayHold.roles[id]?.certainty !== 'held')
          .map((id) => `assignRole:${id}`),
      ]);
      expect(names(plan).includes('enable')).toBe(mayHold.enabled !== 'held');
    });
  });

  it('gives nothing at all to an account that nothing wants', () => {
    forAll((plan, { desired: wanted }) => {
      if (!wanted.enabled) expect(plan.filter(isGiving)).toEqual([]);
    });
  });

  it('sets a new password before it enables a parked account, and the right one', () => {
    forAll((plan, { account: { mayHold, pristine }, desired: wanted }) => {
      const enable = plan.find(({ call }) => call.do === 'enable');
      const set = plan.find(({ call }) => call.do === 'setPassword' && wanted.enabled);
      if (enable !== undefined && !(pristine && mayHold.enabled === null)) expect(set).toBeDefined();
      if (enable !== undefined && set !== undefined) expect(enable.after).toBe(set.key);
      if (set !== undefined && isGiving(set))
        expect(set.call).toHaveProperty('password', wanted.password ? 'credential' : 'scrambled');
    });
  });

  it('gives all at once where it may, else in a row: password, enable, groups, roles', () => {
    const order = ['createUser', 'setPassword', 'enable', 'addToGroup', 'assignRole', 'mintPass'];
    forAll((plan, { capabilities }) => {
      const giving = plan.filter(isGiving);
      const ranks = giving.map(({ call }) => order.indexOf(call.do));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      giving.forEach((step, index) => {
        if (!capabilities.mayTouchRoleHolders) expect(step.after).toBe(giving[index - 1]?.key);
        else if (step.call.do !== 'enable') expect(step).not.toHaveProperty('after');
      });
    });
  });

  it('reads a parked account as a whole before anything is given to it', () => {
    forAll((plan, { account: of, observed: seen }) => {
      const untouched = of.pristine && of.mayHold.enabled === null;
      const parked = hasObject(of) && of.mayHold.enabled !== 'held' && !untouched;
      if (parked && plan.some(isGiving)) expect(isWhole(seen)).toBe(true);
    });
  });

  it('mints a pass only when one was ordered and a grant allows it, and nothing beside it', () => {
    forAll((plan, { desired: wanted, mint, account: of }) => {
      if (!names(plan).includes('mintPass')) return;
      expect(names(plan)).toEqual(['mintPass']);
      expect({ mint, wanted: wanted.pass, enabled: of.mayHold.enabled }).toEqual({
        mint: expect.anything() as unknown,
        wanted: true,
        enabled: 'held',
      });
    });
  });

  it('names each step once, and a step only waits for one before it in the same phase', () => {
    forAll((plan) => {
      expect(new Set(keys(plan)).size).toBe(plan.length);
      plan.forEach((step, index) => {
        if (step.after === undefined) return;
        const before = plan.slice(0, index).find(({ key }) => key === step.after);
        expect(before?.phase).toBe(step.phase);
      });
    });
  });
});

describe('planConvergence, of a settled account', () => {
  const settled = (wanted: DesiredAccount): MayHold => ({
    ...HOLDS_NOTHING,
    object: 'held',
    enabled: wanted.enabled ? 'held' : null,
    roles: Object.fromEntries(
      [...wanted.roles.keys()].map((id) => [id, { certainty: 'held', assignmentId: 'assignment' }]),
    ),
    groups: Object.fromEntries([...wanted.groups].map((id) => [id, 'held'])),
    password: wanted.password ? 'held' : null,
    sessions: wanted.enabled,
    methods: wanted.enabled,
  });
  const at = (wanted: DesiredAccount, change: Partial<PlanInput> = {}): PlanInput => ({
    account: {
      ...sample,
      objectId: USER,
      mayHold: settled(wanted),
      password: wanted.password ? { sealed: 'sealed', state: 'set', generation: 1 } : null,
      verification: null,
    },
    desired: wanted,
    observed: null,
    capabilities: { mayTouchRoleHolders: true },
    timed: null,
    licensed: true,
    now: NOON,
    verify: false,
    unproven: false,
    eligibilities: false,
    mint: null,
    looking: false,
    doubtful: false,
    ...change,
  });
  const kept = desired.filter(({ removed }) => !removed);

  it('is empty', () => {
    fc.assert(
      fc.property(kept, fc.boolean(), (wanted, mayTouchRoleHolders) => {
        expect(planConvergence(at(wanted, { capabilities: { mayTouchRoleHolders } }))).toEqual([]);
      }),
    );
  });

  it.each([
    [0, ['readUser', 'listRoleAssignments', 'listGroups', 'listMethods']],
    [1, ['readUser', 'listRoleAssignments', 'listGroups', 'listMethods']],
    [2, ['readUser']],
    [3, ['readUser']],
  ])('is a look when a read-back is due, after %d proofs at %j', (proofs, expected) => {
    const of = at(UNWANTED, { verify: true });
    const verification = { writtenAt: NOON, proofs, nextAt: NOON };
    expect(names(planConvergence({ ...of, account: { ...of.account, verification } }))).toEqual(expected);
  });

  it('is a whole look, after however many proofs, while an end is unproven', () => {
    const of = at(UNWANTED, { verify: true, unproven: true });
    const verification = { writtenAt: NOON, proofs: 3, nextAt: NOON };
    expect(names(planConvergence({ ...of, account: { ...of.account, verification } }))).toHaveLength(4);
  });
});
