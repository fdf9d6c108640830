import { accountErrors, directoryErrors, roleKeyOf, type Failure, type ManagedAccount } from '#core/accounts';
import { CURFEW, type AuditEvent } from '#core/audit';
import {
  isLive,
  owesEnd,
  transition,
  type EndReason,
  type Grant,
  type GrantEvent,
  type GrantInForce,
  type Proof,
} from '#core/grants';
import { MINUTE, type ErrorDefinition, type Instant } from '#core/shared';
import { desiredAccount, excessOf, given, isNothing } from './desired-account.js';
import { failsTheGive, type StepFailure } from './failure.js';
import { isGivingKey } from './planned-step.js';
import { isInForce } from './timed-roles.js';

/** A give that isn't done by then is given up, and what was given is taken away. */
export const GIVE_UP_MS = 5 * MINUTE;

/** What a grant's next move depends on. */
export interface GrantCircumstances {
  readonly account: ManagedAccount;
  readonly now: Instant;
  /** Steps of the round just done that failed. */
  readonly failures: readonly StepFailure[];
  readonly proof: Proof | null;
  /** Every name of the pattern belongs to somebody else. */
  readonly nameTaken: boolean;
  /** By somebody who only takes away, and keeps no books of what is to become of the object. */
  readonly takingOnly: boolean;
  /** Somebody disabled or deleted the account in Entra while a grant ran. */
  readonly stopped: boolean;
  /** The database was restored: what it says of giving is hours old. */
  readonly restoring?: boolean;
}

export interface Advanced {
  readonly open: readonly GrantInForce[];
  readonly changed: readonly Grant[];
  readonly audit: readonly AuditEvent[];
}

/** Moves every open grant of one account as far as the circumstances carry it. */
export const advanceGrants = (open: readonly GrantInForce[], circumstances: GrantCircumstances): Advanced => {
  const { account, now } = circumstances;
  const begun = moveAll(open, (each) => byTime(each, circumstances) ?? byFailure(each, circumstances, open));
  const excess = excessOf(account.mayHold, desiredAccount(inForce(begun), now, account));
  const settled = moveAll(inForce(begun), (each) => byState(each, circumstances, isNothing(excess)));
  const audit = [...begun, ...settled].flatMap((each) => each.audit);
  const changed = settled
    .filter(({ after }, index) => after.grant !== open[index]?.grant)
    .map(({ after }) => after.grant);
  return { open: inForce(settled), changed, audit };

  function moveAll(
    grants: readonly GrantInForce[],
    next: (each: GrantInForce) => GrantEvent | null,
  ): readonly Moved[] {
    return grants.map((each) => move(each, next, now));
  }
};

interface Moved {
  readonly after: GrantInForce;
  readonly audit: readonly AuditEvent[];
}

const inForce = (moved: readonly Moved[]): readonly GrantInForce[] => moved.map(({ after }) => after);

const move = (each: GrantInForce, next: (each: GrantInForce) => GrantEvent | null, now: Instant): Moved => {
  const audit: AuditEvent[] = [];
  let after = each;
  for (let event = next(after); event !== null; event = next(after)) {
    const moved = transition(after.grant, event, { actor: CURFEW, now });
    after = { ...after, grant: moved.grant };
    audit.push(moved.audit);
  }
  return { after, audit };
};

const byTime = (each: GrantInForce, circumstances: GrantCircumstances): GrantEvent | null => {
  const { grant } = each;
  const { now } = circumstances;
  if (grant.state === 'failed') return { what: 'end', reason: 'failed' };
  const open = grant.state === 'scheduled' || grant.state === 'starting' || grant.state === 'active';
  if (!open) return null;
  if (now >= grant.expiresAt) return { what: 'end', reason: 'expired' };
  const reason = stopReason(each, circumstances);
  if (reason !== null) return { what: 'end', reason };
  return grant.state === 'scheduled' && now >= grant.startsAt ? { what: 'start' } : null;
};

/**
 * What ends it before its time; what was never given was not stopped by anybody in Entra. After a restored backup nobody
 * knows whether somebody ended in the lost hours what is not given yet: it is to be asked for anew.
 */
const stopReason = (
  { grant, policyGives, bar }: GrantInForce,
  { stopped, restoring = false }: GrantCircumstances,
): EndReason | null => {
  if (bar !== null) return bar;
  if (policyGives === null) return 'policy_removed';
  if (restoring) return stopped || grant.state !== 'active' ? 'restored' : null;
  return stopped && grant.state === 'active' ? 'stopped_in_entra' : null;
};

