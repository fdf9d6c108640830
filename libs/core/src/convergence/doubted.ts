import type { Certainty, MayHold } from '#core/accounts';

/**
 * What a row says is held, after somebody took away all but `left` without being able to write it there: nothing else is
 * certain. What a grant still gives is given anew, the rest is taken once more.
 */
export const doubted = (held: MayHold, left: MayHold): MayHold => ({
  ...held,
  enabled: left.enabled === null || isScrambled(held, left) ? doubtOf(held.enabled) : held.enabled,
  roles: Object.fromEntries(
    Object.entries(held.roles).map(([id, role]) => [
      id,
      id in left.roles ? role : { ...role, certainty: 'maybe' as const },
    ]),
  ),
  groups: Object.fromEntries(
    Object.entries(held.groups).map(([id, certainty]) => [id, id in left.groups ? certainty : 'maybe']),
  ),
});

const doubtOf = (certainty: Certainty | null): Certainty | null => (certainty === null ? null : 'maybe');

/** A password that was shown to somebody no longer opens anything: the account has to be given anew to get another. */
const isScrambled = (held: MayHold, left: MayHold): boolean =>
  held.password === 'held' && left.password !== 'held';
