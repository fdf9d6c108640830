import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#platform';
import type { Adapters } from './adapters.js';

/** A database that starts with us, or again, takes some seconds; a supervisor's patience is longer than this. */
const PATIENCE = { longestMs: 20_000, pauseMs: 500 };

/**
 * What a process does before it serves anybody: waits a while for a database that is just starting, refuses roles with
 * other rights than it needs, and sets its clock. Throws what the database said last.
 */
export const startOnDatabase = async (
  adapters: Pick<Adapters, 'answers' | 'requireRoles' | 'refreshClock'>,
  logger: Logger,
  { longestMs, pauseMs } = PATIENCE,
): Promise<void> => {
  const giveUpAt = performance.now() + longestMs;
  for (let told = false; !(await adapters.answers()) && performance.now() < giveUpAt; told = true) {
    if (!told) logger.warn('the database does not answer yet');
    await pause(pauseMs);
  }
  await adapters.requireRoles();
  await adapters.refreshClock();
};
