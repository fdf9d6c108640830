import type { NextFunction, Response } from 'express';
import type { Ids } from '#core/shared';
import type { Logger } from '#platform';
import type { ApiRequest } from './call.js';
import { requestErrors } from './request.errors.js';

type Middleware = (request: ApiRequest, response: Response, next: NextFunction) => void;

/** Gives each request an id to quote, keeps its answer out of every cache, and writes one line about it. */
export const requestContext =
  (ids: Ids, logger: Logger): Middleware =>
  (request, response, next) => {
    const requestId = ids.uuid();
    const startedAt = performance.now();
    request.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('Cache-Control', 'no-store');
    response.on('finish', () => {
      const { method, actor } = request;
      const route = (request.route as { readonly path?: string } | undefined)?.path ?? null;
      logger.info(
        {
          requestId,
          method,
          // The pattern and not the path: whatever people put into a path by mistake stays out of the log.
          route,
          status: response.statusCode,
          durationMs: Math.round(performance.now() - startedAt),
          technicianId: actor?.technicianId ?? null,
        },
        'request answered',
      );
    });
    next();
  };

const JSON_IN_UTF8 = /^application\/json *(?:; *charset="?utf-8"? *)?$/i;

/** A body that is not JSON is refused before anything reads it. */
export const jsonOnly: Middleware = (request, _response, next) => {
  const {
    'content-length': length,
    'transfer-encoding': encoding,
    'content-type': type = '',
  } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  next(!hasBody || JSON_IN_UTF8.test(type) ? undefined : requestErrors.refuse('request.not_json'));
};
