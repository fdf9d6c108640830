import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { ProveConsent } from '#core/consenting';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Asks Entra about consents of which somebody has said that they were given. */
@Injectable()
export class ConsentsSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly prove: ProveConsent,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'consents could not be looked for'));
  }

  run(): Promise<void> {
    return this.#turn.run(() =>
      this.prove.sweep(({ customerId }, error) =>
        logFailure(this.logger.child({ customerId }), error, 'a consent could not be proven'),
      ),
    );
  }

  idle(): Promise<void> {
    return this.#turn.idle();
  }
}
