import fc from 'fast-check';
import { HOLDS_NOTHING, type ManagedAccount, type MayHold } from '#core/accounts';
import { idOf, type GroupId, type RoleId } from '#core/shared';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeDirectory, type FakeTenant } from '../testing/fake-directory.js';
import { FakeIds } from '../testing/fake-ids.js';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { anAccount, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { beforeGiving } from './held.js';
import { judgeRound } from './judge-round.js';
import { planConvergence } from './plan-convergence.js';
import type { Phase } from './planned-step.js';
import {
  afterStep,
  asDirectoryStep,
  fill,
  needsSealedPassword,
  withSealedPassword,
  type Work,
  NO_LOOK,
} from './round.js';

const ids = new FakeIds();
const box = new FakeSecretBox();
const sample = anAccount(ids, aWorld(ids));
const ROLES: RoleId[] = ['reader', 'admin'].map((id) => idOf(id));
const GROUPS: GroupId[] = ['helpdesk', 'exchange'].map((id) => idOf(id));
const PHASES: readonly Phase[] = ['first', 'then', 'give'];
/** Look, strip, give; a lost answer needs a list before the strip. */
const FEW_ROUNDS = 6;

/** What is true in the tenant, and what of it (and beyond it) the row knows as possible. */
interface Situation {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly roles: readonly RoleId[];
  readonly groups: readonly GroupId[];
  readonly keys: readonly string[];
  readonly suspected: MayHold;
  readonly answered: boolean;
  readonly mayTouchRoleHolders: boolean;
}

const suspicion: fc.Arbitrary<MayHold> = fc.record({
  object: fc.constant('held' as const),
  enabled: fc.option(fc.constant('maybe' as const)),
  roles: fc
    .subarray(ROLES)
    .map((some) => Object.fromEntries(some.map((id) => [id, { certainty: 'maybe', assignmentId: null }]))),
  groups: fc.subarray(GROUPS).map((some) => Object.fromEntries(some.map((id) => [id, 'maybe']))),
  pass: fc.option(fc.constant({ certainty: 'maybe' as const, passId: null })),
  password: fc.option(fc.constant('maybe' as const)),
  sessions: fc.boolean(),
  methods: fc.boolean(),
});

const situation: fc.Arbitrary<Situation> = fc.record({
  exists: fc.boolean(),
  enabled: fc.boolean(),
  roles: fc.subarray(ROLES),
  groups: fc.subarray(GROUPS),
  keys: fc.subarray(['key 1', 'key 2']),
  suspected: suspicion,
  answered: fc.boolean(),
  mayTouchRoleHolders: fc.boolean(),
});

const desired: fc.Arbitrary<DesiredAccount> = fc
  .record({
    enabled: fc.boolean(),
    roles: fc.subarray(ROLES),
    groups: fc.subarray(GROUPS),
    password: fc.boolean(),
    removed: fc.boolean(),
  })
  .map(({ enabled, roles, groups, password, removed }) => ({
    enabled,
    roles: new Map(enabled ? roles.map((id) => [id, NOON]) : []),
    groups: new Set(enabled ? groups : []),
    password: enabled && password,
    pass: enabled && !password,
    removed: !enabled && removed,
  }));

const USER_NAME = sample.upn;
const { organizationId, customerId } = sample;
const claim = { organizationId, customerId, accountId: sample.id, epoch: 1, claimedUntil: NOON };

/** The tenant as it truly is, and an account that knows at least of all that. */
const placed = (tenant: FakeTenant, of: Situation): ManagedAccount => {
  const bare = { ...sample, pristine: false, password: null, verification: null, failure: null };
  if (!of.exists) {
    const object = of.answered ? null : ('maybe' as const);
    return { ...bare, objectId: null, mayHold: { ...HOLDS_NOTHING, object } };
  }
  const made = { marker: sample.marker, enabled: false };
  if (!of.answered) {
    tenant.plantUser(USER_NAME, made);
    return { ...bare, objectId: null, mayHold: { ...HOLDS_NOTHING, object: 'maybe' } };
  }
  const assignments = of.roles.map((roleId) => ({ roleId, assignmentId: `given-${roleId}`, scope: '/' }));
  const methods = of.keys.map((id) => ({ kind: 'fido2' as const, id }));
  const objectId = tenant.plantUser(USER_NAME, { ...made, ...of, assignments, methods });
  return { ...bare, objectId, mayHold: knowing(of, assignments) };
};

const knowing = (
  of: Situation,
  assignments: readonly { roleId: RoleId; assignmentId: string }[],
): MayHold => ({
  ...of.suspected,
  roles: {
    ...of.suspected.roles,
    ...Object.fromEntries(
      assignments.map(({ roleId, assignmentId }) => [roleId, { certainty: 'held', assignmentId }]),
    ),
  },
  groups: { ...of.suspected.groups, ...Object.fromEntries(of.groups.map((id) => [id, 'held' as const])) },
  methods: of.suspected.methods || of.keys.length > 0 || of.enabled,
  ...(of.enabled ? { enabled: 'held', sessions: true, password: of.suspected.password ?? 'maybe' } : {}),
});

interface Stage {
  readonly directory: FakeDirectory;
  readonly tenant: FakeTenant;
  readonly clock: FakeClock;
}

const stage = (of: Situation): Stage => {
  const clock = new FakeClock();
  const directory = new FakeDirectory(() => clock.now());
  const groups = Object.fromEntries(GROUPS.map((id) => [id, {}]));
  const domains = [USER_NAME.split('@')[1] ?? ''];
  const { mayTouchRoleHolders } = of;
  return {
    clock,
    directory,
    tenant: directory.addTenant({ tenantId: 't', groups, domains, mayTouchRoleHolders }),
  };
};

/** Plans and carries out until nothing is left to do; answers the account and after how many rounds. */
const settle = async (on: Stage, begun: ManagedAccount, wanted: DesiredAccount) => {
  let work = workOn(begun, wanted);
  for (let rounds = 0; ; rounds += 1) {
    const steps = planConvergence({
      account: work.account,
      desired: wanted,
      observed: work.observed,
      capabilities: { mayTouchRoleHolders: on.tenant.mayTouchRoleHolders },
      timed: null,
      licensed: true,
      now: on.clock.now(),
      verify: false,
      unproven: false,
      eligibilities: false,
      mint: null,
      looking: false,
      doubtful: false,
    });
    if (steps.length === 0 || rounds > FEW_ROUNDS) return { account: work.account, rounds };
    const account = needsSealedPassword(steps)
      ? withSealedPassword(work.account, { box, ids })
      : work.account;
    const mayHold = beforeGiving(account.mayHold, steps, on.clock.now());
    work = {
      ...workOn({ ...account, mayHold }, wanted),
      before: account.mayHold,
      observed: work.observed,
      steps,
    };
    for (const phase of PHASES) work = await carryOut(on, work, phase);
    expect(work.failures.map(({ step, error }) => `${step.key}: ${error.message}`)).toEqual([]);
    work = judgeRound(work, on.clock.now());
  }
};

const workOn = (account: ManagedAccount, wanted: DesiredAccount): Work => ({
  claim,
  account,
  desired: wanted,
  known: new Set(GROUPS),
  observed: null,
  steps: [],
  before: account.mayHold,
  failedBefore: account.failure,
  failures: [],
  notes: [],
  proof: null,
  minted: null,
  foreign: false,
  givenAt: null,
  stopped: false,
  look: NO_LOOK,
});

const carryOut = async ({ clock, directory, tenant }: Stage, work: Work, phase: Phase): Promise<Work> => {
  const due = work.steps.filter((step) => step.phase === phase);
  const calls = due.map((step) => asDirectoryStep(0, step, fill(work, step, { box, ids })));
  const outcomes = await directory.perform(tenant.app(), calls, 10_000);
  return due.reduce((sofar, step) => {
    const outcome = outcomes.find(({ ref }) => ref === `0/${step.key}`);
    return outcome === undefined ? sofar : afterStep(sofar, step, { ...outcome, now: clock.now() });
  }, work);
};

/** Not: what only time can tell; on an account that stays enabled, a pass of unknown id and what is refused. */
const isSettledAtOnce = (of: Situation, begun: ManagedAccount, wanted: DesiredAccount): boolean => {
  if (!wanted.enabled) return of.exists || of.answered;
  const staysEnabled = begun.mayHold.enabled === 'held';
  return !staysEnabled || (of.mayTouchRoleHolders && begun.mayHold.pass === null);
};

describe('successive plans', () => {
  it('bring the tenant to what is desired in few rounds, and then there is nothing left to plan', async () => {
    await fc.assert(
      fc.asyncProperty(situation, desired, async (of, wanted) => {
        const on = stage(of);
        const begun = placed(on.tenant, of);
        fc.pre(isSettledAtOnce(of, begun, wanted));
        const { account, rounds } = await settle(on, begun, wanted);

        expect(rounds).toBeLessThanOrEqual(FEW_ROUNDS);
        expect(isNothing(excessOf(account.mayHold, wanted))).toBe(true);
        const user = on.tenant.user(USER_NAME);
        if (wanted.removed || (!of.exists && !wanted.enabled)) {
          expect(user).toBeNull();
          return;
        }
        expect(user?.enabled).toBe(wanted.enabled);
        expect(new Set(user?.roles)).toEqual(new Set(wanted.roles.keys()));
        expect(new Set(user?.groups)).toEqual(wanted.groups);
        if (!wanted.enabled) expect(user?.methods).toEqual([]);
        if (!wanted.enabled) expect({ ...account.mayHold, object: null }).toEqual(HOLDS_NOTHING);
      }),
      { numRuns: 200 },
    );
  });
});
