import { endingBy, ownRunning, type Failure, type ManagedAccount } from '#core/accounts';
import { isRunning, type Grant, type GrantInForce } from '#core/grants';
import { CURFEW, type AuditEvent } from '#core/audit';
import { earliest, type Claim, type GroupId, type Ids, type Instant, type SecretBox } from '#core/shared';
import type { EntraConnection, Throttle } from '#core/tenancy';
import { advanceGrants, type GrantCircumstances } from './advance-grants.js';
import { desiredAccount, type DesiredAccount } from './desired-account.js';
import { asksForEligibilities, mayBeEligible } from './eligibilities.js';
import { lagSince, REMEMBERED_MS } from './failure.js';
import { beforeGiving, beforeTaking } from './held.js';
import { REPLICATION_MS } from './observation.js';
import { lookMeanwhile } from './look-meanwhile.js';
import { planConvergence, type PassOrder } from './plan-convergence.js';
import { isBlocked } from './is-blocked.js';
import { isGiving, type PlannedStep } from './planned-step.js';
import { needsSealedPassword, withSealedPassword, type Work } from './round.js';
import { lookForMore, unprovenAt } from './next-due.js';
import { lookOf, settledAt, timesBeside, type Settled } from './settle.js';
import {
  askAgainAt,
  asMeant,
  CLOCKS_DIFFER,
  glanceFor,
  heldByClock,
  isDoubted,
  NO_DIFFERENCE,
  secondLook,
  sooner,
  stopsGiving,
  untilByGraph,
  type KnownClock,
} from './tenant-clock.js';
import { besideThrottles } from './throttles.js';
import { isOfTheAsker } from './ways-in.js';
import { isLicensed, nextTimedEnd, timedTerms } from './timed-roles.js';

/** What a draft is made from: the row and its grants as they are now, and what the last round brought. */
export interface DraftInput {
  readonly claim: Claim;
  readonly account: ManagedAccount;
  readonly open: readonly GrantInForce[];
  readonly work: Work | null;
  readonly connection: EntraConnection | null;
  readonly mint: PassOrder | null;
  /** Of the customer, past ones too. */
  readonly throttles: readonly Throttle[];
  /** Of Graph there. */
  readonly clock?: KnownClock;
  /** While that is in doubt this account is the one by which Graph is asked again. */
  readonly asksDate?: boolean;
  readonly now: Instant;
  /** No further round under this claim: settle. */
  readonly stop: boolean;
  /** Nothing that gives is planned, and the claim goes back with `dueAt` as it stood. */
  readonly takingOnly: boolean;
  /** The database was restored and is being compared: nothing that gives is planned, and what is not given yet ends. */
  readonly restoring?: boolean;
  /** A kill switch stands for the customer: what an account is entitled to by itself is over. A grant knows its own bar. */
  readonly held?: boolean;
  /** The account is to be compared with Entra as a whole, once. */
  readonly looking: boolean;
}

/** One account's next round, or its rest: everything the transaction will write. */
export interface Draft {
  readonly work: Work;
  readonly grants: readonly Grant[];
  readonly audit: readonly AuditEvent[];
  /** Set when there is nothing to send now: the claim goes back with these times. */
  readonly settled: Settled | null;
}

export const draftRound = (
  asked: DraftInput,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): Draft => {
  const input = inOwnTime(asked);
  const { claim, now, work } = input;
  const { leadMs } = input.clock ?? NO_DIFFERENCE;
  const advanced = advanceGrants(sooner(input.open, leadMs), circumstancesOf(input));
  const desired = untilByGraph(desiredAccount(advanced.open, now, input.account), leadMs);
  const intended = planOf(input, desired, advanced.open);
  const { plan, account } = besideClock(input, intended.steps);
  const { steps: free, until } = besideThrottles(readyOf(input, plan, account), {
    throttles: input.throttles,
    now,
    wanted: desired.enabled,
    seen: work?.observed?.user !== undefined,
  });
  const { steps, ...sent } = toSend(input, account, free);
  const times = timesOf(input, account, { until, desired, open: advanced.open });
  return {
    work: {
      ...workOn(claim, account, desired),
      known: groupsMeant(advanced.open, account),
      ...raised(account, desired, { steps, now, ...with_ }),
      observed: work?.observed ?? null,
      givenAt: givenSince(advanced.open, account, now),
      look: { ...lookOf(input), ordered: intended.looking },
      steps,
      ...sent,
    },
    grants: asMeant(advanced.changed, input.open),
    audit: [...advanced.audit, ...auditOf(input)],
    settled: steps.length > 0 ? null : settledAt(input, account, { times, desired, left: free.length }),
  };
};

/** What nothing stands in the way of; meanwhile, what may be looked at. */
const readyOf = (
  input: DraftInput,
  plan: readonly PlannedStep[],
  account: ManagedAccount,
): readonly PlannedStep[] => {
  const { now, work } = input;
  const failure = isOfAnotherAsker(input) ? null : account.failure;
  const unblocked = plan.filter((step) => !isBlocked(step, plan, { failure, now, version: account.version }));
  const observed = work?.observed ?? null;
  return unblocked.length > 0 ? unblocked : lookMeanwhile(plan, { account, failure, observed, now });
};

