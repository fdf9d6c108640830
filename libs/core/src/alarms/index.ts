export { ALARM_KINDS, type Alarm, type AlarmKind, type AlarmSeverity, type Runbook } from './alarm.js';
export { alarmsAfter, placeOf } from './alarm-page.js';
export {
  factsAskedAt,
  MOST_FACTS,
  MOST_NAMED,
  type AccountsTogether,
  type AccountsWithoutEnd,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type BeatingLayer,
  type Beats,
  type CredentialEnd,
  type EnabledAgain,
  type FactsAsked,
  type FailingCustomer,
  type FloodedCustomer,
  type LostTakeBack,
  type MeasuredClock,
  type OverdueEnds,
  type UncomparedCustomer,
  type UnreachedHold,
} from './alarm-source.js';
export { BLOCKING_REASONS } from './cause.js';
export {
  besideUnwritable,
  cutKinds,
  databaseAway,
  databaseUnwritable,
  decideAlarms,
} from './decide-alarms.js';
export { RefusedWrites } from './refused-writes.js';
export { CLOCK_DIFFERENCE_MS } from './layer-alarms.js';
export { StandingAlarms } from './standing-alarms.js';
