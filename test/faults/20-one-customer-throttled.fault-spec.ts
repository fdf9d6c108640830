import { percentile } from '../support/graph-witness.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 10_000;
const STORM_MS = 45_000;
const RETRY_AFTER_SECONDS = 5;
/** Differences below this are the machine's. */
const NOISE_MS = 1_500;
const RATIO = 1.05;
/** Users, roles, methods, batches: each stands on a limit of its own. */
const CLASSES = 4;

const p99 = async (ground: FaultGround, ends: Parameters<FaultGround['settle']>[0]): Promise<number> =>
  percentile(await ground.lateness(ends), 0.99);

faultScenario({
  number: 20,
  title: 'Two customers are throttled, one of them without being told for how long',
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const [told, untold] = ground.fleet.customers.map(({ tenantId }) => tenantId);
    if (told === undefined || untold === undefined) throw new Error('There are no two customers.');
    const isQuiet = ({ tenantId }: { readonly tenantId: string }) => tenantId !== told && tenantId !== untold;
    const quiet = grants.filter(isQuiet);
    const half = Math.floor(quiet.length / 2);
    const calm = await ground.end(quiet.slice(0, half), { spreadMs: SPREAD_MS });
    await ground.settle(calm);

    const { simulator } = ground.stack;
    const match = { path: '/**' };
    const storms = [
      await simulator.addFault({
        tenantId: told,
        match,
        effect: { status: 429, retryAfter: RETRY_AFTER_SECONDS },
      }),
      await simulator.addFault({ tenantId: untold, match, effect: { status: 429 } }),
    ];
    const stormUntil = Date.now() + STORM_MS;
    ground.excuse(STORM_MS);
    const since = (await simulator.requests()).at(-1)?.seq ?? 0;
    const beside = await ground.end(quiet.slice(half), { spreadMs: SPREAD_MS });
    const stormy = await ground.end(
      grants.filter((grant) => !isQuiet(grant)),
      { spreadMs: SPREAD_MS },
    );
    await ground.settle(beside);
    await ground.reach(stormUntil);
    const asked = (await simulator.requests({ since })).filter(
      ({ tenantId, kind }) => tenantId === told && kind !== 'token',
    );
    for (const { id } of storms) await simulator.clearFaults(id);
    await ground.settle(stormy);

    expect(await p99(ground, beside)).toBeLessThanOrEqual(
      RATIO * Math.max(await p99(ground, calm), NOISE_MS),
    );
    expect(asked.length).toBeLessThanOrEqual(CLASSES * (STORM_MS / 1_000 / RETRY_AFTER_SECONDS + 1));
    const late = (await ground.lateness(stormy)).map((ms, at) => ms + (stormy[at]?.expiresAt ?? 0));
    expect(Math.max(...late)).toBeLessThanOrEqual(stormUntil + LATEST_MS);
    await ground.closed(grants);
  },
});
