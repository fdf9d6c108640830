import type { AuthenticationMethod, HeldRole, ManagedAccount, MayHold, ObservedRole } from '#core/accounts';
import type { AuditAction } from '#core/audit';
import type { Proof } from '#core/grants';
import { MINUTE, SECOND, type GroupId, type Instant, type RoleId } from '#core/shared';
import type { WorkingAccount } from './apply-outcome.js';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { withoutObject } from './held.js';
import { isFresh, isWhole, REPLICATION_MS, type Observation } from './observation.js';

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

/** What a reading of the user (with or without lists) means for the account. */
export const judgeReading = (
  { account, observed, known }: WorkingAccount & { readonly known: ReadonlySet<GroupId> },
  desired: DesiredAccount,
  now: Instant,
): Judgement => {
  if (observed?.user === undefined) return { account, notes: [], proof: null };
  if (observed.user === null) return judgeMissing(account, { desired, observed, now });
  if (isFresh(account, observed.user) && !mayBeDeleted(account, now)) {
    const seen = { ...observed, groups: groupsToJudge(observed, known) };
    return judgeFresh(withSeen(account, desired, seen), {
      desired,
      observed: observed.groups === undefined ? observed : seen,
      now,
    });
  }
  const { enabled } = observed.user;
  return { account: afterStale(account, { desired, enabled, now }), notes: [], proof: null };
};

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

/** We deleted it a moment ago: a replica that still shows it says nothing. Later it means that somebody restored it. */
const mayBeDeleted = ({ mayHold, verification }: ManagedAccount, now: Instant): boolean =>
  mayHold.object === null && verification !== null && now - verification.writtenAt <= REPLICATION_MS;

const CAME_BACK: AccountNote = {
  action: 'account.drifted',
  details: { what: 'something that was taken away is there again' },
};

/** "No such user": gone when we deleted it, or when it has been missing for longer than any replica lags. */
const judgeMissing = (account: ManagedAccount, by: Reading): Judgement => {
  const proof = proofOf(by.observed, by.now);
  if (account.mayHold.object === null) return { account: afterProof(account, by.now), notes: [], proof };
  const vanished: AccountNote = { action: 'account.drifted', details: { what: 'the user object is gone' } };
  if (by.desired.enabled) {
    // POST tells for certain: it conflicts when the object is there after all.
    const anew: ManagedAccount = { ...withoutObject(account), objectId: null };
    return {
      account: { ...anew, mayHold: { ...anew.mayHold, object: 'maybe' } },
      notes: [vanished],
      proof: null,
    };
  }
  const since = Math.min(account.verification?.writtenAt ?? by.now, account.failure?.sinceAt ?? by.now);
  return by.now - since > REPLICATION_MS
    ? { account: { ...withoutObject(account), failure: null, verification: null }, notes: [vanished], proof }
    : { account: afterStale(account, { ...by, enabled: false }), notes: [], proof: null };
};

const afterStale = (
  account: ManagedAccount,
  by: { readonly desired: DesiredAccount; readonly enabled: boolean; readonly now: Instant },
): ManagedAccount => {
  const { verification, mayHold } = account;
  if (verification === null) return account;
  const waited = Math.max(0, by.now - verification.writtenAt);
  const wait = Math.ceil(Math.min(MINUTE, Math.max(2 * SECOND, waited / 5)));
  // It may be old news, but a disable that was answered and lost looks the same: send it again, it costs nothing.
  const enabled = by.enabled && !by.desired.enabled && mayHold.object !== null ? 'maybe' : mayHold.enabled;
  const sessions = mayHold.sessions || (waited > REWRITE_MS && mayHold.object !== null);
  return {
    ...account,
    mayHold: { ...mayHold, enabled, sessions },
    verification: { ...verification, nextAt: by.now + wait },
  };
};

const afterProof = (account: ManagedAccount, now: Instant): ManagedAccount => {
  const proofs = (account.verification?.proofs ?? 0) + 1;
  const wait = NEXT_PROOF_MS[proofs - 1];
  const writtenAt = account.verification?.writtenAt ?? now;
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
const withSeen = (account: ManagedAccount, desired: DesiredAccount, seen: Observation): ManagedAccount => {
  const held = account.mayHold;
  const enabledByHand = seen.user?.enabled === true && held.enabled === null;
  const mayHold: MayHold = {
    ...held,
    object: 'held',
    roles: { ...held.roles, ...rolesSeen(seen.roles ?? []) },
    groups: {
      ...held.groups,
      ...Object.fromEntries((seen.groups ?? []).map((id): [GroupId, 'held'] => [id, 'held'])),
    },
    ...(enabledByHand ? { enabled: 'held', sessions: true, methods: true, password: 'maybe' } : {}),
  };
  return { ...account, mayHold: withMethodsSeen(mayHold, { desired, seen, enabledByHand }) };
};

/** A role in a smaller scope is never one that we gave: it gets a name that no grant has. */
const rolesSeen = (roles: readonly ObservedRole[]): Readonly<Record<RoleId, HeldRole>> =>
  Object.fromEntries(
    roles.map(({ roleId, assignmentId, scope }): [RoleId, HeldRole] => [
      scope === '/' ? roleId : (`${roleId}@${scope}` as RoleId),
      { certainty: 'held', assignmentId },
    ]),
  );

const withMethodsSeen = (
  held: MayHold,
  by: { readonly desired: DesiredAccount; readonly seen: Observation; readonly enabledByHand: boolean },
): MayHold => {
  const { methods } = by.seen;
  if (methods === undefined || by.enabledByHand) return held;
  return withMethodsKnown(held, methods);
};

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
