import {
  type DirectoryAnswer,
  heldRole,
  type HeldRole,
  type ManagedAccount,
  type MayHold,
  roleKeyOf,
  type StepOutcome,
} from '#core/accounts';
import { CLAIM_MS, SECOND, type Instant, type RoleId } from '#core/shared';
import { withEligibilityEnded } from './eligibilities.js';
import type { Observation } from './observation.js';
import { withoutGroup, withoutObject, withoutRole, withRole } from './held.js';
import type { PlannedStep } from './planned-step.js';

/** An account and what was read of it, while a claim lasts. */
export interface WorkingAccount {
  readonly account: ManagedAccount;
  readonly observed: Observation | null;
}

type Answered = Extract<StepOutcome, { ok: true }>;

/** `now` is the database's, `at` and `tookMs` are the outcome's. */
interface Outcome extends Pick<Answered, 'answer' | 'at' | 'tookMs'> {
  readonly now: Instant;
}

/** First read-back after a take-away. */
const FIRST_LOOK_MS = 5 * SECOND;

/** The account after one answered step. Readings are only noted: what they mean is judged when all have come. */
export const applyAnswer = (working: WorkingAccount, step: PlannedStep, outcome: Outcome): WorkingAccount => {
  const { account, observed } = working;
  const read = readingOf(outcome.answer, outcome.at);
  if (read !== null) return { account, observed: { ...observed, ...read } };
  const { call } = step;
  if (call.do === 'deleteMethod') return withoutMethod(working, call.method.id);
  return { observed, account: applyWrite(account, step, outcome) };
};

const readingOf = (answer: DirectoryAnswer, at: Instant | null): Observation | null => {
  switch (answer.did) {
    case 'findUser':
    case 'readUser':
      return { user: answer.user, ...(at === null ? {} : { at }) };
    case 'listRoleAssignments':
      return { roles: answer.roles };
    case 'listRoleSchedules':
      return { schedules: answer.schedules };
    case 'listEligibilities':
      return { eligibilities: answer.eligibilities };
    case 'listGroups':
      return { groups: answer.groups, direct: answer.direct };
    case 'listMethods':
      return { methods: answer.methods };
    default:
      return null;
  }
};

const applyWrite = (account: ManagedAccount, { call }: PlannedStep, outcome: Outcome): ManagedAccount => {
  const held = account.mayHold;
  switch (call.do) {
    case 'createUser':
      return outcome.answer.did === 'createUser' ? created(account, outcome.answer, call.password) : account;
    case 'setPassword':
      return passwordSet(account, call.password);
    case 'enable':
      return { ...account, pristine: false, mayHold: { ...held, enabled: 'held' } };
    case 'disable':
      return { ...account, pristine: false, mayHold: { ...held, enabled: null } };
    case 'revokeSessions':
      return revoked(account, outcome);
    case 'endEligibility':
      return toBeSeenGone({ ...account, mayHold: withEligibilityEnded(held, roleKeyOf(call)) }, outcome.now);
    case 'deleteUser':
      return toBeProven(withoutObject(account), outcome, stampedJustBefore(account, outcome));
    case 'mintPass':
      return outcome.answer.did === 'mintPass'
        ? {
            ...account,
            mayHold: { ...held, pass: { certainty: 'held', passId: outcome.answer.minted.passId } },
          }
        : account;
    default:
      return { ...account, mayHold: applyMembership(held, call, outcome) };
  }
};

const applyMembership = (held: MayHold, call: PlannedStep['call'], { answer, at, now }: Outcome): MayHold => {
  switch (call.do) {
    case 'addToGroup':
      return { ...held, groups: { ...held.groups, [call.groupId]: 'held' } };
    case 'removeFromGroup':
      return withoutGroup(held, call.groupId);
    case 'assignRole':
      return withRole(held, roleKeyOf(call), assigned(held.roles[roleKeyOf(call)], answer));
    case 'assignRoleUntil':
      return withRole(held, roleKeyOf(call), {
        certainty: 'held',
        assignmentId: null,
        timed: { givenAt: at ?? now, until: call.until, seen: false },
      });
    case 'changeTimedRole':
      return withEnd(held, roleKeyOf(call), call.until);
    case 'endTimedRole':
      return withoutRole(held, roleKeyOf(call));
    case 'unassignRole':
      // "Not there" under a guessed id proves nothing: the list read beside it tells.
      return call.assignmentId === null && 'already' in answer && answer.already
        ? held
        : withoutRole(held, roleKeyOf(call));
    default:
      return held;
  }
};

