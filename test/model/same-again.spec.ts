import { play } from './play.js';

const SEEDS = [7, 1_007, 20_260];

describe('A history of the model', () => {
  it.each(SEEDS)('is the same each time that seed %d is played, to the last event', async (seed) => {
    const [once, again] = [await play(seed), await play(seed)];

    expect(again.trace.all()).toEqual(once.trace.all());
    expect(once.trace.lines.length).toBeGreaterThan(20);
  });

  it('is another one for another seed', async () => {
    const [one, other] = [await play(1), await play(2)];

    expect(other.trace.all()).not.toEqual(one.trace.all());
  });
});
