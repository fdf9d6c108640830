import type { AccountId, CustomerRef, Instant } from '#core/shared';
import type { ConvergencePorts, ConvergenceStores } from './ports.js';
import type { Work } from './round.js';
import { afterAnswer, NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';

/** Most rows that somebody holds are held by a short transaction of ours, and free by the next try. */
const TRIES = 3;

interface Noting {
  readonly works: readonly Pick<Work, 'measured'>[];
  /** As it was known before. */
  readonly clock: KnownClock;
}

/** An answer is one of the whole round, whichever of its accounts it was about. */
export const measuredBy = (works: Noting['works']): readonly number[] =>
  works.find((work) => work.measured !== undefined)?.measured ?? [];

/**
 * Adds a round's answers to what is known of Graph's clock at this customer. When two of them agree that it is further ahead
 * than anybody knew, all ends there come sooner, and each account is looked at for its own. In a transaction of its own, which
 * waits for nobody, and before that of the round: neither spoils the other. False: it could not be noted, since somebody else
 * is noting, or the database would not have it; the next answer says it again.
 */
export const noteClock = async (
  { unitOfWork, clock }: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>,
  customer: CustomerRef,
  noting: Noting,
): Promise<boolean> => {
  const measured = measuredBy(noting.works);
  if (measured.length === 0 || saysNothing(measured, noting.clock)) return true;
  for (let tries = 1; ; tries += 1) {
    const said = tries === 1 ? measured : [];
    const left = await unitOfWork
      .inOrganization(customer.organizationId, (stores) => note(stores, customer, { said, now: clock.now() }))
      .catch(() => null);
    if (left === null || left.length === 0 || tries === TRIES) return left !== null || tries > 1;
  }
};

/** Answers those that are still to be told; null: somebody else is noting. */
const note = async (
  { accounts, customers }: ConvergenceStores,
  { customerId }: CustomerRef,
  { said, now }: { readonly said: readonly number[]; readonly now: Instant },
): Promise<readonly AccountId[] | null> => {
  // Another round may have noted more since: what it confirmed counts.
  const known = await customers.lockClock(customerId, now);
  if (known === null) return null;
  if (saysNothing(said, known)) return [];
  const { aheadMs, leadMs } = said.reduce<KnownClock>(afterAnswer, known);
  const ids = leadMs > known.leadMs ? null : unreachedIn(known);
  // Whoever holds a row, ours for a moment or somebody else for longer, may settle it by what was known before: it is told later.
  const unreached = ids?.length === 0 ? [] : await accounts.endUnlessHeld({ customerId, ids }, now);
  const measuredAt = said.length === 0 ? known.measuredAt : now;
  await customers.noteClock(customerId, { aheadMs, leadMs, measuredAt, unreached });
  return unreached;
};

const saysNothing = (measured: readonly number[], known: KnownClock): boolean =>
  isSame(measured.reduce<KnownClock>(afterAnswer, known), known) && unreachedIn(known).length === 0;

const unreachedIn = ({ unreached = [] }: KnownClock): readonly AccountId[] => unreached;

const isSame = (one: KnownClock, other: KnownClock): boolean =>
  one.aheadMs === other.aheadMs && one.leadMs === other.leadMs;

/** What counts in a round: what everybody knows, and what the round has been told and could not note, to be asked for again. */
export const clockFor = (
  known: KnownClock | null,
  measured: readonly number[],
  isNoted: boolean,
): KnownClock =>
  isNoted
    ? (known ?? NO_DIFFERENCE)
    : { ...measured.reduce<KnownClock>(afterAnswer, known ?? NO_DIFFERENCE), isUnnoted: true };
