import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { AdvanceCanaries } from '#core/proving';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Carries on what proves that Curfew can take back what it gives. */
@Injectable()
export class CanariesSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly canaries: AdvanceCanaries,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'canaries could not be looked for'));
  }

  run(): Promise<void> {
    return this.#turn.run(() =>
      this.canaries.execute(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'canaries could not be carried on'),
      ),
    );
  }

  idle(): Promise<void> {
    return this.#turn.idle();
  }
}
