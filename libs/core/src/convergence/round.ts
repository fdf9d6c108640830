import {
  type Certainty,
  type DirectoryAnswer,
  type DirectoryCall,
  DirectoryError,
  type DirectoryErrorReason,
  type DirectoryStep,
  type Failure,
  generatePassword,
  type HeldRole,
  type ManagedAccount,
  type MintedPass,
  passwordPlace,
  roleKeyOf,
  type StepOutcome,
} from '#core/accounts';
import type { Proof } from '#core/grants';
import {
  SECOND,
  type Claim,
  type GroupId,
  type Ids,
  type Instant,
  type RoleId,
  type Secret,
  type SecretBox,
} from '#core/shared';
import { applyAnswer } from './apply-outcome.js';
import type { DesiredAccount } from './desired-account.js';
import { isEligibilityRead, mayBeEligible } from './eligibilities.js';
import { isOfTheAsker } from './ways-in.js';
import { failureAfter, lagSince, wasCertainlyNotDone, type StepFailure } from './failure.js';
import { notGiven, notTaken, withRole } from './held.js';
import type { AccountNote } from './judge-reading.js';
import type { Observation } from './observation.js';
import { isGiving, isRead, isTaking, type PlannedStep } from './planned-step.js';
import { hasAnotherWay } from './timed-refusals.js';
import { isInForce, isOver } from './timed-roles.js';

/** What became of the whole look under this claim. */
export interface Look {
  /** This round looks only because the claim is for that: what fails then is not the row's. */
  readonly ordered: boolean;
  /** When it was read as a whole. */
  readonly doneAt: Instant | null;
  readonly failed: boolean;
}

export const NO_LOOK: Look = { ordered: false, doneAt: null, failed: false };

/** One account in the hands of a claimant: what was planned for this round, and what came of it. */
export interface Work {
  readonly claim: Claim;
  readonly account: ManagedAccount;
  readonly desired: DesiredAccount;
  /** Groups that any open grant of this account was approved for. */
  readonly known: ReadonlySet<GroupId>;
  readonly observed: Observation | null;
  readonly steps: readonly PlannedStep[];
  /** `mayHold` before this round's giving steps were written into it. */
  readonly before: ManagedAccount['mayHold'];
  /** The failure that stood on the row when the round was planned. */
  readonly failedBefore: Failure | null;
  readonly failures: readonly StepFailure[];
  readonly notes: readonly AccountNote[];
  readonly proof: Proof | null;
  readonly minted: MintedPass | null;
  /** By how much Graph's clock is ahead of ours, by each answer of this round that told a time. */
  readonly measured?: readonly number[];
  /** Its one step was sent for the date of the answer: whatever else it says is nobody's. */
  readonly sounding?: true;
  /** The name belongs to a user that is not ours. */
  readonly foreign: boolean;
  /** Since when everything that runs has been given; null: nothing has, or not yet. */
  readonly givenAt: Instant | null;
  /** Somebody disabled or deleted it in Entra while a grant ran. */
  readonly stopped: boolean;
  readonly look: Look;
}

export const gives = (work: Work): boolean => work.steps.some(isGiving);

/** What a round that was carried out has taken away, as far as Graph's answers tell. */
export const takenIn = ({ steps, failures }: Work): 'something' | 'perhaps' | 'nothing' => {
  const refusals = new Map(failures.map(({ step, error }) => [step.key, error]));
  const taking = steps.filter(isTaking).map(({ key }) => refusals.get(key));
  if (taking.includes(undefined)) return 'something';
  return taking.every((error) => error !== undefined && wasCertainlyNotDone(error)) ? 'nothing' : 'perhaps';
};

/** The work after one step was answered, or failed. */
export const afterStep = (
  work: Work,
  step: PlannedStep,
  outcome: StepOutcome & { readonly now: Instant },
): Work => {
  if (!outcome.ok) return afterFailure(work, step, outcome.error);
  if (isUnknownToPim(work, step, outcome.answer)) return afterFailure(work, step, unknownToPim(step));
  if (isDoubtful(work, step, outcome)) return afterFailure(work, step, notVisibleYet(step));
  const { account, observed } = applyAnswer(work, step, outcome);
  const minted = outcome.answer.did === 'mintPass' ? outcome.answer.minted : work.minted;
  return { ...work, account, observed, minted };
};

/** "Already gone" is asked again for this long when Graph itself said that it was given. */
const DOUBT_MS = 15 * SECOND;

/**
 * Graph answered that it gave this, and now that it isn't there: somebody removed it by hand, or we did and died, or a
 * replica hasn't seen it yet. The last would leave it behind, so the first answer is not believed.
 */
