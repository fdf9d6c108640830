import {
  type AccountDrift,
  type AuthenticationMethod,
  type Failure,
  heldRole,
  type HeldRole,
  type ManagedAccount,
  type MayHold,
  type ObservedRole,
  type ObservedUser,
  type RemovalProof,
  roleKeyOf,
} from '#core/accounts';
import type { AuditAction, AuditEvent } from '#core/audit';
import type { Proof } from '#core/grants';
import { MINUTE, SECOND, type GroupId, type Instant, type RoleId } from '#core/shared';
import type { WorkingAccount } from './apply-outcome.js';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { mayBeEligible, withEligibilitiesSeen } from './eligibilities.js';
import { lagSince } from './failure.js';
import { withoutObject } from './held.js';
import { driftAfter, driftIn, newsOf, type Found } from './found.js';
import { withSchedulesSeen } from './judge-schedules.js';
import { isFresh, isWhole, REPLICATION_MS, type Observation } from './observation.js';

/** Something that happened to an account and belongs into the audit log. */
export interface AccountNote {
  readonly action: AuditAction;
  readonly details: AuditEvent['details'];
}

export interface Judgement {
  readonly account: ManagedAccount;
  readonly notes: readonly AccountNote[];
  /** The reading shows nothing that nothing gives, and it is new enough to prove it. */
  readonly proof: Proof | null;
  /** Somebody disabled or deleted it in Entra while a grant ran. */
  readonly stopped: boolean;
}

/** After the 1st, 2nd and 3rd proof; the 4th is the last. */
const NEXT_PROOF_MS = [55 * SECOND, 4 * MINUTE, 55 * MINUTE];
/** A replica that hasn't seen our write for this long may never have got it: write again. */
const REWRITE_MS = 5 * MINUTE;

/** What is judged: the account, what was read of it in this round, and what stood in the way before. */
export interface ReadAccount extends WorkingAccount {
  /** Groups that any open grant was approved for. */
  readonly known: ReadonlySet<GroupId>;
  readonly failedBefore: Failure | null;
  /** Since when everything that runs has been given; null: nothing has, or not yet. */
  readonly givenAt: Instant | null;
}

/** What a reading of the user (with or without lists) means for the account. */
export const judgeReading = (read: ReadAccount, desired: DesiredAccount, now: Instant): Judgement => {
  const { account, observed, known } = read;
  if (observed?.user === undefined) return untold(account);
  if (observed.user === null) return judgeMissing(read, { desired, observed, now });
  if (isOldNews(account, observed.user, now)) {
    return untold(afterStale(withWhatRefuses(read, observed), { desired, observed, now }));
  }
  const judged =
    observed.groups === undefined ? observed : { ...observed, groups: groupsToJudge(observed, known) };
  return judgeFresh(read, { desired, observed: judged, now });
};

const untold = (account: ManagedAccount): Judgement => ({ account, notes: [], proof: null, stopped: false });

/** Half a reading proves nothing, but an account that is enabled though nothing gives it is not left so for that. */
export const judgeHalf = (read: ReadAccount, desired: DesiredAccount, now: Instant): Judgement => {
  const { account, observed } = read;
  const user = observed?.user;
  if (user == null || !user.enabled || desired.enabled || isOldNews(account, user, now))
    return untold(account);
  const seen: Observation = { user, ...(observed?.at === undefined ? {} : { at: observed.at }) };
  const { account: judged, notes } = judgeFresh(read, { desired, observed: seen, now });
  return { account: { ...judged, verification: account.verification }, notes, proof: null, stopped: false };
};

/**
 * We deleted it a moment ago: a replica that still shows it says nothing. Later it means that somebody restored it; and one
 * that knows of the sessions we revoked, and shows it enabled, means that neither disable nor delete was carried out.
 */
const isOldNews = (account: ManagedAccount, user: ObservedUser, now: Instant): boolean => {
  if (account.mayHold.object !== null) return !isFresh(account, user);
  if (account.verification === null) return false;
  const isRecent = now - account.verification.writtenAt <= REPLICATION_MS;
  return isRecent && !(user.enabled && isFresh(account, user));
};

/** Where nested memberships can't be told from direct ones, only groups that our grants know of count. */
const groupsToJudge = (observed: Observation, known: ReadonlySet<GroupId>): readonly GroupId[] =>
  (observed.groups ?? []).filter((group) => observed.direct !== false || known.has(group));

/**
 * Where an account with a role can't be disabled, what refuses us may be a role that no row knows. It is tried again so often
 * that no replica is ever as new as our last write: what such a one shows is taken all the same. If it is gone by now, that
 * costs a call.
 */
