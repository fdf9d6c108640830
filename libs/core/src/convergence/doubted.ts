import type { Certainty, MayHold } from '#core/accounts';
import type { GroupId, RoleId } from '#core/shared';

/**
 * What a row says is held, after somebody took away all but `left` without being able to write it there: nothing else is
 * certain, and nothing of which he isn't certain himself. What a grant still gives is given anew, the rest is taken once more.
 */
export const doubted = (held: MayHold, left: MayHold): MayHold => ({
  ...held,
  enabled: left.enabled !== 'held' || isScrambled(held, left) ? doubtOf(held.enabled) : held.enabled,
  roles: Object.fromEntries(
    Object.entries(held.roles).map(([id, role]) => [
      id,
      left.roles[id as RoleId]?.certainty === 'held' ? role : { ...role, certainty: 'maybe' as const },
    ]),
  ),
  groups: Object.fromEntries(
    Object.entries(held.groups).map(([id, certainty]) => [
      id,
      left.groups[id as GroupId] === 'held' ? certainty : 'maybe',
    ]),
  ),
});

const doubtOf = (certainty: Certainty | null): Certainty | null => (certainty === null ? null : 'maybe');

/** A password that was shown to somebody no longer opens anything: the account has to be given anew to get another. */
const isScrambled = (held: MayHold, left: MayHold): boolean =>
  held.password === 'held' && left.password !== 'held';
