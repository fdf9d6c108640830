import { setTimeout as delay } from 'node:timers/promises';

/** As often as a patient portal: every look costs the machine that is being measured. */
const LOOK_EVERY_MS = 250;
const LONGEST_MS = 60_000;

/** Looks from time to time until it is so, and answers what it saw then. */
export const until = async (look, isSo) => {
  for (const deadline = Date.now() + LONGEST_MS; ;) {
    await delay(LOOK_EVERY_MS);
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Still not so after a minute: ${JSON.stringify(seen)}`);
  }
};
