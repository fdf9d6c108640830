import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '#composition';
import { ReachHolds } from '#core/grants';
import { logFailure, type Logger } from '#platform';
import { OneAtATime } from './one-at-a-time.js';

/** Reaches for each kill switch what it could not reach yet. */
@Injectable()
export class HoldsSweep {
  readonly #turn: OneAtATime;

  constructor(
    private readonly reach: ReachHolds,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#turn = new OneAtATime((error) => logFailure(logger, error, 'holds could not be looked for'));
  }

  run(): Promise<void> {
    return this.#turn.run(() =>
      this.reach.execute(({ holdId, accountId }, error) =>
        logFailure(this.logger.child({ holdId, accountId }), error, 'a hold could not reach its accounts'),
      ),
    );
  }

  idle(): Promise<void> {
    return this.#turn.idle();
  }
}
