// M6: what an idle tick costs with a million stored rows, against ten thousand.
import { rmSync } from 'node:fs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { measureIdleLooks } from '../grant/idle-look.mjs';
import { quantile } from '../lib/statistics.mjs';
import { beginReport } from '../lib/verdict.mjs';
import { withEndings } from '../lib/with-endings.mjs';

const SIZES = { full: { few: 10_000, many: 1_000_000 }, small: { few: 10_000, many: 100_000 } };
const WARM_UP = 50;

/** @returns {Promise<{ rows: string[][], reached: boolean }>} */
export const measure = async ({ seed, small, repeats = small ? 100 : 400 }) => {
  const report = beginReport('sweep', { seed, repeats, warmUp: WARM_UP });
  const sizes = small ? SIZES.small : SIZES.full;
  const looks = await withEndings((atEnd) => {
    const directory = scratchDirectory('bench-sweep');
    atEnd(() => rmSync(directory, { recursive: true, force: true }));
    return measureIdleLooks({ directory, atEnd, log: report.log, sizes, looks: repeats });
  });
  return report.close(verdictsOf(looks), looks.samples);
};

const verdictsOf = ({ few, many, samples, buffers }) => {
  const timesOf = (size) => samples.filter(({ accounts }) => accounts === size).map(({ ms }) => Number(ms));
  const [small, large] = [timesOf(few), timesOf(many)];
  const sizes = `${many.toLocaleString('en')} ÷ ${few.toLocaleString('en')} stored`;
  const figure = { metric: 'M6', limit: '1.00', digits: 2 };
  return [
    {
      ...{ ...figure, what: `idle tick, ${sizes}, median`, goal: 1.15 },
      ...{ samples: [quantile(large, 0.5) / quantile(small, 0.5)], naive: '–' },
    },
    {
      ...{ ...figure, what: `idle tick, ${sizes}, p90`, goal: null },
      samples: [quantile(large, 0.9) / quantile(small, 0.9)],
    },
    {
      ...{ ...figure, what: `buffers of one look, ${sizes}`, goal: 1.15 },
      samples: [buffers[many].buffers / buffers[few].buffers],
    },
    {
      ...figure,
      what: 'buffers of one look',
      limit: '',
      goal: null,
      aim: 20,
      digits: 0,
      samples: [buffers[many].buffers],
    },
    { ...figure, what: 'idle tick, ms', limit: '', goal: null, aim: 2, samples: large },
  ];
};
