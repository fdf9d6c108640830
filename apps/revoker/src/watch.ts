import type { RevokeOverdue } from '#core/convergence';
import { logFailure, type Logger } from '#platform';

/** Looks again and again, one look at a time, and outlives every failure: a plain timer, kept nowhere. */
export class Watch {
  #timer: NodeJS.Timeout | null = null;
  #look: Promise<void> = Promise.resolve();
  #looking = false;

  constructor(
    private readonly revoker: Pick<RevokeOverdue, 'execute'>,
    private readonly logger: Logger,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), this.everyMs);
    this.#tick();
  }

  /** Begins no other look, and waits for the present one. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#look;
  }

  #tick(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#look = this.#lookOnce().finally(() => {
      this.#looking = false;
    });
  }

  async #lookOnce(): Promise<void> {
    try {
      const count = await this.revoker.execute(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'an overdue end could not be planned'),
      );
      // Whoever should have done it has not: worth a person's look.
      if (count > 0) this.logger.warn({ accounts: count }, 'the revoker took up overdue ends');
    } catch (error) {
      logFailure(this.logger, error, 'the revoker could not look');
    }
  }
}
