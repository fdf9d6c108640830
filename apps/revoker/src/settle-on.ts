import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '#persistence';
import type { Logger } from '#platform';

const PAUSE_MS = 500;
/** It is told this often that nothing can be done. */
const TOLD_EVERY_MS = 60_000;

/** What is asked of a database before anything is done with it. */
type Waited = Pick<Database, 'answers' | 'requireRoles'> & {
  readonly clock: Pick<Database['clock'], 'refresh'>;
};

export interface SettleOptions {
  readonly logger: Logger;
  /** True: somebody has ended us meanwhile. */
  readonly ended: () => boolean;
  readonly pauseMs?: number;
  readonly elapsed?: () => number;
}

/**
 * Waits for the database, for ever: whoever has ended before it may have nobody who starts it again. Then refuses roles with
 * other rights than it needs, and sets its clock. Throws only what waiting can't mend.
 */
export const settleOn = async (database: Waited, options: SettleOptions): Promise<void> => {
  const { logger, ended, pauseMs = PAUSE_MS, elapsed = () => performance.now() } = options;
  let toldAt: number | null = null;
  while (!ended() && !(await isSettled(database))) {
    if (toldAt === null || elapsed() - toldAt >= TOLD_EVERY_MS) {
      logger.warn('the database does not answer: until it has, the revoker knows of nothing to take away');
      toldAt = elapsed();
    }
    await pause(pauseMs);
  }
};

const isSettled = async (database: Waited): Promise<boolean> => {
  if (!(await database.answers())) return false;
  try {
    await database.requireRoles();
  } catch (error) {
    // It may have gone in between, and that says nothing of roles.
    if (await database.answers()) throw error;
    return false;
  }
  return database.clock.refresh();
};
