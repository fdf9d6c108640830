import { idOf, type JobRequest } from '../shared/index.js';
import { FakeClock } from './fake-clock.js';
import { FakeJobQueue } from './fake-job-queue.js';
import { describeJobQueue, type JobQueueWorld } from './job-queue.contract.js';

/** Workers of a queue in memory; time passes as fast as it is looked at. */
class FakeWorld implements JobQueueWorld {
  readonly queue = new FakeJobQueue();
  readonly deadQueue = new FakeJobQueue();
  readonly #clock = new FakeClock();
  #workers: { handle: (job: JobRequest) => Promise<void>; holds: JobRequest[] }[] = [];

  constructor() {
    this.deadQueue.fault = 'lose';
  }

  now(): number {
    return this.#clock.now();
  }

  work(handle: (job: JobRequest) => Promise<void>): { kill(): Promise<void> } {
    const worker = { handle, holds: [] };
    this.#workers.push(worker);
    return { kill: () => this.#kill(worker) };
  }

  async until(condition: () => boolean, withinMs: number): Promise<void> {
    const deadline = this.now() + withinMs;
    while (!condition()) {
      if (this.now() > deadline) throw new Error('It did not come to that in time.');
      this.#hand();
      await new Promise(setImmediate);
      this.#clock.advance(10);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #hand(): void {
    const [worker] = this.#workers;
    if (worker === undefined) return;
    for (const job of this.queue.takeDue(this.now())) {
      worker.holds.push(job);
      const letGo = (): void => void worker.holds.splice(worker.holds.indexOf(job), 1);
      worker.handle(job).then(letGo, letGo);
    }
  }

  async #kill(worker: { holds: JobRequest[] }): Promise<void> {
    this.#workers = this.#workers.filter((other) => other !== worker);
    for (const job of worker.holds) await this.queue.ring(job);
  }
}

describeJobQueue('FakeJobQueue', () => Promise.resolve(new FakeWorld()));

describe('FakeJobQueue', () => {
  const job: JobRequest = {
    name: 'customer.converge',
    organizationId: idOf('msp'),
    customerId: idOf('contoso'),
  };

  it('records what was rung, and when for', async () => {
    const queue = new FakeJobQueue();

    await queue.ring(job);
    await queue.ring(job, 5_000);

    expect(queue.rung).toEqual([
      { job, at: null },
      { job, at: 5_000 },
    ]);
  });

  it('loses or doubles bells when told to', async () => {
    const queue = new FakeJobQueue();

    queue.fault = 'lose';
    await queue.ring(job);
    expect(queue.takeDue(0)).toEqual([]);

    queue.fault = 'double';
    await queue.ring(job);
    expect(queue.takeDue(0)).toEqual([job, job]);
  });

  it('forgets everything when it is wiped', async () => {
    const queue = new FakeJobQueue();
    await queue.ring(job, 5_000);

    queue.wipe();

    expect(queue.takeDue(10_000)).toEqual([]);
  });
});
