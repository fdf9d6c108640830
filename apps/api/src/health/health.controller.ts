import { Controller, Inject } from '@nestjs/common';
import { PROMISE, routes } from '#contracts';
import { sharedErrors } from '#core/shared';
import { Endpoint } from '../http/endpoint.js';

/** By which Nest hands out the question whether the database answers. */
export const ANSWERS = Symbol('answers');

@Controller()
export class HealthController {
  constructor(@Inject(ANSWERS) private readonly answers: () => Promise<boolean>) {}

  @Endpoint(routes.live)
  live() {
    return { status: 'ok' as const };
  }

  @Endpoint(routes.getPromise)
  promise() {
    return PROMISE;
  }

  @Endpoint(routes.ready)
  async ready() {
    if (!(await this.answers())) throw sharedErrors.refuse('database.unavailable');
    return { status: 'ok' as const };
  }
}
