import { directoryContract } from '#core/testing';
import { nastinessOf, type Nastiness } from './testing/nasty-list.js';
import { NastyPlace } from './testing/nasty-world.js';

/**
 * The faults under which one who asks again is told everything to the letter. Left out are those that carry out a
 * change and lose the answer: the next try truly says "it was so already". The walks go through these too.
 */
const HEALING = [
  'spurious-401',
  'not-yet-there',
  'replica-flapping',
  'commit-then-504',
  'timeout-before-commit',
  'transient-400',
  'concurrency-409',
  'member-not-yet-there',
  'pass-404-after-create',
  'endless-429',
  '429-part-of-batch',
  'connection-cut-before',
  'batch-envelope-503',
  'html-instead-of-json',
  'token-endpoint-503',
  'restricted-unit-403',
];
/** Each round has other faults for each test of the contract, and the last two of them together. */
const ROUNDS = [
  { round: 0, atOnce: 1 },
  { round: 1, atOnce: 1 },
  { round: 2, atOnce: 2 },
];
const STEP = 5;
const SEED = 7;
/** Counts seconds, which waiting for a fault to pass would falsify. */
const BY_THE_CLOCK = /in the first five minutes/;

/** By the name of the test, so that a test more changes nothing for the others. */
const faultsFor = (testName: string, { round, atOnce }: (typeof ROUNDS)[number]): readonly Nastiness[] => {
  if (BY_THE_CLOCK.test(testName)) return [];
  const sum = [...testName.replace(/^in round \d /, '')].reduce(
    (all, letter) => all + letter.charCodeAt(0),
    0,
  );
  return Array.from({ length: atOnce }, (_, at) =>
    nastinessOf(HEALING[(sum + (round + at) * STEP) % HEALING.length] ?? ''),
  );
};

let place: NastyPlace;
beforeAll(async () => {
  place = await NastyPlace.start();
});
afterAll(() => place.stop());

describe.each(ROUNDS)('in round $round', (round) => {
  directoryContract('EntraDirectory, asked again under a nasty fault,', async (wish) => {
    const { currentTestName = '' } = expect.getState();
    // What is lost while nobody can see it for hours stays lost for hours.
    const faults = wish.lagging === true ? [] : faultsFor(currentTestName, round);
    const nasty = await place.enter(faults, SEED + round.round, wish);
    return {
      ...nasty.world,
      directory: nasty.patient,
      plantUser: (upn) => nasty.plantUser(upn),
      close: () => nasty.close(),
    };
  });
});

it('never sent anything that Microsoft has not documented', async () => {
  expect((await place.simulator.violations()).requests).toEqual([]);
});
