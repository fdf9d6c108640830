import { randomUUID } from 'node:crypto';
import type { Handlers, QueueName } from './catalog.js';
import { attempt, within } from './deadline.js';
import type { JobEvent } from './job-event.js';
import { runJob } from './job-run.js';
import { Pulse, type PulseLimits } from './pulse.js';
import type { BullJob, BullQueue, BullWorker, BullWorkerOptions, QueueServer } from './queue-server.js';

const CANARY = 'canary';
/** The one policy under which a full Redis refuses what is new instead of losing what it has. */
const KEEPS_ALL = 'noeviction';

export interface ConsumerOptions {
  readonly name: QueueName;
  readonly server: QueueServer;
  readonly handlers: Handlers;
  readonly concurrency: number;
  readonly bull: BullWorkerOptions;
  readonly limits: PulseLimits;
  readonly onEvent: (event: JobEvent) => void;
  /** Something was taken from the queue, be it only a canary: the bell works. Must not throw. */
  readonly onHeard?: () => void;
  readonly onStuck: (queue: QueueName) => void;
}

/**
 * Consumes one queue and watches that it does: BullMQ workers have been seen connected, healthy by every check and deaf
 * for ever (taskforcesh/bullmq#4479, #4585). A canary goes in every few seconds; see Pulse for what its silence means.
 */
export class QueueConsumer {
  readonly #options: ConsumerOptions;
  readonly #pulse: Pulse;
  #worker: BullWorker;
  /** For canaries; opened anew when it could not connect, because BullMQ remembers that for ever. */
  #canaries: BullQueue | null = null;
  #canaryId: string | null = null;
  #policyAsked: BullQueue | null = null;
  #failedToStart = false;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#pulse = new Pulse(options.limits, performance.now());
    this.#worker = this.#build();
    this.#scheduleBeat();
  }

  /** Takes no more jobs and lets those that run end; after the deadline they are cut off and found again by others. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const canaries = this.#canaries;
    await Promise.all([
      retire(this.#worker, deadlineMs),
      canaries === null ? undefined : attempt(Math.max(deadlineMs, FAREWELL_MS), canaries.close()),
    ]);
  }

  #build(): BullWorker {
    const { name, server, concurrency, bull } = this.#options;
    const worker = server.worker(name, (job) => this.#run(job), { ...bull, concurrency });
    worker.on('error', (error) => this.#tell({ type: 'worker.failed', queue: name, error }));
    worker.on('stalled', (id) => this.#tell({ type: 'run.redelivered', queue: name, id }));
    this.#failedToStart = false;
    // Run before it is ready, a worker whose first connection failed would spin without ever letting go of the thread.
    worker
      .waitUntilReady()
      .then(() => (this.#closed ? undefined : worker.run()))
      .catch((error: unknown) => {
        this.#failedToStart = worker === this.#worker;
        this.#tell({ type: 'worker.failed', queue: name, error });
      });
    return worker;
  }

  async #run(job: BullJob): Promise<void> {
    this.#pulse.took(performance.now());
    this.#options.onHeard?.();
    if (job.name === CANARY) return;
    const startedAt = performance.now();
    const { name: queue, handlers } = this.#options;
    const tell = (type: 'run.ended' | 'run.failed', error?: unknown): void =>
      this.#tell({
        type,
        queue,
        name: job.name,
        id: job.id ?? '',
        attempt: job.attemptsStarted,
        durationMs: Math.round(performance.now() - startedAt),
        ...(error === undefined ? {} : { error }),
      });
    this.#running += 1;
    try {
      await runJob(handlers, job.name, job.data);
      tell('run.ended');
    } catch (error) {
      tell('run.failed', error);
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  /** An error of whoever listens is not one of the job. */
  #tell(event: JobEvent): void {
    try {
      this.#options.onEvent(event);
    } catch {
      // Nothing is left to tell it to.
    }
  }

  #scheduleBeat(): void {
    const next = (): void => {
      if (!this.#closed) this.#scheduleBeat();
    };
    this.#timer = setTimeout(() => {
      this.#beat().then(next, next);
    }, this.#options.limits.everyMs);
  }

  async #beat(): Promise<void> {
    const { limits, name, concurrency, onStuck } = this.#options;
    try {
      await within(limits.everyMs, this.#ask());
    } catch {
      this.#pulse.unreachable(performance.now());
      this.#forgetCanaries();
    }
    if (this.#closed) return;
    const now = performance.now();
    if (this.#running >= concurrency) this.#pulse.took(now);
    const verdict = this.#pulse.verdict(now);
    if (verdict === 'stuck') onStuck(name);
    else if (verdict === 'rebuild' || this.#failedToStart) this.#rebuild(now);
  }

  /** At most one canary of ours is in the queue: a dead queue must not fill up with them. */
  async #ask(): Promise<void> {
    this.#canaries ??= this.#openCanaries();
    await this.#canaries.waitUntilReady();
    await this.#askPolicy(this.#canaries);
    const waiting = this.#canaryId !== null && (await this.#isWaiting(this.#canaries, this.#canaryId));
    if (!waiting) {
      this.#pulse.answered();
      this.#canaryId = `${CANARY}-${randomUUID()}`;
      // First in line, so that a backlog isn't taken for silence.
      const options = { jobId: this.#canaryId, lifo: true, removeOnComplete: true, removeOnFail: true };
      await this.#canaries.add(CANARY, {}, options);
    }
    this.#pulse.asked(performance.now());
  }

  /** Once for each time that the server is reached anew: it may have been started with other settings. */
  async #askPolicy(queue: BullQueue): Promise<void> {
    if (this.#policyAsked === queue) return;
    const policy = await queue.evictionPolicy();
    this.#policyAsked = queue;
    if (policy !== null && policy !== KEEPS_ALL)
      this.#tell({ type: 'queue.evicts', queue: this.#options.name, policy });
  }

  async #isWaiting(queue: BullQueue, id: string): Promise<boolean> {
    // Consumed canaries are removed; `active` is as good as consumed.
    return ['waiting', 'delayed', 'prioritized'].includes(await queue.getJobState(id));
  }

  #openCanaries(): BullQueue {
    const queue = this.#options.server.queue(this.#options.name);
    // Without a listener node would end the process; an unreachable server shows in the beat.
    queue.on('error', () => undefined);
    return queue;
  }

  #forgetCanaries(): void {
    const old = this.#canaries;
    this.#canaries = null;
    this.#canaryId = null;
    if (old !== null) attempt(this.#options.limits.everyMs, old.close()).catch(() => undefined);
  }

  #rebuild(now: number): void {
    const old = this.#worker;
    this.#pulse.rebuilt(now);
    this.#worker = this.#build();
    this.#tell({ type: 'worker.rebuilt', queue: this.#options.name });
    // Its running jobs may end; it takes no more.
    retire(old, this.#options.limits.stuckMs).catch(() => undefined);
  }
}

const FAREWELL_MS = 1_000;

/**
 * Lets running jobs end, or (without time) cuts them off, so that another worker gets them. BullMQ's own close waits
 * for ever for a server that is gone: what is still connected at the deadline is cut off as well.
 */
const retire = async (worker: BullWorker, deadlineMs: number): Promise<void> => {
  const atOnce = deadlineMs <= 0;
  const closed = await attempt(atOnce ? FAREWELL_MS : deadlineMs, worker.close(atOnce));
  if (!closed) worker.disconnect().catch(() => undefined);
};
