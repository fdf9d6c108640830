import type { Directory } from '#core/accounts';
import { Converge, MirrorOfEnds, RevokeOverdue, type ConvergencePorts } from '#core/convergence';
import { ReachHolds } from '#core/grants';
import { assertionFile, cloudsWith, EntraDirectory } from '#directory';
import { openDatabase, type Database } from '#persistence';
import {
  ConfigError,
  createLogger,
  KeyWatch,
  logFailure,
  Lookout,
  onShutdown,
  readRevokerConfig,
  SystemIds,
  type Logger,
  type RevokerConfig,
} from '#platform';
import { LiveKeys } from '#secrets';
import { settleOn } from './settle-on.js';
import { Watch, type Watched } from './watch.js';

const CLOCK_MS = 10_000;
/** How old what the mirror says may be while the database is there. */
const MIRROR_MS = 5_000;
const SHUTDOWN_MS = 10_000;
/** Nothing that it asks takes so long; and a row that does is to be disabled without its row within a minute of its end. */
const STATEMENT_MS = 8_000;

/**
 * The revoker: takes away what is overdue, and can do nothing else. It shares no process, no connection pool, no database
 * role and no queue with API and workers, so that nothing that befalls them befalls it.
 */
const start = async (): Promise<void> => {
  const config = readRevokerConfig(process.env);
  const logger = createLogger({ name: 'revoker', level: config.logging.level });
  const keys = await keysFor(config, logger);
  const database = databaseFor(config);
  const directory = directoryFor(config, logger);
  const lookout = lookoutOf(config, database, logger);
  const ports = portsOf(keys, database, lookout.measured(directory));
  const watch = watchOf(config, { database, ports, logger, onLook: () => lookout.beat('revoker') });
  const keyWatch = keyWatchOf(keys, { database, instance: lookout.instance }, logger);
  const timers: NodeJS.Timeout[] = [];
  let ended = false;
  const end = (): void => {
    ended = true;
    for (const timer of timers) clearInterval(timer);
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled([directory.close(), database.close()]);
  };
  onShutdown([end, () => watch.stop(), () => lookout.stop(), () => keyWatch.stop(), close], {
    deadlineMs: SHUTDOWN_MS,
    onProblem: (error) => logFailure(logger, error, 'shutdown'),
  });
  // Before the database is there: that it is not is an alarm too.
  await lookout.start();
  await settleOn(database, { logger, ended: () => ended });
  if (ended) return;
  await keyWatch.start();
  watch.start();
  const refresh = (): void => {
    database.clock.refresh().catch((error: unknown) => logFailure(logger, error, 'clock not refreshed'));
  };
  timers.push(setInterval(refresh, CLOCK_MS));
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
};

const watchOf = (
  { revoker }: RevokerConfig,
  {
    database,
    ports,
    ...told
  }: { readonly database: Database; readonly ports: ConvergencePorts } & Pick<Watched, 'logger' | 'onLook'>,
): Watch => {
  // Whoever works without the database goes by a clock that notices by itself when the machine was held.
  const alone = { ...ports, clock: database.clock.alone };
  return new Watch({
    ...told,
    revoker: new RevokeOverdue(ports, new Converge(ports)),
    mirror: new MirrorOfEnds(ports, { converge: new Converge(alone), alone: alone.clock }),
    holds: new ReachHolds(ports),
    lookEveryMs: revoker.sweepIntervalMs,
    mirrorEveryMs: MIRROR_MS,
    elapsed: () => performance.now(),
  });
};

const databaseFor = ({ revokerDatabase }: RevokerConfig): Database =>
  openDatabase({
    appUrl: revokerDatabase.url.expose(),
    appRole: 'curfew_revoker',
    clockworkUrl: revokerDatabase.clockworkUrl.expose(),
    statementMs: STATEMENT_MS,
  });

const lookoutOf = ({ watch }: RevokerConfig, { alarms: source, clock }: Database, logger: Logger): Lookout =>
  new Lookout({
    process: 'revoker',
    source,
    clock,
    logger,
    metrics: { host: watch.metricsHost, port: watch.metricsPort },
    deadmanUrl: watch.deadmanUrl,
  });

const directoryFor = ({ directory }: RevokerConfig, logger: Logger): EntraDirectory =>
  new EntraDirectory({
    clouds: cloudsWith(directory.customCloud),
    ...(directory.federatedTokenFile === null
      ? {}
      : { assertion: assertionFile(directory.federatedTokenFile) }),
    onUnclassified: (facts) =>
      logger.warn({ facts }, 'Graph answered with an error that is not in the table'),
  });

/**
 * From here on they are in its memory, and nothing that befalls the key vault delays an end. Until then it can do nothing, and waits
 * for as long as it takes: a person may mend what keeps it.
 */
const keysFor = ({ keys }: RevokerConfig, logger: Logger): Promise<LiveKeys> =>
  LiveKeys.open(keys, {
    patience: {
      longestMs: Infinity,
      onWait: ({ message }, nextMs) =>
        logger.error(
          { reason: message, nextMs },
          'the keys are not unwrapped yet: the revoker takes nothing away',
        ),
    },
  });

const keyWatchOf = (
  keys: LiveKeys,
  { database, instance }: { readonly database: Database; readonly instance: string },
  logger: Logger,
): KeyWatch =>
  new KeyWatch({
    ...{ instance, keys, logger },
    holders: database.unitOfWork.clockwork.keyHolders,
    clock: database.clock,
  });

const portsOf = (
  { box }: LiveKeys,
  { unitOfWork, clock }: Database,
  directory: Directory,
): ConvergencePorts => ({
  unitOfWork,
  directory,
  clock,
  ids: new SystemIds(clock),
  box,
  // It rings nobody: what is left to do stays due, and sweeps find it.
  queue: { ring: () => Promise.resolve() },
});

start().catch((error: unknown) => {
  // A ConfigError names variables and reasons, never values; anything else is told by its message alone.
  const text = error instanceof ConfigError || error instanceof Error ? error.message : 'unknown failure';
  process.stderr.write(`The revoker does not start. ${text}\n`);
  process.exit(1);
});
