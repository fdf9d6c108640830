import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, SECOND } from '#core/shared';

/** Entra learns of a new account within seconds, and a claim on it ends as fast: worth waiting for, but not for long. */
const passing: ReadonlySet<string> = new Set([
  'grant.pass_not_ready',
  'account.busy',
  'grant.changed_meanwhile',
]);
/** Each try is written in the audit log: not too many of them. */
const PATIENCE = { longestMs: 15 * SECOND, pauseMs: 1 * SECOND };

/** Tries again while the refusal is one that passes by itself, and gives the last refusal when it doesn't. */
export const patiently = async <T>(
  attempt: () => Promise<T>,
  { longestMs, pauseMs } = PATIENCE,
): Promise<T> => {
  const giveUpAt = performance.now() + longestMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const passes = error instanceof DomainError && passing.has(error.code);
      if (!passes || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await pause(pauseMs);
  }
};
