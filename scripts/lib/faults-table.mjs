// What `npm run faults` prints: a line for each scenario and queue.

const INVARIANTS = Array.from({ length: 13 }, (_, index) => `I${index + 1}`);

const milliseconds = (value, count) => (count === 0 ? '-' : String(Math.round(value)));

/** `ok`, the number of violations, or `·` where the scenario can't see it. */
const mark = (violations) => {
  if (violations === undefined) return '·';
  return violations.length === 0 ? 'ok' : String(violations.length);
};

const rowOf = ({ number, queue, title, lateness, invariants, failure }) => [
  String(number),
  queue,
  String(lateness.count),
  ...['p50', 'p99', 'max'].map((name) => milliseconds(lateness[name], lateness.count)),
  ...INVARIANTS.map((name) => mark(invariants[name])),
  isKept({ invariants, failure }) ? 'pass' : 'FAIL',
  title,
];

const isKept = ({ invariants, failure }) =>
  failure === null && Object.values(invariants).every((violations) => violations.length === 0);

/** Lateness is in milliseconds at the simulator. */
export const tableOf = (reports) => {
  const head = ['#', 'queue', 'ends', 'p50', 'p99', 'max', ...INVARIANTS, 'result', 'scenario'];
  const sorted = [...reports].sort((a, b) => a.number - b.number || a.queue.localeCompare(b.queue));
  const rows = [head, ...sorted.map(rowOf)];
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
  const troubles = sorted.flatMap(({ number, queue, invariants, failure }) => [
    ...(failure === null ? [] : [`${number} (${queue}): ${failure}`]),
    ...Object.entries(invariants).flatMap(([name, violations]) =>
      violations.slice(0, 5).map((text) => `${number} (${queue}): ${name}: ${text}`),
    ),
  ]);
  return ['', ...lines, '', '· is not judged there: the model and the test tiers do.', ...troubles].join(
    '\n',
  );
};
