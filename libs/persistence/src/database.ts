import type { AllStores } from '#core/access';
import { RefusedWrites, type AlarmSource } from '#core/alarms';
import type { Doorway } from '#core/identity';
import type { Instant, UnitOfWork } from '#core/shared';
import { PrismaAlarmSource } from './alarm-source.prisma.js';
import { PrismaClockwork } from './clockwork.prisma.js';
import { DatabaseClock } from './database-clock.js';
import { PrismaDoorway } from './doorway.prisma.js';
import { ForgivingPg } from './forgiving-pg.js';
import { PrismaClient } from './generated/client.js';
import { PrismaUnitOfWork } from './prisma-unit-of-work.js';
import { probeOf } from './probe.js';
import { requireRole } from './role-check.js';
import { statementNames } from './statement-names.js';

export interface DatabaseOptions {
  /** URL of a login role that is a member of `appRole`. */
  readonly appUrl: string;
  /** What the process may do inside an organization; default everything that Curfew does. */
  readonly appRole?: 'curfew_app' | 'curfew_keys' | 'curfew_revoker';
  /** URL of a login role that is a member of `curfew_clockwork`. */
  readonly clockworkUrl: string;
  readonly appConnections?: number;
  readonly clockworkConnections?: number;
  readonly sweepConnections?: number;
  /** Then PostgreSQL itself stops a statement; below the limit of a transaction. */
  readonly statementMs?: number;
  /** Answered by then, or the connection counts as dead; and the database too, unless it answers on another one. */
  readonly silenceMs?: number;
}

/** Everything Curfew asks of PostgreSQL. */
export interface Database {
  readonly unitOfWork: UnitOfWork<AllStores>;
  /** The same, over connections that nobody else uses: what is due gets through when everything else is used up. */
  readonly sweepUnitOfWork: UnitOfWork<AllStores>;
  readonly doorway: Doorway;
  readonly alarms: AlarmSource;
  /** Has no reading of the database's time until it was refreshed. */
  readonly clock: DatabaseClock;
  /** Refuses roles with too many or too few rights: to be called once, at the start. */
  requireRoles(): Promise<void>;
  /** Whether it answers, on both pools. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

const APP_CONNECTIONS = 10;
/** Sweeps must get through while the API's pool is used up. */
const CLOCKWORK_CONNECTIONS = 3;
/** Three transactions of many customers each, four of those who are prepared apart from others, and one for the rest. */
const SWEEP_CONNECTIONS = 8;
/** A connection that can't be had in this time won't be had. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Then PostgreSQL itself stops a statement that waits for a lock, so that none is left behind there. */
const STATEMENT_MS = 14_000;
/**
 * A connection that is silent for longer is dead, though
 * nobody may ever say so: its machine is gone.
 */
const SILENCE_MS = 16_000;
/** No dead connection is taken for an idle one for longer. */
const LIFETIME_SECONDS = 60;

/** Three pools, for two roles. Nothing connects before it is used. */
export const openDatabase = (options: DatabaseOptions): Database => {
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const statementMs = options.statementMs ?? STATEMENT_MS;
  const answers = probeOf(options.clockworkUrl);
  const limits = { silenceMs, statementMs };
  const app = clientOf(options.appUrl, { max: options.appConnections ?? APP_CONNECTIONS, ...limits });
  const clockwork = clientOf(options.clockworkUrl, {
    max: options.clockworkConnections ?? CLOCKWORK_CONNECTIONS,
    ...limits,
  });
  const sweep = clientOf(options.appUrl, { max: options.sweepConnections ?? SWEEP_CONNECTIONS, ...limits });
  const rights = options.appRole === 'curfew_revoker' ? 'taking' : 'all';
  const clock = new DatabaseClock(() => readTime(clockwork));
  const writes = new RefusedWrites(clock);
  const work = { rights, statementMs, answers, writes } as const;
  return {
    unitOfWork: new PrismaUnitOfWork(app, new PrismaClockwork(clockwork, answers, writes), work),
    sweepUnitOfWork: new PrismaUnitOfWork(sweep, new PrismaClockwork(clockwork, answers, writes), work),
    doorway: new PrismaDoorway(app, answers),
    alarms: new PrismaAlarmSource({ app, clockwork }, answers, writes),
    clock,
    requireRoles: async () => {
      await requireRole(app, options.appRole ?? 'curfew_app');
      await requireRole(clockwork, 'curfew_clockwork');
    },
    answers: async () => {
      const asked = await Promise.allSettled([app, clockwork].map(readTime));
      return asked.every(({ status }) => status === 'fulfilled');
    },
    close: async () => {
      await Promise.all([app, clockwork, sweep].map((client) => client.$disconnect()));
    },
  };
};

const clientOf = (
  connectionString: string,
  pool: { readonly max: number; readonly silenceMs: number; readonly statementMs: number },
): PrismaClient =>
  new PrismaClient({
    adapter: new ForgivingPg(
      {
        connectionString,
        max: pool.max,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        statement_timeout: pool.statementMs,
        query_timeout: pool.silenceMs,
        maxLifetimeSeconds: LIFETIME_SECONDS,
      },
      { statementNameGenerator: statementNames() },
    ),
    errorFormat: 'minimal',
    // Not sooner than PostgreSQL: who gives up on a claim that is being committed leaves it to nobody.
    transactionOptions: { maxWait: CONNECT_TIMEOUT_MS, timeout: SILENCE_MS },
  });

const readTime = async (prisma: PrismaClient): Promise<Instant> => {
  const [row] = await prisma.$queryRaw<{ now: number }[]>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`;
  if (row === undefined) throw new Error('The database did not tell its time.');
  return row.now;
};
