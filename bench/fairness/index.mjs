// M4: how late the ends of quiet customers are while others are throttled, against the same without.
import { setTimeout as delay } from 'node:timers/promises';
import { latenessFigures, latenessOf, untilDisabled } from '../fleet/disables.mjs';
import { untilQuiet } from '../fleet/quiet.mjs';
import { onStage } from '../fleet/stage.mjs';
import { playNaive } from '../naive/play.mjs';
import { beginReport } from '../lib/verdict.mjs';

const SIZES = { full: { customers: 500, each: 4 }, small: { customers: 60, each: 4 } };
const LEAD_MS = 35_000;
/** The ends come one after the other, all customers in turns. */
const SPREAD_MS = 30_000;
/** Whoever is throttled is waited for after the storm. */
const LONGEST_MS = 90_000;
const WARM_UP = 1;
const STORMS = [
  { name: 'none', share: 0 },
  { name: 'one', share: 1 / 500, goal: 1.05 },
  { name: 'many', share: 50 / 500, goal: 1.2 },
];

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 1 : 5, profile }) => {
  const report = beginReport('fairness', { seed, repeats, warmUp: WARM_UP });
  const size = small ? SIZES.small : SIZES.full;
  const order = { name: 'fairness', seed, size, log: report.log, environment: profile, redis: 'apart' };
  const { samples, naive } = await onStage(order, async (stage) => ({
    samples: await playRounds(stage, { repeats, report, size }),
    naive: await playNaiveStorms(stage, { report, size }),
  }));
  return report.close(verdictsOf(samples, { ...size, naive }), samples);
};

const playRounds = async (stage, { repeats, report, size }) => {
  const samples = [];
  // Those who are never in a storm are compared with themselves.
  const stormy = stormyOf(size);
  for (let round = 0; round < repeats + WARM_UP; round += 1) {
    // This one first, then that one: whatever else befalls the machine meets all alike.
    for (const storm of round % 2 === 0 ? STORMS : [...STORMS].reverse()) {
      const played = await play(stage, { storm, size, stormy });
      report.log(`round ${round + 1}, ${storm.name}: quiet customers' p99 ${played.p99} ms`);
      if (round >= WARM_UP) samples.push({ round, storm: storm.name, ...played });
    }
  }
  return samples;
};

/** So many of the customers are in the greatest storm. */
const stormyOf = ({ customers }) => Math.max(1, Math.round((50 / 500) * customers));

/** Ends one after the other, from an instant on. */
const endsFrom = (from, size) => (place, at) =>
  Math.round(from + (SPREAD_MS * (at * size.customers + place)) / (size.customers * size.each));

const throwStorm = async ({ simulator, fleet }, { storm, size, from }) => {
  const thrown = storm.share === 0 ? 0 : Math.max(1, Math.round(storm.share * size.customers));
  await delay(from - 1_000 - Date.now());
  for (const { tenantId } of fleet.customers.slice(0, thrown))
    await simulator.addFault({ named: 'endless-429', tenantId, forMs: SPREAD_MS + 2_000 });
};

const play = async (stage, { storm, size, stormy }) => {
  const { simulator, fleet } = stage;
  const from = Date.now() + LEAD_MS;
  const ends = await fleet.run(endsFrom(from, size));
  await simulator.news();
  await throwStorm(stage, { storm, size, from });
  const quiet = new Map([...ends].filter(([, { customerAt }]) => customerAt >= stormy));
  const disabledAt = await untilDisabled(simulator, quiet, { longestMs: LONGEST_MS });
  await simulator.clearFaults();
  await untilQuiet(fleet);
  return latenessFigures(latenessOf(quiet, disabledAt));
};

/** Each storm once. */
const playNaiveStorms = async (stage, { report, size }) => {
  const played = {};
  for (const storm of STORMS) {
    const from = Date.now() + LEAD_MS;
    const { late } = await playNaive(stage, {
      endOf: endsFrom(from, size),
      longestMs: LONGEST_MS,
      meanwhile: () => throwStorm(stage, { storm, size, from }),
      isMeant: ({ customerAt }) => customerAt >= stormyOf(size),
    });
    await stage.simulator.clearFaults();
    played[storm.name] = latenessFigures(late).p99;
    report.log(`naive design, ${storm.name}: quiet customers' p99 ${played[storm.name]} ms`);
  }
  return played;
};

const verdictsOf = (samples, { customers, naive }) => {
  const of = (name) => samples.filter(({ storm }) => storm === name);
  const calm = of('none');
  const verdicts = STORMS.filter(({ share }) => share > 0).map(({ name, share, goal }) => ({
    metric: 'M4',
    what: `quiet customers' p99, ${Math.max(1, Math.round(share * customers))} of ${customers} throttled ÷ none`,
    limit: '1.00',
    goal,
    samples: of(name).map(({ p99 }, place) => p99 / calm[place].p99),
    digits: 2,
    naive: naive[name] / naive.none,
  }));
  const p99 = { metric: 'M4', what: 'p99 without a storm, ms', limit: '', goal: null, digits: 0 };
  return [...verdicts, { ...p99, samples: calm.map((sample) => sample.p99), naive: naive.none }];
};
