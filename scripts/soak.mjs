// `npm run soak [-- --minutes 30] [--grants 5000] [--seed N] [--queue postgres|redis] [--report file]`: a long time with random
// faults over everything, judged at its end (docs/soak.md). Exits with 1 when a promise was broken.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findOrUnpackRedis } from './lib/redis.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';
import { soakPage } from './lib/soak-page.mjs';

const options = {
  minutes: { type: 'string', default: '30' },
  grants: { type: 'string', default: '5000' },
  seed: { type: 'string' },
  queue: { type: 'string' },
  report: { type: 'string' },
};

const main = async (args) => {
  const { values } = parseArgs({ args, options });
  await ensureInstalled();
  await ensureBuilt();
  const plan = {
    minutes: numberOf('minutes', values.minutes),
    grants: numberOf('grants', values.grants),
    seed: numberOf('seed', values.seed ?? String(1 + Math.floor(Math.random() * 1_000_000))),
    queue: await queueOf(values.queue),
  };
  const command = `npm run soak -- ${Object.entries(plan)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ')}`;
  console.log(command);
  const scratch = scratchDirectory('soak');
  const file = join(scratch, 'report.json');
  try {
    const { code } = await run(
      process.execPath,
      [tool('jest'), '--selectProjects', 'soak', '--runInBand', '--silent=false'],
      {
        env: { NODE_NO_WARNINGS: '1', CURFEW_SOAK: JSON.stringify(plan), CURFEW_SOAK_REPORT: file },
        show: true,
      },
    );
    if (!existsSync(file)) throw new Error('The soak did not come to its end: see above.');
    const page = soakPage(JSON.parse(readFileSync(file, 'utf8')), command);
    console.log(page);
    if (values.report) await write(resolve(values.report), page);
    if (code !== 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** As every page of ours is formatted. */
const write = async (file, page) => {
  writeFileSync(file, page);
  await run(process.execPath, [tool('prettier'), '--write', file]);
};

const numberOf = (name, text) => {
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--${name} takes a whole number above 0.`);
};

/** Redis, where there is one. */
const queueOf = async (wanted) => {
  if (wanted === 'postgres') return wanted;
  if (wanted !== undefined && wanted !== 'redis') throw new Error('--queue takes postgres or redis.');
  if (await findOrUnpackRedis().catch(() => null)) return 'redis';
  if (wanted === undefined) return 'postgres';
  throw new Error('No Redis to be had: put redis-server on the PATH, or take --queue postgres.');
};

await main(process.argv.slice(2)).catch(failPlainly);
