import { claimWithoutEpoch, enableWithoutMayHold, trustsAnswers } from './plants.js';
import { play, type Plant } from './play.js';
import { firstFailing } from './report.js';

/** Far fewer than are played by default: what is planted has to be noticed among them. */
const COUNT = 1_000;
const LONG_MS = 3_600_000;

const noticed = async (plant: Plant): Promise<string> => {
  const failing = await firstFailing({ from: 1, count: COUNT }, (seed) => play(seed, plant));
  return failing?.violations[0]?.what ?? 'nothing';
};

describe('The model notices', () => {
  it.each<[string, Plant, RegExp]>([
    ['an end that trusts a 204', trustsAnswers, /^(I1|I4|rest)$/],
    ['a claim without an epoch', claimWithoutEpoch, /./],
    ['an enable that `may_hold` knows nothing of', enableWithoutMayHold, /^I2$/],
  ])(
    '%s',
    async (_what, plant, broken) => {
      const what = await noticed(plant);
      expect(what).toMatch(broken);
      expect(what).not.toBe('nothing');
    },
    LONG_MS,
  );
});
