import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const LOOK_EVERY_MS = 50;
const LONGEST_MS = 30_000;

/**
 * Asks processes of the product what only they know.
 * @param {{ folder: string, file: string }} hook `file` is loaded into them and calls `tellAtSignal`
 * @returns the `environment` to start them in, and `ask(pid)`
 */
export const askBySignal = ({ folder, file }) => {
  const asked = new Map();
  return {
    environment: { NODE_OPTIONS: `--import ${pathToFileURL(file).href}`, CURFEW_BENCH_TOLD: folder },
    ask: (pid) => {
      const times = (asked.get(pid) ?? 0) + 1;
      asked.set(pid, times);
      process.kill(pid, 'SIGUSR2');
      return written(resolve(folder, `${pid}-${times}.json`));
    },
  };
};

const written = async (file) => {
  for (const latest = Date.now() + LONGEST_MS; !existsSync(file);) {
    if (Date.now() > latest) throw new Error('A process did not answer what it was asked.');
    await delay(LOOK_EVERY_MS);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
};
