import { pinnedSeeds } from './pinned-seeds.js';
import { play } from './play.js';
import { firstFailing, reportOf } from './report.js';

const { CURFEW_MODEL_SEED, CURFEW_MODEL_SEEDS, CURFEW_MODEL_FROM } = process.env;

/** By count and not by time: the same run is the same anywhere. */
const COUNT = Number(CURFEW_MODEL_SEEDS ?? 1_200);
const FROM = Number(CURFEW_MODEL_FROM ?? 1);
/** A machine may be as slow as it likes. */
const LONG_MS = 24 * 3_600_000;

describe('Curfew, played in virtual time against a model of what it promises', () => {
  if (CURFEW_MODEL_SEED !== undefined) {
    it(
      `keeps its promises in the history of seed ${CURFEW_MODEL_SEED}`,
      async () => {
        const played = await play(Number(CURFEW_MODEL_SEED));
        process.stdout.write(`${played.trace.all().join('\n')}\n`);
        if (played.violations.length > 0) throw new Error(reportOf(played));
      },
      LONG_MS,
    );
    return;
  }

  it.each(pinnedSeeds)(
    'keeps them in the history of seed %d: %s',
    async (seed) => {
      const played = await play(seed);
      if (played.violations.length > 0) throw new Error(reportOf(played));
    },
    LONG_MS,
  );

  it(
    `keeps them in ${COUNT} histories, whatever dies, waits, lags, lies or comes twice`,
    async () => {
      const failing = await firstFailing({ from: FROM, count: COUNT }, play);
      if (failing !== null) throw new Error(reportOf(failing));
    },
    LONG_MS,
  );
});
