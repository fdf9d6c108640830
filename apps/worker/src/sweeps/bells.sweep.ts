import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { Sweep } from '#core/convergence';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Arms a bell for everything that falls due soon: also for what was armed in a queue that has lost it. */
@Injectable()
export class BellsSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly sweep: Sweep,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'bells could not be armed'));
  }

  run(): Promise<void> {
    return this.#turn.run(async () => {
      await this.sweep.armBells();
    });
  }

  idle(): Promise<void> {
    return this.#turn.idle();
  }
}
