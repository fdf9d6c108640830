import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#platform';

/** Nest's own words in our log, under our redaction. What it tells of its start is for developers. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown, ...more: unknown[]) => logger.debug({ nest: more }, textOf(message)),
  verbose: (message: unknown, ...more: unknown[]) => logger.debug({ nest: more }, textOf(message)),
  debug: (message: unknown, ...more: unknown[]) => logger.debug({ nest: more }, textOf(message)),
  warn: (message: unknown, ...more: unknown[]) => logger.warn({ nest: more }, textOf(message)),
  error: (message: unknown, ...more: unknown[]) => logger.error({ nest: more }, textOf(message)),
  fatal: (message: unknown, ...more: unknown[]) => logger.fatal({ nest: more }, textOf(message)),
});

const textOf = (message: unknown): string =>
  message instanceof Error ? message.message : typeof message === 'string' ? message : 'nest';
