import { percentile } from '../support/graph-witness.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

/** Of forty: a tenth, as fifty of five hundred are. */
const CUSTOMERS = 40;
const THROTTLED = 4;
const SPREAD_MS = 10_000;
const STORM_MS = 40_000;
const RETRY_AFTER_SECONDS = 5;
/** Differences below this are the machine's. */
const NOISE_MS = 1_500;
const RATIO = 1.2;

const p99 = async (ground: FaultGround, ends: Parameters<FaultGround['settle']>[0]): Promise<number> =>
  percentile(await ground.lateness(ends), 0.99);

faultScenario({
  number: 21,
  title: 'Four of forty customers are throttled',
  queues: ['postgres'],
  customers: CUSTOMERS,
  technicians: 4,
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const { simulator } = ground.stack;
    const throttled = new Set(ground.fleet.customers.slice(0, THROTTLED).map(({ tenantId }) => tenantId));
    const quiet = grants.filter(({ tenantId }) => !throttled.has(tenantId));
    const half = Math.floor(quiet.length / 2);
    const calm = await ground.end(quiet.slice(0, half), { spreadMs: SPREAD_MS });
    await ground.settle(calm);

    const storms = await Promise.all(
      [...throttled].map((tenantId) =>
        simulator.addFault({
          tenantId,
          match: { path: '/**' },
          effect: { status: 429, retryAfter: RETRY_AFTER_SECONDS },
        }),
      ),
    );
    const stormUntil = Date.now() + STORM_MS;
    ground.excuse(STORM_MS);
    const beside = await ground.end(quiet.slice(half), { spreadMs: SPREAD_MS });
    const stormy = await ground.end(
      grants.filter(({ tenantId }) => throttled.has(tenantId)),
      { spreadMs: SPREAD_MS },
    );
    await ground.settle(beside);
    await ground.reach(stormUntil);
    for (const { id } of storms) await simulator.clearFaults(id);
    await ground.settle(stormy);

    expect(await p99(ground, beside)).toBeLessThanOrEqual(
      RATIO * Math.max(await p99(ground, calm), NOISE_MS),
    );
    const late = (await ground.lateness(stormy)).map((ms, at) => ms + (stormy[at]?.expiresAt ?? 0));
    expect(Math.max(...late)).toBeLessThanOrEqual(stormUntil + LATEST_MS);
    await ground.closed(grants);
  },
});
