import { setTimeout as delay } from 'node:timers/promises';
import { Secret, type Clock, type JobQueue, type JobRequest } from '#core/shared';
import type { JobQueueWorld } from '#core/testing';
import { BullJobQueue } from '../bull-job-queue.js';
import type { JobEvent, RefusedBell } from '../job-event.js';
import { migrateQueue, type QueueConnection } from '../queue-server.js';
import { startWorkers, type Workers, type WorkerTempo } from '../workers.js';

const clock: Clock = { now: () => Date.now() };

/** What takes half a minute in production takes a second here. */
export const HASTE: WorkerTempo = {
  bull: { lockDuration: 1_000, stalledInterval: 500, maxStalledCount: 10, runRetryDelay: 100 },
  limits: { everyMs: 250, rebuildMs: 1_000, stuckMs: 30_000 },
};

/** BullMQ on a real server, in a namespace of its own. */
export class BullWorld implements JobQueueWorld {
  readonly queue: JobQueue;
  readonly deadQueue: JobQueue;
  readonly refused: RefusedBell[] = [];
  readonly events: JobEvent[] = [];
  readonly stuck: string[] = [];
  readonly #connection: QueueConnection;
  readonly #dispose: () => Promise<void>;
  readonly #queues: readonly BullJobQueue[];
  readonly #workers: Workers[] = [];

  private constructor(connection: QueueConnection, dispose?: () => Promise<void>) {
    this.#connection = connection;
    this.#dispose = dispose ?? (() => Promise.resolve());
    const onRefused = (bell: RefusedBell): void => void this.refused.push(bell);
    const live = new BullJobQueue({ connection, clock, onRefused });
    const dead = new BullJobQueue({ connection: nowhere(connection), clock, onRefused });
    this.queue = live;
    this.deadQueue = dead;
    this.#queues = [live, dead];
  }

  static async open(connection: QueueConnection, dispose?: () => Promise<void>): Promise<BullWorld> {
    await migrateQueue(connection);
    return new BullWorld(connection, dispose);
  }

  now(): number {
    return Date.now();
  }

  work(handle: (job: JobRequest) => Promise<void>): { kill(): Promise<void> } {
    const workers = startWorkers(
      {
        connection: this.#connection,
        handlers: {
          'customer.converge': ({ organizationId, customerId }) =>
            handle({ name: 'customer.converge', organizationId, customerId }),
        },
        concurrency: { convergence: 4 },
        onEvent: (event) => this.events.push(event),
        onStuck: (queue) => this.stuck.push(queue),
      },
      HASTE,
    );
    this.#workers.push(workers);
    return { kill: () => workers.close(0) };
  }

  async until(condition: () => boolean, withinMs: number): Promise<void> {
    const deadline = this.now() + withinMs;
    while (!condition()) {
      if (this.now() > deadline) throw new Error(`It did not come to that within ${withinMs} ms.`);
      await delay(5);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((workers) => workers.close(0)));
    await Promise.all(this.#queues.map((queue) => queue.close(1_000)));
    await this.#dispose();
  }
}

/** The same kind of server at a port where nobody listens. */
const nowhere = ({ url }: QueueConnection): QueueConnection => {
  const address = new URL(url.expose());
  address.port = '1';
  return { url: new Secret(address.href) };
};
