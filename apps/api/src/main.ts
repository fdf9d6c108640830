import 'reflect-metadata';
import { keyWatchOf, openAdapters, restoreGuardOf, startOnDatabase, type Adapters } from '#composition';
import {
  ConfigError,
  createLogger,
  logFailure,
  Lookout,
  onShutdown,
  readApiConfig,
  type ApiConfig,
  type Logger,
} from '#platform';
import { createApi } from './create-api.js';

const CLOCK_MS = 10_000;
const SHUTDOWN_MS = 10_000;
const QUEUE_FAREWELL_MS = 2_000;

const start = async (): Promise<void> => {
  const config = readApiConfig(process.env);
  const logger = createLogger({ name: 'api', level: config.logging.level });
  const adapters = await openAdapters(config, logger);
  await startOnDatabase(adapters, logger);
  const guard = restoreGuardOf(config, adapters.ports, logger);
  await guard.start();
  const clock = setInterval(() => {
    adapters.refreshClock().catch((error: unknown) => logFailure(logger, error, 'clock not refreshed'));
  }, CLOCK_MS);
  const lookout = lookoutOf(config, adapters, logger);
  const keyWatch = keyWatchOf(adapters, lookout.instance, logger);
  await keyWatch.start();
  const app = await createApi({
    ports: { ...adapters.ports, directory: lookout.measured(adapters.ports.directory) },
    logger,
    answers: () => adapters.answers(),
    bodyLimitBytes: config.http.bodyLimitBytes,
    consentPages: { publicUrl: config.http.publicUrl, urlOf: adapters.consentUrl },
    checkReplies: process.env['NODE_ENV'] !== 'production',
  });
  onShutdown(
    [
      () => clearInterval(clock),
      () => app.close(),
      () => lookout.stop(),
      () => guard.stop(),
      () => keyWatch.stop(),
      () => adapters.close(QUEUE_FAREWELL_MS),
    ],
    {
      deadlineMs: SHUTDOWN_MS,
      onProblem: (error) => logFailure(logger, error, 'shutdown'),
    },
  );
  await lookout.start();
  await app.listen(config.http.port, config.http.host);
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: await app.getUrl() })}\n`);
};

const lookoutOf = ({ watch }: ApiConfig, { ports }: Adapters, logger: Logger): Lookout =>
  new Lookout({
    process: 'api',
    source: ports.alarms,
    clock: ports.clock,
    logger,
    metrics: { host: watch.metricsHost, port: watch.metricsPort },
    deadmanUrl: null,
  });

start().catch((error: unknown) => {
  // A ConfigError names variables and reasons, never values; anything else is told by its message alone.
  const text = error instanceof ConfigError || error instanceof Error ? error.message : 'unknown failure';
  process.stderr.write(`The API does not start. ${text}\n`);
  process.exit(1);
});
