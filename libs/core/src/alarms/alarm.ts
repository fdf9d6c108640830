import type { AccountId, CustomerId, GrantId, Instant, OrganizationId } from '#core/shared';

/** Everything that can be alarming. */
export const ALARM_KINDS = [
  'end.overdue',
  'database.away',
  'deployment.restoring',
  'account.without_end',
  'bell.silent',
  'clock.differs',
  'customer.blocked',
  'credential.ending',
] as const;

/** What is alarming: noun and what is wrong with it. */
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** `critical`: a person must act now; `warning`: soon; `notice`: it has weeks. */
export type AlarmSeverity = 'critical' | 'warning' | 'notice';

/** A page of docs/runbooks: what to look at, and what to do. */
export type Runbook = `docs/runbooks/${string}.md`;

/** Something that should not be, as it stands at one moment. It is derived from rows and kept nowhere. */
export interface Alarm {
  /** The same for as long as it stands, whoever looks, whenever: it can be recognised again. */
  readonly id: string;
  readonly kind: AlarmKind;
  readonly severity: AlarmSeverity;
  /** Null: it concerns the whole deployment. */
  readonly organizationId: OrganizationId | null;
  readonly customerId: CustomerId | null;
  readonly accountId: AccountId | null;
  readonly grantIds: readonly GrantId[];
  /** Since when it is so; of an overdue end, when it was owed. */
  readonly sinceAt: Instant;
  /** One word for what is behind it. */
  readonly cause: string;
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
  accountId: null,
  grantIds: [],
} as const;

const severities: Readonly<Record<AlarmSeverity, number>> = { critical: 0, warning: 1, notice: 2 };

/** Worst first: by severity, then by kind, then the longest standing. */
export const worstFirst = (alarms: readonly Alarm[]): readonly Alarm[] =>
  [...alarms].sort(
    (a, b) =>
      severities[a.severity] - severities[b.severity] ||
      ALARM_KINDS.indexOf(a.kind) - ALARM_KINDS.indexOf(b.kind) ||
      a.sinceAt - b.sinceAt ||
      (a.id < b.id ? -1 : 1),
  );

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
