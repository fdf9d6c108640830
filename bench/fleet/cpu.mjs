// Processor time by process: on a machine that others use too it says more than any clock.
import { readFileSync, readdirSync } from 'node:fs';

/** What the kernel counts in, on every Linux. */
const TICK_MS = 10;

/** @param {object} stack @returns milliseconds of processor time so far, by part; null where nobody tells */
export const processorTime = ({ children, postgres }) => {
  if (process.platform !== 'linux') return null;
  const all = processes();
  const own = Object.entries(children).map(([name, { pid }]) => [name, all.get(pid)?.ms ?? 0]);
  const database = [...all.keys()].filter((pid) => descends(all, pid, postgres.pid));
  const ofDatabase = database.reduce((sum, pid) => sum + (all.get(pid)?.ms ?? 0), 0);
  return { ...Object.fromEntries(own), postgres: ofDatabase };
};

export const timeBetween = (before, after) =>
  before === null
    ? {}
    : Object.fromEntries(Object.keys(before).map((name) => [`${name}Cpu`, after[name] - before[name]]));

const processes = () => {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(found.flatMap((name) => entryOf(Number(name))));
};

const entryOf = (pid) => {
  try {
    // The program's name, in brackets, may hold blanks; the fields after it don't.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Times of children that are gone count with their parent's.
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return [[pid, { parent: Number(fields[1]), ms: ticks * TICK_MS }]];
  } catch {
    return [];
  }
};

const descends = (all, pid, ancestor) => {
  for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === ancestor) return true;
  return false;
};
