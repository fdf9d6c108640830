// M3: everything ends in the same second. How long until all is disabled, against a client that does nothing else?
import { setTimeout as delay } from 'node:timers/promises';
import { bareClient } from '../fleet/bare-client.mjs';
import { processorTime, timeBetween } from '../fleet/cpu.mjs';
import { latenessFigures, latenessOf, untilDisabled } from '../fleet/disables.mjs';
import { onStage } from '../fleet/stage.mjs';
import { untilQuiet } from '../fleet/quiet.mjs';
import { countStatements } from '../fleet/statements.mjs';
import { playNaive } from '../naive/play.mjs';
import { beginReport } from '../lib/verdict.mjs';
import { median } from '../lib/statistics.mjs';

const SIZES = { full: { customers: 500, each: 20 }, small: { customers: 60, each: 20 } };
/** Long enough for every bell to be armed. */
const LEAD_MS = 35_000;
const LONGEST_MS = 120_000;
const WARM_UP = 1;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 2 : 5, profile }) => {
  const report = beginReport('herd', { seed, repeats, warmUp: WARM_UP });
  const size = small ? SIZES.small : SIZES.full;
  const order = { name: 'herd', seed, size, log: report.log, environment: profile, redis: 'apart' };
  const watch = profile !== undefined;
  const { samples, naive } = await onStage(order, async (stage) => ({
    samples: await playRounds(stage, { repeats, report, watch }),
    naive: await playNaiveHerd(stage, report),
  }));
  return report.close(verdictsOf(samples, { ...size, naive }), samples);
};

const playRounds = async (stage, { repeats, report, watch }) => {
  const { simulator, fleet, stack } = stage;
  const bare = bareClient(stack.simulator);
  const customers = await bare.signIn(fleet.customers);
  const samples = [];
  try {
    for (let round = 0; round < repeats + WARM_UP; round += 1) {
      const limit = await playBare({ simulator, fleet, bare, customers });
      const ours = await playOurs(stage, watch ? report.log : null);
      report.log(
        `round ${round + 1}: bare client ${limit.makespanMs} ms, ours ${ours.makespanMs} ms, late ${ours.p50} / ${ours.p99} / ${ours.max} ms, ${ours.throttled} throttled; processor ms: worker ${ours.workerCpu}, revoker ${ours.revokerCpu}, PostgreSQL ${ours.postgresCpu}, simulator ${ours.simulatorCpu}`,
      );
      if (round >= WARM_UP) samples.push({ round, bareMs: limit.makespanMs, ...ours });
    }
  } finally {
    await bare.close();
  }
  return samples;
};

const playBare = async ({ simulator, fleet, bare, customers }) => {
  await fleet.refill();
  await simulator.news();
  const startedAt = await bare.disableAll(customers);
  const disables = (await simulator.changes()).filter(({ what }) => what === 'user.disabled');
  const latest = Math.max(...disables.map(({ at }) => Date.parse(at)));
  return { makespanMs: latest - startedAt, startedAt };
};

const playOurs = async ({ simulator, fleet, stack }, tell) => {
  // On a whole second, as people's ends are.
  const endsAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const ends = await fleet.run(() => endsAt);
  if (Date.now() > endsAt - 5_000) throw new Error('Planting took longer than the lead.');
  await simulator.news();
  await delay(endsAt - Date.now());
  const before = processorTime(stack);
  const seen = tell === null ? null : await countStatements(stack.adminUrl);
  const disabledAt = await untilDisabled(simulator, ends, { longestMs: LONGEST_MS });
  const cpu = timeBetween(before, processorTime(stack));
  for (const line of (await seen?.()) ?? []) tell(line);
  const late = latenessOf(ends, disabledAt);
  const figures = latenessFigures(late);
  await untilQuiet(fleet);
  const { requests } = await simulator.news();
  return {
    makespanMs: figures.max,
    ...figures,
    throttled: throttledIn(requests),
    calls: requests.length,
    ...cpu,
  };
};

/** Once: it is slow and steady. */
const playNaiveHerd = async (stage, report) => {
  const endsAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const { late } = await playNaive(stage, { endOf: () => endsAt, longestMs: LONGEST_MS });
  const figures = latenessFigures(late);
  report.log(`naive design: late ${figures.p50} / ${figures.p99} / ${figures.max} ms`);
  return figures;
};

const throttledIn = (requests) =>
  requests
    .flatMap(({ status, parts = [] }) => [status, ...parts.map((part) => part.status)])
    .filter((status) => status === 429).length;

const verdictsOf = (samples, { customers, each, naive }) => {
  const of = (name) => samples.map((sample) => sample[name]);
  const ratios = samples.map(({ makespanMs, bareMs }) => makespanMs / bareMs);
  const count = `${(customers * each).toLocaleString('en')} ends at ${customers} customers`;
  return [
    {
      ...{ metric: 'M3', what: `${count}: all disabled ÷ bare client`, limit: '1.00', goal: 1.5 },
      ...{ samples: ratios, digits: 2, naive: naive.max / median(of('bareMs')) },
    },
    {
      metric: 'M3',
      what: 'lateness p50, ms',
      limit: '',
      goal: null,
      samples: of('p50'),
      digits: 0,
      naive: naive.p50,
    },
    {
      metric: 'M3',
      what: 'lateness p99, ms',
      limit: '',
      goal: 5_000,
      samples: of('p99'),
      digits: 0,
      naive: naive.p99,
    },
    {
      metric: 'M3',
      what: 'latest, ms',
      limit: '',
      goal: null,
      samples: of('max'),
      digits: 0,
      naive: naive.max,
    },
    { metric: 'M3', what: 'answers 429', limit: '0', goal: 0, samples: of('throttled'), digits: 0 },
    {
      metric: 'M3',
      what: 'bare client, ms',
      limit: '',
      goal: null,
      samples: [median(of('bareMs'))],
      digits: 0,
    },
  ];
};
