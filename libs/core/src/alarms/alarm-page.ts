import { compareAlarms, type Alarm, type AlarmPlace, type AlarmSeverity } from './alarm.js';

/** Where an alarm stands in the list, as a text: it is found again though others, or it itself, have gone meanwhile. */
export const placeOf = ({ severity, sinceAt, id }: Alarm): string => `${severity}:${sinceAt}:${id}`;

/** Those that come after a place; null: all of them. */
export const alarmsAfter = (alarms: readonly Alarm[], place: string | null): readonly Alarm[] => {
  if (place === null) return alarms;
  const after = placeIn(place);
  return alarms.filter((alarm) => compareAlarms(alarm, after) > 0);
};

const placeIn = (place: string): AlarmPlace => {
  const [severity = '', sinceAt = '', ...id] = place.split(':');
  return { severity: severity as AlarmSeverity, sinceAt: Number(sinceAt), id: id.join(':') };
};
