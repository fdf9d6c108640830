import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { isGivingCall, isTakingCall } from '../throttle-priority.js';
import type { Rank } from './holds.js';

/**
 * In which order calls go, whoever's they are: what ends access, whatever else takes away, readings, what gives, and
 * lists that nobody's access hangs on.
 */
export const LANES = ['urgent', 'taking', 'reading', 'giving', 'background'] as const;
export type Lane = (typeof LANES)[number];

/** Lanes of one plan's steps: whether a password is set to give or to take away only its neighbours tell. */
export const lanesOf = (steps: readonly DirectoryStep[]): ReadonlyMap<string, Lane> => {
  const stripped = new Set(
    steps.flatMap(({ call }) => (isTakingCall(call) && 'user' in call ? [call.user] : [])),
  );
  const isScrambling = (call: DirectoryCall): boolean => call.do === 'setPassword' && stripped.has(call.user);
  return new Map(steps.map((step) => [step.ref, isScrambling(step.call) ? 'taking' : laneOf(step)] as const));
};

/** The caller says so; and whatever he says, an account that is to be disabled is what everything hangs on. */
export const isUrgent = ({ call, urgent }: DirectoryStep): boolean =>
  call.do === 'disable' || urgent === true;

const laneOf = (step: DirectoryStep): Lane => {
  const { call } = step;
  if (isUrgent(step)) return 'urgent';
  if (isTakingCall(call)) return 'taking';
  return isGivingCall(call) ? 'giving' : 'reading';
};

const RANKS: Readonly<Record<Lane, Rank>> = { urgent: 2, taking: 2, reading: 1, giving: 1, background: 0 };
export const rankOf = (lane: Lane): Rank => RANKS[lane];

const PLACES: Readonly<Record<Lane, number>> = { urgent: 0, taking: 1, reading: 2, giving: 3, background: 4 };
/** Smaller goes first. */
export const placeOf = (lane: Lane): number => PLACES[lane];

/** Calls that travel together go where the most urgent of them goes. */
export const mostUrgent = (lanes: readonly Lane[]): Lane =>
  lanes.reduce<Lane>((first, lane) => (placeOf(lane) < placeOf(first) ? lane : first), 'background');
