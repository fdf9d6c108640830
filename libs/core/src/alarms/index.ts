export { ALARM_KINDS, type Alarm, type AlarmKind, type AlarmSeverity, type Runbook } from './alarm.js';
export {
  factsAskedAt,
  MOST_FACTS,
  type AccountWithoutEnd,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type BeatingLayer,
  type Beats,
  type CredentialEnd,
  type FactsAsked,
  type FailingCustomer,
  type MeasuredClock,
  type OverdueEnd,
} from './alarm-source.js';
export { BLOCKING_REASONS } from './cause.js';
export { databaseAway, decideAlarms } from './decide-alarms.js';
export { CLOCK_DIFFERENCE_MS } from './layer-alarms.js';
export { ALARMING_MS } from './overdue-alarms.js';
export { StandingAlarms, type AlarmNews } from './standing-alarms.js';
