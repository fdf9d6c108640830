import { play } from './play.js';

const SEEDS = [7, 1_007, 20_260];
/** A machine may be as slow as it likes. */
const LONG_MS = 3_600_000;

describe('A history of the model', () => {
  it.each(SEEDS)(
    'is the same each time that seed %d is played, to the last event',
    async (seed) => {
      const [once, again] = [await play(seed), await play(seed)];

      expect(again.trace.all()).toEqual(once.trace.all());
      expect(once.trace.lines.length).toBeGreaterThan(20);
    },
    LONG_MS,
  );

  it(
    'is another one for another seed',
    async () => {
      const [one, other] = [await play(1), await play(2)];

      expect(other.trace.all()).not.toEqual(one.trace.all());
    },
    LONG_MS,
  );
});
