import type { Beats } from '#core/alarms';
import { sharedErrors } from '#core/shared';
import { FakeClock } from '#core/testing';
import { Heart } from './heart.js';

const setUp = ({ databaseAheadMs = 0, answeredAfterMs = 0 } = {}) => {
  const clock = new FakeClock();
  const written: Beats[] = [];
  let asked = 0;
  let isAway = false;
  let isFull = false;
  const heart = new Heart({
    instance: 'worker-1',
    source: {
      beat: (beats) => {
        if (isAway) return Promise.reject(new Error('away'));
        if (isFull) return Promise.reject(sharedErrors.refuse('database.unwritable'));
        written.push(beats);
        asked += answeredAfterMs;
        return Promise.resolve(clock.now() + databaseAheadMs);
      },
    },
    clock,
    wall: () => clock.now() + asked,
    always: [],
  });
  const away = (state: boolean): void => {
    isAway = state;
  };
  const full = (state: boolean): void => {
    isFull = state;
  };
  return { heart, clock, written, away, full };
};

describe('A heart', () => {
  it('writes what has worked since the last time, with the instant at which it did', async () => {
    const { heart, clock, written } = setUp();
    heart.beat('sweep');
    const at = clock.now();
    clock.advance(3_000);
    await heart.flush();
    await heart.flush();
    heart.beat('bells');
    await heart.flush();

    expect(written.map(({ layers }) => layers)).toEqual([
      [{ layer: 'sweep', at }],
      [{ layer: 'bells', at: clock.now() }],
    ]);
  });

  it('goes on after the database was away', async () => {
    const { heart, written, away } = setUp();
    away(true);
    heart.beat('sweep');
    await expect(heart.flush()).rejects.toThrow('away');
    away(false);
    heart.beat('sweep');
    await heart.flush();

    expect(written).toHaveLength(1);
  });

  it('tries again as long as the database takes no writes, whether anything has worked or not', async () => {
    const { heart, clock, written, away, full } = setUp();
    heart.beat('sweep');
    await heart.flush();
    full(true);
    heart.beat('sweep');
    const since = clock.now();
    await expect(heart.flush()).rejects.toMatchObject({ code: 'database.unwritable' });
    clock.advance(5_000);
    // Nothing has worked since, and it asks all the same.
    await expect(heart.flush()).rejects.toMatchObject({ code: 'database.unwritable' });
    away(true);
    await expect(heart.flush()).rejects.toThrow('away');

    away(false);
    full(false);
    await heart.flush();

    expect(written.at(-1)?.layers).toEqual([{ layer: 'sweep', at: since }]);
  });

  it('finds out that nothing can be written also before anything has worked', async () => {
    const { heart, full } = setUp();
    full(true);

    await expect(heart.flush()).rejects.toMatchObject({ code: 'database.unwritable' });
  });

  it.each([
    [0, 0, 0],
    [-45_000, 0, 45_000],
    [45_000, 0, -45_000],
    // What a slow answer explains is no difference.
    [5_000, 9_000, 0],
    [45_000, 9_000, -36_000],
  ])(
    'of a database %i ms ahead that took %i ms to answer measures %i ms',
    async (...[ahead, took, expected]) => {
      const { heart, written } = setUp({ databaseAheadMs: ahead, answeredAfterMs: took });
      expect(heart.differenceMs).toBeNull();

      heart.beat('sweep');
      await heart.flush();
      heart.beat('sweep');
      await heart.flush();

      expect(written.map(({ databaseDifferenceMs }) => databaseDifferenceMs)).toEqual([null, expected]);
    },
  );
});
