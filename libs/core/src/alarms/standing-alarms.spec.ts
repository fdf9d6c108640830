import { HOUR, idOf, MINUTE } from '#core/shared';
import type { Alarm } from './alarm.js';
import { databaseAway } from './decide-alarms.js';
import { StandingAlarms } from './standing-alarms.js';

const anAlarm = (wish: Partial<Alarm> = {}): Alarm => ({ ...databaseAway(0, 0), ...wish });

describe('Alarms that stand', () => {
  it('are told once, again each quarter of an hour, and once when they are over', () => {
    const told = new StandingAlarms();
    const alarm = anAlarm();

    expect(told.news([alarm], 0)).toEqual({ standing: [alarm], over: [] });
    expect(told.news([alarm], 15 * MINUTE - 1)).toEqual({ standing: [], over: [] });
    expect(told.news([alarm], 15 * MINUTE)).toEqual({ standing: [alarm], over: [] });
    expect(told.news([alarm], 16 * MINUTE)).toEqual({ standing: [], over: [] });
    expect(told.news([], 17 * MINUTE)).toEqual({ standing: [], over: [alarm] });
    expect(told.news([], 18 * MINUTE)).toEqual({ standing: [], over: [] });
  });

  it('are told anew when they change, and when they come back', () => {
    const told = new StandingAlarms();
    told.news([anAlarm()], 0);
    const worse = anAlarm({ cause: 'worse' });

    expect(told.news([worse], 1).standing).toEqual([worse]);
    told.news([], 2);
    expect(told.news([worse], 3).standing).toEqual([worse]);
  });

  it('are told anew when they are about more accounts than were told of, or about others, once a minute', () => {
    const told = new StandingAlarms();
    const about = (accounts: number, ...ids: string[]) =>
      anAlarm({ accounts, accountIds: ids.map((id) => idOf<'account'>(id)) });
    const [one, many, more] = [about(1, 'a'), about(51, 'a', 'b'), about(60, 'a', 'b')];
    const other = about(1, 'c');
    told.news([one], 0);

    expect(told.news([many], MINUTE - 1).standing).toEqual([]);
    expect(told.news([many], MINUTE).standing).toEqual([many]);
    expect(told.news([more], MINUTE + 1).standing).toEqual([]);
    expect(told.news([more], 2 * MINUTE).standing).toEqual([more]);
    expect(told.news([one], 3 * MINUTE).standing).toEqual([]);
    expect(told.news([other], 4 * MINUTE).standing).toEqual([other]);
    expect(told.news([other], 5 * MINUTE).standing).toEqual([]);
  });

  it('are not over for there being no room for them, and are once there is', () => {
    const told = new StandingAlarms();
    const alarm = anAlarm();
    const cut = new Set([alarm.kind]);
    told.news([alarm], 0);

    expect(told.news([], 1, cut)).toEqual({ standing: [], over: [] });
    expect(told.news([alarm], 2, cut)).toEqual({ standing: [], over: [] });
    expect(told.news([], 3, new Set(['end.overdue'])).over).toEqual([alarm]);
    expect(told.news([], 4).over).toEqual([]);
  });

  it('are not over while their kind has another cause at the same customer', () => {
    const told = new StandingAlarms();
    const of = { kind: 'end.overdue', customerId: idOf<'customer'>('contoso') } as const;
    const unanswered = anAlarm({ ...of, id: 'end.overdue:contoso:unanswered' });
    const throttled = anAlarm({ ...of, id: 'end.overdue:contoso:throttled' });
    const elsewhere = anAlarm({ ...of, id: 'end.overdue:other:throttled', customerId: idOf('other') });
    told.news([unanswered], 0);

    expect(told.news([throttled, elsewhere], 1)).toEqual({ standing: [throttled, elsewhere], over: [] });
    expect(told.news([elsewhere], 2)).toEqual({ standing: [], over: [throttled, unanswered] });
  });

  it('are told once a day when they have weeks', () => {
    const told = new StandingAlarms();
    const notice = anAlarm({ severity: 'notice' });
    told.news([notice], 0);

    expect(told.news([notice], 24 * HOUR - 1).standing).toEqual([]);
    expect(told.news([notice], 24 * HOUR).standing).toEqual([notice]);
  });
});
