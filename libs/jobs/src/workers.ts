import { queueNames, type Handlers, type QueueName } from './catalog.js';
import type { JobEvent } from './job-event.js';
import { PULSE_LIMITS, type PulseLimits } from './pulse.js';
import { QueueConsumer } from './queue-consumer.js';
import { queueServer, type BullWorkerOptions, type QueueConnection } from './queue-server.js';

export interface WorkersOptions {
  readonly connection: QueueConnection;
  readonly handlers: Handlers;
  /** How many jobs of each queue run here at the same time. */
  readonly concurrency: Readonly<Record<QueueName, number>>;
  readonly onEvent: (event: JobEvent) => void;
  /** Something was taken from a queue, be it only a canary: the bell works. Must not throw. */
  readonly onHeard?: () => void;
  /** Nothing was consumed for a minute in spite of rebuilding: exit, and let the supervisor start us again. */
  readonly onStuck: (queue: QueueName) => void;
}

export interface Workers {
  /** Lets running jobs end, at most this long. */
  close(deadlineMs: number): Promise<void>;
}

/** How patient the workers are; tests have less time. */
export interface WorkerTempo {
  readonly bull: BullWorkerOptions;
  readonly limits: PulseLimits;
}

const TEMPO: WorkerTempo = {
  bull: {
    // A worker that died is noticed after 30 to 45 s. Sweeps don't wait for that.
    lockDuration: 30_000,
    stalledInterval: 15_000,
    // Redelivery is not the job's fault; with BullMQ's 1 an end would be given up when two workers died under it.
    maxStalledCount: 10,
    // BullMQ's own is 15 s: so long a worker would stay deaf after a server was away for a moment.
    runRetryDelay: 1_000,
  },
  limits: PULSE_LIMITS,
};

/** Starts a worker for every queue. Returns at once: a server that is away is waited for. */
export const startWorkers = (options: WorkersOptions, tempo: WorkerTempo = TEMPO): Workers => {
  const server = queueServer(options.connection);
  const consumers = queueNames.map(
    (name) =>
      new QueueConsumer({ ...options, ...tempo, name, server, concurrency: options.concurrency[name] }),
  );
  return {
    close: async (deadlineMs) => {
      await Promise.all(consumers.map((consumer) => consumer.close(deadlineMs)));
    },
  };
};
