import type { Alarm } from './alarm.js';
import { blockedWords } from './cause.js';

/** Each alarm with the one among them that is behind it. */
export const withCauses = (alarms: readonly Alarm[]): readonly Alarm[] => {
  const ids = new Set(alarms.map(({ id }) => id));
  return alarms.map((alarm) => ({
    ...alarm,
    causedBy: suspectsOf(alarm).find((id) => ids.has(id)) ?? null,
  }));
};

/** What may be behind an alarm, the first first. */
const suspectsOf = (alarm: Alarm): readonly string[] => {
  switch (alarm.kind) {
    case 'customer.blocked':
      return credentialOf(alarm);
    case 'drift.overdue':
      return ['bell.silent:drift', `customer.blocked:${alarm.customerId}`];
    case 'end.overdue':
    case 'account.without_end':
      if (alarm.cause === 'nobody_works') return ['bell.silent:sweep', 'bell.silent:revoker'];
      return alarm.cause in blockedWords
        ? [`customer.blocked:${alarm.customerId}`, ...credentialOf(alarm)]
        : [];
    default:
      return [];
  }
};

const credentialOf = ({ cause, customerId }: Alarm): readonly string[] =>
  cause === 'credential_ended' ? [`credential.ending:${customerId}`] : [];
