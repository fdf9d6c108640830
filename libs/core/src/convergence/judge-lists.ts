import { roleKeyOf, type HeldRole, type ManagedAccount } from '#core/accounts';
import type { Instant, RoleId } from '#core/shared';
import type { WorkingAccount } from './apply-outcome.js';
import { withMethodsKnown } from './judge-reading.js';
import { isOver } from './timed-roles.js';

/**
 * What lists read on the way tell a take-away: the ids of assignments whose answer was lost, the methods to remove.
 * `isBeingTaken`: of other roles a list that lags proves nothing.
 */
export const learnFromLists = (
  { account, observed }: WorkingAccount,
  { isBeingTaken, now }: { readonly isBeingTaken: (role: RoleId) => boolean; readonly now: Instant },
): ManagedAccount => {
  let { mayHold } = account;
  if (observed?.roles !== undefined) {
    const listed = new Map(observed.roles.map((each) => [roleKeyOf(each), each]));
    const resolved = Object.entries(mayHold.roles).flatMap(([id, held]): [RoleId, HeldRole][] => {
      const roleId = id as RoleId;
      // Of a role that Entra has yet to end this list alone proves nothing.
      const isOpen = held.timed !== undefined && !isOver(held, now);
      if (held.assignmentId !== null || isOpen || !isBeingTaken(roleId)) return [[roleId, held]];
      const found = listed.get(roleId);
      if (found === undefined) return [];
      return [[roleId, { ...held, certainty: 'held', assignmentId: found.assignmentId }]];
    });
    mayHold = { ...mayHold, roles: Object.fromEntries(resolved) };
  }
  if (observed?.methods !== undefined) mayHold = withMethodsKnown(mayHold, observed.methods);
  return { ...account, mayHold };
};
