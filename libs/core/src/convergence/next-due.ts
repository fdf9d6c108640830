import { isGone, ownLive, type ManagedAccount } from '#core/accounts';
import {
  endsAt,
  isFinal,
  isLive,
  MOST_GRANTS_READ,
  owesEnd,
  type Grant,
  type GrantInForce,
} from '#core/grants';
import { earliest, HOUR, MINUTE, SECOND, type Instant } from '#core/shared';
import { giveUpAt } from './advance-grants.js';
import type { Look } from './round.js';

/** When the account next needs a look, and the earliest end not yet confirmed: computed anew at each release. */
export const nextTimes = (
  account: Pick<ManagedAccount, 'verification' | 'failure' | 'own' | 'retirement'>,
  open: readonly GrantInForce[],
  now: Instant,
): { readonly dueAt: Instant | null; readonly takeAt: Instant | null } => ({
  dueAt: earliest(
    // Nothing is proven while something still fails: the read-back waits with it.
    nextTry(account.failure, now) ?? account.verification?.nextAt ?? null,
    ...open.map(({ grant }) => nextMove(grant, now)),
    ownMove(account, now),
  ),
  takeAt: earliest(
    ownLive(account, now)?.expiresAt ?? null,
    ...open.map(({ grant }) => (owesEnd(grant) ? endsAt(grant) : null)),
  ),
});

/** Of what it is entitled to by itself: the start, then the end. What is over is owed by what it may still hold (settle). */
const ownMove = (account: Pick<ManagedAccount, 'own' | 'retirement'>, now: Instant): Instant | null => {
  const own = ownLive(account, now);
  return own !== null && own.startsAt > now ? own.startsAt : (own?.expiresAt ?? null);
};

type OwnedAccount = Pick<ManagedAccount, 'mayHold' | 'objectId' | 'own' | 'removal' | 'retirement'>;

/**
 * Where nothing else asks for a look: what was taken away and is not proven is looked at again all the same, so that no end
 * stays open for ever.
 */
export const unprovenAt = (
  account: OwnedAccount,
  open: readonly GrantInForce[],
  now: Instant,
): Instant | null =>
  isOwnUnproven(account, now) || open.some(({ grant }) => grant.state === 'ending' && grant.takenAt !== null)
    ? now + MINUTE
    : null;

/** Its own time is over, and nobody has seen yet that its object is gone. */
const isOwnUnproven = (account: OwnedAccount, now: Instant): boolean =>
  account.own?.endAction === 'delete' && ownLive(account, now) === null && !isGone(account);

/** Of the steps that still wait. What has waited long enough may be wanted no longer, and says nothing of the others. */
const nextTry = (failure: ManagedAccount['failure'], now: Instant): Instant | null =>
  earliest(...Object.values(failure?.steps ?? {}).filter((at) => at > now));

const nextMove = (grant: Grant, now: Instant): Instant | null => {
  if (!isLive(grant, now)) return null;
  if (grant.state === 'scheduled') return grant.startsAt;
  const lastTryAt = grant.state === 'starting' ? giveUpAt(grant) : grant.expiresAt;
  return lastTryAt > now ? Math.min(lastTryAt, grant.expiresAt) : grant.expiresAt;
};

const FOR_MORE_MS = 60 * SECOND;

/**
 * Where as many grants were read as are read at once there may be more, whose times nobody knows: it is looked again, at once
 * where one of them is final now, so that another comes up.
 */
export const lookForMore = (open: readonly GrantInForce[], now: Instant): Instant | null => {
  if (open.length < MOST_GRANTS_READ) return null;
  return open.some(({ grant }) => isFinal(grant)) ? now : now + FOR_MORE_MS;
};

/** A little less than the five minutes that are promised, so that a pass finds it due. */
export const LOOK_AT_ENABLED_MS = 4.5 * MINUTE;
const LOOK_AT_PARKED_MS = 20 * HOUR;
const SPREAD_MS = 4 * HOUR;
const FAILED_LOOK_MS = 60 * SECOND;

/** When it is next compared with Entra: an account that may be enabled every five minutes, each other once a day. */
export const nextLook = (
  account: Pick<ManagedAccount, 'id' | 'objectId' | 'mayHold' | 'lookAt'>,
  { doneAt, failed }: Look,
  now: Instant,
): Instant | null => {
  if (account.objectId === null) return null;
  const { lookAt } = account;
  if (lookAt !== null && isAsked(lookAt, doneAt, now)) return failed ? now + FAILED_LOOK_MS : lookAt;
  const isParked = account.mayHold.enabled === null;
  const every = isParked ? LOOK_AT_PARKED_MS + spreadOf(account.id) : LOOK_AT_ENABLED_MS;
  return doneAt === null ? Math.min(lookAt ?? Infinity, now + every) : doneAt + every;
};

/** Also when it was asked for since it was read: what was read then may be older than the reason to ask. */
const isAsked = (lookAt: Instant, doneAt: Instant | null, now: Instant): boolean =>
  lookAt <= now && (doneAt === null || lookAt > doneAt);

/** By its id, so that accounts made together are not looked at together. */
const spreadOf = (id: string): number => {
  const share = [...id].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9_973, 7) / 9_973;
  return Math.round(share * SPREAD_MS);
};