/** Until when a starting grant may still become active. */
export const giveUpAt = (grant: Pick<Grant, 'startsAt' | 'createdAt'>): Instant =>
  Math.max(grant.startsAt, grant.createdAt) + GIVE_UP_MS;

const byFailure = (
  each: GrantInForce,
  { account, failures, nameTaken, now }: GrantCircumstances,
  open: readonly GrantInForce[],
): GrantEvent | null => {
  if (each.grant.state !== 'starting') return null;
  if (nameTaken) return failed('account.name_taken', account.upn);
  const fatal = failures.find((failure) => failsTheGive(failure.error) && concerns(failure, each));
  if (fatal !== undefined) return failed(`directory.${fatal.error.reason}`, fatal.error.message);
  const { failure } = account;
  // Late is not tried: after an outage of ours it gets its tries first.
  if (now < giveUpAt(each.grant) || failure === null || failure.attempts < TRIES_AT_LEAST) return null;
  if (isAnothersEnd(failure, each, open)) return null;
  return failed('grant.start_timeout', failure.message);
};

const TRIES_AT_LEAST = 3;

/**
 * What fails is the taking away that another grant owes: nothing can be given before it is done, and it is tried for ever.
 * The grant waits for it, and begins late rather than never.
 */
const isAnothersEnd = (failure: Failure, each: GrantInForce, open: readonly GrantInForce[]): boolean =>
  !Object.keys(failure.steps).some(isGivingKey) &&
  open.some(({ grant }) => grant.id !== each.grant.id && grant.state === 'ending' && owesEnd(grant));

const titles: Readonly<Record<string, ErrorDefinition>> = {
  ...directoryErrors.definitions,
  ...accountErrors.definitions,
};

const failed = (code: string, message: string): GrantEvent => ({
  what: 'fail',
  code,
  message: `${titles[code]?.title ?? ''} (${message})`,
});

const concerns = ({ step }: StepFailure, each: GrantInForce): boolean => {
  if (step.phase !== 'give') return false;
  if (step.call.do === 'assignRole') return given(each).roles.includes(roleKeyOf(step.call));
  // Where PIM gives nothing, the role is given for good.
  if (step.call.do === 'assignRoleUntil' || step.call.do === 'changeTimedRole') return false;
  if (step.call.do === 'addToGroup') return given(each).groups.includes(step.call.groupId);
  return step.call.do !== 'mintPass';
};

const byState = (
  each: GrantInForce,
  circumstances: GrantCircumstances,
  nothingLeft: boolean,
): GrantEvent | null => {
  const { account, now } = circumstances;
  const { grant } = each;
  if (grant.state === 'starting' && isLive(grant, now) && holdsAll(account, each, now))
    return { what: 'activate' };
  if (grant.state !== 'ending' || !nothingLeft) return null;
  if (grant.takenAt === null) return { what: 'confirm' };
  return byProof(each, grant.takenAt, circumstances);
};

const byProof = (
  each: GrantInForce,
  takenAt: Instant,
  { account, now, proof, takingOnly }: GrantCircumstances,
): GrantEvent | null => {
  // Once it has ended, the row alone remembers that the object is to go: who can't write that there doesn't end it.
  if (takingOnly && outlivedByObject(each, account)) return null;
  const evidence = neverMade(account) ? nothingWasMade(now) : proof;
  return evidence !== null && evidence.readAt >= takenAt ? { what: 'prove', proof: evidence } : null;
};

/** Its policy says that the object goes, and another grant still needs it. */
export const outlivedByObject = ({ grant }: Pick<GrantInForce, 'grant'>, account: ManagedAccount): boolean =>
  grant.endAction === 'delete' && account.mayHold.object !== null;

const neverMade = ({ objectId, mayHold }: ManagedAccount): boolean =>
  objectId === null && mayHold.object === null;

const holdsAll = ({ mayHold, password }: ManagedAccount, each: GrantInForce, now: Instant): boolean => {
  const { roles, groups } = given(each);
  return (
    mayHold.enabled === 'held' &&
    roles.every((role) => isInForce(mayHold.roles[role], now)) &&
    groups.every((group) => mayHold.groups[group] === 'held') &&
    (each.grant.credential === 'pass' || password?.state === 'set')
  );
};

/** The evidence of a grant that ended before anything was sent to Entra. */
const nothingWasMade = (now: Instant): Proof => ({
  readAt: now,
  graphAt: now,
  enabled: null,
  objectFound: false,
  roles: [],
  groups: [],
  methods: [],
});
