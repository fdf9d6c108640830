import { idOf } from '#core/shared';
import type { JobEvent } from './job-event.js';
import { QueueConsumer } from './queue-consumer.js';
import type { BullJob, BullProcessor, BullQueue, BullWorker, QueueServer } from './queue-server.js';

const organizationId = idOf<'organization'>('0190a000-0000-7000-8000-000000000001');
const customerId = idOf<'customer'>('0190a000-0000-7000-8000-000000000002');

/** How a worker turns out when it is built: it hears, it is connected and deaf, or it can't connect. */
type Nature = 'hearing' | 'deaf' | 'unconnected';

class FakeServer implements QueueServer {
  readonly built: Nature[] = [];
  reachable = true;
  policy: string | null = 'noeviction';
  readonly #natures: Nature[];
  #waiting: BullJob[] = [];
  #listeners: BullProcessor[] = [];

  /** The last nature is that of all workers after it, too. */
  constructor(...natures: Nature[]) {
    this.#natures = natures;
  }

  queue(): BullQueue {
    return {
      ...closable(),
      waitUntilReady: () => (this.reachable ? Promise.resolve() : Promise.reject(new Error('away'))),
      evictionPolicy: () => Promise.resolve(this.policy),
      getJobState: (id) =>
        Promise.resolve(this.#waiting.some((job) => job.id === id) ? 'waiting' : 'unknown'),
      add: (name, data, { jobId = '' }) => {
        this.#waiting.push({ id: jobId, name, data, attemptsStarted: 1 });
        return this.deliver();
      },
    };
  }

  worker(_name: string, processor: BullProcessor): BullWorker {
    const nature = (this.#natures.length > 1 ? this.#natures.shift() : this.#natures[0]) ?? 'hearing';
    this.built.push(nature);
    return {
      ...closable(),
      waitUntilReady: () =>
        nature === 'unconnected' ? Promise.reject(new Error('refused')) : Promise.resolve(),
      run: () => {
        if (nature === 'hearing') this.#listeners.push(processor);
        return this.deliver();
      },
    };
  }

  async deliver(): Promise<void> {
    const [listener] = this.#listeners;
    if (listener === undefined) return;
    const jobs = this.#waiting;
    this.#waiting = [];
    await Promise.all(jobs.map((job) => listener(job).catch(() => undefined)));
  }
}

const closable = () => ({
  waitUntilReady: () => Promise.resolve(),
  close: () => Promise.resolve(),
  disconnect: () => Promise.resolve(),
  on: () => undefined,
});

describe('A consumer of a queue', () => {
  let events: JobEvent[];
  let stuck: number;
  let consumer: QueueConsumer;
  const consume = (server: FakeServer): void => {
    consumer = new QueueConsumer({
      name: 'convergence',
      server,
      handlers: { 'customer.converge': () => Promise.reject(new Error('not now')) },
      concurrency: 4,
      bull: {},
      limits: { everyMs: 5_000, rebuildMs: 15_000, stuckMs: 60_000 },
      onEvent: (event) => events.push(event),
      onStuck: () => (stuck += 1),
    });
  };
  const pass = (seconds: number): Promise<void> => jest.advanceTimersByTimeAsync(seconds * 1_000);

  beforeEach(() => {
    events = [];
    stuck = 0;
    jest.useFakeTimers();
  });
  afterEach(async () => {
    await consumer.close(0);
    jest.useRealTimers();
  });

  it('leaves a worker alone that consumes its canaries', async () => {
    const server = new FakeServer('hearing');
    consume(server);

    await pass(300);

    expect(server.built).toEqual(['hearing']);
    expect([events, stuck]).toEqual([[], 0]);
  });

  it('tells once that the server may throw bells away, and again when it was away meanwhile', async () => {
    const server = new FakeServer('hearing');
    server.policy = 'allkeys-lru';
    consume(server);
    const told = { type: 'queue.evicts', queue: 'convergence', policy: 'allkeys-lru' };

    await pass(60);
    expect(events).toEqual([told]);

    server.reachable = false;
    await pass(10);
    server.reachable = true;
    await pass(60);
    expect(events).toEqual([told, told]);
  });

  it('rebuilds a worker that is connected and deaf, and is content when the next one hears', async () => {
    const server = new FakeServer('deaf', 'hearing');
    consume(server);

    await pass(300);

    expect(server.built).toEqual(['deaf', 'hearing']);
    expect(events.map(({ type }) => type)).toEqual(['worker.rebuilt']);
    expect(stuck).toBe(0);
  });

  it('gives up when rebuilding does not help for a minute', async () => {
    consume(new FakeServer('deaf'));

    await pass(64);
    expect(stuck).toBe(0);
    await pass(6);

    expect(stuck).toBeGreaterThan(0);
  });

  it('neither rebuilds nor gives up while the server is away', async () => {
    const server = new FakeServer('deaf', 'hearing');
    server.reachable = false;
    consume(server);

    await pass(3_600);

    expect(server.built).toEqual(['deaf']);
    expect(stuck).toBe(0);
  });

  it('builds a worker anew that could not connect, because BullMQ remembers that for ever', async () => {
    const server = new FakeServer('unconnected', 'unconnected', 'hearing');
    consume(server);

    await pass(30);

    expect(server.built).toEqual(['unconnected', 'unconnected', 'hearing']);
  });

  it('tells of each run what it was, how long it took and why it failed, and lets the queue know that it did', async () => {
    const server = new FakeServer('hearing');
    let processor: BullProcessor = () => Promise.resolve();
    const worker = server.worker.bind(server);
    server.worker = (name, run) => {
      processor = run;
      return worker(name, run);
    };
    consume(server);

    const job = {
      id: 'id-1',
      name: 'customer.converge',
      data: { v: 1, organizationId, customerId },
      attemptsStarted: 2,
    };
    await expect(processor(job)).rejects.toThrow('not now');

    expect(events).toEqual([
      {
        type: 'run.failed',
        queue: 'convergence',
        name: 'customer.converge',
        id: 'id-1',
        attempt: 2,
        durationMs: expect.any(Number) as number,
        error: new Error('not now'),
      },
    ]);
  });
});
