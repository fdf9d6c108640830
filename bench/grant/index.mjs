import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { machine, table, writeSamples } from '../lib/report.mjs';
import { HEADING } from '../lib/verdict.mjs';
import { withEndings } from '../lib/with-endings.mjs';
import { detailsOf, figuresOf } from './figures.mjs';
import { measureIdleLooks } from './idle-look.mjs';
import { playRounds, WARM_UP } from './rounds.mjs';
import { openScene } from './scene.mjs';

const LAGS_MS = [0, 2_000];
const SMALL_LOOKS = { sizes: { few: 10_000, many: 40_000 }, looks: 100 };

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 3 : 12 }) => {
  const began = Date.now();
  const log = (line) => console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  console.log(`bench grant, seed ${seed}, ${repeats} repeats; ${machine()}`);
  const idleLooks = await inScratch('bench-idle', (directory, atEnd) =>
    measureIdleLooks({ directory, atEnd, log, ...(small && SMALL_LOOKS) }),
  );
  const grants = await inScratch('bench', (directory, atEnd) =>
    measureGrants({ directory, atEnd, seed, repeats, log }),
  );
  return report({ grants, idleLooks });
};

const inScratch = (name, work) =>
  withEndings((atEnd) => {
    const directory = scratchDirectory(name);
    atEnd(() => rmSync(directory, { recursive: true, force: true }));
    return work(directory, atEnd);
  });

const measureGrants = async ({ directory, atEnd, seed, repeats, log }) => {
  log('starting PostgreSQL, the simulator, worker and API');
  const technicians = repeats + WARM_UP;
  const scene = await openScene({ directory, atEnd, seed, technicians, lags: LAGS_MS, log });
  const grants = await playRounds(scene, { repeats, log });
  const { requests } = await scene.simulator.violations();
  if (requests.length > 0)
    throw new Error(`A request broke Microsoft's schema: ${JSON.stringify(requests[0])}`);
  return grants;
};

const report = ({ grants, idleLooks }) => {
  const files = [writeSamples('grant', grants), writeSamples('idle-look', idleLooks.samples)];
  // On a machine that does other work besides, times say little: ratios suffer less, and still suffer.
  console.log(
    `\nload of the machine in the last minutes: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  );
  const { rows, reached } = figuresOf({ grants, idleLooks });
  console.log(
    `\n${table([HEADING, ...rows])}\n\n${table(detailsOf(grants))}\n\nevery sample: ${files.join(', ')}`,
  );
  if (!reached) console.log('\nNot every goal is reached.');
  return { rows, reached };
};