const withWhatRefuses = (read: ReadAccount, seen: Observation): ReadAccount => {
  const { account, failedBefore, known } = read;
  const { mayHold } = account;
  if (failedBefore?.reason !== 'directory_role_missing' || mayHold.object === null) return read;
  const roles = (seen.roles ?? []).map((each): [RoleId, HeldRole] => [
    roleKeyOf(each),
    heldRole('maybe', each.assignmentId),
  ]);
  const groups = groupsToJudge(seen, known).map((id): [GroupId, 'maybe'] => [id, 'maybe']);
  const more: MayHold = {
    ...mayHold,
    roles: { ...Object.fromEntries(roles), ...mayHold.roles },
    groups: { ...Object.fromEntries(groups), ...mayHold.groups },
  };
  return { ...read, account: { ...account, mayHold: more } };
};

interface Reading {
  readonly desired: DesiredAccount;
  readonly observed: Observation;
  readonly now: Instant;
}

const judgeFresh = (read: ReadAccount, { desired, observed, now }: Reading): Judgement => {
  const { account, givenAt } = read;
  const found = driftIn({ account, desired, givenAt, now }, observed);
  const { drift, notes } = told(account.drift, found, now);
  const seen = { ...withPasswordDoubted(withSeen(account, observed, now), found), drift };
  const { stopped } = found;
  if (isNothing(excessOf(seen.mayHold, desired))) {
    // Ended, and the list that would show it was not to be had.
    if (mayBeEligible(seen.mayHold)) return { ...untold(afterLeftovers(seen, now, MINUTE)), notes, stopped };
    return {
      account: afterProof(seen, now),
      notes,
      stopped,
      proof: isWhole(observed) ? proofOf(observed, now) : null,
    };
  }
  return { account: afterLeftovers(seen, now, LEFTOVERS_MS), notes, stopped, proof: null };
};

const told = (before: AccountDrift, found: Found, now: Instant) => {
  const drift = driftAfter(before, found, now);
  const news = newsOf(before, found);
  const details = { found: news, timesInADay: drift.recentAt.length };
  const notes: readonly AccountNote[] = news.length === 0 ? [] : [{ action: 'account.drifted', details }];
  return { drift, notes };
};

/** Somebody else may know it: it is set anew, and whoever signed in with it is signed out. */
const withPasswordDoubted = (account: ManagedAccount, { contained }: Found): ManagedAccount =>
  contained.includes('password changed')
    ? { ...account, mayHold: { ...account.mayHold, password: 'maybe', sessions: true } }
    : account;

/** "No such user": gone when we deleted it, or when it has been missing for longer than any replica lags. */
const judgeMissing = (read: ReadAccount, by: Reading): Judgement => {
  const { account } = read;
  const proof = proofOf(by.observed, by.now);
  if (account.mayHold.object === null) {
    const { removal } = account;
    const seen = afterProof({ ...account, removal: removal ?? removalOf(proof) }, by.now);
    return { account: seen, notes: removal === null ? [deleted(account, proof)] : [], proof, stopped: false };
  }
  if (!isMissingForLong(read, by.now)) return untold(afterStale(read, by));
  const { notes, drift } = told(account.drift, VANISHED, by.now);
  const gone: ManagedAccount = { ...withoutObject(account), failure: null, verification: null, drift };
  const stopped = by.desired.enabled && read.givenAt !== null;
  return by.desired.enabled && !stopped
    ? {
        account: { ...gone, mayHold: { ...gone.mayHold, object: 'maybe' }, objectId: null },
        notes,
        stopped,
        proof: null,
      }
    : { account: { ...gone, removal: removalOf(proof) }, notes, proof, stopped };
};

const removalOf = ({ readAt, graphAt }: Proof): RemovalProof => ({ readAt, graphAt });

const deleted = ({ objectId, retirement, upn }: ManagedAccount, { graphAt }: Proof): AccountNote => ({
  action: 'account.deleted',
  details: {
    why: retirement ?? 'ended_with_delete',
    upn,
    objectId,
    objectFound: false,
    graphAt: new Date(graphAt).toISOString(),
  },
});

/** A parked account that nothing was written to for an hour can't be hidden by lag; any other may be for a while. */
const isMissingForLong = ({ account, failedBefore }: ReadAccount, now: Instant): boolean => {
  const parkedForLong =
    account.verification === null && account.mayHold.enabled === null && !account.pristine;
  const since = failedBefore?.reason === 'replication' ? lagSince(failedBefore) : now;
  return parkedForLong || now - since > REPLICATION_MS;
};

const VANISHED: Found = {
  contained: ['deleted'],
  standing: [],
  stopped: false,
  enabledAgain: false,
  passwordAt: null,
};

/** Since when a replica lags, by what stood before. */
const lagBefore = (before: Failure | null, now: Instant): Pick<Failure, 'sinceAt' | 'anewAt'> => {
  if (before?.reason !== 'replication') return { sinceAt: now };
  const { sinceAt, anewAt } = before;
  return anewAt === undefined ? { sinceAt } : { sinceAt, anewAt };
};