/** With an id of its own it was not there before, whatever was asked of PIM. */
const assigned = (known: HeldRole | undefined, answer: DirectoryAnswer): HeldRole => {
  const assignmentId = answer.did === 'assignRole' ? answer.assignmentId : null;
  return assignmentId === null
    ? heldRole('held', known?.assignmentId ?? null, known?.timed)
    : heldRole('held', assignmentId);
};

const withEnd = (held: MayHold, role: RoleId, until: Instant): MayHold => {
  const known = held.roles[role];
  return known?.timed === undefined
    ? held
    : withRole(held, role, { ...known, timed: { ...known.timed, until } });
};

const created = (
  account: ManagedAccount,
  answer: Extract<DirectoryAnswer, { did: 'createUser' }>,
  purpose: 'scrambled' | 'credential',
): ManagedAccount => ({
  ...passwordSet(account, purpose),
  objectId: answer.objectId,
  pristine: true,
  // It starts afresh: whatever an earlier object of this name held went with that object.
  verification: null,
  mayHold: { ...account.mayHold, object: 'held', password: purpose === 'credential' ? 'held' : null },
});

/** Setting a random password destroys the sealed one; on an enabled account its owner may still set another. */
const passwordSet = (before: ManagedAccount, purpose: 'scrambled' | 'credential'): ManagedAccount => {
  const account = { ...before, drift: { ...before.drift, passwordAt: null } };
  if (purpose === 'credential') {
    const password = account.password === null ? null : { ...account.password, state: 'set' as const };
    return { ...account, password, mayHold: { ...account.mayHold, password: 'held' } };
  }
  const left = account.mayHold.enabled === null ? null : ('maybe' as const);
  return { ...account, password: null, mayHold: { ...account.mayHold, password: left } };
};

const revoked = (account: ManagedAccount, outcome: Outcome): ManagedAccount =>
  toBeProven(
    { ...account, mayHold: { ...account.mayHold, sessions: account.mayHold.enabled !== null } },
    outcome,
  );

/**
 * A 204 is no evidence: look again, and count only readings as new as this write. Where Graph took its time, the write bears
 * an earlier stamp than its answer: measured by the answer, no reading would ever be new enough. Nor would it be measured by a
 * delete, which stamps nothing: where something was written before it, a reading that shows that is as new as one can be that
 * shows the user at all (`stampedAt`), and he is disabled and deleted again.
 */
const toBeProven = (
  account: ManagedAccount,
  { at, tookMs = 0, now }: Outcome,
  stampedAt?: Instant,
): ManagedAccount => ({
  ...account,
  verification: {
    writtenAt: stampedAt ?? (at === null ? 0 : at - tookMs),
    proofs: 0,
    nextAt: now + FIRST_LOOK_MS,
  },
});

/**
 * What stamped the user under the same claim as a delete. An earlier one is none of it: then a replica that still shows the user
 * is old news, as after every delete.
 */
const stampedJustBefore = ({ verification }: ManagedAccount, { at }: Outcome): Instant | undefined =>
  verification !== null && at !== null && at - verification.writtenAt <= CLAIM_MS
    ? verification.writtenAt
    : undefined;

/** No stamp of the user tells how new a reading of these is: the list itself has to show it. */
const toBeSeenGone = (account: ManagedAccount, now: Instant): ManagedAccount => ({
  ...account,
  verification: {
    writtenAt: account.verification?.writtenAt ?? 0,
    proofs: 0,
    nextAt: Math.min(account.verification?.nextAt ?? Infinity, now + FIRST_LOOK_MS),
  },
});

const withoutMethod = ({ account, observed }: WorkingAccount, id: string): WorkingAccount => {
  const methods = observed?.methods?.filter((method) => method.id !== id);
  const { pass } = account.mayHold;
  const none = methods?.every(({ kind }) => kind !== 'temporaryAccessPass') === true;
  const gone = pass?.passId === id || (pass?.passId === null && none);
  return {
    observed: { ...observed, ...(methods === undefined ? {} : { methods }) },
    account: { ...account, mayHold: { ...account.mayHold, pass: gone ? null : pass } },
  };
};
