import { GraphWitness, percentile, type OwedEnd } from '../support/graph-witness.js';
import { Fleet } from '../support/stack-fleet.js';
import { TestMsp } from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';
import { until } from '../support/stack-until.js';

/** The bound of the promise. */
const LATEST_MS = 60_000;
const HEALTHY_P99_MS = 3_000;
const FIRST_PROOF_MS = 15_000;
/** Thirty grants, over several customers. */
const SIZE = { customers: 6, technicians: 5 };
const COUNT = 30;
const READY_MS = 60_000;
/** From the moment at which the ends are known until the first of them. */
const LEAD_MS = 6_000;
const SPREAD_MS = 4_000;

/** L1 and L2 are the worker's bells, L3 is the revoker. Without a worker there is no API either. */
interface Layers {
  readonly worker: 'queue' | 'sweep' | 'queue,sweep' | null;
  readonly revoker: boolean;
}

describe('ends, with layers missing', () => {
  let stack: TestStack;
  let fleet: Fleet;
  let witness: GraphWitness;
  let now: Layers = { worker: 'queue,sweep', revoker: true };

  beforeAll(async () => {
    stack = await TestStack.start();
    const msp = await TestMsp.create(stack);
    fleet = await Fleet.create(stack, msp, SIZE);
    witness = new GraphWitness(stack.simulator);
  }, 150_000);

  afterAll(async () => {
    await fleet.close();
    await stack.stop();
  }, 60_000);

  const become = async (layers: Layers): Promise<void> => {
    if (now.revoker && !layers.revoker) await stack.kill('revoker');
    if (now.worker !== layers.worker) await changeWorker(layers.worker);
    if (!now.revoker && layers.revoker) await stack.start('revoker');
    now = layers;
  };

  const changeWorker = async (worker: Layers['worker']): Promise<void> => {
    if (now.worker !== null) await stack.kill('worker');
    if (worker === null) return stack.kill('api');
    await stack.start('worker', { CURFEW_WORKER_BELLS: worker });
    if (now.worker === null) await stack.start('api');
  };

  /** Thirty grants run; then only these layers live, and the grants end. */
  const play = async (layers: Layers): Promise<readonly OwedEnd[]> => {
    // Without a worker nothing is given.
    await become({ worker: layers.worker ?? 'sweep', revoker: layers.revoker });
    const grants = await fleet.grants(READY_MS);
    expect(grants).toHaveLength(COUNT);
    await become(layers);
    const ends = await fleet.endWithin(grants, { from: Date.now() + LEAD_MS, spreadMs: SPREAD_MS });
    await witness.look();
    expect(ends.filter((end) => witness.isEnabled(end))).toHaveLength(COUNT);
    return ends;
  };

  /** Until all are disabled at Graph, or the bound has passed for every one of them. */
  const judge = async (ends: readonly OwedEnd[]): Promise<readonly string[]> => {
    const latest = Math.max(...ends.map(({ expiresAt }) => expiresAt)) + LATEST_MS;
    await until(
      async () => {
        await witness.look();
        return ends.filter((end) => witness.isEnabled(end)).length;
      },
      (enabled) => enabled === 0 || Date.now() > latest,
      { what: 'all is ended, or the bound has passed', timeoutMs: latest - Date.now() + 10_000 },
    );
    return witness.violations(ends, LATEST_MS, Date.now());
  };

  const MINUTES = 60_000;
  const lateness = (ends: readonly OwedEnd[]): readonly number[] =>
    ends.map((end) => witness.lateMs(end) ?? Infinity);

  it(
    'are a matter of moments while all of them live, and proven soon after',
    async () => {
      const ends = await play({ worker: 'queue,sweep', revoker: true });

      expect(await judge(ends)).toEqual([]);
      if (process.env.CURFEW_MEASURE) process.stderr.write(`healthy: ${JSON.stringify(lateness(ends))}\n`);
      expect(percentile(lateness(ends), 0.99)).toBeLessThanOrEqual(HEALTHY_P99_MS);
      const proven = await until(
        () => firstProofs(ends),
        (proofs) => proofs.length === COUNT,
        { what: 'all ends are proven', timeoutMs: FIRST_PROOF_MS + SPREAD_MS },
      );
      for (const { expiresAt, provenAt } of proven) expect(provenAt - expiresAt).toBeLessThan(FIRST_PROOF_MS);
    },
    3 * MINUTES,
  );

  it.each<[string, Layers]>([
    ['the revoker', { worker: 'queue,sweep', revoker: false }],
    ['the sweep', { worker: 'queue', revoker: true }],
    ['the queue', { worker: 'sweep', revoker: true }],
    ['worker and API: by the revoker alone', { worker: null, revoker: true }],
  ])(
    'are on time without %s',
    async (_missing, layers) => {
      const ends = await play(layers);

      expect(await judge(ends)).toEqual([]);
      if (process.env.CURFEW_MEASURE)
        process.stderr.write(`without ${_missing}: ${JSON.stringify(lateness(ends))}\n`);
    },
    4 * MINUTES,
  );

  it(
    'do not come when none of them lives, and the same check says so of every one',
    async () => {
      const ends = await play({ worker: null, revoker: false });

      const violations = await judge(ends);

      expect(violations).toHaveLength(COUNT);
      expect(violations.every((text) => text.includes('is enabled'))).toBe(true);
    },
    5 * MINUTES,
  );

  /** The first read-back of each, by Graph's clock, once there is one. */
  const firstProofs = (ends: readonly OwedEnd[]) =>
    stack.database(async (client) => {
      const { rows } = await client.query<{ upn: string; at: string }>(
        `SELECT a.upn, g.proofs->0->>'graphAt' AS at FROM access_grant g JOIN managed_account a ON a.id = g.account_id
          WHERE jsonb_array_length(g.proofs) > 0 ORDER BY g.created_at`,
      );
      const proofs = new Map(rows.map(({ upn, at }) => [upn, Number(at)]));
      return ends.flatMap(({ upn, expiresAt }) => {
        const provenAt = proofs.get(upn);
        return provenAt === undefined ? [] : [{ expiresAt, provenAt }];
      });
    });
});
