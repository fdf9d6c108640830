import type { AlarmOut } from '#contracts';
import type { Alarm, AlarmKind, AlarmSeverity } from '#core/alarms';
import { iso } from '../wire.js';

const kinds = {
  'end.overdue': 'end.overdue',
  'database.away': 'database.away',
  'deployment.restoring': 'deployment.restoring',
  'account.without_end': 'account.without_end',
  'bell.silent': 'bell.silent',
  'clock.differs': 'clock.differs',
  'customer.blocked': 'customer.blocked',
  'credential.ending': 'credential.ending',
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
  accountId: alarm.accountId,
  grantIds: [...alarm.grantIds],
  since: iso(alarm.sinceAt),
  cause: alarm.cause,
  message: alarm.message,
  remedy: alarm.remedy,
  runbook: alarm.runbook,
});
