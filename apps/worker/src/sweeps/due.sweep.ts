import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { Sweep } from '#core/convergence';
import { logFailure, type Logger } from '#platform';
import { ON_LOOK, type OnLook } from './on-look.js';
import { OneAtATime } from './one-at-a-time.js';

/** Works on what is due, whether a bell rang or not. */
@Injectable()
export class DueSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly sweep: Sweep,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ON_LOOK) private readonly onLook: OnLook,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'sweep failed'));
  }

  /** Looks once, unless a look is still going on. */
  run(): Promise<void> {
    return this.#turn.run(async () => {
      await this.sweep.due(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'a customer could not be converged'),
      );
      this.onLook('sweep');
    });
  }

  /** Until the present look, and all work that looks have started, has ended. */
  async idle(): Promise<void> {
    await this.#turn.idle();
    await this.sweep.idle();
  }
}
