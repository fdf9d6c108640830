// Which process is which: numbers are given out again, also to strangers.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process, told apart by when it began from a later one with the same number. */
export const identityOf = (pid) => ({ pid, begun: stateOf(pid).begun });

/** Whether that very process still runs. One that died and waits to be buried by its parent does not. */
export const runs = ({ pid, begun }) => {
  const now = stateOf(pid);
  return now.alive && (begun === null || now.begun === begun);
};

/** Waits until the process is gone; false when it still runs at the deadline. */
export const waitUntilGone = async (identity, timeoutMs) => {
  for (const deadline = Date.now() + timeoutMs; runs(identity); await delay(25)) {
    if (Date.now() > deadline) return false;
  }
  return true;
};

const stateOf = (pid) => (process.platform === 'linux' ? fromProc(pid) : fromPs(pid));

const fromProc = (pid) => {
  try {
    // The program's name, in brackets, may hold blanks; the fields after it don't.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { alive: fields[0] !== 'Z', begun: fields[19] };
  } catch {
    return { alive: false, begun: null };
  }
};

const fromPs = (pid) => {
  try {
    const begun = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return { alive: true, begun: begun.trim() };
  } catch {
    return { alive: false, begun: null };
  }
};
