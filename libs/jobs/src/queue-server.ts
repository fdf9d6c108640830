import {
  assertSchemaCompatibility,
  createPostgresBackend,
  createRedisBackend,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
  withBackend,
  type Job,
  type JobsOptions,
  type WorkerOptions,
} from 'bullmq';
import pg from 'pg';
import type { Secret } from '#core/shared';

/** Where the queue lives: one URL decides between PostgreSQL and Redis. */
export interface QueueConnection {
  /** `postgres://…` or `redis://…` (`rediss://…`). */
  readonly url: Secret;
  /** A schema (PostgreSQL) or key prefix (Redis) of its own; tests keep apart by it. */
  readonly namespace?: string;
}

/** What is used of BullMQ's classes, whichever server stands behind them. */
export interface BullQueue extends Closable {
  add(name: string, payload: unknown, options: JobsOptions): Promise<unknown>;
  getJobState(id: string): Promise<string>;
  /** What a full Redis throws away; null: nothing can be, or it does not say. */
  evictionPolicy(): Promise<string | null>;
}
export interface BullWorker extends Closable {
  run(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'stalled', listener: (jobId: string) => void): unknown;
}
interface Closable {
  waitUntilReady(): Promise<void>;
  close(force?: boolean): Promise<void>;
  disconnect(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
export type BullJob = Pick<Job<unknown>, 'id' | 'name' | 'data' | 'attemptsStarted'>;
export type BullProcessor = (job: BullJob) => Promise<void>;
export type BullWorkerOptions = Omit<WorkerOptions, 'connection' | 'autorun' | 'prefix'>;

/** Opens BullMQ's classes on the server that a connection names; nothing else knows which one it is. */
export interface QueueServer {
  /** For adding: fails at once when the server is gone instead of keeping what can't be sent. */
  queue(name: string): BullQueue;
  /** Not running yet: `run()` it when it is ready. */
  worker(name: string, processor: BullProcessor, options: BullWorkerOptions): BullWorker;
}

/** BullMQ's own name for its schema. */
const SCHEMA = 'bullmq';
/** BullMQ's own prefix; a Redis user may be limited to it. */
const PREFIX = 'bull';
const CONNECT_MS = 2_000;

export const queueServer = (connection: QueueConnection): QueueServer =>
  isPostgres(connection.url) ? postgresServer(connection) : redisServer(connection);

/** Brings BullMQ's tables up to date: as the schema's owner, once per start of the product. Redis needs nothing. */
export const migrateQueue = async ({ url, namespace = SCHEMA }: QueueConnection): Promise<void> => {
  if (!isPostgres(url)) return;
  const client = new pg.Client({ connectionString: url.expose(), connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // A role that may use the tables but not create them passes as long as there is nothing to do.
    if (!(await isUpToDate(client, namespace))) await runMigrations(client, namespace);
  } finally {
    await client.end();
  }
};

const isUpToDate = async (client: pg.Client, schema: string): Promise<boolean> => {
  try {
    return (await assertSchemaCompatibility(client, schema)) >= LATEST_SCHEMA_VERSION;
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return false;
    throw error;
  }
};

const isPostgres = (url: Secret): boolean => /^postgres(ql)?:/.test(url.expose());

const postgresServer = ({ url, namespace = SCHEMA }: QueueConnection): QueueServer => {
  const connection = {
    connectionString: url.expose(),
    schema: namespace,
    // Per Queue and Worker, besides the one connection on which a worker listens.
    max: 3,
    connectionTimeoutMillis: CONNECT_MS,
    // A server that takes queries and never answers must not keep them for ever.
    query_timeout: 15_000,
    keepAlive: true,
    // Whoever works with a connection is refused its query when it is lost; the loss itself, which the
    // connection tells as well, would end the process where nobody listens, and BullMQ does not while it opens.
    onConnect: (client: pg.ClientBase) => void client.on('error', () => undefined),
  };
  const { Queue, Worker } = withBackend(createPostgresBackend);
  return {
    queue: (name) =>
      Object.assign(new Queue(name, { connection }), { evictionPolicy: () => Promise.resolve(null) }),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection, autorun: false }),
  };
};

const redisServer = ({ url, namespace: prefix = PREFIX }: QueueConnection): QueueServer => {
  const connection = {
    url: url.expose(),
    connectTimeout: CONNECT_MS,
    // BullMQ's own waits up to 20 s between tries: a queue that is back should be heard sooner.
    retryStrategy: (tries: number) => Math.min(tries * 200, 2_000),
  };
  const failFast = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: CONNECT_MS };
  const { Queue, Worker } = withBackend(createRedisBackend);
  return {
    queue: (name) => {
      const queue = new Queue(name, { connection: { ...connection, ...failFast }, prefix });
      const about = async (): Promise<string> => (await queue.getBackend().client).info();
      return Object.assign(queue, { evictionPolicy: () => about().then(policyIn, () => null) });
    },
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection, prefix, autorun: false }),
  };
};

/** A user of Redis who may not ask for it is told nothing. */
const policyIn = (about: string): string | null => /^maxmemory_policy:(\S+)/m.exec(about)?.[1] ?? null;
