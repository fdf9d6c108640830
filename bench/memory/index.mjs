// M7: what a hundred thousand running grants cost in memory while their ends are hours away, against one delayed job for each.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onRedis } from '../fleet/on-redis.mjs';
import { onStage } from '../fleet/stage.mjs';
import { askBySignal } from '../lib/ask-by-signal.mjs';
import { median } from '../lib/statistics.mjs';
import { beginReport } from '../lib/verdict.mjs';
import { withEndings } from '../lib/with-endings.mjs';
import { startNaive } from '../naive/start.mjs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { bytesPerGrant } from './tables.mjs';

const SIZES = {
  full: { customers: 500, each: 200, settleMs: 30_000 },
  small: { customers: 50, each: 40, settleMs: 10_000 },
};
const PROCESSES = ['api', 'worker', 'revoker'];
/** Far beyond what is armed ahead, and beyond the end of the bench. */
const AHEAD_MS = 6 * 3_600_000;
const SPREAD_MS = 3_600_000;
const READINGS = 3;
const READ_EVERY_MS = 1_000;
/** Before the memory is read the API has answered that many lists: what it compiles and keeps by then is the same in both states. */
const ASKED = 50;
const WARM_UP = 1;
/** As warm as it gets, and nothing is kept. */
const NAIVE_WARM_UP = 1_000;
const MB = 1_048_576;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = ({ seed, small, repeats = small ? 1 : 5 }) =>
  withEndings(async (atEnd) => {
    const report = beginReport('memory', { seed, repeats, warmUp: WARM_UP });
    const size = small ? SIZES.small : SIZES.full;
    const folder = scratchDirectory('bench-memory-readings');
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const { environment, ask } = askBySignal({ folder, file: resolve(import.meta.dirname, 'collected.mjs') });
    const order = { name: 'memory', seed, size, log: report.log, environment, redis: 'queue' };
    const { samples, bytes } = await onStage(order, async (stage) => ({
      // Before anything was changed: an update leaves the row of before until the next vacuum.
      bytes: await bytesPerGrant(stage.database),
      samples: await playRounds(stage, { repeats, report, size, ask }),
    }));
    return report.close(verdictsOf(samples, { bytes, size }), samples);
  });

const playRounds = async (stage, { repeats, report, size, ask }) => {
  const samples = [];
  for (let round = 0; round < repeats + WARM_UP; round += 1) {
    // This state first, then that one: whatever else befalls the machine meets both alike.
    const states = round % 2 === 0 ? ['parked', 'running'] : ['running', 'parked'];
    const held = {};
    for (const state of states) held[state] = await hold(stage, { state, size, ask });
    const naive = { none: await holdNaive(stage, 0), all: await holdNaive(stage, Infinity) };
    const sample = { round, ...growth(held.parked, held.running), ...naiveGrowth(naive.none, naive.all) };
    report.log(
      `round ${round + 1}: ours ${inMB(sample.node)} MB in Node and ${inMB(sample.redis)} MB in Redis, naive ${inMB(sample.naiveNode)} and ${inMB(sample.naiveRedis)}`,
    );
    if (round >= WARM_UP) samples.push(sample);
  }
  return samples;
};

/** The processes begin anew in that state, and are read when they have settled. */
const hold = async ({ fleet, stack, redis, database }, { state, size, ask }) => {
  const children = PROCESSES.map((name) => stack.children[name]);
  await killAll(children);
  const from = Date.now() + AHEAD_MS;
  const count = size.customers * size.each;
  if (state === 'parked') await fleet.park();
  else await fleet.run((place, at) => Math.round(from + (SPREAD_MS * (at * size.customers + place)) / count));
  await database.query('VACUUM (ANALYZE)');
  await onRedis(redis, (client) => client.flushall());
  for (const child of children) await child.start();
  for (let asked = 0; asked < ASKED; asked += 1) await fleet.api.owner.get('/grants?limit=100');
  await delay(size.settleMs);
  const read = await Promise.all(children.map(({ pid }) => inRest(() => heldBy(ask, pid))));
  const sum = (of) => read.reduce((total, each) => total + each[of], 0);
  return { rss: sum('rss'), inUse: sum('inUse'), redis: await usedBy(redis) };
};

