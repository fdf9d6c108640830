import { MINUTE, type GroupId, type Instant, type RoleId } from '#core/shared';

/**
 * What an account's own row entitles it to, without any grant: that of a canary, which nobody signs in with. It is an intent,
 * as a grant is, and always in time.
 */
export interface OwnEntitlement {
  /** False: it may keep what it has, and nobody may get in by it. */
  readonly enabled: boolean;
  readonly roles: readonly RoleId[];
  readonly groups: readonly GroupId[];
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
  /** What becomes of the object then. */
  readonly endAction: 'disable' | 'delete';
}

/** No canary is entitled to anything for longer; the database refuses one that would be. */
export const CANARY_MS = 5 * MINUTE;

/** Of an account; `retirement` null: it is not to go. */
interface Owner {
  readonly own: OwnEntitlement | null;
  readonly retirement: string | null;
}

/** It gives something at that moment, or is to; an account that is to go is entitled to nothing of its own. */
export const ownLive = ({ own, retirement }: Owner, now: Instant): OwnEntitlement | null =>
  own !== null && retirement === null && now < own.expiresAt ? own : null;

/** It gives something at that moment. */
export const ownRunning = (account: Owner, now: Instant): OwnEntitlement | null => {
  const own = ownLive(account, now);
  return own !== null && own.startsAt <= now ? own : null;
};

/** Over at that instant at the latest; never later than it was. */
export const endingBy = (own: OwnEntitlement, at: Instant): OwnEntitlement => ({
  ...own,
  expiresAt: Math.min(own.expiresAt, at),
});
