// One `npm start` at a time on the same data.
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { identityOf, runs, waitUntilGone } from './processes.mjs';

/** Children of a launcher that was killed end by themselves, and PostgreSQL writes down what it has. */
const ORPHANS_END_MS = 40_000;

const fileIn = (directory) => resolve(directory, 'running.json');

/** What runs on this data at the moment, else null. */
export const whatRuns = (directory) => {
  const running = read(directory);
  return running !== null && runs(running.launcher) ? running : null;
};

/**
 * Makes this process the only one on that data, or throws. `note` adds facts for others to find (addresses, children).
 */
export const claimData = async (directory, log) => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = resolve(directory, `running.${process.pid}.json`);
  const file = fileIn(directory);
  const facts = { launcher: identityOf(process.pid), children: {} };
  const write = () => writeFileSync(draft, JSON.stringify(facts, null, 2), { mode: 0o600 });
  write();
  try {
    await buryPredecessor(directory, log);
    // A link is made or refused as a whole: two starts at once can't both have it.
    linkSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error.code === 'EEXIST' ? alreadyRunning(read(directory), directory) : error;
  }
  rmSync(draft);
  return {
    note: (more) => {
      Object.assign(facts, more);
      write();
      renameSync(draft, file);
    },
    release: () => rmSync(file, { force: true }),
  };
};

const buryPredecessor = async (directory, log) => {
  const before = read(directory);
  if (before === null) return;
  if (runs(before.launcher)) throw alreadyRunning(before, directory);
  const orphans = Object.entries(before.children).filter(([, child]) => runs(child));
  if (orphans.length > 0)
    log(`waiting for ${orphans.map(([name]) => name).join(', ')} of the last run to end…`);
  for (const [name, child] of orphans) {
    if (await waitUntilGone(child, ORPHANS_END_MS)) continue;
    throw new Error(
      `"${name}" of the last run (process ${child.pid}) does not end. End it, then start again.`,
    );
  }
  rmSync(fileIn(directory), { force: true });
};

const read = (directory) => {
  const file = fileIn(directory);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
};

const alreadyRunning = (running, directory) =>
  new Error(
    `Curfew already runs on this data (${directory}), started by process ${running.launcher.pid}.\n` +
      `${running.api ? `Its API: ${running.api}\n` : ''}` +
      'Stop it with Ctrl-C where it was started, or set CURFEW_STATE_DIR to run a second one beside it.',
  );
