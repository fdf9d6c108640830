// What became of ends, by the simulator's history alone: when each account was disabled.
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../lib/statistics.mjs';

const LOOK_EVERY_MS = 500;

/**
 * Waits until each of these accounts was disabled at or after its end, or until it is too late.
 * @param simulator whose history was read up to here
 * @param {Map<string, { expiresAt: number }>} ends by object id
 * @param {{ longestMs: number }} order after the last end
 * @returns the instants by object id; who is missing was not disabled
 */
export const untilDisabled = async (simulator, ends, { longestMs }) => {
  const disabledAt = new Map();
  const latest = Math.max(...[...ends.values()].map(({ expiresAt }) => expiresAt)) + longestMs;
  while (disabledAt.size < ends.size && Date.now() < latest) {
    await delay(LOOK_EVERY_MS);
    for (const { what, objectId, at } of await simulator.changes()) {
      if (what === 'user.disabled' && ends.has(objectId) && !disabledAt.has(objectId))
        disabledAt.set(objectId, Date.parse(at));
    }
  }
  return disabledAt;
};

/** Milliseconds between each end and its disable; endless where there is none. */
export const latenessOf = (ends, disabledAt, isMeant = () => true) =>
  [...ends.values()]
    .filter(isMeant)
    .map(({ objectId, expiresAt }) => (disabledAt.get(objectId) ?? Infinity) - expiresAt);

export const latenessFigures = (late) => ({
  p50: quantile(late, 0.5),
  p99: quantile(late, 0.99),
  max: Math.max(...late),
});
