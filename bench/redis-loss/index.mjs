// M8: the queue's Redis is emptied and stays away for a minute, while grants end all the time.
import { setTimeout as delay } from 'node:timers/promises';
import { latenessFigures, latenessOf, untilDisabled } from '../fleet/disables.mjs';
import { onRedis } from '../fleet/on-redis.mjs';
import { untilQuiet } from '../fleet/quiet.mjs';
import { onStage } from '../fleet/stage.mjs';
import { beginReport } from '../lib/verdict.mjs';
import { playNaive } from '../naive/play.mjs';

const SIZES = {
  full: { customers: 50, each: 20, spreadMs: 90_000, outageMs: 60_000 },
  small: { customers: 20, each: 10, spreadMs: 30_000, outageMs: 15_000 },
};
const LEAD_MS = 20_000;
/** After the last end: then what is still enabled has been forgotten. */
const LONGEST_MS = 60_000;
const LONGEST_RETURN_MS = 60_000;
const WARM_UP = 1;
/**
 * Maxima below this say nothing: with the bells gone an end waits for the sweep, up to a second, and on a busy machine for its
 * turn besides.
 */
const NOISE_MS = 1_500;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 1 : 2, profile }) => {
  const report = beginReport('redis-loss', { seed, repeats, warmUp: WARM_UP });
  const size = small ? SIZES.small : SIZES.full;
  const order = { name: 'redis-loss', seed, size, log: report.log, environment: profile, redis: 'queue' };
  const samples = await onStage(order, async (stage) => {
    const ours = await playRounds(stage, { repeats, report, size });
    const naive = await loseNaive(stage, { report, size });
    return [...ours, naive];
  });
  return report.close(verdictsOf(samples), samples);
};

const playRounds = async (stage, { repeats, report, size }) => {
  const samples = [];
  for (let round = 0; round < repeats + WARM_UP; round += 1) {
    const calm = await play(stage, size, () => Promise.resolve({}));
    const lost = await play(stage, size, (from) => lose(stage, size, from));
    report.log(
      `round ${round + 1}: latest ${calm.max} ms, with Redis lost ${lost.max} ms; bells again ${lost.bellsMs} ms after its return`,
    );
    if (round >= WARM_UP) samples.push({ round, by: 'curfew', calmMs: calm.max, ...lost });
  }
  return samples;
};

const play = async ({ simulator, fleet }, size, meanwhile) => {
  const from = Date.now() + LEAD_MS;
  const count = size.customers * size.each;
  const ends = await fleet.run((place, at) =>
    Math.round(from + (size.spreadMs * (at * size.customers + place)) / count),
  );
  await simulator.news();
  const [disabledAt, found] = await Promise.all([
    untilDisabled(simulator, ends, { longestMs: LONGEST_MS }),
    meanwhile(from),
  ]);
  await untilQuiet(fleet);
  const late = latenessOf(ends, disabledAt);
  return { ...latenessFigures(late), never: late.filter((ms) => ms === Infinity).length, ...found };
};

/** Emptied, and gone at once; answers how long after its return a bell hangs in it again. */
const lose = async ({ redis }, { spreadMs, outageMs }, from) => {
  await delay(from + Math.round(spreadMs / 6) - Date.now());
  await onRedis(redis, (client) => client.flushall());
  await redis.stop();
  await delay(outageMs);
  await redis.start();
  const back = Date.now();
  const bellsMs = await onRedis(redis, async (client) => {
    while (Date.now() - back < LONGEST_RETURN_MS) {
      if ((await client.keys('bull:convergence:*-second-*')).length > 0) return Date.now() - back;
      await delay(100);
    }
    return Infinity;
  });
  return { bellsMs };
};

/** The same ends and the same loss. */
const loseNaive = async (stage, { report, size }) => {
  const from = Date.now() + LEAD_MS;
  const count = size.customers * size.each;
  const endOf = (place, at) => Math.round(from + (size.spreadMs * (at * size.customers + place)) / count);
  const meanwhile = () => lose(stage, size, from);
  const { never } = await playNaive(stage, { endOf, longestMs: LONGEST_MS, meanwhile });
  report.log(`naive design: ${never} of ${count} never disabled`);
  return { round: 0, by: 'naive', never, count };
};

const verdictsOf = (samples) => {
  const ours = samples.filter(({ by }) => by === 'curfew');
  const naive = samples.find(({ by }) => by === 'naive');
  const forgotten = `never: ${naive.never} of ${naive.count} stay enabled`;
  const figure = { metric: 'M8', goal: null };
  return [
    {
      ...figure,
      ...{
        what: 'latest end with Redis lost ÷ without',
        limit: '1.00',
        goal: 1.2,
        digits: 2,
        naive: forgotten,
      },
      samples: ours.map(({ max, calmMs }) => max / Math.max(calmMs, NOISE_MS)),
    },
    {
      ...figure,
      what: 'ends that were never kept',
      limit: '0',
      goal: 0,
      digits: 0,
      samples: ours.map(({ never }) => never),
    },
    {
      ...figure,
      what: 'latest without the loss, ms',
      limit: '',
      digits: 0,
      samples: ours.map(({ calmMs }) => calmMs),
    },
    { ...figure, what: 'latest with it, ms', limit: '', digits: 0, samples: ours.map(({ max }) => max) },
    {
      ...figure,
      ...{ what: 'a bell hangs again after its return, ms', limit: '', aim: 10_000, digits: 0 },
      samples: ours.map(({ bellsMs }) => bellsMs),
    },
  ];
};
