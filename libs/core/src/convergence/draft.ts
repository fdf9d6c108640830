import type { Failure, ManagedAccount } from '#core/accounts';
import type { Grant, GrantInForce } from '#core/grants';
import { CURFEW, type AuditEvent } from '#core/audit';
import { SECOND, type Claim, type Ids, type Instant, type SecretBox } from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import { advanceGrants, type GrantCircumstances } from './advance-grants.js';
import { desiredAccount, type DesiredAccount } from './desired-account.js';
import { beforeGiving } from './held.js';
import { nextTimes } from './next-due.js';
import { REPLICATION_MS } from './observation.js';
import { planConvergence, type PassOrder } from './plan-convergence.js';
import { isRead, type PlannedStep } from './planned-step.js';
import { needsSealedPassword, withSealedPassword, type Work } from './round.js';

/** What a draft is made from: the row and its grants as they are now, and what the last round brought. */
export interface DraftInput {
  readonly claim: Claim;
  readonly account: ManagedAccount;
  readonly open: readonly GrantInForce[];
  readonly work: Work | null;
  readonly connection: EntraConnection | null;
  readonly mint: PassOrder | null;
  readonly now: Instant;
  /** No further round under this claim: settle. */
  readonly stop: boolean;
}

/** One account's next round, or its rest: everything the transaction will write. */
export interface Draft {
  readonly work: Work;
  readonly grants: readonly Grant[];
  readonly audit: readonly AuditEvent[];
  /** Set when there is nothing to send now: the claim goes back with these times. */
  readonly settled: { readonly dueAt: Instant | null; readonly takeAt: Instant | null } | null;
}

/** A settled account whose next look would be "now" again has something odd about it: never spin. */
const REST_MS = SECOND;
const LONGEST_REST_MS = 60 * SECOND;

export const draftRound = (
  input: DraftInput,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): Draft => {
  const { claim, now, work } = input;
  const advanced = advanceGrants(input.open, circumstancesOf(input));
  const desired = desiredAccount(advanced.open, now);
  const plan = planOf(input, desired, advanced.open);
  const account = { ...input.account, failure: stillStanding(input.account.failure, plan) };
  const ready = plan.filter((step) => !isBlocked(step, plan, { failure: account.failure, now }));
  const steps = input.stop || input.connection === null ? [] : ready;
  const times = nextTimes(account, advanced.open, now);
  return {
    work: {
      ...workOn(claim, account, desired),
      known: new Set(advanced.open.flatMap(({ grant }) => grant.approved.groups)),
      ...raised(account, steps, with_),
      observed: work?.observed ?? null,
      steps,
    },
    grants: advanced.changed,
    audit: [...advanced.audit, ...auditOf(input)],
    settled:
      steps.length > 0
        ? null
        : { ...times, dueAt: restUntil(times, { now, left: ready.length, stop: input.stop }) },
  };
};

const circumstancesOf = ({ account, now, work }: DraftInput): GrantCircumstances => ({
  account,
  now,
  failures: work?.failures ?? [],
  proof: work?.proof ?? null,
  // The name is somebody else's and no other is free: it is still the old one.
  nameTaken: work?.foreign === true && account.upn === work.account.upn,
});

const planOf = (
  { account, connection, mint, now, work }: DraftInput,
  desired: DesiredAccount,
  open: readonly GrantInForce[],
): readonly PlannedStep[] => {
  const unproven = open.some(({ grant }) => grant.state === 'ending' && grant.takenAt !== null);
  const { verification, failure } = account;
  return planConvergence({
    account,
    desired,
    observed: work?.observed ?? null,
    capabilities: { mayTouchRoleHolders: connection?.capabilities.mayTouchRoleHolders ?? true },
    verify: verification === null ? unproven : verification.nextAt <= now,
    mint,
    doubtful: failure?.reason === 'replication' && now - failure.sinceAt > REPLICATION_MS,
  });
};

/** A failure lasts as long as one of its steps is still wanted. */
const stillStanding = (failure: Failure | null, plan: readonly PlannedStep[]): Failure | null =>
  failure !== null && plan.some(({ key }) => failure.steps.includes(key)) ? failure : null;

interface Obstacle {
  readonly failure: Failure | null;
  readonly now: Instant;
}

/** What failed waits for its time, and so does what comes after it or goes with it; nothing else does. */
const isBlocked = (step: PlannedStep, plan: readonly PlannedStep[], by: Obstacle): boolean => {
  if (by.failure === null || by.failure.retryAt <= by.now) return false;
  if (by.failure.steps.includes(step.key)) return true;
  if (isRead(step) && failedReads(plan, by.failure)) return true;
  const before = plan.find(({ key }) => key === step.after);
  if (before !== undefined) return isBlocked(before, plan, by);
  const principals = plan.filter(({ call }) => PRINCIPALS.has(call.do));
  return (
    COMPANIONS.has(step.call.do) &&
    principals.length > 0 &&
    principals.every((each) => isBlocked(each, plan, by))
  );
};

/** What is read together is judged together, so it is repeated together. */
const failedReads = (plan: readonly PlannedStep[], { steps }: Failure): boolean =>
  plan.some((each) => isRead(each) && steps.includes(each.key));

/**
 * Companions succeed again and again while what they go with fails (sessions can be revoked on an account that cannot
 * be disabled): they are repeated with it, and not without it.
 */
const COMPANIONS: ReadonlySet<PlannedStep['call']['do']> = new Set([
  'revokeSessions',
  'setPassword',
  'listMethods',
  'listRoleAssignments',
  'readUser',
]);
const PRINCIPALS: ReadonlySet<PlannedStep['call']['do']> = new Set([
  'disable',
  'unassignRole',
  'removeFromGroup',
  'deleteMethod',
  'deleteUser',
]);

const workOn = (claim: Claim, account: ManagedAccount, desired: DesiredAccount) => ({
  claim,
  desired,
  before: account.mayHold,
  failures: [],
  notes: [],
  proof: null,
  minted: null,
  foreign: false,
});

/** The account as it must stand in the database before the steps leave. */
const raised = (
  account: ManagedAccount,
  steps: readonly PlannedStep[],
  with_: { readonly box: SecretBox; readonly ids: Ids },
): { readonly account: ManagedAccount } => {
  const sealed = needsSealedPassword(steps)
    ? withSealedPassword(account, with_)
    : withoutIdlePassword(account);
  return { account: { ...sealed, mayHold: beforeGiving(sealed.mayHold, steps) } };
};

/** A sealed password that nobody can know and nothing sets is destroyed: its give was refused. */
const withoutIdlePassword = (account: ManagedAccount): ManagedAccount =>
  account.password?.state === 'pending' && account.mayHold.password === null
    ? { ...account, password: null }
    : account;

const restUntil = (
  { dueAt, takeAt }: { readonly dueAt: Instant | null; readonly takeAt: Instant | null },
  by: { readonly now: Instant; readonly left: number; readonly stop: boolean },
): Instant | null => {
  if (by.left > 0) return by.stop ? by.now : by.now + LONGEST_REST_MS;
  // Whatever else is or isn't known: an end that is owed is looked at again. (I5)
  const rest = dueAt ?? (takeAt === null ? null : by.now + LONGEST_REST_MS);
  return rest === null || rest > by.now ? rest : by.now + REST_MS;
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
