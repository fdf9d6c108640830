import { HOUR, MINUTE, type Instant } from '#core/shared';
import type { Alarm, AlarmKind } from './alarm.js';

const TELL_AGAIN_MS = 15 * MINUTE;
/** Whoever joins an alarm that stands is told of soon, and a storm that grows by the second once a minute. */
const TELL_GROWN_MS = MINUTE;
/** What has weeks is told once a day. */
const NOTICE_AGAIN_MS = 24 * HOUR;

/** What there is to tell after a look. */
export interface AlarmNews {
  /** New, changed, or standing for so long that it is told again. */
  readonly standing: readonly Alarm[];
  /** No longer so, and nothing else of the kind is at that customer. */
  readonly over: readonly Alarm[];
}

interface Told {
  readonly alarm: Alarm;
  readonly at: Instant;
}

/** What one process has told of already, so that each alarm is told once and not at every look. */
export class StandingAlarms {
  #told = new Map<string, Told>();

  /** Takes the alarms of one look for all that there are, but for kinds of which there may be more than were told. */
  news(alarms: readonly Alarm[], now: Instant, cut: ReadonlySet<AlarmKind> = new Set()): AlarmNews {
    const before = this.#told;
    this.#told = new Map();
    const standing = alarms.filter((alarm) => {
      const known = before.get(alarm.id);
      const isNews =
        known === undefined ||
        isChanged(known.alarm, alarm) ||
        isGrown(known, alarm, now) ||
        isOld(known, now);
      this.#told.set(alarm.id, isNews ? { alarm, at: now } : known);
      return isNews;
    });
    const places = new Set(alarms.map(placeOf));
    const unseen = [...before.values()].filter(({ alarm }) => !this.#told.has(alarm.id));
    const mayStand = ({ alarm }: Told): boolean => cut.has(alarm.kind) || places.has(placeOf(alarm));
    for (const told of unseen.filter(mayStand)) this.#told.set(told.alarm.id, told);
    return { standing, over: unseen.filter((told) => !mayStand(told)).map(({ alarm }) => alarm) };
  }
}

/** What stands there for another reason now is not over; of the deployment every alarm is by itself. */
const placeOf = ({ id, kind, customerId }: Alarm): string =>
  customerId === null ? id : `${kind} ${customerId}`;

const isChanged = (before: Alarm, after: Alarm): boolean =>
  before.cause !== after.cause || before.severity !== after.severity;

/** It is about accounts that were not told of. */
const isGrown = ({ alarm: before, at }: Told, after: Alarm, now: Instant): boolean =>
  now - at >= TELL_GROWN_MS &&
  (after.accounts > before.accounts || after.accountIds.some((id) => !before.accountIds.includes(id)));

const isOld = ({ alarm, at }: Told, now: Instant): boolean =>
  now - at >= (alarm.severity === 'notice' ? NOTICE_AGAIN_MS : TELL_AGAIN_MS);
