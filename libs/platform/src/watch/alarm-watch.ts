import {
  cutKinds,
  databaseAway,
  databaseUnwritable,
  decideAlarms,
  factsAskedAt,
  StandingAlarms,
  type Alarm,
  type AlarmKind,
  type AlarmFacts,
  type AlarmSource,
} from '#core/alarms';
import { MINUTE, SECOND, type Clock, type Instant } from '#core/shared';
import type { Logger } from '../logging/logger.js';

/** So that it is told within a minute, however long a look takes that is not answered. */
const AWAY_MS = 40 * SECOND;
/** Looks follow one another by seconds: for so long nobody has looked because the machine slept. */
const ASLEEP_MS = 40 * SECOND;
/** And no question is waited for as long as this. */
const ASLEEP_WHILE_ASKING_MS = 2 * MINUTE;

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
  /** Since when the database takes no writes, as far as this process knows; null: it does. */
  readonly unwritableSince: () => Instant | null;
  /** Null: nobody is told in words. */
  readonly logger: Logger | null;
  readonly onSeen: (seen: Seen) => void;
}

/**
 * Looks at the rows of the whole deployment and says what is alarming: once when it begins, again while it stands, once when
 * it is over. While the database is away that itself is the alarm, and what stood before is taken to stand still. Time in which
 * the machine slept is nobody's silence.
 */
export class AlarmWatch {
  readonly #options: AlarmWatchOptions;
  readonly #standing = new StandingAlarms();
  #alarms: readonly Alarm[] = [];
  #cut: ReadonlySet<AlarmKind> = new Set();
  #awaySince: Instant | null = null;
  #answeredAt: Instant | null = null;
  #lookedAt: Instant | null = null;
  /** Nobody could beat, or be heard, since the last look that judged. The first look of all is too early: others start as well. */
  #wasDeaf = true;

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const { source, clock, onSeen } = this.#options;
    const askedAt = clock.now();
    this.#slept(askedAt - (this.#lookedAt ?? askedAt), ASLEEP_MS);
    const facts = await source.ofDeployment(factsAskedAt(askedAt)).catch(() => null);
    const at = clock.now();
    this.#slept(at - askedAt, ASLEEP_WHILE_ASKING_MS);
    this.#lookedAt = at;
    const alarms = facts === null ? this.#away(at) : this.#back(facts, at);
    this.#tell(alarms, at);
    onSeen({ at, facts, alarms });
  }

  /** What passed in sleep is no part of how long the database has been away. */
  #slept(ms: number, atLeastMs: number): void {
    if (ms < atLeastMs) return;
    this.#wasDeaf = true;
    if (this.#awaySince !== null) this.#awaySince += ms;
    if (this.#answeredAt !== null) this.#answeredAt += ms;
  }

  #away(at: Instant): readonly Alarm[] {
    this.#wasDeaf = true;
    // Nobody knows of more than the last answer.
    this.#awaySince ??= this.#answeredAt ?? at;
    return at - this.#awaySince > AWAY_MS
      ? [databaseAway(this.#awaySince, at), ...this.#alarms]
      : this.#alarms;
  }

  /** Nobody could beat while the database was away, or took no writes: the first look after it judges no silence. */
  #back(facts: AlarmFacts, at: Instant): readonly Alarm[] {
    const unwritableSince = this.#options.unwritableSince();
    const isDeaf = this.#wasDeaf || unwritableSince !== null;
    const decided = decideAlarms(facts, at);
    this.#cut = cutKinds(facts);
    this.#wasDeaf = unwritableSince !== null;
    this.#awaySince = null;
    this.#answeredAt = at;
    const stood = new Set(this.#alarms.map(({ id }) => id));
    const heard = isDeaf
      ? decided.filter(({ kind, id }) => kind !== 'bell.silent' || stood.has(id))
      : decided;
    this.#alarms =
      unwritableSince !== null && at - unwritableSince > AWAY_MS
        ? [databaseUnwritable(unwritableSince, at), ...heard]
        : heard;
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
