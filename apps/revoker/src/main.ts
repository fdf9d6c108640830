import { setTimeout as pause } from 'node:timers/promises';
import { Converge, MirrorOfEnds, RevokeOverdue, type ConvergencePorts } from '#core/convergence';
import { assertionFile, cloudsWith, EntraDirectory } from '#directory';
import { openDatabase, type Database } from '#persistence';
import {
  ConfigError,
  createLogger,
  logFailure,
  onShutdown,
  readRevokerConfig,
  SystemIds,
  type Logger,
  type RevokerConfig,
} from '#platform';
import { keysFrom, LocalSecretBox } from '#secrets';
import { Watch } from './watch.js';

/** A database that starts with us takes some seconds; later the watch waits for it for ever. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 500;
const CLOCK_MS = 10_000;
/** How old what the mirror says may be while the database is there. */
const MIRROR_MS = 5_000;
const SHUTDOWN_MS = 10_000;

/**
 * The revoker: takes away what is overdue, and can do nothing else. It shares no process, no connection pool, no database
 * role and no queue with API and workers, so that nothing that befalls them befalls it.
 */
const start = async (): Promise<void> => {
  const config = readRevokerConfig(process.env);
  const logger = createLogger({ name: 'revoker', level: config.logging.level });
  const database = openDatabase({
    appUrl: config.revokerDatabase.url.expose(),
    appRole: 'curfew_revoker',
    clockworkUrl: config.revokerDatabase.clockworkUrl.expose(),
  });
  const directory = directoryFor(config, logger);
  await enter(database);
  const ports = portsOf(config, database, directory);
  const converge = new Converge(ports);
  const watch = new Watch({
    revoker: new RevokeOverdue(ports, converge),
    mirror: new MirrorOfEnds(ports, converge),
    logger,
    lookEveryMs: config.revoker.sweepIntervalMs,
    mirrorEveryMs: MIRROR_MS,
    elapsed: () => performance.now(),
  });
  watch.start();
  const clock = setInterval(() => {
    database.clock.refresh().catch((error: unknown) => logFailure(logger, error, 'clock not refreshed'));
  }, CLOCK_MS);
  const close = async (): Promise<void> => {
    await Promise.allSettled([directory.close(), database.close()]);
  };
  onShutdown([() => clearInterval(clock), () => watch.stop(), close], {
    deadlineMs: SHUTDOWN_MS,
    onProblem: (error) => logFailure(logger, error, 'shutdown'),
  });
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
};

const directoryFor = ({ directory }: RevokerConfig, logger: Logger): EntraDirectory =>
  new EntraDirectory({
    clouds: cloudsWith(directory.customCloud),
    ...(directory.federatedTokenFile === null
      ? {}
      : { assertion: assertionFile(directory.federatedTokenFile) }),
    onUnclassified: (facts) =>
      logger.warn({ facts }, 'Graph answered with an error that is not in the table'),
  });

const portsOf = (
  { keys }: RevokerConfig,
  { unitOfWork, clock }: Database,
  directory: EntraDirectory,
): ConvergencePorts => ({
  unitOfWork,
  directory,
  clock,
  ids: new SystemIds(clock),
  box: new LocalSecretBox(keysFrom(keys)),
  // It rings nobody: what is left to do stays due, and sweeps find it.
  queue: { ring: () => Promise.resolve() },
});

const enter = async (database: Database): Promise<void> => {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await database.answers()) && performance.now() < giveUpAt) await pause(PAUSE_MS);
  await database.requireRoles();
  await database.clock.refresh();
};

start().catch((error: unknown) => {
  // A ConfigError names variables and reasons, never values; anything else is told by its message alone.
  const text = error instanceof ConfigError || error instanceof Error ? error.message : 'unknown failure';
  process.stderr.write(`The revoker does not start. ${text}\n`);
  process.exit(1);
});
