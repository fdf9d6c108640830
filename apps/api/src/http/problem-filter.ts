import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { LOGGER } from '#composition';
import type { Problem } from '#contracts';
import { logFailure, type Logger } from '#platform';
import type { ApiRequest } from './call.js';
import { errorToProblem, type Refusal } from './error-to-problem.js';

/** Seconds after which a caller may well try again what was not possible just now. */
const RETRY_AFTER_SECONDS = 2;

/** Turns whatever was thrown into a problem document, and writes down what should not have happened. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { requestId = '' } = http.getRequest<ApiRequest>();
    const refusal = errorToProblem(error);
    const logger = this.logger.child({ requestId });
    if (refusal.status >= 500) logFailure(logger, error, 'request failed');
    else logger.info({ code: refusal.code, errors: refusal.errors }, 'request refused');
    answer(http.getResponse<Response>(), { ...refusal, requestId } as Problem & Refusal);
  }
}

/** No sooner than whoever is behind us asks for. */
const waitOf = ({ retryAfterSeconds }: Problem): number =>
  typeof retryAfterSeconds === 'number'
    ? Math.max(RETRY_AFTER_SECONDS, Math.ceil(retryAfterSeconds))
    : RETRY_AFTER_SECONDS;

const answer = (response: Response, problem: Problem & Refusal): void => {
  if (response.headersSent) {
    response.end();
    return;
  }
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="curfew"');
  if (problem.status === 503) response.setHeader('Retry-After', String(waitOf(problem)));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
};
