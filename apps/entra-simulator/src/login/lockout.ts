import { digest } from '../foundation/ids.js';
import type { User } from '../state/model.js';
import { usualSignIn, type Lockout } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';

/** Smart lockout does not count a wrong password that it has just seen. */
const remembered = 3;

export const isLocked = (tenant: Tenant, user: User, now: number): boolean =>
  (tenant.lockouts.truth(user.id)?.lockedUntil ?? 0) > now;

/** Counts a wrong password; the one that reaches the threshold locks the account for a while. */
export function countBadTry(writer: Writer, user: User, password: string): void {
  const { lockoutThreshold, lockoutSeconds } = writer.tenant.config.signIn ?? usualSignIn;
  const before = currentOf(writer, user);
  const hash = digest(user.id, password);
  if (before.seen.includes(hash)) return;
  const badTries = before.badTries + 1;
  const row: Lockout = {
    id: user.id,
    badTries,
    seen: [hash, ...before.seen].slice(0, remembered),
    lockedUntil: badTries >= lockoutThreshold ? writer.at + lockoutSeconds * 1000 : 0,
  };
  writer.put('lockouts', user.id, row);
}

/** A good password ends the count; nothing else does, an admin's reset neither. */
export function forgetBadTries(writer: Writer, user: User): void {
  if (writer.tenant.lockouts.truth(user.id) !== undefined) writer.put('lockouts', user.id, undefined);
}

/** After a lock has run out the count starts anew. */
function currentOf({ tenant, at }: Writer, user: User): Lockout {
  const none: Lockout = { id: user.id, badTries: 0, seen: [], lockedUntil: 0 };
  const row = tenant.lockouts.truth(user.id) ?? none;
  return row.lockedUntil > 0 && row.lockedUntil <= at ? none : row;
}
