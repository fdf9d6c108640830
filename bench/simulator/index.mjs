import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { machine, table, writeSamples } from '../lib/report.mjs';
import { HEADING } from '../lib/verdict.mjs';
import { withEndings } from '../lib/with-endings.mjs';
import { measureParts } from './parts.mjs';
import { figuresOf } from './figures.mjs';
import { startOnce } from './program.mjs';

/** With the answers that a suite would have sampled, with all of them checked, and with none. */
const modes = { 'sampled 1 in 100': { sampled: 100 }, all: 'all', off: 'off' };

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 3 : 12 }) => {
  const began = Date.now();
  const log = (line) => console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  console.log(`bench simulator, seed ${seed}, ${repeats} repeats; ${machine()}`);
  const { starts, parts } = await withEndings(async (atEnd) => {
    const directory = scratchDirectory('bench-simulator');
    atEnd(() => rmSync(directory, { recursive: true, force: true }));
    const places = { 'in memory': undefined, 'with a data folder': resolve(directory, 'data') };
    const scene = { places, modes, seed, repeats, atEnd, log };
    return { starts: await measureStarts(scene), parts: await measureParts(scene) };
  });
  return report({ starts, parts });
};

/** From the process's beginning until it says that it listens; the first one fills the machine's caches. */
const measureStarts = async ({ places, repeats, atEnd, log }) => {
  const samples = [];
  for (const [place, dataDir] of Object.entries(places)) {
    log(`starting it ${repeats + 1} times, ${place}`);
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const program = await startOnce({ dataDir, atEnd });
      await program.stop();
      if (repeat > 0) samples.push({ place, repeat, ms: program.startedInMs });
    }
  }
  return samples;
};

const report = ({ starts, parts }) => {
  const files = [writeSamples('simulator-starts', starts), writeSamples('simulator-parts', parts)];
  const load = loadavg().map((each) => each.toFixed(1));
  console.log(`\nload of the machine in the last minutes: ${load.join(', ')}`);
  const { rows, reached } = figuresOf({ starts, parts });
  console.log(`\n${table([HEADING, ...rows])}\n\nevery sample: ${files.join(', ')}`);
  if (!reached) console.log('\nNot every goal is reached.');
  return { rows, reached };
};