const isDoubtful = (
  work: Work,
  step: PlannedStep,
  outcome: { readonly answer: DirectoryAnswer; readonly now: Instant },
): boolean => {
  if (leavesOpen(work, step, outcome)) return true;
  const { failure } = work.account;
  if (!isAlready(outcome.answer) || !wasGiven(work, step, outcome.now)) return false;
  const since = failure !== null && step.key in failure.steps ? lagSince(failure) : outcome.now;
  return outcome.now - since < DOUBT_MS;
};

/**
 * Of roles with an end Graph's answers prove less: "exists" may be about to exist or about to end, and "does not exist"
 * is also said of what PIM has yet to see. The lists tell.
 */
const leavesOpen = (
  { account: { mayHold } }: Work,
  { call }: PlannedStep,
  { answer, now }: { readonly answer: DirectoryAnswer; readonly now: Instant },
): boolean => {
  if (answer.did === 'assignRoleUntil') return answer.already || answer.status === 'pending';
  const held = 'roleId' in call ? mayHold.roles[roleKeyOf(call)] : undefined;
  if (held?.timed === undefined) return false;
  const isThere = answer.did === 'assignRole' && answer.assignmentId === null;
  return isOver(held, now) ? isThere : TAKES_ROLES.has(call.do) && isAlready(answer);
};

/** Of a role that was never known to be PIM's, PIM's not knowing it says nothing. */
const isUnknownToPim = (
  { account: { mayHold } }: Work,
  { call }: PlannedStep,
  answer: DirectoryAnswer,
): boolean => {
  const held = call.do === 'endTimedRole' ? mayHold.roles[roleKeyOf(call)] : undefined;
  return held !== undefined && held.timed === undefined && isAlready(answer);
};

const isAlready = (answer: DirectoryAnswer): boolean => 'already' in answer && answer.already;

const TAKES_ROLES: ReadonlySet<PlannedStep['call']['do']> = new Set(['unassignRole', 'endTimedRole']);

const wasGiven = ({ before: mayHold }: Work, { call }: PlannedStep, now: Instant): boolean => {
  switch (call.do) {
    case 'removeFromGroup':
      return mayHold.groups[call.groupId] === 'held';
    case 'unassignRole':
      return isInForce(mayHold.roles[roleKeyOf(call)], now);
    case 'deleteUser':
      return mayHold.object === 'held';
    default:
      return false;
  }
};

const notVisibleYet = ({ call }: PlannedStep): DirectoryError =>
  notBelieved('replication', `${call.do}: Graph gave it, and says that it is not there.`);

/** Of an assignment PIM learns within two minutes: it is not asked over and over until then. */
const PIM_LEARNS_SECONDS = 30;

const unknownToPim = ({ call }: PlannedStep): DirectoryError =>
  notBelieved('gone', `${call.do}: PIM knows of no such role, and nobody else takes it.`, PIM_LEARNS_SECONDS);

const notBelieved = (
  reason: DirectoryErrorReason,
  message: string,
  retryAfterSeconds: number | null = null,
): DirectoryError =>
  new DirectoryError(reason, message, {
    retry: 'later',
    workload: 'directory',
    status: 404,
    code: null,
    retryAfterSeconds,
    requestId: null,
  });

const afterFailure = (work: Work, step: PlannedStep, error: StepFailure['error']): Work => {
  const failures = [...work.failures, { step, error }];
  // Without the licence nothing can be activated, and Entra has removed what could be.
  if (isEligibilityRead(step.call) && error.reason === 'licence_missing')
    return { ...work, failures, observed: { ...work.observed, eligibilities: [] } };
  if (step.call.do === 'changeTimedRole' && error.reason === 'gone')
    return { ...work, failures, account: withDoubt(work.account, roleKeyOf(step.call)) };
  if (!wasCertainlyNotDone(error)) return { ...work, failures };
  const undo = isGiving(step) ? notGiven : notTaken;
  const mayHold = undo(work.account.mayHold, work.before, step);
  return { ...work, failures, account: { ...work.account, mayHold } };
};

/** Entra says that it ended, or doesn't show it yet: it is looked for, and given anew. */
const withDoubt = (account: ManagedAccount, roleId: RoleId): ManagedAccount => {
  const held = account.mayHold.roles[roleId];
  const mayHold =
    held === undefined ? account.mayHold : withRole(account.mayHold, roleId, { ...held, certainty: 'maybe' });
  return { ...account, mayHold };
};

