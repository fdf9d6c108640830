import type { ManagedAccount } from '#core/accounts';
import type { UpcomingBell, UpcomingEnd } from '#core/shared';
import { compare } from './in-memory-page.js';

export const byNearness = (a: UpcomingBell, b: UpcomingBell): number =>
  a.at - b.at || compare(a.customerId, b.customerId);

export const byTakeAt = (a: ManagedAccount, b: ManagedAccount): number =>
  (a.takeAt ?? Infinity) - (b.takeAt ?? Infinity) || compare(a.id, b.id);

export const byEnd = (a: UpcomingEnd, b: UpcomingEnd): number =>
  a.takeAt - b.takeAt || compare(a.accountId, b.accountId);
