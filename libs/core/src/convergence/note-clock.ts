import type { AccountId, CustomerId, Instant } from '#core/shared';
import { codeOf } from './away.js';
import type { ConvergenceStores } from './ports.js';
import type { Work } from './round.js';
import { afterAnswer, NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';

interface Noting {
  readonly customerId: CustomerId;
  readonly now: Instant;
  /** What somebody holds is not waited for, and told later. */
  readonly passesHeld: boolean;
}

/** All ends of the customer come sooner, and somebody holds one of their rows: to be tried once more without waiting for it. */
export class SomeAreHeld extends Error {}

/**
 * Adds a round's answers to what is known of Graph's clock at this customer. When two of them agree that it is further ahead
 * than anybody knew, all ends there come sooner, and each account is looked at for its own. Those whose rows somebody holds are
 * noted with the clock, and told at one of the next answers.
 */
export const noteClock = async (
  stores: ConvergenceStores,
  works: readonly Pick<Work, 'measured'>[],
  noting: Noting,
): Promise<void> => {
  // An answer is one of the whole round, whichever of its accounts it was about.
  const measured = works.find((work) => work.measured !== undefined)?.measured ?? [];
  if (measured.length === 0) return;
  const { customerId, now } = noting;
  const saysNothing = (known: KnownClock): boolean =>
    isSame(measured.reduce<KnownClock>(afterAnswer, known), known) && unreachedIn(known).length === 0;
  if (saysNothing((await stores.customers.clock(customerId)) ?? NO_DIFFERENCE)) return;
  // Another round may have noted more since: what it confirmed counts. The clock is locked before any account, and all accounts
  // in one order, by everybody.
  const known = await stores.customers.lockClock(customerId, now);
  if (saysNothing(known)) return;
  const { aheadMs, leadMs } = measured.reduce<KnownClock>(afterAnswer, known);
  const ids = leadMs > known.leadMs ? null : unreachedIn(known);
  const passesHeld = noting.passesHeld || unreachedIn(known).length > 0;
  const unreached = await endThese(stores, ids, { customerId, now, passesHeld });
  await stores.customers.noteClock(customerId, { aheadMs, leadMs, measuredAt: now, unreached });
};

/**
 * `ids` null: all of the customer's. Rows that others of ours lock for a moment are waited for, so that none is passed by whoever
 * plans them by what he knew before. Answers those that are still to be told.
 */
const endThese = async (
  { accounts }: ConvergenceStores,
  ids: readonly AccountId[] | null,
  { customerId, now, passesHeld }: Noting,
): Promise<readonly AccountId[]> => {
  if (ids?.length === 0) return [];
  if (passesHeld) return accounts.endUnlessHeld({ customerId, ids }, now);
  try {
    await accounts.endAll({ kind: 'customer', customerId }, now);
    return [];
  } catch (error) {
    throw codeOf(error) === 'database.locked' ? new SomeAreHeld() : error;
  }
};

const unreachedIn = ({ unreached = [] }: KnownClock): readonly AccountId[] => unreached;

const isSame = (one: KnownClock, other: KnownClock): boolean =>
  one.aheadMs === other.aheadMs && one.leadMs === other.leadMs;
