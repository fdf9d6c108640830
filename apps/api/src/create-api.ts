import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { nestLogger } from '#composition';
import { ApiModule, type ApiOptions } from './api.module.js';
import { jsonOnly, requestContext } from './http/request-context.js';

/** The API as an application that doesn't listen yet. Throws when a route has no handler or a handler no route. */
export const createApi = async (options: ApiOptions): Promise<NestExpressApplication> => {
  const { ports, logger, bodyLimitBytes } = options;
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.with(options), {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  app.set('etag', false);
  app.use(requestContext(ports.ids, logger), helmet(), jsonOnly);
  // Compressed bodies are refused: nothing this small needs them, and a small one may unfold to a large one.
  app.useBodyParser('json', { limit: bodyLimitBytes, inflate: false });
  return app.init();
};
