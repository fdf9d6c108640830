// `npm run bench`: what can be measured. `npm run bench -- grant` measures it; exits with 0 when every goal is reached.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly } from './lib/run.mjs';

/** Loaded only when asked for: they need the installed modules and the build. */
const benches = {
  grant: {
    what: 'calls to Graph and time for one grant, and an idle look over many stored accounts (about 4 minutes)',
    load: () => import('../bench/grant/index.mjs'),
  },
  herd: {
    what: 'M3: ten thousand ends due in the same second (about 8 minutes)',
    load: () => import('../bench/herd/index.mjs'),
  },
  hot: {
    what: 'M3b: a thousand ends at one customer (about 5 minutes)',
    load: () => import('../bench/hot/index.mjs'),
  },
  fairness: {
    what: 'M4: quiet customers while others are throttled (about 25 minutes)',
    load: () => import('../bench/fairness/index.mjs'),
  },
  sweep: {
    what: 'M6: an idle tick over a million stored rows (about 5 minutes)',
    load: () => import('../bench/sweep/index.mjs'),
  },
  'redis-loss': {
    what: "M8: the queue's Redis emptied and away for a minute, against one delayed job for each grant (about 15 minutes)",
    load: () => import('../bench/redis-loss/index.mjs'),
  },
  'catch-up': {
    what: 'M9: six hours dead, ten thousand overdue (about 8 minutes)',
    load: () => import('../bench/catch-up/index.mjs'),
  },
  simulator: {
    what: "the Entra simulator's start, and the parts of batches that it answers per second (about 3 minutes)",
    load: () => import('../bench/simulator/index.mjs'),
  },
};

const usage = () =>
  [
    'npm run bench -- <name> [--seed <number>] [--repeats <number>] [--small] [--profile <folder>]\n',
    ...Object.entries(benches).map(([name, { what }]) => `  ${name.padEnd(11)} ${what}`),
    '\nWhat is measured, how, and what came of it: docs/performance.md',
  ].join('\n');

const numberOf = (name, text, least) => {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} takes a whole number, ${least} or more.`);
};

/** The environment of processes that tell, at their end, where their time went. */
const profiling = (folder) => {
  mkdirSync(folder, { recursive: true });
  const hook = pathToFileURL(resolve(import.meta.dirname, '../bench/lib/profiled.mjs')).href;
  return { NODE_OPTIONS: `--import ${hook}`, CURFEW_BENCH_PROFILES: resolve(folder) };
};

const main = async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      repeats: { type: 'string' },
      small: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const [name] = positionals;
  if (name === undefined) return console.log(usage());
  const bench = Object.hasOwn(benches, name) ? benches[name] : null;
  if (bench === null || positionals.length > 1) throw new Error(usage());
  const options = {
    seed: numberOf('seed', values.seed, 1),
    ...(values.repeats && { repeats: numberOf('repeats', values.repeats, 1) }),
    small: values.small,
    ...(values.profile && { profile: profiling(values.profile) }),
  };
  await ensureInstalled();
  await ensureBuilt();
  const { measure } = await bench.load();
  process.exitCode = (await measure(options)) ? 0 : 1;
};

await main().catch(failPlainly);
