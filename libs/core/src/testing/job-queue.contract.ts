import { idOf, SECOND, type Instant, type JobQueue, type JobRequest } from '../shared/index.js';

/** A JobQueue with its workers and its time, as the contract needs them. */
export interface JobQueueWorld {
  readonly queue: JobQueue;
  /** A queue of the same kind whose server is gone. */
  readonly deadQueue: JobQueue;
  now(): Instant;
  /** Starts a worker. `kill` is what a crash does to it: what it was doing is never finished by it. */
  work(handle: (job: JobRequest) => Promise<void>): { kill(): Promise<void> };
  /** Lets time pass until the condition holds; throws when it doesn't within the time given. */
  until(condition: () => boolean, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Enough for the slowest kind: a dead worker's lock runs out before another one gets its job. */
const SOON_MS = 15_000;
/** How much later than its instant a bell may ring when nothing is wrong. */
const LATE_MS = 2_000;

let customers = 0;
const aJob = (): JobRequest => ({
  name: 'customer.converge',
  organizationId: idOf('0190a000-0000-7000-8000-000000000001'),
  customerId: idOf(`0190a000-0000-7000-8000-${String(++customers).padStart(12, '0')}`),
});

/** What every JobQueue does when nothing is wrong, and what it never does. Run by the spec of each implementation. */
export const describeJobQueue = (name: string, create: () => Promise<JobQueueWorld>): void => {
  describe(`${name} keeps the contract of JobQueue`, () => {
    let world: JobQueueWorld;
    /** Customers in the order in which their jobs were handled, with the instant. */
    let handled: { readonly job: JobRequest; readonly at: Instant }[];
    const times = (job: JobRequest): number =>
      handled.filter((run) => run.job.customerId === job.customerId).length;
    const record = (job: JobRequest): Promise<void> => {
      handled.push({ job, at: world.now() });
      return Promise.resolve();
    };

    beforeEach(async () => {
      handled = [];
      world = await create();
    });
    afterEach(() => world.close());

    it('hands a bell to a worker, once, with what was rung', async () => {
      const [job, last] = [aJob(), aJob()];
      world.work(record);

      await world.queue.ring(job);
      await world.until(() => times(job) > 0, SOON_MS);
      await world.queue.ring(last);
      await world.until(() => times(last) > 0, SOON_MS);

      expect(handled.map((run) => run.job)).toEqual([job, last]);
    });

    it('keeps a bell until a worker comes', async () => {
      const job = aJob();

      await world.queue.ring(job);
      world.work(record);

      await world.until(() => times(job) === 1, SOON_MS);
    });

    it('rings a later bell at its instant, not before', async () => {
      const job = aJob();
      const at = world.now() + 700;
      world.work(record);

      await world.queue.ring(job, at);
      await world.until(() => times(job) > 0, SOON_MS);

      const rangAt = handled[0]?.at ?? 0;
      expect(rangAt).toBeGreaterThanOrEqual(at);
      expect(rangAt).toBeLessThan(at + LATE_MS);
    });

    it('rings at once for an instant that has passed', async () => {
      const job = aJob();
      world.work(record);

      await world.queue.ring(job, world.now() - 60_000);

      await world.until(() => times(job) === 1, SOON_MS);
    });

    it('rings a later bell that was armed twice at least once, and as many times as it was armed at most', async () => {
      const job = aJob();
      const at = world.now() + 500;
      world.work(record);

      await Promise.all([world.queue.ring(job, at), world.queue.ring(job, at)]);
      await world.until(() => times(job) > 0, SOON_MS);
      await world.until(() => world.now() > at + 500, SOON_MS);

      expect(times(job)).toBeLessThanOrEqual(2);
    });

    it('arms a bell of the same customer for another second as well', async () => {
      const job = aJob();
      const now = world.now();
      world.work(record);

      await world.queue.ring(job, now + 200);
      await world.queue.ring(job, now + 1_400);

      await world.until(() => times(job) === 2, SOON_MS);
    });

    it('is one bell for a customer and second, at an instant for which it was armed', async () => {
      const [job, other] = [aJob(), aJob()];
      const second = Math.ceil(world.now() / SECOND) * SECOND + 2 * SECOND;
      const instants = Array.from({ length: 300 }, (_, index) => second + 100 + index * 3);
      world.work(record);

      await Promise.all(instants.map((at) => world.queue.ring(job, at)));
      await world.queue.ring(other, second + 500);
      await world.until(() => times(job) > 0 && times(other) > 0, SOON_MS);
      await world.until(() => world.now() > second + 1_500, SOON_MS);

      expect([times(job), times(other)]).toEqual([1, 1]);
      expect(handled[0]?.at).toBeGreaterThanOrEqual(second + 100);
    });

    it('may be armed for the present second by whoever runs, and runs again in it', async () => {
      const job = aJob();
      const at = Math.ceil(world.now() / SECOND) * SECOND + 100;
      world.work(async (arrived) => {
        await record(arrived);
        if (times(job) === 1) await world.queue.ring(job, at + 700);
      });

      await world.queue.ring(job, at);

      await world.until(() => times(job) === 2, SOON_MS);
    });

    it('leads to another run when it is rung during a run', async () => {
      const job = aJob();
      world.work(async (arrived) => {
        await record(arrived);
        if (times(job) === 1) await world.queue.ring(job);
      });

      await world.queue.ring(job);

      await world.until(() => times(job) === 2, SOON_MS);
    });

    it('leads to another run each time it is rung after a run', async () => {
      const job = aJob();
      world.work(record);

      for (const run of [1, 2, 3]) {
        await world.queue.ring(job);
        await world.until(() => times(job) === run, SOON_MS);
      }
    });

    it('goes on with other bells after a handler failed', async () => {
      const [bad, good] = [aJob(), aJob()];
      world.work(async (job) => {
        await record(job);
        if (job.customerId === bad.customerId) throw new Error('This one fails.');
      });

      await world.queue.ring(bad);
      await world.queue.ring(good);

      await world.until(() => times(bad) > 0 && times(good) > 0, SOON_MS);
    });

    it('gives the job of a worker that died under it to another', async () => {
      const job = aJob();
      let begun = 0;
      const doomed = world.work(() => {
        begun += 1;
        return new Promise(() => undefined);
      });
      await world.queue.ring(job);
      await world.until(() => begun === 1, SOON_MS);

      await doomed.kill();
      world.work(record);

      await world.until(() => times(job) === 1, SOON_MS);
    });

    it('neither throws nor keeps anybody waiting when its server is gone', async () => {
      const startedAt = performance.now();

      await world.deadQueue.ring(aJob());
      await world.deadQueue.ring(aJob(), world.now() + 5_000);

      expect(performance.now() - startedAt).toBeLessThan(3_000);
    });
  });
};
