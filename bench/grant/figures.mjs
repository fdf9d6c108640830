// From samples to the rows of the table.
import { median, quantile, spread } from '../lib/statistics.mjs';

const GOALS = { calls: 3, latency: 1.2, idleLook: 1.15 };

/** @returns `rows` as every bench has them, and `reached`: whether every goal is */
export const figuresOf = ({ grants, idleLooks }) => {
  const verdicts = [...callVerdicts(grants), ...latencyVerdicts(grants), idleVerdict(idleLooks)];
  const row = ({ metric, figure, limit, goal, ours, naive, reached }) => [
    ...[metric, figure, limit, `≤ ${goal}`, ours, naive, reached ? 'yes' : 'NO'],
  ];
  return { rows: verdicts.map(row), reached: verdicts.every(({ reached }) => reached) };
};

const pick = (grants, wanted) =>
  grants.filter((sample) => Object.entries(wanted).every(([name, value]) => sample[name] === value));

/** Without a lag: with one, retries come on top. The dearest grant counts, not the middle one. */
const callVerdicts = (grants) =>
  [
    { account: 'new', limit: '3' },
    { account: 'parked', limit: '2' },
  ].map(({ account, limit }) => {
    const ours = pick(grants, { account, by: 'curfew', lagMs: 0 }).map(({ calls }) => calls);
    const naive = pick(grants, { account, by: 'naive', lagMs: 0 });
    return {
      metric: 'M2',
      figure: `calls to Graph, ${account} account, with the pass`,
      limit,
      goal: GOALS.calls,
      ours:
        median(ours) === Math.max(...ours)
          ? `${median(ours)}`
          : `${median(ours)} (most: ${Math.max(...ours)})`,
      naive: callsOfNaive(naive),
      reached: Math.max(...ours) <= GOALS.calls,
    };
  });

const callsOfNaive = (samples) => {
  const [calls, tokens] = ['calls', 'tokens'].map((name) => median(samples.map((sample) => sample[name])));
  return tokens > 0 ? `${calls} and a token` : `${calls}`;
};

const latencyVerdicts = (grants) =>
  ['new', 'parked'].flatMap((account) =>
    [...new Set(grants.map(({ lagMs }) => lagMs))].map((lagMs) => {
      const ours = pick(grants, { account, by: 'curfew', lagMs });
      const naive = pick(grants, { account, by: 'naive', lagMs });
      const ratios = ours.map(({ usableMs, chargedMs }) => usableMs / chargedMs);
      const path = median(ours.map(({ chargedMs }) => chargedMs));
      return {
        metric: 'M1',
        figure: `time until usable ÷ charged path, ${account}, lag ${lagMs / 1_000} s`,
        limit: median(ours.map(({ shortestMs, chargedMs }) => shortestMs / chargedMs)).toFixed(2),
        goal: GOALS.latency,
        ours: spreadText(spread(ratios), 2),
        naive: (median(naive.map(({ usableMs }) => usableMs)) / path).toFixed(2),
        reached: median(ratios) <= GOALS.latency,
      };
    }),
  );

const idleVerdict = ({ few, many, samples, buffers }) => {
  const timesOf = (size) => samples.filter(({ accounts }) => accounts === size).map(({ ms }) => Number(ms));
  const ratio = median(timesOf(many)) / median(timesOf(few));
  return {
    metric: 'M6',
    figure: `idle look, ${many.toLocaleString('en')} ÷ ${few.toLocaleString('en')} stored accounts`,
    limit: '1.00',
    goal: GOALS.idleLook,
    ours: `${ratio.toFixed(2)} (p90 ${(quantile(timesOf(many), 0.9) / quantile(timesOf(few), 0.9)).toFixed(2)}, buffers ${buffers[many].buffers} ÷ ${buffers[few].buffers})`,
    naive: '–',
    reached: ratio <= GOALS.idleLook,
  };
};

const spreadText = ({ p50, p5, p95 }, digits) =>
  `${p50.toFixed(digits)} (${p5.toFixed(digits)} to ${p95.toFixed(digits)})`;

const COST = ['calls', 'tokens', 'parts', 'writes', 'units', 'simulatorCpuMs'];
const TIMES = [
  'chargedMs',
  'usableMs',
  'apiMs',
  'startMs',
  'betweenMs',
  'giveMs',
  'tries',
  'overshootMs',
  'passMs',
];

/** Medians of everything else that was counted, per condition: where the calls and where the milliseconds go. */
export const detailsOf = (grants) => {
  const groups = Map.groupBy ? Map.groupBy(grants, nameOf) : groupBy(grants);
  const columns = [...COST, 'toShortest', ...TIMES];
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, samples]) => [
      ...[name, String(samples.length)],
      ...columns.map((column) => medianText(samples.map((sample) => valueOf(sample, column)))),
    ]);
  return [['medians', 'n', ...columns], ...rows];
};

const nameOf = ({ account, lagMs, by }) => `${account}, lag ${lagMs / 1_000} s, ${by}`;
const groupBy = (grants) => {
  const groups = new Map();
  for (const sample of grants) groups.set(nameOf(sample), [...(groups.get(nameOf(sample)) ?? []), sample]);
  return groups;
};

const valueOf = (sample, column) =>
  column === 'toShortest' ? sample.usableMs / sample.shortestMs : (sample[column] ?? '');

const medianText = (values) => {
  const numbers = values.filter((value) => typeof value === 'number' && !Number.isNaN(value));
  if (numbers.length === 0) return '';
  const middle = median(numbers);
  return Number.isInteger(middle) ? String(middle) : middle.toFixed(middle < 10 ? 2 : 0);
};
