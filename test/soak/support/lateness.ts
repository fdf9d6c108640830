import { enabledIntervals, type Interval } from '../../faults/support/checker.js';
import { latenessOf, type Report } from '../../faults/support/report.js';
import { nameOf, type Rights } from '../../faults/support/rights.js';
import type { HistoryEntry } from '../../support/simulator.js';
import type { FaultLog } from './fault-log.js';
import type { Promised } from './ledger.js';

/** What a fault leaves behind for a while: connections to open, caches to fill, a minute's wait at the most. */
const AFTERMATH_MS = 10_000;
/** The API tells milliseconds, and clocks are read one after the other. */
const EQUAL_MS = 50;

export interface Ends {
  /** Neither a fault nor its aftermath in sight. */
  readonly calm: Report['lateness'];
  readonly faulty: Report['lateness'];
  /** Ends at which the account was enabled no more, or not yet. */
  readonly withoutAccess: number;
  /** Ends at which the account had another grant already. */
  readonly givenAgain: number;
  /** Enabled after every right: enables that were under way at the end. */
  readonly strays: Report['lateness'];
  readonly latest: readonly LatestEnd[];
}

interface LatestEnd {
  readonly grantId: string;
  readonly lateMs: number;
  readonly brokenMs: number;
  readonly faults: readonly string[];
}

interface Evidence {
  readonly history: readonly HistoryEntry[];
  readonly rights: Rights;
  readonly promised: readonly Promised[];
  readonly log: FaultLog;
  readonly now: number;
}

const LATEST = 10;

/** How late each end was at Graph, by the simulator's history. */
export const judgeEnds = ({ history, rights, promised, log, now }: Evidence): Ends => {
  const lives = enabledIntervals(history, { rights, now });
  const late: { readonly end: Promised; readonly at: number }[] = [];
  let withoutAccess = 0;
  let givenAgain = 0;
  for (const end of promised) {
    const interval = (lives.get(nameOf(end)) ?? []).find(
      ({ from, to }) => from <= end.until && end.until < to + EQUAL_MS,
    );
    if (interval === undefined) withoutAccess += 1;
    else if (isGivenAgain(end, interval, rights)) givenAgain += 1;
    else late.push({ end, at: interval.to });
  }
  const isCalm = ({ end, at }: (typeof late)[number]): boolean => log.isCalm(end.until - AFTERMATH_MS, at);
  const lateMs = (some: typeof late): readonly number[] => some.map(({ end, at }) => at - end.until);
  return {
    calm: latenessOf(lateMs(late.filter(isCalm))),
    faulty: latenessOf(lateMs(late.filter((each) => !isCalm(each)))),
    withoutAccess,
    givenAgain,
    strays: latenessOf(strayMs(lives, promised)),
    latest: late
      .sort((a, b) => b.at - b.end.until - (a.at - a.end.until))
      .slice(0, LATEST)
      .map(({ end, at }) => ({
        grantId: end.grantId,
        lateMs: at - end.until,
        brokenMs: log.brokenMs({ ...end, from: end.until, to: at }),
        faults: log.kindsDuring(end.until - AFTERMATH_MS, at),
      })),
  };
};

const isGivenAgain = (end: Promised, { to }: Interval, rights: Rights): boolean =>
  rights.of(end).some(({ from, until }) => from < to && until > end.until);

/** How long accounts were enabled that were enabled after all their rights. */
const strayMs = (
  lives: ReadonlyMap<string, readonly Interval[]>,
  promised: readonly Promised[],
): readonly number[] => {
  const ends = new Map<string, Promised[]>();
  for (const end of promised) ends.set(nameOf(end), [...(ends.get(nameOf(end)) ?? []), end]);
  return [...lives].flatMap(([name, intervals]) =>
    intervals
      .filter(({ from }) => !(ends.get(name) ?? []).some((end) => end.from <= from && from <= end.until))
      .map(({ from, to }) => to - from),
  );
};
