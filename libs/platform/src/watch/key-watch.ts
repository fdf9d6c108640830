import { SECOND, type Clock, type HeldKeys, type KeyHolders } from '#core/shared';
import { logFailure, type Logger } from '../logging/logger.js';

/** How soon a process takes up a changed key ring, and says so. */
const EVERY_MS = 5 * SECOND;

/** The keys of this process. */
export interface FollowedKeys {
  /** Takes up what changed where they are kept. */
  refresh(): Promise<void>;
  held(): HeldKeys;
}

export interface KeyWatchOptions {
  readonly instance: string;
  readonly keys: FollowedKeys;
  readonly holders: KeyHolders;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
}

/**
 * Has a process follow the key ring, and say which keys it works with: whoever rotates them waits for that. What can't be read, or
 * said, changes nothing: the keys in memory stay in use.
 */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  #timer: NodeJS.Timeout | null = null;
  #look: Promise<void> | null = null;
  #told = '';

  constructor(options: KeyWatchOptions) {
    this.#options = options;
  }

  /** Said once before anything is sealed, as far as the database is there. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      // It never fails: what can't be done is logged.
      this.#lookOnce().catch(() => undefined);
    }, this.#options.everyMs ?? EVERY_MS);
    await this.#lookOnce();
  }

  /** Nobody waits for this process any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#look;
    await this.#options.holders.farewell(this.#options.instance).catch(() => undefined);
  }

  #lookOnce(): Promise<void> {
    this.#look ??= this.#follow().finally(() => (this.#look = null));
    return this.#look;
  }

  async #follow(): Promise<void> {
    const { instance, keys, holders, clock, logger } = this.#options;
    const before = keys.held().sealing;
    try {
      await keys.refresh();
      this.#told = '';
    } catch (error) {
      // Once for each reason.
      const text = error instanceof Error ? error.message : '';
      if (text !== this.#told)
        logFailure(logger, error, 'the key ring can not be followed: those before stay in use');
      this.#told = text;
    }
    const held = keys.held();
    if (held.sealing !== before) logger.info({ key: held.sealing }, 'another key seals from now on');
    await holders
      .report({ instance, ...held, at: clock.now() })
      .catch((error: unknown) =>
        logger.debug({ err: error }, 'nobody could be told which keys this process has'),
      );
  }
}
