import { idOf, Secret, type JobRequest } from '#core/shared';
import type { QueueConnection } from '../queue-server.js';
import { BullWorld } from './bull-world.js';
import { ServerProxy } from './server-proxy.js';

export interface OutageGround {
  readonly connection: QueueConnection;
  readonly dispose: () => Promise<void>;
}

/** A ring may take a second, and the machine may be slow. */
const BOUNDED_MS = 1_700;
const AGAIN_MS = 20_000;

let customers = 0;
const aJob = (): JobRequest => ({
  name: 'customer.converge',
  organizationId: idOf('0190a000-0000-7000-8000-000000000001'),
  customerId: idOf(`0190a000-0000-7000-8000-1${String(++customers).padStart(11, '0')}`),
});

/** What happens to bells and workers when their server goes away, by each kind of server. */
export const describeOutage = (name: string, prepare: () => Promise<OutageGround>): void => {
  describe(`Without its server, ${name}`, () => {
    let ground: OutageGround;
    let proxy: ServerProxy;
    let world: BullWorld;
    let handled: string[];
    const handle = (job: JobRequest): Promise<void> => {
      handled.push(job.customerId);
      return Promise.resolve();
    };
    const ringUntilHandled = async (): Promise<void> => {
      const job = aJob();
      const startedAt = performance.now();
      while (!handled.includes(job.customerId)) {
        if (performance.now() - startedAt > AGAIN_MS) throw new Error('The queue did not come back.');
        await world.queue.ring(job);
        await world.until(() => handled.includes(job.customerId), 500).catch(() => undefined);
      }
    };
    const timeOfRing = async (): Promise<number> => {
      const startedAt = performance.now();
      await world.queue.ring(aJob());
      return performance.now() - startedAt;
    };

    beforeEach(async () => {
      handled = [];
      ground = await prepare();
      proxy = await ServerProxy.before(ground.connection.url.expose());
      world = await BullWorld.open({ ...ground.connection, url: new Secret(proxy.url) });
    });
    afterEach(async () => {
      await proxy.up();
      await world.close();
      await proxy.down();
      await ground.dispose();
    });

    it('refuses bells quickly, tells so, and works again when the server is back', async () => {
      world.work(handle);
      await ringUntilHandled();

      await proxy.down();
      expect(await timeOfRing()).toBeLessThan(BOUNDED_MS);
      expect(await timeOfRing()).toBeLessThan(BOUNDED_MS);
      expect(world.refused.map(({ count }) => count)).toEqual([1, 2]);

      await proxy.up();
      await ringUntilHandled();
    });

    it('starts without it, and works as soon as it is there', async () => {
      await proxy.down();
      world.work(handle);
      expect(await timeOfRing()).toBeLessThan(BOUNDED_MS);
      await world.until(() => world.refused.length > 0, AGAIN_MS);

      await proxy.up();
      await ringUntilHandled();
    });

    it('waits no longer than a second for a server that takes everything and answers nothing', async () => {
      world.work(handle);
      await ringUntilHandled();

      proxy.silence();
      expect(await timeOfRing()).toBeLessThan(BOUNDED_MS);

      await proxy.up();
      await ringUntilHandled();
    });

    it('closes in time', async () => {
      const worker = world.work(handle);
      await ringUntilHandled();
      await proxy.down();
      const startedAt = performance.now();

      await worker.kill();

      expect(performance.now() - startedAt).toBeLessThan(5_000);
    });
  });
};
