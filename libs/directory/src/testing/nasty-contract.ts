import { directoryContract } from '#core/testing';
import { nastinessOf } from './nasty-list.js';
import { NastyPlace } from './nasty-world.js';

// The faults under which one who asks again is told everything to the letter. Left out are those that carry out a
// change and lose the answer: the next try truly says "it was so already". The walks go through these too.

/** What Entra says. */
const HEALING_IN_ENTRA = [
  'spurious-401',
  'not-yet-there',
  'replica-flapping',
  'transient-400',
  'concurrency-409',
  'member-not-yet-there',
  'pass-404-after-create',
  'restricted-unit-403',
];
/** What befalls a request on its way. */
const HEALING_ON_THE_WAY = [
  'commit-then-504',
  'timeout-before-commit',
  'endless-429',
  '429-part-of-batch',
  'connection-cut-before',
  'batch-envelope-503',
  'html-instead-of-json',
  'token-endpoint-503',
];

export const HEALING: readonly string[] = [...HEALING_IN_ENTRA, ...HEALING_ON_THE_WAY];

/** A number for this draw and test, the same one in every run. */
export const drawnFor = (draw: string, testName: string): number =>
  [...draw, ...testName].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 65_521, 0);

const SEED = 7;
/** Counts seconds, which waiting for a fault to pass would falsify. */
const BY_THE_CLOCK = /in the first five minutes/;

/** Runs the whole contract of Directory, asked again, once for each name, under the faults that it stands for. */
export const contractUnder = (
  names: readonly string[],
  faultsOf: (name: string, testName: string) => readonly string[],
): void => {
  let place: NastyPlace;
  beforeAll(async () => {
    place = await NastyPlace.start();
  });
  afterAll(() => place.stop());

  describe.each(names)('under %s', (name) => {
    directoryContract('EntraDirectory, asked again,', async (wish) => {
      const { currentTestName = '' } = expect.getState();
      // What is lost while nobody can see it for hours stays lost for hours.
      const isSpared = wish.lagging === true || BY_THE_CLOCK.test(currentTestName);
      const faults = isSpared ? [] : faultsOf(name, currentTestName).map(nastinessOf);
      const nasty = await place.enter(faults, SEED, wish);
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
};
