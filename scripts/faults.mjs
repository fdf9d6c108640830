// `npm run faults [-- numbers] [--queue postgres|redis] [--side-by-side N]`: plays the fault scenarios of docs/faults.md with
// real processes and servers, and prints what each showed. Exits with 1 when a promise was broken.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './lib/built.mjs';
import { tableOf } from './lib/faults-table.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findOrUnpackRedis } from './lib/redis.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';

const directory = resolve(import.meta.dirname, '../test/faults');
/** What docs/faults.md lists. */
const SCENARIOS = 44;
/** Scenarios whose parts are not built yet, each with what it waits for. */
const waiting = {};
const SUFFIX = '.fault-spec.ts';

const main = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { queue: { type: 'string' }, 'side-by-side': { type: 'string', default: '3' } },
  });
  const files = readdirSync(directory).filter((name) => name.endsWith(SUFFIX));
  const chosen = choose(files, positionals);
  await ensureInstalled();
  await ensureBuilt();
  if (values.queue !== 'postgres' && !(await findOrUnpackRedis())) {
    throw new Error('No Redis to be had: put redis-server on the PATH, or play with --queue postgres.');
  }
  const scratch = scratchDirectory('faults');
  const reports = join(scratch, 'reports');
  mkdirSync(reports);
  try {
    const { code } = await run(
      process.execPath,
      [
        tool('jest'),
        '--selectProjects',
        'all-faults',
        `--maxWorkers=${values['side-by-side']}`,
        '--runTestsByPath',
        ...chosen.map((name) => join(directory, name)),
      ],
      {
        env: {
          NODE_NO_WARNINGS: '1',
          CURFEW_FAULTS_REPORT: reports,
          CURFEW_FAULTS_QUEUE: values.queue ?? '',
        },
        show: true,
      },
    );
    const found = readdirSync(reports).map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')));
    console.log(tableOf(found));
    const asked = positionals.map(Number);
    for (const [number, why] of Object.entries(waiting)) {
      if (asked.length === 0 || asked.includes(Number(number))) console.log(`${number} waits for ${why}`);
    }
    if (asked.length === 0) {
      const unwritten = Array.from({ length: SCENARIOS }, (_, index) => index + 1).filter(
        (number) => !(number in waiting) && !files.some((name) => isOf(name, number)),
      );
      if (unwritten.length > 0) console.log(`not written yet: ${unwritten.join(', ')}`);
    }
    if (code !== 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** A file's name begins with its number. */
const choose = (files, positionals) => {
  if (positionals.length === 0) return files;
  const unknown = positionals.filter((text) => !(text in waiting) && !files.some((name) => isOf(name, text)));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}.`);
  return files.filter((name) => positionals.some((text) => isOf(name, text)));
};

const isOf = (name, text) => Number.parseInt(name, 10) === Number(text);

await main(process.argv.slice(2)).catch(failPlainly);