const timesOf = (
  input: DraftInput,
  account: ManagedAccount,
  by: {
    readonly until: Instant | null;
    readonly desired: DesiredAccount;
    readonly open: readonly GrantInForce[];
  },
): Omit<Settled, 'lookAt'> => {
  const { now } = input;
  const beside = timesBeside(by.until, account, { open: by.open, now });
  const others = [nextTimedEnd(account, by.desired.roles, now), lookForMore(by.open, now), doubtAt(input)];
  return { ...beside, dueAt: earliest(beside.dueAt, ...others) ?? unprovenAt(account, by.open, now) };
};

/** What an account is entitled to by itself ends as a grant would: by the later clock, and when all giving is forbidden. */
const inOwnTime = (input: DraftInput): DraftInput => {
  const { account, clock = NO_DIFFERENCE, held = false, now, restoring = false } = input;
  if (account.own === null) return input;
  const until = held || restoring ? now : account.own.expiresAt - clock.leadMs;
  return { ...input, account: { ...account, own: endingBy(account.own, until) } };
};

/**
 * Where Graph's clock and ours differ too much nothing is given. A difference that was measured some time ago is measured
 * once more before that.
 */
const besideClock = (
  input: DraftInput,
  whole: readonly PlannedStep[],
): { readonly plan: readonly PlannedStep[]; readonly account: ManagedAccount } => {
  const { account: row, now, takingOnly, restoring = false } = input;
  const plan = takingOnly || restoring ? whole.filter((step) => !isGiving(step)) : whole;
  const account = { ...row, failure: stillStanding(row.failure, plan, now) };
  return isHeldByClock(input, plan, account) ? heldUp(input, plan, account) : { plan, account };
};

const isHeldByClock = (
  { clock: { aheadMs } = NO_DIFFERENCE, now, work }: DraftInput,
  plan: readonly PlannedStep[],
  { failure }: ManagedAccount,
): boolean => {
  // A pass of a running grant is for the person who waits for it, and lives by Graph's clock in any case.
  const gives = plan.some((step) => isGiving(step) && step.call.do !== 'mintPass');
  const before = failure?.reason === CLOCKS_DIFFER ? failure : null;
  // Who was held by an answer that could not be noted asks for another one.
  const differs = stopsGiving(aheadMs) || (before !== null && work?.measured === undefined);
  if (!differs || !gives) return false;
  return before === null || before.retryAt <= now;
};

const heldUp = (
  { clock: { aheadMs } = NO_DIFFERENCE, now, work }: DraftInput,
  plan: readonly PlannedStep[],
  account: ManagedAccount,
): { readonly plan: readonly PlannedStep[]; readonly account: ManagedAccount } =>
  work?.measured === undefined
    ? { plan: [glanceFor(account)], account }
    : { plan, account: { ...account, failure: heldByClock(account, plan, { aheadMs, now }) } };

/** Where nothing else is to be sent, and two answers differ in what they say of ends, a third is asked for. */
const toSend = (
  input: DraftInput,
  account: ManagedAccount,
  free: readonly PlannedStep[],
): Pick<Work, 'steps' | 'sounding'> => {
  if (input.stop || input.connection === null) return { steps: [] };
  const step = free.length === 0 && asksAgain(input) ? secondLook(account) : null;
  return step === null ? { steps: free } : { steps: [step], sounding: true };
};

/** Once a claim. */
const asksAgain = ({ asksDate = false, clock = NO_DIFFERENCE, work }: DraftInput): boolean =>
  asksDate && isDoubted(clock) && work?.sounding !== true;

/** That third answer didn't come, or raised another doubt. */
const doubtAt = ({ asksDate = false, clock = NO_DIFFERENCE, now }: DraftInput): Instant | null =>
  asksDate ? askAgainAt(clock, now) : null;

const circumstancesOf = ({
  account,
  now,
  takingOnly,
  work,
  restoring = false,
}: DraftInput): GrantCircumstances => ({
  account,
  now,
  takingOnly,
  failures: work?.failures ?? [],
  proof: work?.proof ?? null,
  // The name is somebody else's and no other is free: it is still the old one.
  nameTaken: work?.foreign === true && account.upn === work.account.upn,
  stopped: work?.stopped === true,
  restoring,
});

