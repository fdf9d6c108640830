import type { Played } from './play.js';

const LAST = 60;

/** What somebody needs who sees a seed fail. */
export const reportOf = ({ seed, violations, trace }: Played): string => {
  const [first] = violations;
  if (first === undefined) return `Seed ${seed}: nothing was broken.`;
  return [
    `Seed ${seed} breaks ${first.what}: ${first.words}.`,
    `At ${trace.time(first.at).trim()} of its history; the last events until then:`,
    '',
    ...trace.until(first.at, LAST),
    '',
    `The whole history: npm run model -- --seed ${seed}`,
  ].join('\n');
};

/** Plays that many seeds from one on, until one fails. */
export const firstFailing = async (
  { from, count }: { readonly from: number; readonly count: number },
  play: (seed: number) => Promise<Played>,
): Promise<Played | null> => {
  for (let seed = from; seed < from + count; seed += 1) {
    const played = await play(seed);
    if (played.violations.length > 0) return played;
  }
  return null;
};
