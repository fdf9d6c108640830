// M9: everything was dead for six hours. How long until what fell due meanwhile is disabled, and what the API is like then.
import { setTimeout as delay } from 'node:timers/promises';
import { bareClient } from '../fleet/bare-client.mjs';
import { untilDisabled } from '../fleet/disables.mjs';
import { untilQuiet } from '../fleet/quiet.mjs';
import { onStage } from '../fleet/stage.mjs';
import { median, quantile } from '../lib/statistics.mjs';
import { playNaive } from '../naive/play.mjs';
import { beginReport } from '../lib/verdict.mjs';

const SIZES = { full: { customers: 500, each: 20 }, small: { customers: 60, each: 20 } };
const DEAD_MS = 6 * 3_600_000;
const LONGEST_MS = DEAD_MS + 180_000;
const IDLE_MS = 5_000;
const ASK_EVERY_MS = 50;
const WARM_UP = 1;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 1 : 3, profile }) => {
  const report = beginReport('catch-up', { seed, repeats, warmUp: WARM_UP });
  const size = small ? SIZES.small : SIZES.full;
  const order = { name: 'catch-up', seed, size, log: report.log, environment: profile, redis: 'apart' };
  const { samples, naive } = await onStage(order, async (stage) => ({
    samples: await playRounds(stage, { repeats, report }),
    naive: await playNaiveDrain(stage, report),
  }));
  return report.close(verdictsOf(samples, naive), samples);
};

const playRounds = async (stage, { repeats, report }) => {
  const samples = [];
  for (let round = 0; round < repeats + WARM_UP; round += 1) {
    const bareMs = await playBare(stage);
    const ours = await playOurs(stage);
    report.log(
      `round ${round + 1}: bare client ${bareMs} ms; ours ${ours.drainMs} ms from the start, first after ${ours.firstMs} ms, API p99 ${ours.apiMs.toFixed(0)} ms (idle ${ours.idleMs.toFixed(0)})`,
    );
    if (round >= WARM_UP) samples.push({ round, bareMs, ...ours });
  }
  return samples;
};

/** A client that is started too, and has no token yet. */
const playBare = async ({ simulator, fleet, stack }) => {
  await fleet.refill();
  await simulator.news();
  const bare = bareClient(stack.simulator);
  try {
    const startedAt = Date.now();
    await bare.disableAll(await bare.signIn(fleet.customers));
    const disables = (await simulator.changes()).filter(({ what }) => what === 'user.disabled');
    return Math.max(...disables.map(({ at }) => Date.parse(at))) - startedAt;
  } finally {
    await bare.close();
  }
};

const playOurs = async ({ simulator, fleet, stack }) => {
  const { worker, revoker } = stack.children;
  for (const child of [worker, revoker]) await child.kill('SIGKILL');
  const idleMs = await askApi(fleet, delay(IDLE_MS));
  const ends = await fleet.run(() => Date.now() - DEAD_MS);
  await simulator.news();
  const startedAt = Date.now();
  const started = Promise.all([worker.start(), revoker.start()]);
  const draining = untilDisabled(simulator, ends, { longestMs: LONGEST_MS });
  const apiMs = await askApi(fleet, draining);
  const instants = [...(await draining).values()];
  await started;
  await untilQuiet(fleet);
  const left = ends.size - instants.length;
  return {
    drainMs: left > 0 ? Infinity : Math.max(...instants) - startedAt,
    firstMs: Math.min(...instants) - startedAt,
    ...{ apiMs, idleMs },
  };
};

/** Its jobs were due while it was dead, and its Redis kept them. */
const playNaiveDrain = async (stage, report) => {
  const longestMs = LONGEST_MS;
  const { drainMs } = await playNaive(stage, { endOf: () => Date.now() - DEAD_MS, longestMs });
  report.log(`naive design: ${drainMs} ms from its start`);
  return drainMs;
};

/** The 99th percentile of a list of grants, asked for again and again until that is over. */
const askApi = async (fleet, until) => {
  const took = [];
  let isOver = false;
  const over = until.finally(() => (isOver = true));
  while (!isOver) {
    const began = performance.now();
    await fleet.api.owner.get('/grants?limit=20');
    took.push(performance.now() - began);
    await delay(ASK_EVERY_MS);
  }
  await over;
  return quantile(took, 0.99);
};

const verdictsOf = (samples, naiveMs) => {
  const of = (name) => samples.map((sample) => sample[name]);
  const ratio = (ours, theirs) => samples.map((sample) => sample[ours] / sample[theirs]);
  const figure = { metric: 'M9', limit: '1.00', digits: 2 };
  return [
    {
      ...figure,
      what: 'from the start of the processes until all is disabled ÷ bare client with its sign-ins',
      goal: 1.5,
      samples: ratio('drainMs', 'bareMs'),
      naive: naiveMs / median(of('bareMs')),
    },
    { ...figure, what: 'API p99 meanwhile ÷ idle', goal: null, aim: 2, samples: ratio('apiMs', 'idleMs') },
    {
      ...{ metric: 'M9', limit: '', digits: 0, goal: null, aim: 2_000 },
      what: 'from the start of the processes to the first disable, ms',
      samples: of('firstMs'),
    },
  ];
};
