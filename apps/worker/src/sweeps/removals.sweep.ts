import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { FinishRemovals } from '#core/leaving';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Finishes removals of connections and customers, once every account there is proven closed. */
@Injectable()
export class RemovalsSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly finish: FinishRemovals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'removals could not be finished'));
  }

  run(): Promise<void> {
    return this.#turn.run(() =>
      this.finish.execute(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'a removal could not be finished'),
      ),
    );
  }

  idle(): Promise<void> {
    return this.#turn.idle();
  }
}
