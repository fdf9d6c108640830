import { claimWithoutEpoch, enableWithoutMayHold, trustsAnswers } from './plants.js';
import { play, type Plant } from './play.js';
import { firstFailing } from './report.js';

/** Far fewer than are played by default: what is planted has to be noticed among them. */
const COUNT = 300;
/**
 * Where a stranger's claim is noticed: a write under it is nearly always undone by the next reading, and one history in some
 * thousand shows it. A change of what is drawn moves that history; `npm run planted` looks through more of them.
 */
const RARE = 1_400;
const LONG_MS = 3_600_000;

const noticed = async (plant: Plant, from: number): Promise<string> => {
  const failing = await firstFailing({ from, count: COUNT }, (seed) => play(seed, plant));
  return failing?.violations[0]?.what ?? 'nothing';
};

describe('The model notices', () => {
  it.each<[string, Plant, { readonly breaks: RegExp; readonly from: number }]>([
    ['an end that trusts a 204', trustsAnswers, { breaks: /^(I1|I4|I7|rest)$/, from: 1 }],
    ['a claim without an epoch', claimWithoutEpoch, { breaks: /./, from: RARE }],
    ['an enable that `may_hold` knows nothing of', enableWithoutMayHold, { breaks: /^I2$/, from: 1 }],
  ])(
    '%s',
    async (_what, plant, { breaks, from }) => {
      const what = await noticed(plant, from);
      expect(what).toMatch(breaks);
      expect(what).not.toBe('nothing');
    },
    LONG_MS,
  );
});
