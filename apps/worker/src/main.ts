import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  keyWatchOf,
  nestLogger,
  openAdapters,
  restoreGuardOf,
  startOnDatabase,
  type Adapters,
} from '#composition';
import { AnswerBell } from '#core/convergence';
import { startWorkers, type Workers } from '#jobs';
import {
  createLogger,
  logFailure,
  Lookout,
  onShutdown,
  readWorkerConfig,
  type Logger,
  type WorkerConfig,
} from '#platform';
import { handlersFor } from './handlers.js';
import { logJobEvent } from './job-log.js';
import { Sweeps } from './sweeps/sweeps.js';
import { WorkerModule } from './worker.module.js';

/** A claim is worked on for 30 s at the most; what is cut off is due, and the next claimant takes it up. */
const SHUTDOWN_MS = 10_000;
const JOBS_END_MS = 5_000;
const QUEUE_FAREWELL_MS = 2_000;

const start = async (): Promise<void> => {
  const config = readWorkerConfig(process.env);
  const logger = createLogger({ name: 'worker', level: config.logging.level });
  const { bells } = config.worker;
  if (!bells.includes('sweep'))
    logger.warn({ bells }, 'this worker does not sweep: what its queue loses waits for others');
  const adapters = await openAdapters(config, logger);
  const lookout = lookoutOf(config, adapters, logger);
  await startOnDatabase(adapters, logger);
  const guard = restoreGuardOf(config, adapters.ports, logger);
  await guard.start();
  const keyWatch = keyWatchOf(adapters, lookout.instance, logger);
  await keyWatch.start();
  const context = await contextOf(config, { adapters, lookout }, logger);
  const workers = workersOf(config, { context, lookout }, logger);
  await lookout.start();
  const onProblem = (error: unknown): void => logFailure(logger, error, 'shutdown');
  onShutdown(
    [
      () => Promise.all([context.get(Sweeps).stop(), workers.close(JOBS_END_MS)]).then(() => undefined),
      () => context.close(),
      () => lookout.stop(),
      () => guard.stop(),
      () => keyWatch.stop(),
      () => adapters.close(QUEUE_FAREWELL_MS),
    ],
    { deadlineMs: SHUTDOWN_MS, onProblem },
  );
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
};

const lookoutOf = ({ watch }: WorkerConfig, { ports }: Adapters, logger: Logger): Lookout =>
  new Lookout({
    process: 'worker',
    source: ports.alarms,
    clock: ports.clock,
    logger,
    metrics: { host: watch.metricsHost, port: watch.metricsPort },
    deadmanUrl: watch.deadmanUrl,
  });

const contextOf = (
  config: WorkerConfig,
  { adapters, lookout }: { readonly adapters: Adapters; readonly lookout: Lookout },
  logger: Logger,
): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(
    WorkerModule.with({
      ports: { ...adapters.ports, directory: lookout.measured(adapters.ports.directory) },
      logger,
      sweeps: {
        intervalMs: config.worker.sweepIntervalMs,
        bells: config.worker.bells,
        refreshClock: () => adapters.refreshClock(),
        onLook: (layer) => lookout.beat(layer),
      },
    }),
    { logger: nestLogger(logger), abortOnError: false },
  );

const NO_WORKERS: Workers = { close: () => Promise.resolve() };

const workersOf = (
  config: WorkerConfig,
  { context, lookout }: { readonly context: INestApplicationContext; readonly lookout: Lookout },
  logger: Logger,
): Workers => {
  if (!config.worker.bells.includes('queue')) return NO_WORKERS;
  return startWorkers({
    connection: { url: config.queue.url },
    handlers: handlersFor({ answerBell: context.get(AnswerBell, { strict: false }) }),
    concurrency: { convergence: config.worker.graphCalls },
    onEvent: (event) => logJobEvent(logger, event),
    onHeard: () => lookout.beat('bells'),
    onStuck: (queue) => {
      logger.error({ queue }, 'no job was taken for a minute: exiting, to be started again');
      process.exit(1);
    },
  });
};

start().catch((error: unknown) => {
  // A ConfigError names variables and reasons, never values; anything else is told by its message alone.
  process.stderr.write(
    `The worker does not start. ${error instanceof Error ? error.message : 'unknown failure'}\n`,
  );
  process.exit(1);
});
