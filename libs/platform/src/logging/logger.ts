import { pino, type Bindings, type DestinationStream, type Level, type Logger } from 'pino';
import { DirectoryError } from '#core/accounts';
import { DomainError } from '#core/shared';
import { redact, redactText } from './redact.js';

export type { Logger };

export interface LoggerOptions {
  /** The process: `api`, `worker`. */
  readonly name: string;
  readonly level: Level | 'silent';
  /** Where lines go; standard output unless a test listens. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines without secrets. Everything that is logged passes through redaction, by key and by shape, whoever logs it:
 * objects, messages, their arguments, errors with their causes, and what child loggers are bound to.
 */
export const createLogger = ({ name, level, destination }: LoggerOptions): Logger => {
  const logger = pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
      },
      // Errors are already plain objects when pino sees them.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, write) {
          write.apply(this, cleanArguments(args) as Parameters<typeof write>);
        },
        streamWrite: escapeControls,
      },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
  // No hook sees the bindings of a child; children inherit this method, so theirs are clean as well.
  const bind = Reflect.get<Logger, 'child'>(logger, 'child');
  logger.child = function (this: Logger, bindings, options) {
    return bind.call(this, redact(bindings) as Bindings, options);
  } as typeof bind;
  return logger;
};

/** Logs a failure: what the product expects at info, anything else at error, which means that a human must act now. */
export const logFailure = (logger: Logger, error: unknown, message: string): void => {
  const expected = error instanceof DomainError || error instanceof DirectoryError;
  logger[expected ? 'info' : 'error']({ err: error }, message);
};

const cleanArguments = ([first, ...rest]: readonly unknown[]): unknown[] => {
  const clean = rest.map((argument) => redact(argument));
  if (!isErrorLike(first)) return [redact(first), ...clean];
  return [{ err: redact(first) }, ...(clean.length > 0 ? clean : [redactText(first.message)])];
};

const isErrorLike = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Error]';

/**
 * JSON leaves some characters as they are that terminals and log viewers take for line ends, commands or a change of
 * writing direction: they are escaped, so that logged text can't forge a line.
 */
const escapeControls = (line: string): string =>
  line.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
