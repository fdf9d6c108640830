import { earliest, MINUTE, SECOND, type Instant } from '#core/shared';
import { inWords, OF_THE_DEPLOYMENT, type Alarm, type AlarmSeverity } from './alarm.js';
import {
  ALARMING_MS,
  type AlarmFacts,
  type Beat,
  type BeatingLayer,
  type MeasuredClock,
} from './alarm-source.js';

interface LayerWords {
  /** What it does, with a verb. */
  readonly does: string;
  /** What its silence means. */
  readonly without: string;
  readonly silentAfterMs: number;
  /** How bad it is when nobody does it. */
  readonly severity: AlarmSeverity;
  /** A deployment in which nobody ever did it lacks something. */
  readonly expected: boolean;
}

const layers: Readonly<Record<BeatingLayer, LayerWords>> = {
  sweep: {
    does: 'A worker looks for what is due',
    without: 'bells and the revoker alone keep the ends',
    silentAfterMs: ALARMING_MS,
    severity: 'critical',
    expected: true,
  },
  revoker: {
    does: 'The revoker looks for ends that nobody has kept',
    without: 'workers alone keep the ends, and nothing does while they or the database are away',
    silentAfterMs: ALARMING_MS,
    severity: 'critical',
    expected: true,
  },
  bells: {
    does: 'A worker takes jobs from the queue',
    without: 'everything waits for the sweep, a second at the most',
    silentAfterMs: ALARMING_MS,
    severity: 'warning',
    expected: true,
  },
  drift: {
    does: 'Entra is compared with the database',
    without: 'what was changed by hand in Entra is not noticed',
    silentAfterMs: 10 * MINUTE,
    severity: 'warning',
    expected: true,
  },
  api: {
    does: 'The API answers',
    without: 'nobody can ask for access, nor end it',
    silentAfterMs: ALARMING_MS,
    severity: 'warning',
    expected: true,
  },
};

const RUNBOOK = 'docs/runbooks/bell-silent.md';
const REMEDY = 'Start the process that does it, and read its log for why it stopped.';
const NAMES = Object.keys(layers) as readonly BeatingLayer[];

/** Layers that are silent altogether, and single processes that are while others go on. */
export const silenceAlarms = (beats: readonly Beat[], now: Instant): readonly Alarm[] => {
  const aliveSince = earliest(...beats.map(({ firstAt }) => firstAt)) ?? null;
  return NAMES.flatMap((layer) => {
    const own = beats.filter((beat) => beat.layer === layer);
    if (own.length === 0) return neverSeen(layer, aliveSince, now);
    const silent = own.filter(({ at }) => now - at > layers[layer].silentAfterMs);
    if (silent.length === own.length) return [stopped(layer, Math.max(...own.map(({ at }) => at)), now)];
    return silent.filter(({ ended }) => !ended).map((beat) => oneOfThem(beat, now));
  });
};

/** A deployment that only just started gets its minute. */
const neverSeen = (layer: BeatingLayer, aliveSince: Instant | null, now: Instant): readonly Alarm[] => {
  if (!layers[layer].expected) return [];
  if (aliveSince !== null && now - aliveSince <= ALARMING_MS) return [];
  const { does, without, severity } = layers[layer];
  return [
    {
      ...OF_THE_DEPLOYMENT,
      id: `bell.silent:${layer}`,
      kind: 'bell.silent',
      severity,
      sinceAt: aliveSince ?? now,
      cause: 'never_seen',
      message: `“${does}”: nobody in this deployment has ever been seen to do that, so ${without}.`,
      remedy: REMEDY,
      runbook: RUNBOOK,
    },
  ];
};

const stopped = (layer: BeatingLayer, sinceAt: Instant, now: Instant): Alarm => {
  const { does, without, severity } = layers[layer];
  return {
    ...OF_THE_DEPLOYMENT,
    id: `bell.silent:${layer}`,
    kind: 'bell.silent',
    severity,
    sinceAt,
    cause: 'stopped',
    message: `“${does}”: nobody has done that for ${inWords(now - sinceAt)}, so ${without}.`,
    remedy: REMEDY,
    runbook: RUNBOOK,
  };
};

