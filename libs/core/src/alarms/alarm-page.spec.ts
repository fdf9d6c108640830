import fc from 'fast-check';
import { HOUR, idOf } from '#core/shared';
import { alarmsOf, CONTOSO, NOW, overdue } from '../testing/alarm-facts.samples.js';
import { alarmsAfter, placeOf } from './alarm-page.js';

const DAY = 24 * HOUR;

describe('A page of alarms', () => {
  const places = fc.array(fc.integer({ min: -DAY, max: DAY }), { minLength: 1, maxLength: 30 });
  const listed = (ages: readonly number[]) =>
    alarmsOf({
      overdue: ages.map((ms, index) => overdue(`c${index}`, NOW - ms)),
      credentialEnds: ages.map((ms, index) => ({
        ...CONTOSO,
        customerId: idOf(`c${index}`),
        endsAt: NOW + 30 * ms,
      })),
    });

  it('goes on where the one before ended, until each was told once', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 7 }), (ages, limit) => {
        const all = listed(ages);
        const seen: string[] = [];
        for (let place: string | null = null; ;) {
          const page = alarmsAfter(all, place).slice(0, limit);
          seen.push(...page.map(({ id }) => id));
          const last = page.at(-1);
          if (last === undefined) break;
          place = placeOf(last);
        }
        expect(seen).toEqual(all.map(({ id }) => id));
      }),
    );
  });

  it('goes on also when the alarm at which it ended is over', () => {
    const all = listed([HOUR, 2 * HOUR, 3 * HOUR]);
    const [, last] = all;
    if (last === undefined) throw new Error('There are several.');

    expect(
      alarmsAfter(
        all.filter((alarm) => alarm !== last),
        placeOf(last),
      ),
    ).toEqual(all.slice(2));
  });
});
