import type { Clock } from '#core/shared';
import { adminConsentUrl, assertionFile, cloudsWith, EntraDirectory, type ConsentPage } from '#directory';
import { BullJobQueue } from '#jobs';
import { openDatabase } from '#persistence';
import { SystemIds, type ApiConfig, type Logger } from '#platform';
import { LiveKeys, LocalCertificates, START_PATIENCE_MS, type LiveKeysOptions } from '#secrets';
import type { Ports } from './ports.js';

/** What the adapters need of a process's configuration. */
export type AdapterConfig = Pick<ApiConfig, 'database' | 'directory' | 'keys'> &
  Partial<Pick<ApiConfig, 'queue'>>;

/** The real adapters of one process. */
export interface Adapters {
  readonly ports: Ports;
  /** The keys behind the ports' box. */
  readonly keys: LiveKeys;
  /** Where an admin consents to an app; null: there is no such cloud here. */
  readonly consentUrl: (page: ConsentPage) => string | null;
  /** Whether the database answers. */
  answers(): Promise<boolean>;
  /** Reads the database's time, which the clock follows; to be called about every 10 s. */
  refreshClock(): Promise<boolean>;
  /** To be called once, at the start: refuses database roles with other rights than they need. */
  requireRoles(): Promise<void>;
  /** Lets go of everything, waiting no longer than this for the queue. */
  close(queueDeadlineMs: number): Promise<void>;
}

/**
 * Binds every port to its adapter; without a queue no bell is rung. Nothing connects before it is used, but for a key vault:
 * one that is away is waited for, for a minute.
 */
export const openAdapters = async (
  config: AdapterConfig,
  logger: Logger,
  options: Pick<LiveKeysOptions, 'takesPlain'> = {},
): Promise<Adapters> => {
  const keys = await LiveKeys.open(config.keys, { patience: patienceFor(logger), ...options });
  const database = openDatabase({
    appUrl: config.database.url.expose(),
    clockworkUrl: config.database.clockworkUrl.expose(),
  });
  const { unitOfWork, sweepUnitOfWork, doorway, alarms, clock } = database;
  const { customCloud, federatedTokenFile } = config.directory;
  const clouds = cloudsWith(customCloud);
  const directory = new EntraDirectory({
    clouds,
    ...(federatedTokenFile === null ? {} : { assertion: assertionFile(federatedTokenFile) }),
    onUnclassified: (facts) =>
      logger.warn({ facts }, 'Graph answered with an error that is not in the table'),
  });
  const queue = config.queue === undefined ? SILENT : queueFor(config.queue, clock, logger);
  return {
    ports: {
      ...{ unitOfWork, sweepUnitOfWork, doorway, alarms, clock },
      ...{ directory, changes: directory, catalogue: directory, surveyor: directory },
      ...{ queue, box: keys.box, ids: new SystemIds(clock) },
      certificates: new LocalCertificates(),
      federatedOrganization: config.directory.federatedOrganization,
    },
    keys,
    consentUrl: (page) => adminConsentUrl(clouds, page),
    answers: () => database.answers(),
    refreshClock: () => clock.refresh(),
    requireRoles: () => database.requireRoles(),
    close: async (queueDeadlineMs) => {
      await queue.close(queueDeadlineMs);
      await Promise.allSettled([directory.close(), database.close()]);
    },
  };
};

const patienceFor = (logger: Logger): NonNullable<LiveKeysOptions['patience']> => ({
  longestMs: START_PATIENCE_MS,
  onWait: ({ message }, nextMs) =>
    logger.warn(
      { reason: message, nextMs },
      'the keys are not unwrapped yet: nothing is served before they are',
    ),
});

/** What the jobs would have said stands in the rows, and the sweeps find it within a second. */
const SILENT = { ring: () => Promise.resolve(), close: () => Promise.resolve() };

const queueFor = ({ url }: ApiConfig['queue'], clock: Clock, logger: Logger): BullJobQueue =>
  new BullJobQueue({
    connection: { url },
    clock,
    onRefused: ({ job, count, error }) =>
      logger.warn({ job, count, err: error }, 'a bell could not be rung: the sweep makes up for it'),
  });
