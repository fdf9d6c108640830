import 'reflect-metadata';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { keyTools, openAdapters, type Adapters } from '#composition';
import { DomainError } from '#core/shared';
import { createLogger, readConsoleConfig } from '#platform';
import { UsageError } from './arguments.js';
import { consoleProgram } from './program.js';

const QUEUE_FAREWELL_MS = 1_000;
const CLOCK_MS = 10_000;
/**
 * 1: refused, with code and remedy; 2: the command line itself is wrong; 3: something else failed; 4: begun, and not all of
 * it done in time.
 */
const EXIT = { refused: 1, usage: 2, failed: 3, unfinished: 4 } as const;

// eslint-disable-next-line no-restricted-syntax -- the console is a program of its own, and this is its main
const configuration = () => readConsoleConfig(process.env);

const open = (): Promise<Adapters> => {
  // Standard output is for what was asked for alone.
  const logger = createLogger({ name: 'console', level: 'warn', destination: process.stderr });
  return openAdapters(configuration(), logger, { takesPlain: true });
};

/** Opens everything, and closes it again. */
const withAdapters = async (work: (adapters: Adapters) => Promise<void>): Promise<void> => {
  const adapters = await open();
  const clock = setInterval(() => {
    // Between two readings it goes on by itself.
    adapters.refreshClock().catch(() => undefined);
  }, CLOCK_MS);
  try {
    await adapters.requireRoles();
    await adapters.refreshClock();
    await work(adapters);
  } finally {
    clearInterval(clock);
    await adapters.close(QUEUE_FAREWELL_MS);
  }
};

/** Without a database: keys are wrapped before there is anything that they have sealed, or long after. */
const wrapKeys = async (path: string): Promise<void> => {
  const adapters = await open();
  try {
    await adapters.keys.wrapInto(path);
  } finally {
    await adapters.close(QUEUE_FAREWELL_MS);
  }
};

const run = async (): Promise<void> => {
  const program = consoleProgram({
    withPorts: (work) => withAdapters(({ ports }) => work(ports)),
    withKeys: (work) => withAdapters((adapters) => keyTools(configuration(), adapters, work)),
    wrapKeys,
    print: (line) => process.stdout.write(`${line}\n`),
    // For people only: a script that reads both streams gets what it asked for and nothing else.
    remark: (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`),
    ask: process.stdin.isTTY && process.stdout.isTTY ? question : null,
    pause: (ms) => pause(ms),
    elapsed: () => performance.now(),
    unfinished: () => (process.exitCode = EXIT.unfinished),
    usageExitCode: EXIT.usage,
  });
  await program.parseAsync();
};

const question = async (text: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(text);
  } finally {
    lines.close();
  }
};

run().catch((error: unknown) => {
  const refused = error instanceof DomainError;
  const text = error instanceof Error ? error.message : 'unknown failure';
  process.stderr.write(refused ? `${error.code}: ${text} ${error.remedy}\n` : `${text}\n`);
  process.exitCode = refused ? EXIT.refused : error instanceof UsageError ? EXIT.usage : EXIT.failed;
});