const oneOfThem = ({ layer, instance, at }: Beat, now: Instant): Alarm => ({
  ...OF_THE_DEPLOYMENT,
  id: `bell.silent:${layer}:${instance}`,
  kind: 'bell.silent',
  severity: 'warning',
  sinceAt: at,
  cause: 'one_process',
  message: `“${layers[layer].does}”: the process ${instance} has not done that for ${inWords(now - at)}; others still do.`,
  remedy:
    'Find out whether it died, hangs, or was taken away on purpose: then it is forgotten after ten minutes.',
  runbook: RUNBOOK,
});

/** Read-backs that wait though nothing stands in their way: ends are taken away, and not proven. */
export const readBackAlarms = (owedAt: Instant | null, now: Instant): readonly Alarm[] =>
  owedAt === null || now - owedAt <= ALARMING_MS
    ? []
    : [
        {
          ...OF_THE_DEPLOYMENT,
          id: 'bell.silent:read-back',
          kind: 'bell.silent',
          severity: 'warning',
          sinceAt: owedAt,
          cause: 'stopped',
          message: `A read-back has waited for ${inWords(now - owedAt)}: what was taken away is not proven to be gone.`,
          remedy: 'Start a worker: only workers read back.',
          runbook: RUNBOOK,
        },
      ];

/** More than this between two clocks is no delay on the way: one of them is wrong. */
export const CLOCK_DIFFERENCE_MS = 30 * SECOND;

/** Machines whose clock is not the database's, and our clock, which follows the database's, when it is not Graph's. */
export const clockAlarms = (
  { beats, clocks }: Pick<AlarmFacts, 'beats' | 'clocks'>,
  now: Instant,
): readonly Alarm[] => [...machineAlarms(beats, now), ...graphAlarms(clocks)];

const machineAlarms = (beats: readonly Beat[], now: Instant): readonly Alarm[] => {
  const fresh = beats.filter(({ at, ended }) => !ended && now - at <= ALARMING_MS);
  const byInstance = new Map(fresh.map((beat) => [beat.instance, beat]));
  return [...byInstance.values()].flatMap(({ instance, firstAt, databaseDifferenceMs: aheadMs }) =>
    aheadMs === null || !isDifferent(aheadMs)
      ? []
      : [
          differing({
            id: `database:${instance}`,
            cause: 'machine',
            sinceAt: firstAt,
            message: `The clock of the machine of the process ${instance} is ${apart(aheadMs)} the database's.`,
          }),
        ],
  );
};

/** One alarm for all customers: it is ours that is wrong, or Microsoft's, and not theirs. */
const graphAlarms = (clocks: readonly MeasuredClock[]): readonly Alarm[] => {
  const different = clocks.filter(({ aheadMs }) => isDifferent(aheadMs));
  const [largest] = [...different].sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs));
  if (largest === undefined) return [];
  return [
    differing({
      id: 'graph',
      cause: 'graph',
      sinceAt: Math.min(...different.map(({ measuredAt }) => measuredAt)),
      message:
        `Graph's clock is ${apart(largest.aheadMs)} the database's, as measured at ${different.length} ` +
        `customer${different.length === 1 ? '' : 's'}.`,
    }),
  ];
};

const isDifferent = (ms: number): boolean => Math.abs(ms) > CLOCK_DIFFERENCE_MS;
const apart = (aheadMs: number): string =>
  `${Math.round(Math.abs(aheadMs) / SECOND)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;

const differing = (of: Pick<Alarm, 'id' | 'cause' | 'sinceAt' | 'message'>): Alarm => ({
  ...OF_THE_DEPLOYMENT,
  ...of,
  id: `clock.differs:${of.id}`,
  kind: 'clock.differs',
  severity: 'critical',
  message: `${of.message} Ends may come early or late by as much.`,
  remedy: 'Set the clock that is wrong, and have it follow a time server.',
  runbook: 'docs/runbooks/clock-difference.md',
});
