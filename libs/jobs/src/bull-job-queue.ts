import { randomUUID } from 'node:crypto';
import { SECOND, type Clock, type Instant, type JobQueue, type JobRequest } from '#core/shared';
import { catalog, type QueueName } from './catalog.js';
import { attempt, within } from './deadline.js';
import type { RefusedBell } from './job-event.js';
import { queueServer, type BullQueue, type QueueConnection, type QueueServer } from './queue-server.js';

/** A caller waits no longer for a bell: the sweep comes within the second anyway. */
const RING_MS = 1_000;
const HOUR_SECONDS = 3_600;

/**
 * Ended bells are of no use, and one that rang too early could not be armed again while its id is kept. Failed ones are
 * kept for whoever looks into them, bounded.
 */
const HISTORY = {
  removeOnComplete: true,
  removeOnFail: { age: 24 * HOUR_SECONDS, count: 1_000 },
} as const;

export interface BullJobQueueOptions {
  readonly connection: QueueConnection;
  readonly clock: Clock;
  /** Told of each bell that could not be rung. */
  readonly onRefused: (bell: RefusedBell) => void;
}

interface Rope {
  readonly queue: BullQueue;
  readonly ready: Promise<void>;
  state: 'opening' | 'late' | 'ready';
}

/**
 * Rings bells by BullMQ. There is no retry and no record: a bell that can't be rung within a second is counted, told
 * and forgotten.
 */
export class BullJobQueue implements JobQueue {
  readonly #server: QueueServer;
  readonly #clock: Clock;
  readonly #onRefused: (bell: RefusedBell) => void;
  readonly #ropes = new Map<QueueName, Rope>();
  #refused = 0;

  constructor({ connection, clock, onRefused }: BullJobQueueOptions) {
    this.#server = queueServer(connection);
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  async ring(job: JobRequest, at?: Instant): Promise<void> {
    try {
      await within(RING_MS, this.#add(job, at, AbortSignal.timeout(RING_MS)));
    } catch (error) {
      this.#refuse(job, error);
    }
  }

  /** Lets go of the server, waiting no longer than this for its farewell. */
  async close(deadlineMs: number): Promise<void> {
    const ropes = [...this.#ropes.values()];
    this.#ropes.clear();
    await Promise.all(ropes.map(({ queue }) => letGo(queue, deadlineMs)));
  }

  async #add(job: JobRequest, at: Instant | undefined, late: AbortSignal): Promise<void> {
    const entry = catalog[job.name];
    const payload = entry.payload.parse({
      v: 1,
      organizationId: job.organizationId,
      customerId: job.customerId,
    });
    const queue = await this.#ready(entry.queue);
    // The caller was told that this bell is refused: it must not pile up with others and ring when the server is back.
    late.throwIfAborted();
    const now = this.#clock.now();
    const delay = at === undefined ? 0 : Math.max(0, at - now);
    const jobId = `${entry.key(payload)}-${occasion(at, now)}`;
    await queue.add(job.name, payload, { ...HISTORY, jobId, delay });
  }

  async #ready(name: QueueName): Promise<BullQueue> {
    const rope = this.#ropes.get(name) ?? this.#open(name);
    if (rope.state === 'late') throw new Error('The queue has not answered yet.');
    await rope.ready;
    return rope.queue;
  }

  #open(name: QueueName): Rope {
    const queue = this.#server.queue(name);
    // Without a listener node would end the process. What went wrong is told bell by bell.
    queue.on('error', () => undefined);
    const ready = queue.waitUntilReady();
    const rope: Rope = { queue, ready, state: 'opening' };
    this.#ropes.set(name, rope);
    within(RING_MS, ready)
      .then(
        () => (rope.state = 'ready'),
        () => (rope.state = 'late'),
      )
      .catch(() => undefined);
    ready.then(
      () => (rope.state = 'ready'),
      // BullMQ remembers a first connection that failed for ever: the next bell takes another rope.
      () => this.#drop(name, rope),
    );
    return rope;
  }

  #drop(name: QueueName, rope: Rope): void {
    if (this.#ropes.get(name) === rope) this.#ropes.delete(name);
    letGo(rope.queue, RING_MS).catch(() => undefined);
  }

  #refuse(job: JobRequest, error: unknown): void {
    this.#refused += 1;
    try {
      this.#onRefused({ job, count: this.#refused, error });
    } catch {
      // Whoever listens must not turn a lost bell into a failed request.
    }
  }
}

/**
 * An add under an id that exists, in any state, is silently nothing. So an armed bell carries its second: one job, however
 * many things fall due then. Within the present second the job of that id may be running already, and has looked: there
 * a bell carries its very instant. And one that rings now has an id of its own: it may be rung because a running job has
 * already read what has just changed.
 */
const occasion = (at: Instant | undefined, now: Instant): string => {
  if (at === undefined || at <= now) return `now-${randomUUID()}`;
  const second = Math.floor(at / SECOND);
  return second === Math.floor(now / SECOND) ? `at-${at}` : `second-${second}`;
};

const letGo = async (queue: BullQueue, deadlineMs: number): Promise<void> => {
  // What is still connected at the deadline is cut off, answered or not.
  if (!(await attempt(deadlineMs, queue.close()))) queue.disconnect().catch(() => undefined);
};
