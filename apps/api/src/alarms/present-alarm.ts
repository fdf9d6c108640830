import type { AlarmOut } from '#contracts';
import type { Alarm, AlarmKind, AlarmSeverity } from '#core/alarms';
import { iso } from '../wire.js';

const kinds = {
  'database.away': 'database.away',
  'database.unwritable': 'database.unwritable',
  'deployment.restoring': 'deployment.restoring',
  'clock.differs': 'clock.differs',
  'bell.silent': 'bell.silent',
  'credential.ending': 'credential.ending',
  'customer.blocked': 'customer.blocked',
  'drift.overdue': 'drift.overdue',
  'drift.flooded': 'drift.flooded',
  'take_back.lost': 'take_back.lost',
  'hold.unreached': 'hold.unreached',
  'end.overdue': 'end.overdue',
  'account.without_end': 'account.without_end',
  'account.enabled_again': 'account.enabled_again',
} as const satisfies Record<AlarmKind, AlarmOut['kind']>;

const severities = {
  critical: 'critical',
  warning: 'warning',
  notice: 'notice',
} as const satisfies Record<AlarmSeverity, AlarmOut['severity']>;

export const presentAlarm = (alarm: Alarm): AlarmOut => ({
  id: alarm.id,
  kind: kinds[alarm.kind],
  severity: severities[alarm.severity],
  customerId: alarm.customerId,
  accounts: alarm.accounts,
  accountIds: [...alarm.accountIds],
  grantIds: [...alarm.grantIds],
  since: iso(alarm.sinceAt),
  cause: alarm.cause,
  causedBy: alarm.causedBy,
  message: alarm.message,
  remedy: alarm.remedy,
  runbook: alarm.runbook,
});