const killAll = async (children) => {
  for (const child of children) await child.kill('SIGKILL');
};

const heldBy = async (ask, pid) => {
  const { rss, heapUsed, external } = await ask(pid);
  return { rss, inUse: heapUsed + external };
};

/** The middle one of some readings, each after everything that can be thrown away was. */
const inRest = async (read) => {
  const seen = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    if (reading > 0) await delay(READ_EVERY_MS);
    seen.push(await read());
  }
  return {
    rss: median(seen.map(({ rss }) => rss)),
    inUse: median(seen.map(({ inUse }) => inUse)),
  };
};

const delayedEnds = ({ fleet }) => {
  const from = Date.now() + AHEAD_MS;
  const accounts = fleet.customers.flatMap(({ tenantId, accounts: own }) =>
    own.map(({ objectId }) => ({ tenantId, objectId })),
  );
  return accounts.map((account, at) => ({
    ...account,
    expiresAt: Math.round(from + (SPREAD_MS * at) / accounts.length),
  }));
};

/** Nothing of ours runs meanwhile. Without ends it has kept some before, so that it has done all that it ever does. */
const holdNaive = async ({ stack, redis, fleet }, most) => {
  await killAll(PROCESSES.map((name) => stack.children[name]));
  const clear = () => onRedis(redis, (client) => client.flushall());
  await clear();
  const ends = delayedEnds({ fleet }).slice(0, Math.max(most, NAIVE_WARM_UP));
  const order = { redisUrl: redis.url, simulator: null, customers: fleet.customers, ends };
  const naive = await startNaive(order);
  try {
    if (most === 0) await clear();
    const { rss } = await inRest(async () => ({ rss: await naive.residentBytes(), inUse: 0 }));
    return { rss, redis: await usedBy(redis) };
  } finally {
    await naive.stop();
  }
};

const usedBy = (redis) =>
  onRedis(redis, async (client) => {
    const memory = await client.info('memory');
    return Number(/^used_memory:(\d+)/m.exec(memory)[1]);
  });

const growth = (before, after) => ({
  node: after.rss - before.rss,
  inUse: after.inUse - before.inUse,
  redis: after.redis - before.redis,
});

const naiveGrowth = (before, after) => ({
  naiveNode: after.rss - before.rss,
  naiveRedis: after.redis - before.redis,
});

/** Too few grants tell nothing: where even the naive design did not grow, nothing is reached. */
const ratioOf = ({ node, redis, naiveNode, naiveRedis }) =>
  naiveNode + naiveRedis > 0 ? (node + redis) / (naiveNode + naiveRedis) : Infinity;

const inMB = (bytes) => (bytes / MB).toFixed(1);

const verdictsOf = (samples, { bytes, size }) => {
  const count = (size.customers * size.each).toLocaleString('en');
  const megabytes = (of) => samples.map((sample) => sample[of] / MB);
  const naive = (of) => median(megabytes(of)).toFixed(1);
  const figure = { metric: 'M7', limit: '0', goal: null, digits: 1 };
  const ratios = samples.map(ratioOf);
  return [
    {
      ...{ ...figure, what: `memory that ${count} running grants take ÷ one delayed job for each` },
      ...{ limit: '0.00', goal: 0.05, digits: 3, samples: ratios, naive: '1' },
    },
    {
      ...{ ...figure, what: 'API, worker and revoker grow by, MB', aim: 30 },
      ...{ samples: megabytes('node'), naive: naive('naiveNode') },
    },
    { ...figure, what: 'of that in use by JavaScript, MB', samples: megabytes('inUse') },
    {
      ...{ ...figure, what: 'Redis grows by, MB', aim: 5 },
      ...{ samples: megabytes('redis'), naive: naive('naiveRedis') },
    },
    {
      ...{
        ...figure,
        what: 'PostgreSQL: bytes a grant, its indexes included',
        limit: '',
        aim: 400,
        digits: 0,
      },
      samples: [bytes.grant],
    },
    {
      ...{ ...figure, what: 'PostgreSQL: bytes with its request and its account', limit: '', digits: 0 },
      samples: [bytes.all],
    },
  ];
};
