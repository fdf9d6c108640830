// What `npm run soak` prints and writes: the report of one soak as a page.
import { cpus, release, totalmem, type } from 'node:os';

const INVARIANTS = Array.from({ length: 13 }, (_, index) => `I${index + 1}`);
const MOST_SHOWN = 10;

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const ms = (value) => Math.round(value).toLocaleString('en');

const latenessRow = (name, { count, p50, p99, max }) => [
  name,
  count,
  ...(count === 0 ? ['-', '-', '-'] : [p50, p99, max].map(ms)),
];

const countsOf = (counts) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, count]);

const faultRows = (faults) =>
  Object.entries(faults)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, { count, seconds }]) => [kind, count, Math.round(seconds)]);

const invariantRows = (invariants) =>
  INVARIANTS.filter((name) => invariants[name] !== undefined).map((name) => [
    name,
    invariants[name].length === 0 ? 'held' : `**broken ${invariants[name].length} times**`,
  ]);

const violations = ({ invariants, troubles }) => {
  const all = [
    ...Object.entries(invariants).flatMap(([name, found]) => found.map((text) => `${name}: ${text}`)),
    ...troubles,
  ];
  if (all.length === 0) return 'Nothing was broken.';
  const shown = all.slice(0, MOST_SHOWN).map((text) => `- ${text}`);
  if (all.length > MOST_SHOWN) shown.push(`- and ${all.length - MOST_SHOWN} more`);
  return shown.join('\n');
};

const machine = () => {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`;
};

const latestRows = (latest) =>
  latest.map(({ lateMs, brokenMs, faults }) => [ms(lateMs), ms(brokenMs), faults.join('; ') || 'none']);

/** The page of one soak. */
export const soakPage = (report, command) => {
  const { plan, ends, counts } = report;
  const faultCount = Object.values(report.faults).reduce((sum, { count }) => sum + count, 0);
  return `# Soak

Made by \`${command}\` (add \`--report docs/soak.md\` to write this page).

Random faults over everything while access is asked for, extended, ended early, killed and given again over the API; then all is
healed, everything ends, and who judges the fault scenarios ([faults.md](faults.md)) reads the simulator's whole history. The seed
says which faults and wishes are drawn; when exactly they meet is the machine's.

${table(
  ['what', 'which'],
  [
    ['began', report.beganAt],
    ['took', `${Math.round(report.tookMs / 60_000)} minutes, ${plan.minutes} of them with faults`],
    ['machine', machine()],
    ['seed', plan.seed],
    ['queue', plan.queue],
    ['customers', plan.customers],
    ['technicians', plan.technicians],
    ['grants', `${counts.granted ?? 0} of ${plan.grants}`],
    ['faults', faultCount],
    ['time without any fault', `${Math.round(100 * report.calmPart)} of 100`],
    ['entries of the simulator’s history', report.historyEntries],
  ],
)}

## Lateness

In milliseconds at the simulator: Graph's acceptance of the disable, minus the end that was promised last. Calm: no fault from ten
seconds before the end until the disable.

${table(
  ['ends', 'count', 'p50', 'p99', 'max'],
  [latenessRow('calm', ends.calm), latenessRow('with faults', ends.faulty)],
)}

Not counted: ${ends.withoutAccess} ends at which the account was not enabled (never given, or taken before), and ${ends.givenAgain} at
which it had been given again already. ${ends.strays.count} times an enable that was under way came after the end; the longest of them
lasted ${ms(ends.strays.max)} ms.

The latest, with the time for which the [promise](promise.md)'s own conditions did not hold after the end:

${table(['late (ms)', 'not in the promise (ms)', 'faults'], latestRows(ends.latest))}

## Invariants

${table(['invariant', 'result'], invariantRows(report.invariants))}

${violations(report)}

## What was done

${table(['over the API', 'times'], countsOf(counts))}

${table(['why grants ended', 'times'], countsOf(report.endReasons))}

## What was broken

${table(['fault', 'times', 'seconds in all'], faultRows(report.faults))}

Processes that ended by themselves and were started again: ${report.ended.length === 0 ? 'none' : report.ended.join(', ')}. Alarms, by
how many looks (one each half minute) found them: ${
    countsOf(report.alarms)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ') || 'none'
  }.
`;
};
