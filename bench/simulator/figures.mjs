import { spread } from '../lib/statistics.mjs';

const LONGEST_START_MS = 2_000;
const FEWEST_PARTS = 3_000;

/** The rows as every bench has them, and whether every goal was reached. */
export const figuresOf = ({ starts, parts }) => {
  const figures = [
    ...grouped(starts, ({ place }) => `start until it listens, ${place}`).map(figureOfStarts),
    ...grouped(parts, ({ place, mode }) => `batched parts, ${place}, validation ${mode}`).flatMap(
      figuresOfParts,
    ),
  ];
  return {
    rows: figures.map(({ cells }) => cells),
    reached: figures.every(({ isReached }) => isReached),
  };
};

const figureOfStarts = ([what, samples]) => {
  const numbers = samples.map(({ ms }) => ms);
  return figure(what, numbers, { unit: 'ms', most: LONGEST_START_MS });
};

const figuresOfParts = ([what, samples]) => {
  const perSecond = samples.map((sample) => sample.perSecond);
  const perCpuSecond = samples.map((sample) => sample.perCpuSecond).filter((number) => number !== null);
  // Checking everything is for suites that look for mistakes: it has no goal.
  const goal = samples[0].mode === 'all' ? {} : { least: FEWEST_PARTS };
  return [
    figure(what, perSecond, { unit: '/s', ...goal }),
    // On a machine that does other work besides, this says more.
    ...(perCpuSecond.length > 0 ? [figure(`${what}, own time`, perCpuSecond, { unit: '/CPU s' })] : []),
  ];
};

const grouped = (samples, nameOf) => {
  const groups = new Map();
  for (const sample of samples) groups.set(nameOf(sample), [...(groups.get(nameOf(sample)) ?? []), sample]);
  return [...groups];
};

const figure = (what, numbers, { unit, most = Infinity, least = 0 }) => {
  const { p50, p5, p95 } = spread(numbers);
  const rounded = [p50, p5, p95].map((number) => `${Math.round(number).toLocaleString('en')} ${unit}`);
  const isReached = p50 <= most && p50 >= least;
  const goal = most < Infinity ? `≤ ${most} ${unit}` : least > 0 ? `≥ ${least} ${unit}` : '';
  return {
    isReached,
    cells: [
      'simulator',
      what,
      '',
      goal,
      `${rounded[0]} (${rounded[1]} to ${rounded[2]})`,
      '',
      goal === '' ? '' : isReached ? 'yes' : 'NO',
    ],
  };
};
