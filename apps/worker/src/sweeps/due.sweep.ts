import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { Sweep } from '#core/convergence';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** By which Nest hands out who is told of each look that succeeded. */
export const ON_LOOK = Symbol('on look');

/** Works on what is due, whether a bell rang or not. */
@Injectable()
export class DueSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly sweep: Sweep,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ON_LOOK) private readonly onLook: () => void,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'sweep failed'));
  }

  /** Looks once, unless a look is still going on. */
  run(): Promise<void> {
    return this.#turn.run(async () => {
      await this.sweep.due(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'a customer could not be converged'),
      );
      this.onLook();
    });
  }

  /** Until the present look, and all work that looks have started, has ended. */
  async idle(): Promise<void> {
    await this.#turn.idle();
    await this.sweep.idle();
  }
}
