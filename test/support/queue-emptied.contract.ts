import { GraphWitness, type OwedEnd } from './graph-witness.js';
import { Fleet, type FleetGrant } from './stack-fleet.js';
import { TestMsp } from './stack-msp.js';
import { TestStack } from './stack.js';
import { until } from './stack-until.js';

/** A thousand running grants over fifty customers, 120 of which end in each play. */
const SIZE = { customers: 50, technicians: 20 };
const COUNT = 1_000;
const ENDING = 120;
/** Far away: their bells are armed, lost, and armed again. */
const LATER = 200;
const LEAD_MS = 4_000;
const SPREAD_MS = 20_000;
const LATER_MS = 5 * 60_000;
const LATER_SPREAD_MS = 5 * 60_000;
/** The queue's own promise: everything armed again. */
const ARMED_AGAIN_MS = 60_000;
/**
 * Maxima below this say nothing: with the bells gone an end waits for the sweep, up to a second, and on a busy machine for its
 * turn besides.
 */
const NOISE_MS = 1_500;
/** The bound of the promise, whatever else is compared. */
const LATEST_MS = 60_000;

/** One kind of queue, as a stack uses it. */
export interface QueueGround {
  readonly environment: Record<string, string>;
  /** Loses everything that is in it, as an accident does. */
  empty(stack: TestStack): Promise<void>;
  /** How many bells wait for their time. */
  armed(stack: TestStack): Promise<number>;
  close(): Promise<void>;
}

/** What the loss of a whole queue costs, by each kind of queue: next to nothing. */
export const describeEmptiedQueue = (name: string, prepare: () => Promise<QueueGround>): void => {
  describe(`A queue on ${name} that is emptied under a thousand running grants`, () => {
    let ground: QueueGround;
    let stack: TestStack;
    let fleet: Fleet;
    let witness: GraphWitness;
    let grants: readonly FleetGrant[];

    beforeAll(async () => {
      ground = await prepare();
      stack = await TestStack.start(ground.environment);
      const msp = await TestMsp.create(stack);
      fleet = await Fleet.create(stack, msp, SIZE);
      witness = new GraphWitness(stack.simulator);
      grants = await fleet.grants(180_000);
    }, 360_000);

    afterAll(async () => {
      await fleet.close();
      await stack.stop();
      await ground.close();
    }, 60_000);

    /** Some of the grants, over all customers, end one after the other; answers how late the last was. */
    const play = async (first: number, meanwhile: () => Promise<void>): Promise<number> => {
      const some = grants.slice(first, first + ENDING);
      const ends = await fleet.endWithin(some, { from: Date.now() + LEAD_MS, spreadMs: SPREAD_MS });
      await meanwhile();
      await until(
        async () => {
          await witness.look();
          return ends.filter((end) => witness.isEnabled(end)).length;
        },
        (left) => left === 0,
        { what: 'all of them are disabled', timeoutMs: LEAD_MS + SPREAD_MS + LATEST_MS },
      );
      expect(witness.violations(ends, LATEST_MS, Date.now())).toEqual([]);
      return Math.max(...ends.map((end) => witness.lateMs(end) ?? Infinity));
    };

    const bellsOf = (ends: readonly OwedEnd[]): number =>
      new Set(ends.map(({ tenantId, expiresAt }) => `${tenantId} ${Math.floor(expiresAt / 1_000)}`)).size;

    it('delays no end beyond one and a half times the latest without that, and has its bells again within a minute', async () => {
      expect(grants).toHaveLength(COUNT);
      const later = await fleet.endWithin(grants.slice(-LATER), {
        from: Date.now() + LATER_MS,
        spreadMs: LATER_SPREAD_MS,
      });
      const expected = bellsOf(later);
      await until(
        () => ground.armed(stack),
        (armed) => armed >= expected,
        { what: `${expected} bells are armed`, timeoutMs: ARMED_AGAIN_MS },
      );
      const healthyMs = await play(0, () => Promise.resolve());

      let emptiedAt = 0;
      const emptiedMs = await play(ENDING, async () => {
        await ground.empty(stack);
        emptiedAt = Date.now();
      });
      await until(
        () => ground.armed(stack),
        (armed) => armed >= expected,
        { what: `${expected} bells are armed again`, timeoutMs: emptiedAt + ARMED_AGAIN_MS - Date.now() },
      );

      if (process.env.CURFEW_MEASURE)
        process.stderr.write(`${name}: latest ${healthyMs} ms, and ${emptiedMs} ms with the queue emptied\n`);
      expect(emptiedMs).toBeLessThanOrEqual(1.5 * Math.max(healthyMs, NOISE_MS));
    }, 300_000);
  });
};
