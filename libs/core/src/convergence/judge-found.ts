import { HOLDS_NOTHING, type Failure, type ManagedAccount, type ObservedUser } from '#core/accounts';
import { SECOND, type Instant } from '#core/shared';
import { REPLICATION_MS } from './observation.js';

/** What looking a name up meant. */
export type Found =
  | { readonly what: 'ours'; readonly account: ManagedAccount }
  | { readonly what: 'foreign' }
  /** Not there; whether it will be can't be told before replicas have caught up. */
  | { readonly what: 'absent'; readonly account: ManagedAccount };

/** An unanswered POST: adopt the object when it bears our marker, keep hands off when it doesn't. */
export const judgeFound = (
  account: ManagedAccount,
  user: ObservedUser | null,
  by: { readonly wanted: boolean; readonly now: Instant },
): Found => {
  if (user === null) return { what: 'absent', account: by.wanted ? account : stillLooking(account, by.now) };
  if (user.marker !== account.marker) return { what: 'foreign' };
  const { mayHold } = account;
  return {
    what: 'ours',
    account: {
      ...account,
      objectId: user.objectId,
      pristine: false,
      // Nobody knows the password with which it was made: it is set anew before anything is given.
      password: account.password === null ? null : { ...account.password, state: 'pending' },
      mayHold: {
        ...mayHold,
        object: 'held',
        ...(user.enabled ? { enabled: 'held', sessions: true, methods: true, password: 'maybe' } : {}),
      },
    },
  };
};

/** Nothing wants it any more: look until no replica can lag so far, then the POST was never carried out. */
const stillLooking = (account: ManagedAccount, now: Instant): ManagedAccount => {
  const { failure: before } = account;
  const sinceAt = before !== null && 'findUser' in before.steps ? before.sinceAt : now;
  if (now - sinceAt >= REPLICATION_MS) {
    // Whatever a claimant remembers of it went with it, or never was.
    return { ...account, failure: null, mayHold: HOLDS_NOTHING };
  }
  const wait = Math.ceil(Math.max(SECOND, (now - sinceAt) / 5));
  const failure: Failure = {
    reason: 'replication',
    message: 'A create was not answered; the name is looked up until it is certain that nothing came of it.',
    sinceAt,
    attempts: (before?.attempts ?? 0) + 1,
    retryAt: now + wait,
    steps: { findUser: now + wait },
    version: account.version,
  };
  return { ...account, failure };
};
