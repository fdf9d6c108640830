import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import {
  isTimeZone,
  longestOpeningMs,
  openness,
  WEEKDAYS,
  type AllowedHours,
  type LocalTime,
  type Weekday,
} from './allowed-hours.js';

const DAY = 24 * HOUR;
const at = (iso: string): number => Date.parse(iso);
const hours = (
  from: LocalTime,
  to: LocalTime,
  { days = WEEKDAYS, timeZone = 'Europe/Zurich' }: { days?: readonly Weekday[]; timeZone?: string } = {},
): AllowedHours => ({ timeZone, windows: [{ days, from, to }] });
const office = hours('08:00', '18:00', { days: WEEKDAYS.slice(0, 5) });

describe('Allowed hours', () => {
  it.each([
    ['a working day', '2026-03-16T10:00:00Z', '2026-03-16T17:00:00Z'],
    ['the first instant', '2026-03-16T07:00:00Z', '2026-03-16T17:00:00Z'],
    ['the last millisecond', '2026-03-16T16:59:59.999Z', '2026-03-16T17:00:00Z'],
    ['a day in summer', '2026-07-01T06:00:00Z', '2026-07-01T16:00:00Z'],
  ])('are open on %s', (_, now, until) => {
    expect(openness(office, at(now))).toEqual({ isOpen: true, until: at(until) });
  });

  it.each([
    ['in the evening', '2026-03-16T17:00:00Z', '2026-03-17T07:00:00Z'],
    ['just before', '2026-03-16T06:59:59.999Z', '2026-03-16T07:00:00Z'],
    ['on the weekend', '2026-03-14T12:00:00Z', '2026-03-16T07:00:00Z'],
    ['over a change of the clocks', '2026-03-27T18:00:00Z', '2026-03-30T06:00:00Z'],
  ])('are closed %s, and say when they open', (_, now, opensAt) => {
    expect(openness(office, at(now))).toEqual({ isOpen: false, opensAt: at(opensAt) });
  });

  it('are open for longer than any grant where there are none, and where they never close', () => {
    const now = at('2026-03-16T10:00:00Z');

    for (const each of [null, hours('00:00', '24:00'), hours('09:00', '09:00')]) {
      const open = openness(each, now);
      expect(open.isOpen && open.until - now).toBeGreaterThanOrEqual(7 * DAY);
    }
  });

  it('go on over midnight, to the day after the one on which they began', () => {
    const night = hours('22:00', '06:00', { days: ['friday'] });

    expect(openness(night, at('2026-03-13T21:30:00Z'))).toEqual({
      isOpen: true,
      until: at('2026-03-14T05:00:00Z'),
    });
    expect(openness(night, at('2026-03-14T04:59:00Z'))).toEqual({
      isOpen: true,
      until: at('2026-03-14T05:00:00Z'),
    });
    expect(openness(night, at('2026-03-14T21:30:00Z'))).toMatchObject({ isOpen: false });
  });

  it('are one where windows touch or overlap', () => {
    const windows = [
      { days: ['monday'], from: '08:00', to: '12:00' },
      { days: ['monday'], from: '12:00', to: '13:00' },
      { days: ['monday'], from: '09:00', to: '10:00' },
    ] as const;

    expect(openness({ timeZone: 'UTC', windows }, at('2026-03-16T08:30:00Z'))).toEqual({
      isOpen: true,
      until: at('2026-03-16T13:00:00Z'),
    });
  });

  it.each([
    ['a night in which the clocks go forward', '2026-03-28T21:30:00Z', '2026-03-29T04:00:00Z'],
    ['a night in which they go back', '2026-10-24T20:30:00Z', '2026-10-25T05:00:00Z'],
  ])('keep to the clock on the wall in %s', (_, now, until) => {
    expect(openness(hours('22:00', '06:00'), at(now))).toEqual({ isOpen: true, until: at(until) });
  });

  it('are closed in a time that the clocks skip, and open once in one that comes twice', () => {
    const skipped = hours('02:15', '02:45', { days: ['sunday'] });
    const now = at('2026-03-28T12:00:00Z');
    expect(openness(skipped, now)).toEqual({ isOpen: false, opensAt: at('2026-04-05T00:15:00Z') });

    const twice = openness(skipped, at('2026-10-25T00:15:00Z'));
    expect(twice).toEqual({ isOpen: true, until: at('2026-10-25T00:45:00Z') });
    expect(openness(skipped, at('2026-10-25T01:30:00Z'))).toMatchObject({ isOpen: false });
    const halfSkipped = openness(hours('02:30', '05:00'), at('2026-03-29T01:00:00Z'));
    expect(halfSkipped).toEqual({ isOpen: true, until: at('2026-03-29T03:00:00Z') });
  });

  it('know places, and no offsets', () => {
    expect(['Europe/Zurich', 'UTC', 'America/Argentina/Buenos_Aires'].map(isTimeZone)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['+01:00', 'Europe/Atlantis', '', 'UTC+1 ', '../etc'].map(isTimeZone)).toEqual(
      Array(5).fill(false),
    );
  });

  it('never open where nobody knows the clocks any more', () => {
    const lost = hours('00:00', '24:00', { timeZone: 'Europe/Atlantis' });

    expect(openness(lost, at('2026-03-16T10:00:00Z'))).toEqual({ isOpen: false, opensAt: null });
    expect(longestOpeningMs(lost, 0)).toBe(0);
  });

  it('tell the longest time without a break', () => {
    expect(longestOpeningMs(office, at('2026-03-16T10:00:00Z'))).toBe(10 * HOUR);
  });
});

