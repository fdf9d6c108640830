import type { HeldRole, ManagedAccount } from '#core/accounts';
import type { RoleId } from '#core/shared';
import type { WorkingAccount } from './apply-outcome.js';
import { withMethodsKnown } from './judge-reading.js';

/**
 * What lists read on the way tell a take-away: the ids of assignments whose answer was lost, the methods to remove.
 * `isBeingTaken`: of other roles a list that lags proves nothing.
 */
export const learnFromLists = (
  { account, observed }: WorkingAccount,
  isBeingTaken: (role: RoleId) => boolean,
): ManagedAccount => {
  let { mayHold } = account;
  if (observed?.roles !== undefined) {
    const listed = new Map(
      observed.roles.filter(({ scope }) => scope === '/').map((each) => [each.roleId, each]),
    );
    const resolved = Object.entries(mayHold.roles).flatMap(([id, held]): [RoleId, HeldRole][] => {
      const roleId = id as RoleId;
      if (held.assignmentId !== null || !isBeingTaken(roleId)) return [[roleId, held]];
      const found = listed.get(roleId);
      return found === undefined ? [] : [[roleId, { certainty: 'held', assignmentId: found.assignmentId }]];
    });
    mayHold = { ...mayHold, roles: Object.fromEntries(resolved) };
  }
  if (observed?.methods !== undefined) mayHold = withMethodsKnown(mayHold, observed.methods);
  return { ...account, mayHold };
};
