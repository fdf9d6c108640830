import type { Alarm } from '#core/alarms';
import { SECOND, type Secret } from '#core/shared';
import type { Logger } from '../logging/logger.js';
import type { Seen } from './alarm-watch.js';

/** An answer by then, or none. */
const PUSH_TIMEOUT_MS = 10 * SECOND;
/** A look that is older says nothing of now. */
const FRESH_MS = 40 * SECOND;

/** Fetches an address; answers its status. */
export type Get = (url: string, timeoutMs: number) => Promise<number>;

/** Redirects are not followed: the address is a secret, and another host has no business with it. */
const get: Get = async (url, timeoutMs) => {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  await answer.body?.cancel();
  return answer.status;
};

/**
 * Tells a service outside every minute that all is well. It keeps silent when an end is overdue, when sweeps or the revoker
 * are, or when nobody could look: that service then calls a person, also when nobody in here is left to do so.
 */
export class DeadMan {
  #seen: Seen | null = null;
  #trouble = false;

  constructor(
    private readonly options: {
      /** Whoever has it can keep the service quiet. */
      readonly url: Secret;
      readonly now: () => number;
      readonly logger: Logger;
      readonly get?: Get;
    },
  ) {}

  saw(seen: Seen): void {
    this.#seen = seen;
  }

  async push(): Promise<void> {
    if (!this.#isWell()) return;
    const { url, logger } = this.options;
    const status = await (this.options.get ?? get)(url.expose(), PUSH_TIMEOUT_MS).catch(() => null);
    const hasArrived = status !== null && status >= 200 && status < 300;
    // Neither the address nor an error that may quote it is logged.
    if (!hasArrived && !this.#trouble)
      logger.warn({ status }, 'the dead-man service does not take our sign of life');
    this.#trouble = !hasArrived;
  }

  #isWell(): boolean {
    const seen = this.#seen;
    if (seen === null || seen.facts === null || this.options.now() - seen.at > FRESH_MS) return false;
    return !seen.alarms.some(keepsSilent);
  }
}

const keepsSilent = ({ kind, severity }: Alarm): boolean =>
  kind === 'end.overdue' ||
  kind === 'account.without_end' ||
  kind === 'hold.unreached' ||
  kind === 'database.away' ||
  kind === 'database.unwritable' ||
  (kind === 'bell.silent' && severity === 'critical');
