import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { DriftSweep as Drift } from '#core/convergence';
import { logFailure, type Logger } from '#platform';
import { ON_LOOK, type OnLook } from './on-look.js';
import { OneAtATime } from './one-at-a-time.js';

/** Compares customers' tenants with the rows. */
@Injectable()
export class DriftSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly drift: Drift,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ON_LOOK) private readonly onLook: OnLook,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'no tenant could be compared'));
  }

  run(): Promise<void> {
    return this.#turn.run(async () => {
      await this.drift.due(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'a tenant could not be compared'),
      );
      this.onLook('drift');
    });
  }

  async idle(): Promise<void> {
    await this.#turn.idle();
    await this.drift.idle();
  }
}
