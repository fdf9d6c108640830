import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const LONGEST_MS = 60_000;

/** Looks until it is so, and answers what it saw then. */
export const until = async (look, isSo) => {
  for (const deadline = Date.now() + LONGEST_MS; ; await delay(LOOK_EVERY_MS)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Still not so after a minute: ${JSON.stringify(seen)}`);
  }
};