/** A reading that proves nothing. The next one waits, and so does whatever was to follow from it. */
const afterStale = (read: ReadAccount, by: Reading): ManagedAccount => {
  const { account, failedBefore } = read;
  const { sinceAt, ...anew } = lagBefore(failedBefore, by.now);
  const waited = Math.max(0, by.now - (account.verification?.writtenAt || sinceAt));
  const retryAt = by.now + Math.ceil(Math.min(MINUTE, Math.max(2 * SECOND, waited / 5)));
  return {
    ...account,
    mayHold: suspected(account.mayHold, by, waited > REWRITE_MS),
    // Looked at until it is certain, whatever this look was for.
    verification: account.verification ?? { writtenAt: 0, proofs: 0, nextAt: retryAt },
    failure: {
      reason: 'replication',
      message: 'What Graph shows is older than what it accepted from us.',
      sinceAt,
      ...anew,
      attempts: (failedBefore?.attempts ?? 0) + 1,
      retryAt,
      steps: { readUser: retryAt },
      version: account.version,
    },
  };
};

/**
 * It may be old news, but a disable that was answered and lost looks the same: send it again, it costs nothing. What
 * isn't seen after minutes is written anew as a whole.
 */
const suspected = (held: MayHold, { desired, observed }: Reading, rewrite: boolean): MayHold => {
  if (held.object === null || desired.enabled) return held;
  const enabled = observed.user?.enabled === true ? 'maybe' : held.enabled;
  return { ...held, enabled, sessions: held.sessions || rewrite };
};

const afterProof = (account: ManagedAccount, now: Instant): ManagedAccount => {
  const proofs = (account.verification?.proofs ?? 0) + 1;
  const wait = NEXT_PROOF_MS[proofs - 1];
  // Without a write of ours there is nothing that a later reading could be older than.
  const writtenAt = account.verification?.writtenAt ?? 0;
  return { ...account, verification: wait === undefined ? null : { writtenAt, proofs, nextAt: now + wait } };
};

const LEFTOVERS_MS = 5 * SECOND;

const afterLeftovers = (account: ManagedAccount, now: Instant, waitMs: number): ManagedAccount => ({
  ...account,
  verification: {
    writtenAt: account.verification?.writtenAt ?? 0,
    proofs: 0,
    nextAt: now + waitMs,
  },
});

/** `mayHold` with everything that was seen added: also what a hand, or a lost answer, left there. */
const withSeen = (account: ManagedAccount, seen: Observation, now: Instant): ManagedAccount => {
  const held = account.mayHold;
  const enabledByHand = seen.user?.enabled === true && held.enabled === null;
  const mayHold: MayHold = {
    ...held,
    object: 'held',
    roles: { ...held.roles, ...rolesSeen(seen.roles ?? [], held) },
    groups: {
      ...held.groups,
      ...Object.fromEntries((seen.groups ?? []).map((id): [GroupId, 'held'] => [id, 'held'])),
    },
    ...(enabledByHand ? { enabled: 'held', sessions: true, methods: true, password: 'maybe' } : {}),
  };
  return {
    ...account,
    mayHold: withEligibilitiesSeen(
      withMethodsSeen(withSchedulesSeen(mayHold, seen, now), seen, enabledByHand),
      seen,
      now,
    ),
  };
};

/** A role in a smaller scope than the tenant has a name of its own, under which a grant may have given it. */
const rolesSeen = (roles: readonly ObservedRole[], held: MayHold): Readonly<Record<RoleId, HeldRole>> =>
  Object.fromEntries(
    roles.map(({ assignmentId, ...place }): [RoleId, HeldRole] => {
      const roleId = roleKeyOf(place);
      return [roleId, heldRole('held', assignmentId, held.roles[roleId]?.timed)];
    }),
  );

const withMethodsSeen = (held: MayHold, { methods }: Observation, enabledByHand: boolean): MayHold =>
  methods === undefined || enabledByHand ? held : withMethodsKnown(held, methods);

/**
 * What a list of methods tells. A pass of unknown id that isn't listed is not there; of the other methods an enabled
 * account's owner may register more at any moment, so only a disabled account is known to have none.
 */
export const withMethodsKnown = (held: MayHold, methods: readonly AuthenticationMethod[]): MayHold => {
  const listed = methods.some(({ kind }) => kind === 'temporaryAccessPass');
  const judged = held.enabled === null || held.pass?.passId === null;
  return {
    ...held,
    methods: held.enabled === null ? methods.length > 0 : held.methods,
    pass: judged && !listed ? null : held.pass,
  };
};

const proofOf = (seen: Observation, now: Instant): Proof => ({
  readAt: now,
  graphAt: seen.at ?? now,
  enabled: seen.user?.enabled ?? null,
  objectFound: seen.user != null,
  roles: (seen.roles ?? []).map(roleKeyOf),
  groups: [...(seen.groups ?? [])],
  methods: (seen.methods ?? []).map(({ kind }) => kind),
});
