// `npm run bench` plays every bench and prints one table; `npm run bench -- herd` plays one, `npm run bench -- list` tells them.
// Exits with 0 when every goal is reached.
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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
  api: {
    what: 'M5: lists of grants a second, against a bare Nest (about 3 minutes)',
    load: () => import('../bench/api/index.mjs'),
  },
  sweep: {
    what: 'M6: an idle tick over a million stored rows (about 5 minutes)',
    load: () => import('../bench/sweep/index.mjs'),
  },
  memory: {
    what: 'M7: what a hundred thousand running grants hold in memory (about 20 minutes)',
    load: () => import('../bench/memory/index.mjs'),
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
    'npm run bench                  all of them, and one table at the end (about an hour and a half)',
    'npm run bench -- --small       all of them, small: to see that they run, not for figures',
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

const playOne = async (bench, values) => {
  const options = {
    seed: numberOf('seed', values.seed, 1),
    ...(values.repeats && { repeats: numberOf('repeats', values.repeats, 1) }),
    small: values.small,
    ...(values.profile && { profile: profiling(values.profile) }),
  };
  const { measure } = await bench.load();
  const outcome = await measure(options);
  // To whoever plays all of them.
  process.send?.(outcome);
  return outcome.reached;
};

/** Each in a process of its own, as if it were played by its name: none inherits what another left behind. */
const playAll = async (args) => {
  const { HEADING } = await import('../bench/lib/verdict.mjs');
  const { machine, table } = await import('../bench/lib/report.mjs');
  const rows = [];
  let reached = true;
  for (const name of Object.keys(benches)) {
    console.log(`\n── ${name} ──`);
    const outcome = await playApart([name, ...args]);
    reached &&= outcome.reached;
    rows.push(...(outcome.rows.length > 0 ? outcome.rows : [notPlayed(name, HEADING)]));
  }
  const text = `npm run bench${['', ...(args.length > 0 ? ['--'] : []), ...args].join(' ')}; ${machine()}\n\n${table([HEADING, ...rows])}\n`;
  const directory = resolve(import.meta.dirname, '../bench/results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(resolve(directory, 'all.md'), text);
  console.log(`\n${text}\nthe same: bench/results/all.md${reached ? '' : '\n\nNot every goal is reached.'}`);
  return reached;
};

const playApart = (args) =>
  new Promise((done) => {
    let outcome = { rows: [], reached: false };
    const child = fork(import.meta.filename, args);
    child.on('message', (told) => (outcome = told));
    child.once('exit', (code) => done({ ...outcome, reached: outcome.reached && code === 0 }));
  });

const notPlayed = (name, heading) =>
  heading.map(
    (column) => ({ what: `the bench ${name}`, ours: 'not played to its end', reached: 'NO' })[column] ?? '',
  );

const main = async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      repeats: { type: 'string' },
      small: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [name = 'all'] = positionals;
  if (values.help || name === 'list') return console.log(usage());
  const isOne = Object.hasOwn(benches, name);
  if (positionals.length > 1 || !(isOne || name === 'all')) throw new Error(usage());
  if (!isOne && values.profile) throw new Error('--profile is for one bench.');
  await ensureInstalled();
  await ensureBuilt();
  const reached = isOne
    ? await playOne(benches[name], values)
    : await playAll(process.argv.slice(2).filter((arg) => arg !== 'all'));
  process.exitCode = reached ? 0 : 1;
};

await main().catch(failPlainly);