const zones = [
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
  'UTC',
];
const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(
    ([hour, minute]): LocalTime =>
      `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` as LocalTime,
  );
const anyHours = fc.record({
  timeZone: fc.constantFrom(...zones),
  windows: fc.array(fc.record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), from: time, to: time }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const anyInstant = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
/** Around the nights in which clocks change. */
const nearChange = fc
  .tuple(
    fc.constantFrom(
      '2026-03-29T01:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-03-08T07:00:00Z',
      '2026-11-01T06:00:00Z',
      '2026-04-04T15:00:00Z',
    ),
    fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
  )
  .map(([change, offset]) => at(change) + offset);

/** What a person there sees, by another way than the code. */
const wallIn = (timeZone: string, instant: number): { readonly day: Weekday; readonly minute: number } => {
  const shown = new Date(instant).toLocaleString('en-GB', {
    timeZone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
  });
  const [, day = '', hour = '', minute = ''] = /(\w+)\D+(\d+):(\d+)/.exec(shown) ?? [];
  return { day: day.toLowerCase() as Weekday, minute: Number(hour) * 60 + Number(minute) };
};
const minutes = (local: LocalTime): number => Number(local.slice(0, 2)) * 60 + Number(local.slice(3));
const isShownOpen = ({ timeZone, windows }: AllowedHours, instant: number): boolean => {
  const { day, minute } = wallIn(timeZone, instant);
  const yesterday = WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;
  return windows.some(({ days, from, to }) => {
    const [begins, ends] = [minutes(from), minutes(to)];
    if (ends > begins) return days.includes(day) && begins <= minute && minute < ends;
    return (days.includes(day) && minute >= begins) || (days.includes(yesterday) && minute < ends);
  });
};
const isSteady = (timeZone: string, instant: number): boolean =>
  [-2 * DAY, 2 * DAY].every(
    (away) => wallIn(timeZone, instant + away).minute === wallIn(timeZone, instant).minute,
  );

describe('Whatever the hours', () => {
  it('they are open exactly when the clock on the wall says so, where no clock changes', () => {
    fc.assert(
      fc.property(anyHours, anyInstant, (each, now) => {
        fc.pre(isSteady(each.timeZone, now));
        expect(openness(each, now).isOpen).toBe(isShownOpen(each, now));
      }),
      { numRuns: 500 },
    );
  });

  it('they close when they said, and open when they said, also in nights of two clocks', () => {
    fc.assert(
      fc.property(anyHours, fc.oneof(anyInstant, nearChange), (each, now) => {
        const open = openness(each, now);
        if (open.isOpen) {
          expect(open.until).toBeGreaterThan(now);
          const last = openness(each, open.until - 1);
          // What goes on for longer than any grant is told as far as anybody needs to see.
          if (open.until >= now + 7 * DAY) expect(last.isOpen).toBe(true);
          else {
            expect(last).toEqual(open);
            expect(openness(each, open.until).isOpen).toBe(false);
          }
        } else if (open.opensAt !== null) {
          expect(open.opensAt).toBeGreaterThan(now);
          expect(openness(each, open.opensAt - 1)).toEqual(open);
          expect(openness(each, open.opensAt).isOpen).toBe(true);
        }
        expect(open.isOpen || open.opensAt !== null).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('no night of two clocks makes them longer than the clocks differ', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 12 * 60 }), nearChange, (from, length, now) => {
        const to = (minutes(from) + length) % (24 * 60);
        const until =
          `${String(Math.floor(to / 60)).padStart(2, '0')}:${String(to % 60).padStart(2, '0')}` as LocalTime;
        for (const timeZone of zones) {
          const longest = longestOpeningMs(hours(from, until, { timeZone }), now);
          expect(Math.abs(longest - length * MINUTE)).toBeLessThanOrEqual(HOUR + SECOND);
        }
      }),
      { numRuns: 50 },
    );
  });
});
