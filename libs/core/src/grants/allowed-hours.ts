import { HOUR, MINUTE, SECOND, type Instant } from '#core/shared';

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A time by the clock on the wall: `08:30`; `24:00` is the end of a day. */
export type LocalTime = `${number}:${number}`;

/** On each of these days from one time to another; a `to` that is not later than `from` is that of the next day. */
export interface HoursWindow {
  readonly days: readonly Weekday[];
  readonly from: LocalTime;
  readonly to: LocalTime;
}

/** When a policy may be used, by the clocks of one place. */
export interface AllowedHours {
  /** A name of the IANA time zone database, such as `Europe/Zurich`. */
  readonly timeZone: string;
  readonly windows: readonly HoursWindow[];
}

/** From one instant until just before another. */
export interface Opening {
  readonly from: Instant;
  readonly until: Instant;
}

/** Whether it is open, and until when; else when it opens next, as far as can be seen. */
export type Openness =
  | { readonly isOpen: true; readonly until: Instant }
  | { readonly isOpen: false; readonly opensAt: Instant | null };

const DAY = 24 * HOUR;
/** Longer than any grant; and a window of each week shows in it. */
const DAYS_AHEAD = 8;

/** What never closes goes on for longer than any grant from each instant on. */
export const openness = (hours: AllowedHours | null, at: Instant): Openness => {
  if (hours === null) return { isOpen: true, until: at + DAYS_AHEAD * DAY };
  const openings = openingsAround(hours, at);
  const present = openings.find(({ from, until }) => from <= at && at < until);
  if (present !== undefined) return { isOpen: true, until: present.until };
  return { isOpen: false, opensAt: openings.find(({ from }) => from > at)?.from ?? null };
};

/** How long a grant of these hours can be at most: the longest time in a usual week without a break. */
export const longestOpeningMs = (hours: AllowedHours, at: Instant): number =>
  Math.max(0, ...openingsAround(hours, at).map(({ from, until }) => until - from));

/** Whether this process knows the clocks of a place by that name; an offset is no place. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** Each as long as it goes on without a break, from the day before on; none where the clocks of the place are not known. */
const openingsAround = ({ timeZone, windows }: AllowedHours, at: Instant): readonly Opening[] => {
  if (!isTimeZone(timeZone)) return [];
  const today = Math.floor((at + offsetAt(timeZone, at)) / DAY) * DAY;
  const openings: Opening[] = [];
  for (let day = today - DAY; day <= today + DAYS_AHEAD * DAY; day += DAY) {
    for (const { days, from, to } of windows) {
      if (!days.includes(weekdayOf(day))) continue;
      const [begins, ends] = [sinceMidnight(from), sinceMidnight(to)];
      const until = firstInstantOf(timeZone, day + (ends > begins ? ends : ends + DAY));
      openings.push({ from: firstInstantOf(timeZone, day + begins), until });
    }
  }
  return joined(openings.filter(({ from, until }) => from < until));
};

const joined = (openings: readonly Opening[]): readonly Opening[] => {
  const whole: Opening[] = [];
  for (const next of [...openings].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last === undefined || next.from > last.until) whole.push(next);
    else whole[whole.length - 1] = { from: last.from, until: Math.max(last.until, next.until) };
  }
  return whole;
};

/** Days are counted as if it were UTC everywhere. The first of 1970 was a Thursday. */
const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day / DAY + 3) % 7) + 7) % 7] ?? 'monday';

const sinceMidnight = (time: LocalTime): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * HOUR + minutes * MINUTE;
};

/**
 * The first instant at which the clocks of the place show that time or a later one. A time that is skipped begins when the clocks
 * have been put forward, one that comes twice is the first of the two: a night's change makes no window open twice.
 */
const firstInstantOf = (timeZone: string, local: number): Instant => {
  const [before, after] = [offsetAt(timeZone, local - DAY), offsetAt(timeZone, local + DAY)];
  let [low, high] = [local - Math.max(before, after), local - Math.min(before, after)];
  if (low + offsetAt(timeZone, low) >= local) return low;
  // The clocks change in between, at a whole second.
  while (high - low > SECOND) {
    const middle = low + Math.floor((high - low) / 2 / SECOND) * SECOND;
    if (middle + offsetAt(timeZone, middle) >= local) high = middle;
    else low = middle;
  }
  return high;
};

/** By how much the clocks of the place are ahead of UTC. */
const offsetAt = (timeZone: string, at: Instant): number => {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of clockOf(timeZone).formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / SECOND) * SECOND;
};

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a place that is not known. Making one takes long, asking it does not. */
const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  // Names are taken in any case of letters: each place is kept once.
  const name = timeZone.toLowerCase();
  const known = clocks.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(name, made);
  return made;
};
