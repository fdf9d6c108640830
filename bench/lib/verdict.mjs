// One bench's report: what it says while it runs, and the table at its end.
import { loadavg } from 'node:os';
import { machine, table, writeSamples } from './report.mjs';
import { median, spread } from './statistics.mjs';

/** What every bench's rows have, so that they fit into one table. */
export const HEADING = ['metric', 'what', 'limit', 'goal', 'ours', 'naive', 'reached'];

/** @param {{ seed: number, repeats: number, warmUp: number }} order */
export const beginReport = (name, { seed, repeats, warmUp }) => {
  const began = Date.now();
  const before = loadavg()[0];
  const log = (line) => console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  console.log(
    `bench ${name}, seed ${seed}, ${repeats} repeats after ${warmUp} for warm-up; ${machine()}, load ${before.toFixed(1)} before`,
  );
  /** Prints the table and writes the samples; answers the rows, and whether every goal was reached. */
  const close = (verdicts, samples) => {
    const file = writeSamples(name, samples);
    const judged = verdicts.map(judge);
    const rows = judged.map(({ cells }) => cells);
    console.log(`\n${table([HEADING, ...rows])}\n`);
    const loads = [before, ...loadavg().slice(0, 2)].map((load) => load.toFixed(1));
    console.log(`load of the machine before, in the last minute and in the last five: ${loads.join(', ')}`);
    console.log(`every sample: ${file}`);
    const reached = judged.every(({ isReached }) => isReached);
    if (!reached) console.log('\nNot every goal is reached.');
    return { rows, reached };
  };
  return { log, close };
};

/**
 * `goal` is the most that the median may be, or the least where `least` says so; null: told, not judged. `aim` is where it should
 * get to, and fails nothing. `naive` is a number like ours, or words.
 */
const judge = ({ metric, what, limit, goal, aim = null, least = false, samples, digits, naive = '' }) => {
  const number = (value) => (Number.isFinite(value) ? value.toFixed(digits) : 'never');
  const { p50, p5, p95 } = spread(samples);
  const isReached = goal === null || (least ? median(samples) >= goal : median(samples) <= goal);
  const ours = samples.length === 1 ? number(p50) : `${number(p50)} (${number(p5)} to ${number(p95)})`;
  const reached = goal === null ? '' : isReached ? 'yes' : `NO, by ${number(Math.abs(p50 - goal))}`;
  const beside = typeof naive === 'number' ? number(naive) : naive;
  const sign = least ? '≥' : '≤';
  const wanted = goal === null ? (aim === null ? '' : `(${sign} ${aim})`) : `${sign} ${goal}`;
  return { isReached, cells: [metric, what, limit, wanted, ours, beside, reached] };
};
