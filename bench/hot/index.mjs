// M3b: a thousand ends at one customer, against a client that sends the same batches over as many connections.
import { setTimeout as delay } from 'node:timers/promises';
import { bareClient } from '../fleet/bare-client.mjs';
import { latenessFigures, latenessOf, untilDisabled } from '../fleet/disables.mjs';
import { untilQuiet } from '../fleet/quiet.mjs';
import { onStage } from '../fleet/stage.mjs';
import { median } from '../lib/statistics.mjs';
import { playNaive } from '../naive/play.mjs';
import { beginReport } from '../lib/verdict.mjs';

const SIZES = { full: { customers: 1, each: 1_000 }, small: { customers: 1, each: 300 } };
const LEAD_MS = 35_000;
const LONGEST_MS = 180_000;
/** No more calls of one customer are in flight at once: Graph's own bucket is what is left to wait for. */
const CONNECTIONS = 4;
/** Until the bucket of the simulator is full again: it is refilled in 150 s. */
const REFILL_MS = 150_000;
const WARM_UP = 0;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 1 : 2, profile }) => {
  const report = beginReport('hot', { seed, repeats, warmUp: WARM_UP });
  const size = small ? SIZES.small : SIZES.full;
  const order = { name: 'hot', seed, size, log: report.log, environment: profile, redis: 'apart' };
  const { samples, naive } = await onStage(order, async (stage) => ({
    samples: await playRounds(stage, { repeats, report }),
    naive: await playNaiveHot(stage, report),
  }));
  return report.close(verdictsOf(samples, { ...size, naive }), samples);
};

const playRounds = async (stage, { repeats, report }) => {
  const samples = [];
  const bare = bareClient(stack(stage));
  try {
    const customers = await bare.signIn(stage.fleet.customers);
    for (let round = 0; round < repeats; round += 1) {
      if (round > 0) await delay(REFILL_MS);
      const limit = await playBare(stage, { bare, customers });
      const ours = await playOurs(stage);
      report.log(`round ${round + 1}: bare client p99 ${limit.p99} ms, ours ${ours.p99} ms`);
      samples.push({ round, bareMs: limit.p99, ...ours });
    }
  } finally {
    await bare.close();
  }
  return samples;
};

const stack = (stage) => stage.stack.simulator;

const playBare = async ({ simulator, fleet }, { bare, customers }) => {
  await fleet.refill();
  await simulator.news();
  const startedAt = await bare.disableAll(customers, { connections: CONNECTIONS });
  const disables = (await simulator.changes()).filter(({ what }) => what === 'user.disabled');
  return latenessFigures(disables.map(({ at }) => Date.parse(at) - startedAt));
};

const playOurs = async ({ simulator, fleet }) => {
  const endsAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  // The tenant is made anew, and its buckets with it.
  const ends = await fleet.run(() => endsAt);
  await simulator.news();
  await delay(endsAt - Date.now());
  const disabledAt = await untilDisabled(simulator, ends, { longestMs: LONGEST_MS });
  await untilQuiet(fleet);
  return latenessFigures(latenessOf(ends, disabledAt));
};

const playNaiveHot = async (stage, report) => {
  const endsAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const { late } = await playNaive(stage, { endOf: () => endsAt, longestMs: LONGEST_MS });
  const figures = latenessFigures(late);
  report.log(`naive design: p99 ${figures.p99} ms`);
  return figures;
};

const verdictsOf = (samples, { each, naive }) => {
  const of = (name) => samples.map((sample) => sample[name]);
  return [
    {
      ...{ metric: 'M3b', what: `${each} ends at one customer: p99 ÷ bare client with 4 connections` },
      ...{
        limit: '1.00',
        goal: null,
        aim: 1.2,
        digits: 2,
        samples: samples.map(({ p99, bareMs }) => p99 / bareMs),
      },
      naive: naive.p99 / median(of('bareMs')),
    },
    {
      metric: 'M3b',
      what: 'lateness p99, ms',
      limit: '',
      goal: null,
      samples: of('p99'),
      digits: 0,
      naive: naive.p99,
    },
    {
      metric: 'M3b',
      what: 'latest, ms',
      limit: '',
      goal: null,
      samples: of('max'),
      digits: 0,
      naive: naive.max,
    },
  ];
};
