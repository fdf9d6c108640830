import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, SECOND } from '#core/shared';

/** Entra learns of a new account within seconds, and a claim on it ends as fast: worth waiting for, but not for long. */
const passing: ReadonlySet<string> = new Set([
  'grant.pass_not_ready',
  'account.busy',
  'grant.changed_meanwhile',
]);
/** Each try is written in the audit log: five at the most, after 0, 1, 3, 6 and 10 seconds. */
const PATIENCE = { longestMs: 15 * SECOND, pauseMs: 1 * SECOND };

/**
 * Tries again while the refusal is one that passes by itself, each time after a pause longer by `pauseMs`, and gives the
 * last refusal when it doesn't pass.
 */
export const patiently = async <T>(
  attempt: () => Promise<T>,
  { longestMs, pauseMs } = PATIENCE,
): Promise<T> => {
  const giveUpAt = performance.now() + longestMs;
  for (let pauseNext = pauseMs; ; pauseNext += pauseMs) {
    try {
      return await attempt();
    } catch (error) {
      const passes = error instanceof DomainError && passing.has(error.code);
      if (!passes || performance.now() + pauseNext >= giveUpAt) throw error;
    }
    await pause(pauseNext);
  }
};
