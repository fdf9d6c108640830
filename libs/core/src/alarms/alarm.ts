import type { AccountId, CustomerId, GrantId, Instant, OrganizationId } from '#core/shared';

/** Everything that can be alarming: what is behind others comes before them. */
export const ALARM_KINDS = [
  'database.away',
  'database.unwritable',
  'deployment.restoring',
  'clock.differs',
  'bell.silent',
  'credential.ending',
  'customer.blocked',
  'take_back.lost',
  'drift.overdue',
  'drift.flooded',
  'hold.unreached',
  'end.overdue',
  'account.without_end',
  'account.enabled_again',
] as const;

/** What is alarming: noun and what is wrong with it. */
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** `critical`: a person must act now; `warning`: soon; `notice`: it has weeks. */
export type AlarmSeverity = 'critical' | 'warning' | 'notice';

/** A page of docs/runbooks: what to look at, and what to do. */
export type Runbook = `docs/runbooks/${string}.md`;

/** Something that should not be, as it stands at one moment. It is derived from rows and kept nowhere. */
export interface Alarm {
  /** Its kind and whom it is about: the same for as long as it stands, whoever looks, whenever. */
  readonly id: string;
  readonly kind: AlarmKind;
  readonly severity: AlarmSeverity;
  /** Null: it concerns the whole deployment. */
  readonly organizationId: OrganizationId | null;
  readonly customerId: CustomerId | null;
  /** How many accounts it is about; 0: none in particular. */
  readonly accounts: number;
  /** Some of those, the longest standing. */
  readonly accountIds: readonly AccountId[];
  readonly grantIds: readonly GrantId[];
  /** Since when it is so; of an overdue end, when it was owed. */
  readonly sinceAt: Instant;
  /** One word for what is behind it. */
  readonly cause: string;
  /** The alarm that is behind this one, by its id; null: none is. */
  readonly causedBy: string | null;
  /** What happened, and why. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly runbook: Runbook;
}

/** What concerns no organization's customer in particular. */
export const OF_THE_DEPLOYMENT = {
  organizationId: null,
  customerId: null,
  accounts: 0,
  accountIds: [],
  grantIds: [],
  causedBy: null,
} as const;

const severities: Readonly<Record<AlarmSeverity, number>> = { critical: 0, warning: 1, notice: 2 };

/** What an alarm's place in the list follows from. */
export type AlarmPlace = Pick<Alarm, 'severity' | 'sinceAt' | 'id'>;

/** Worst first: by severity, then causes before what they cause, then the longest standing. */
export const compareAlarms = (a: AlarmPlace, b: AlarmPlace): number =>
  severities[a.severity] - severities[b.severity] ||
  rankOf(a) - rankOf(b) ||
  a.sinceAt - b.sinceAt ||
  (a.id < b.id ? -1 : Number(a.id > b.id));

const RANKS: readonly string[] = ALARM_KINDS;
const rankOf = ({ id }: AlarmPlace): number => RANKS.indexOf(id.split(':', 1)[0] ?? id);

/** Worst first. */
export const worstFirst = (alarms: readonly Alarm[]): readonly Alarm[] => [...alarms].sort(compareAlarms);

const AMOUNTS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
] as const;

/** A duration in words, in the largest unit of which there are two. */
export const inWords = (ms: number): string => {
  const { unit, ms: size } = AMOUNTS.find((each) => ms >= 2 * each.ms) ?? AMOUNTS[3];
  const count = Math.max(0, Math.floor(ms / size));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};
