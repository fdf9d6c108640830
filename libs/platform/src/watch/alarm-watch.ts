import {
  cutKinds,
  databaseAway,
  decideAlarms,
  factsAskedAt,
  StandingAlarms,
  type Alarm,
  type AlarmKind,
  type AlarmFacts,
  type AlarmSource,
} from '#core/alarms';
import { SECOND, type Clock, type Instant } from '#core/shared';
import type { Logger } from '../logging/logger.js';

/** So that it is told within a minute, however long a look takes that is not answered. */
const AWAY_MS = 40 * SECOND;

/** What was seen at one look. */
export interface Seen {
  readonly at: Instant;
  /** Null: the database was away. */
  readonly facts: AlarmFacts | null;
  readonly alarms: readonly Alarm[];
}

/** Who looks, and who is told. */
export interface AlarmWatchOptions {
  readonly source: Pick<AlarmSource, 'ofDeployment'>;
  readonly clock: Clock;
  /** Null: nobody is told in words. */
  readonly logger: Logger | null;
  readonly onSeen: (seen: Seen) => void;
}

/**
 * Looks at the rows of the whole deployment and says what is alarming: once when it begins, again while it stands, once when
 * it is over. While the database is away that itself is the alarm, and what stood before is taken to stand still.
 */
export class AlarmWatch {
  readonly #options: AlarmWatchOptions;
  readonly #standing = new StandingAlarms();
  #alarms: readonly Alarm[] = [];
  #cut: ReadonlySet<AlarmKind> = new Set();
  #awaySince: Instant | null = null;
  #answeredAt: Instant | null = null;

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const { source, clock, onSeen } = this.#options;
    const facts = await source.ofDeployment(factsAskedAt(clock.now())).catch(() => null);
    const at = clock.now();
    const alarms = facts === null ? this.#away(at) : this.#back(facts, at);
    this.#tell(alarms, at);
    onSeen({ at, facts, alarms });
  }

  #away(at: Instant): readonly Alarm[] {
    // Nobody knows of more than the last answer.
    this.#awaySince ??= this.#answeredAt ?? at;
    return at - this.#awaySince > AWAY_MS
      ? [databaseAway(this.#awaySince, at), ...this.#alarms]
      : this.#alarms;
  }

  /** Nobody could beat while the database was away: the first look after it judges no silence. */
  #back(facts: AlarmFacts, at: Instant): readonly Alarm[] {
    const decided = decideAlarms(facts, at);
    this.#cut = cutKinds(facts);
    const wasAway = this.#awaySince !== null;
    this.#awaySince = null;
    this.#answeredAt = at;
    const stood = new Set(this.#alarms.map(({ id }) => id));
    this.#alarms = wasAway
      ? decided.filter(({ kind, id }) => kind !== 'bell.silent' || stood.has(id))
      : decided;
    return this.#alarms;
  }

  #tell(alarms: readonly Alarm[], at: Instant): void {
    const { logger } = this.#options;
    const { standing, over } = this.#standing.news(alarms, at, this.#cut);
    for (const alarm of standing) {
      const facts = { ...lineOf(alarm), remedy: alarm.remedy };
      logger?.[alarm.severity === 'critical' ? 'error' : 'warn'](facts, alarm.message);
    }
    for (const alarm of over) logger?.info(lineOf(alarm), 'this alarm is over');
  }
}

const lineOf = (alarm: Alarm) => ({
  alarm: alarm.id,
  kind: alarm.kind,
  severity: alarm.severity,
  cause: alarm.cause,
  causedBy: alarm.causedBy,
  organizationId: alarm.organizationId,
  customerId: alarm.customerId,
  accounts: alarm.accounts,
  accountIds: alarm.accountIds,
  grantIds: alarm.grantIds,
  since: new Date(alarm.sinceAt).toISOString(),
  runbook: alarm.runbook,
});