const planOf = (
  input: DraftInput,
  desired: DesiredAccount,
  open: readonly GrantInForce[],
): { readonly steps: readonly PlannedStep[]; readonly looking: boolean } => {
  const { account, connection, mint, now, throttles, work } = input;
  const unproven = isUnproven(account, open);
  const { failure } = account;
  const due = isLookDue(account, { desired, unproven, now });
  const { doneAt, failed } = lookOf(input);
  const looking = input.looking && !due && doneAt === null && !failed;
  const steps = planConvergence({
    account,
    desired,
    observed: work?.observed ?? null,
    capabilities: { mayTouchRoleHolders: connection?.capabilities.mayTouchRoleHolders ?? true },
    timed: timedTerms(connection, { open, throttles, now }),
    licensed: isLicensed(connection),
    now,
    verify: due,
    unproven,
    eligibilities: asksForEligibilities(connection, account, { throttles, now }),
    looking,
    mint,
    doubtful: failure?.reason === 'replication' && now - lagSince(failure) > REPLICATION_MS,
  });
  return { steps, looking };
};

/** Something was taken away, and no reading has shown it gone. */
const isUnproven = ({ mayHold }: ManagedAccount, open: readonly GrantInForce[]): boolean =>
  mayBeEligible(mayHold) || open.some(({ grant }) => grant.state === 'ending' && grant.takenAt !== null);

/** Those that something open, or the account's own row, gives or gave. */
const groupsMeant = (
  open: readonly GrantInForce[],
  { own }: Pick<ManagedAccount, 'own'>,
): ReadonlySet<GroupId> =>
  new Set([...open.flatMap(({ grant }) => grant.approved.groups), ...(own?.groups ?? [])]);

/** Null while anything that runs is still being given; of what an account is entitled to by itself nobody notes when it was. */
const givenSince = (open: readonly GrantInForce[], account: ManagedAccount, now: Instant): Instant | null => {
  if (ownRunning(account, now) !== null) return null;
  const running = open.filter(({ grant, bar }) => bar === null && isRunning(grant, now));
  const since = running.map(({ grant }) => grant.activeAt);
  return since.length === 0 || since.includes(null) ? null : Math.max(...since.map((at) => at ?? 0));
};

/** The row itself asks for a read-back. */
const isLookDue = (
  account: ManagedAccount,
  by: { readonly desired: DesiredAccount; readonly unproven: boolean; readonly now: Instant },
): boolean => {
  const { verification } = account;
  if (verification === null) return by.unproven || isUnseen(account, by.desired);
  return verification.nextAt <= by.now || (by.unproven && verification.proofs > 0);
};

/** It is to be gone, it isn't there as far as we know, and nobody has looked. */
const isUnseen = ({ mayHold, removal }: ManagedAccount, desired: DesiredAccount): boolean =>
  desired.removed && mayHold.object === null && removal === null;

/** A failure lasts as long as one of its steps is wanted, or may soon be wanted again: attempts go on counting. */
const stillStanding = (
  failure: Failure | null,
  plan: readonly PlannedStep[],
  now: Instant,
): Failure | null => {
  const stands = ([key, retryAt]: [string, Instant]): boolean =>
    retryAt + REMEMBERED_MS > now || plan.some((step) => step.key === key);
  return failure !== null && Object.entries(failure.steps).some(stands) ? failure : null;
};

/** Those who give and take were refused; whoever only takes away has a way in of its own. */
const isOfAnotherAsker = ({ account, connection, takingOnly }: DraftInput): boolean =>
  takingOnly && connection?.second !== undefined && isOfTheAsker(account.failure?.reason ?? '');

const workOn = (claim: Claim, account: ManagedAccount, desired: DesiredAccount) => ({
  claim,
  desired,
  before: account.mayHold,
  failedBefore: account.failure,
  failures: [],
  notes: [],
  proof: null,
  minted: null,
  foreign: false,
  stopped: false,
});

/** The account as it must stand in the database before the steps leave. */
const raised = (
  account: ManagedAccount,
  desired: DesiredAccount,
  with_: {
    readonly steps: readonly PlannedStep[];
    readonly now: Instant;
    readonly box: SecretBox;
    readonly ids: Ids;
  },
): { readonly account: ManagedAccount } => {
  const { steps, now } = with_;
  const sealed = needsSealedPassword(steps)
    ? withSealedPassword(account, with_)
    : withoutIdlePassword(account, desired);
  return {
    account: {
      ...sealed,
      // Whoever gives to it next may come much later: somebody else may have been there.
      pristine: sealed.pristine && desired.enabled,
      mayHold: beforeTaking(beforeGiving(sealed.mayHold, steps, now), steps),
    },
  };
};

/** A sealed password that nobody can know, or that nothing gives any more and Entra no longer has, is destroyed. */
const withoutIdlePassword = (account: ManagedAccount, desired: DesiredAccount): ManagedAccount => {
  const wanted = desired.password || account.password?.state === 'pending';
  const refused = account.password?.state === 'pending' && account.mayHold.password === null;
  const idle = refused || (!wanted && account.mayHold.password === null);
  return account.password !== null && idle ? { ...account, password: null } : account;
};

const auditOf = ({ account, now, work }: DraftInput): readonly AuditEvent[] =>
  (work?.notes ?? []).map((note) => ({
    organizationId: account.organizationId,
    at: now,
    actor: CURFEW,
    action: note.action,
    subject: { kind: 'managed_account', id: account.id },
    customerId: account.customerId,
    details: note.details,
  }));
