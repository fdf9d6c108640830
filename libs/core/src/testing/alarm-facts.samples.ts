import {
  decideAlarms,
  type Alarm,
  type AlarmFacts,
  type Beat,
  type BeatingLayer,
  type FailingCustomer,
  type OverdueEnds,
} from '#core/alarms';
import { HOUR, idOf, SECOND, type CustomerRef } from '#core/shared';

/** When the samples are looked at. */
export const NOW = Date.UTC(2026, 5, 1, 12);
/** A customer. */
export const CONTOSO: CustomerRef = { organizationId: idOf('msp'), customerId: idOf('contoso') };
/** Every layer that beats. */
export const ALL: readonly BeatingLayer[] = ['api', 'bells', 'sweep', 'revoker', 'drift'];

/** A beat of a second ago. */
export const beat = (layer: BeatingLayer, instance: string, wish: Partial<Beat> = {}): Beat => ({
  layer,
  instance,
  firstAt: NOW - HOUR,
  at: NOW - SECOND,
  ended: false,
  databaseDifferenceMs: 0,
  ...wish,
});

/** Nothing is alarming. */
export const well: AlarmFacts = {
  restoringSince: null,
  overdue: [],
  overdueCount: 0,
  overdueSince: null,
  failing: [],
  withoutEnd: [],
  enabledAgain: [],
  enabledWithoutGrant: 0,
  readBackOwedAt: null,
  credentialEnds: [],
  uncompared: [],
  flooded: [],
  lost: [],
  unreached: [],
  clocks: [],
  beats: ALL.map((layer) => beat(layer, `${layer}-1`)),
};

/** What is alarming when all is well but for these facts. */
export const alarmsOf = (facts: Partial<AlarmFacts>): readonly Alarm[] =>
  decideAlarms({ ...well, ...facts }, NOW);

/** An end that is owed at the customer of that name. */
export const overdue = (customer: string, takeAt: number, wish: Partial<OverdueEnds> = {}): OverdueEnds => ({
  ...CONTOSO,
  customerId: idOf<'customer'>(customer),
  accounts: 1,
  accountIds: [idOf('a')],
  takeAt,
  grantIds: [],
  failureReason: null,
  throttledBy: null,
  claimed: false,
  ...wish,
});

/** Two accounts of Contoso that have failed for an hour. */
export const failing = (reason: string, wish: Partial<FailingCustomer> = {}): FailingCustomer => ({
  ...CONTOSO,
  reason,
  sinceAt: NOW - HOUR,
  accounts: 2,
  owed: 0,
  owedSince: null,
  ...wish,
});
