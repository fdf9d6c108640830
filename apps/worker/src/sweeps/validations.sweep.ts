import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { ValidationSweep } from '#core/validating';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Takes up customers of validation runs. */
@Injectable()
export class ValidationsSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly validation: ValidationSweep,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) =>
      logFailure(logger, error, 'validation runs could not be looked for'),
    );
  }

  run(): Promise<void> {
    return this.#turn.run(() =>
      this.validation.due(({ customerId, runId, epoch }, error) =>
        logFailure(
          this.logger.child({ customerId, runId, attempt: epoch }),
          error,
          'a customer could not be validated',
        ),
      ),
    );
  }

  async idle(): Promise<void> {
    await this.#turn.idle();
    await this.validation.stop();
  }
}