/** The failure to keep on the row: the round's, or none when everything that was tried went well. */
export const withFailure = (
  work: Work,
  by: {
    readonly now: Instant;
    readonly mayTouchRoleHolders: boolean;
    /** Whoever was refused goes in by another credential than we may. */
    readonly hasOwnWay: boolean;
  },
): Work => {
  const [first, ...rest] = failuresOfRow(work);
  const previous = work.account.failure;
  if (first !== undefined) {
    const failure = failureAfter([first, ...rest], { ...by, previous, version: work.account.version });
    return { ...work, account: { ...stillOwed(work), failure } };
  }
  const untried = previous !== null && !work.steps.some(({ key }) => key in previous.steps);
  // That we got in says nothing of those who give: they stay refused until they have tried themselves.
  const isTheirs = by.hasOwnWay && isOfTheAsker(previous?.reason ?? '');
  return { ...work, account: { ...work.account, failure: untried || isTheirs ? previous : null } };
};

/** A pass that could not be made is for the person who asked, not for the row. */
const failuresOfRow = (work: Work): readonly StepFailure[] => {
  const failures = work.failures.filter(
    (failure) =>
      failure.step.call.do !== 'mintPass' &&
      !hasAnotherWay(failure) &&
      !isUntoldInVain(work, failure) &&
      !(work.look.ordered && isRead(failure.step)),
  );
  const revoke = failedRevocation(work);
  if (revoke === undefined) return failures;
  const goneMeanwhile = work.steps.filter(
    ({ call }) => call.do === 'unassignRole' || call.do === 'endTimedRole' || call.do === 'removeFromGroup',
  );
  return [...failures, ...goneMeanwhile.map((step) => ({ step, error: revoke.error }))];
};

/** Nobody knows of anything that its owner might activate: that it can't be read stands in nobody's way. */
const isUntoldInVain = ({ account }: Work, { step }: StepFailure): boolean =>
  isEligibilityRead(step.call) && !mayBeEligible(account.mayHold);

/** Sessions could not be revoked on an account that stays enabled. */
const failedRevocation = ({ account, failures }: Work): StepFailure | undefined =>
  account.mayHold.enabled === null
    ? undefined
    : failures.find(({ step }) => step.call.do === 'revokeSessions');

/**
 * Sessions from before a role or group went are worth what it was worth. When they could not be revoked on an account
 * that stays enabled, what went is kept as owed, and waits with the revocation, so that both are done again.
 */
const stillOwed = (work: Work): ManagedAccount => {
  const { account, before, desired } = work;
  const { mayHold } = account;
  if (failedRevocation(work) === undefined) return account;
  const roles = Object.entries(before.roles)
    .filter(([id]) => !desired.roles.has(id as RoleId))
    .map(([id, held]): [RoleId, HeldRole] => [id as RoleId, { ...held, certainty: 'maybe' }]);
  const groups = (Object.keys(before.groups) as GroupId[])
    .filter((id) => !desired.groups.has(id))
    .map((id): [GroupId, Certainty] => [id, 'maybe']);
  return {
    ...account,
    mayHold: {
      ...mayHold,
      roles: { ...Object.fromEntries(roles), ...mayHold.roles },
      groups: { ...Object.fromEntries(groups), ...mayHold.groups },
    },
  };
};

/** Puts the secret into a planned call: a random password that nobody keeps, or the sealed one. */
export const fill = (
  work: Work,
  step: PlannedStep,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): DirectoryCall => {
  const { call } = step;
  if (call.do !== 'createUser' && call.do !== 'setPassword') return call;
  const password: Secret =
    call.password === 'credential' ? openPassword(work.account, with_.box) : generatePassword(with_.ids);
  return { ...call, password };
};

const openPassword = (account: ManagedAccount, box: SecretBox): Secret => {
  if (account.password === null) throw new Error('A credential was planned without a sealed password.');
  return box.open(account.password.sealed, passwordPlace(account, account.password.generation));
};

/** The account with a sealed password, `pending`, before the write that sets it. One that waits is used again. */
export const withSealedPassword = (
  account: ManagedAccount,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): ManagedAccount => {
  if (account.password?.state === 'pending') return account;
  const generation = account.passwordGeneration + 1;
  const sealed = with_.box.seal(generatePassword(with_.ids), passwordPlace(account, generation));
  return { ...account, passwordGeneration: generation, password: { sealed, state: 'pending', generation } };
};

export const needsSealedPassword = (steps: readonly PlannedStep[]): boolean =>
  steps.some(
    ({ call }) => (call.do === 'createUser' || call.do === 'setPassword') && call.password === 'credential',
  );

/** Refs are unique over all accounts of one `perform`. */
export const refOf = (index: number, step: Pick<PlannedStep, 'key'>): string => `${index}/${step.key}`;

export const asDirectoryStep = (index: number, step: PlannedStep, call: DirectoryCall): DirectoryStep => ({
  ref: refOf(index, step),
  call,
  ...(step.phase === 'first' ? { urgent: true } : {}),
  ...(step.unhurried === true ? { unhurried: true } : {}),
  ...(step.after === undefined ? {} : { after: refOf(index, { key: step.after }) }),
});
