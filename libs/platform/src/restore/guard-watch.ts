import { SECOND } from '#core/shared';
import type { GuardLook, RestoreGuard } from '#core/restoring';
import { logFailure, type Logger } from '../logging/logger.js';

const EVERY_MS = 5 * SECOND;

/** Has the guard look every few seconds, one look at a time, and tells what it finds once. */
export class GuardWatch {
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #told: GuardLook | null = null;

  constructor(
    private readonly guard: Pick<RestoreGuard, 'look'>,
    private readonly logger: Logger,
  ) {}

  /** The first look comes before anything else is done. Throws what it throws. */
  async start(): Promise<void> {
    this.tell(await this.guard.look());
    let idle = true;
    this.#timer = setInterval(() => {
      if (!idle) return;
      idle = false;
      this.#turn = this.lookOn().finally(() => (idle = true));
    }, EVERY_MS);
  }

  /** With a last look, so that what is kept is as young as the database. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#turn;
    await this.lookOn();
  }

  private async lookOn(): Promise<void> {
    try {
      this.tell(await this.guard.look());
    } catch (error) {
      logFailure(this.logger, error, 'nobody could tell whether the database was restored');
    }
  }

  private tell(look: GuardLook): void {
    const before = this.#told;
    this.#told = look;
    const since = look.restoringSince;
    if (!look.guarded && before?.guarded !== false)
      this.logger.warn(
        'no mark can be kept beside the key (CURFEW_RESTORE_MARK_FILE): a restored backup will not be known as one',
      );
    if (since !== null && before?.restoringSince !== since)
      this.logger.error(
        { restoringSince: new Date(since).toISOString() },
        'the database was restored from a backup: nothing is given until every customer was compared with it',
      );
    if (look.finished) this.logger.warn('every customer was compared: access is given again');
  }
}
