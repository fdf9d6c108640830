import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
const LOOKS_IN_A_ROW = 4;
const LONGEST_MS = 300_000;

/** Until nothing is due and nothing is worked on, at several looks in a row: read-backs come after seconds. */
export const untilQuiet = async (fleet) => {
  const latest = Date.now() + LONGEST_MS;
  for (let quiet = 0; quiet < LOOKS_IN_A_ROW;) {
    if (Date.now() > latest) throw new Error('It did not come to rest.');
    await delay(LOOK_EVERY_MS);
    quiet = (await fleet.unfinished()) === 0 ? quiet + 1 : 0;
  }
};
