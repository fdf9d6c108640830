import {
  heldRole,
  type AuthenticationMethod,
  type Failure,
  type HeldRole,
  type ManagedAccount,
  type MayHold,
  type ObservedRole,
  type ObservedUser,
  type RemovalProof,
} from '#core/accounts';
import type { AuditAction } from '#core/audit';
import type { Proof } from '#core/grants';
import { MINUTE, SECOND, type GroupId, type Instant, type RoleId } from '#core/shared';
import type { WorkingAccount } from './apply-outcome.js';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { withoutObject } from './held.js';
import { withSchedulesSeen } from './judge-schedules.js';
import { isFresh, isWhole, REPLICATION_MS, type Observation } from './observation.js';
import { roleKeyOf } from './timed-roles.js';

/** Something that happened to an account and belongs into the audit log. */
export interface AccountNote {
  readonly action: AuditAction;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Judgement {
  readonly account: ManagedAccount;
  readonly notes: readonly AccountNote[];
  /** The reading shows nothing that nothing gives, and it is new enough to prove it. */
  readonly proof: Proof | null;
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
}

/** What a reading of the user (with or without lists) means for the account. */
export const judgeReading = (read: ReadAccount, desired: DesiredAccount, now: Instant): Judgement => {
  const { account, observed, known } = read;
  if (observed?.user === undefined) return { account, notes: [], proof: null };
  if (observed.user === null) return judgeMissing(read, { desired, observed, now });
  if (isOldNews(account, observed.user, now)) {
    return { account: afterStale(read, { desired, observed, now }), notes: [], proof: null };
  }
  const judged =
    observed.groups === undefined ? observed : { ...observed, groups: groupsToJudge(observed, known) };
  return judgeFresh(withSeen(account, judged, now), { desired, observed: judged, now });
};

/** We deleted it a moment ago: a replica that still shows it says nothing. Later it means that somebody restored it. */
const isOldNews = (account: ManagedAccount, user: ObservedUser, now: Instant): boolean =>
  account.mayHold.object === null
    ? account.verification !== null && now - account.verification.writtenAt <= REPLICATION_MS
    : !isFresh(account, user);

/** Where nested memberships can't be told from direct ones, only groups that our grants know of count. */
const groupsToJudge = (observed: Observation, known: ReadonlySet<GroupId>): readonly GroupId[] =>
  (observed.groups ?? []).filter((group) => observed.direct !== false || known.has(group));

interface Reading {
  readonly desired: DesiredAccount;
  readonly observed: Observation;
  readonly now: Instant;
}

const judgeFresh = (seen: ManagedAccount, { desired, observed, now }: Reading): Judgement => {
  if (isNothing(excessOf(seen.mayHold, desired))) {
    return {
      account: afterProof(seen, now),
      notes: [],
      proof: isWhole(observed) ? proofOf(observed, now) : null,
    };
  }
  const provenBefore = (seen.verification?.proofs ?? 0) > 0;
  return { account: afterLeftovers(seen, now), notes: provenBefore ? [CAME_BACK] : [], proof: null };
};

const CAME_BACK: AccountNote = {
  action: 'account.drifted',
  details: { what: 'something that was taken away is there again' },
};

/** "No such user": gone when we deleted it, or when it has been missing for longer than any replica lags. */
const judgeMissing = (read: ReadAccount, by: Reading): Judgement => {
  const { account } = read;
  const proof = proofOf(by.observed, by.now);
  if (account.mayHold.object === null) {
    const { removal } = account;
    const seen = afterProof({ ...account, removal: removal ?? removalOf(proof) }, by.now);
    return { account: seen, notes: removal === null ? [deleted(account, proof)] : [], proof };
  }
  if (!isMissingForLong(read, by.now)) return { account: afterStale(read, by), notes: [], proof: null };
  const gone: ManagedAccount = { ...withoutObject(account), failure: null, verification: null };
  return by.desired.enabled
    ? {
        account: { ...gone, mayHold: { ...gone.mayHold, object: 'maybe' }, objectId: null },
        notes: [VANISHED],
        proof: null,
      }
    : { account: { ...gone, removal: removalOf(proof) }, notes: [VANISHED], proof };
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
  const since = failedBefore?.reason === 'replication' ? failedBefore.sinceAt : now;
  return parkedForLong || now - since > REPLICATION_MS;
};

const VANISHED: AccountNote = { action: 'account.drifted', details: { what: 'the user object is gone' } };

/** A reading that proves nothing. The next one waits, and so does whatever was to follow from it. */
const afterStale = (read: ReadAccount, by: Reading): ManagedAccount => {
  const { account, failedBefore } = read;
  const sinceAt = failedBefore?.reason === 'replication' ? failedBefore.sinceAt : by.now;
  const waited = Math.max(0, by.now - (account.verification?.writtenAt ?? sinceAt));
  const retryAt = by.now + Math.ceil(Math.min(MINUTE, Math.max(2 * SECOND, waited / 5)));
  return {
    ...account,
    mayHold: suspected(account.mayHold, by, waited > REWRITE_MS),
    failure: {
      reason: 'replication',
      message: 'What Graph shows is older than what it accepted from us.',
      sinceAt,
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

const afterLeftovers = (account: ManagedAccount, now: Instant): ManagedAccount => ({
  ...account,
  verification: {
    writtenAt: account.verification?.writtenAt ?? 0,
    proofs: 0,
    nextAt: now + 5 * SECOND,
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
    mayHold: withMethodsSeen(withSchedulesSeen(mayHold, seen, now), seen, enabledByHand),
  };
};

/** A role in a smaller scope is never one that we gave: it gets a name that no grant has. */
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
  roles: (seen.roles ?? []).map(({ roleId }) => roleId),
  groups: [...(seen.groups ?? [])],
  methods: (seen.methods ?? []).map(({ kind }) => kind),
});
