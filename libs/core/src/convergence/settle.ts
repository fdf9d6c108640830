import type { ManagedAccount } from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import { earliest, SECOND, type Instant } from '#core/shared';
import { excessOf, isNothing, type DesiredAccount } from './desired-account.js';
import { mayBeEligible } from './eligibilities.js';
import { nextLook, nextTimes } from './next-due.js';
import { NO_LOOK, type Look, type Work } from './round.js';

/** When the account is worked on next. */
export interface Settled {
  readonly dueAt: Instant | null;
  readonly takeAt: Instant | null;
  readonly lookAt: Instant | null;
}

/** What comes to rest, and under which orders it was worked on. */
interface Resting {
  readonly account: ManagedAccount;
  readonly work: Work | null;
  readonly now: Instant;
  readonly stop: boolean;
  readonly takingOnly: boolean;
  readonly looking: boolean;
}

/** A settled account whose next look would be "now" again has something odd about it: never spin. */
const REST_MS = SECOND;
const LONGEST_REST_MS = 60 * SECOND;

/** When an account is due again that has nothing more to send now. */
export const settledAt = (
  input: Resting,
  account: ManagedAccount,
  by: { readonly times: Omit<Settled, 'lookAt'>; readonly desired: DesiredAccount; readonly left: number },
): Settled => {
  const isOwed = by.times.takeAt !== null && by.times.takeAt <= input.now;
  const left = isOwed ? null : stillOwedAt(input, account, by.desired);
  const times = { ...by.times, takeAt: earliest(by.times.takeAt, left) };
  const look = lookOf(input);
  // Whoever came to look and couldn't comes again later: else the same accounts would be claimed over and over.
  const failed = look.failed || (input.looking && look.doneAt === null);
  return {
    ...times,
    dueAt: restOf(input, times, by.left),
    lookAt: nextLook(account, { ...look, failed }, input.now),
  };
};

/**
 * No open grant owes it any more, and all the same it may be there: what was taken and has come back, or what was found
 * without a grant. It stays owed until it is gone, so that revoker and alarms see it as they see any end.
 */
const stillOwedAt = (
  input: Resting,
  { mayHold }: ManagedAccount,
  desired: DesiredAccount,
): Instant | null => {
  if (!desired.enabled && mayHold.enabled !== null) return input.account.takeAt ?? input.now;
  return isNothing(excessOf(mayHold, desired)) && !mayBeEligible(mayHold) ? null : input.account.takeAt;
};

/** What its look has come to under this claim. */
export const lookOf = ({ work }: Pick<Resting, 'work'>): Look => work?.look ?? NO_LOOK;

interface Times {
  readonly dueAt: Instant | null;
  readonly takeAt: Instant | null;
}

/** A look that a throttle holds back was due already: its time is the throttle's end, and no other moves by it. */
export const timesBeside = (
  until: Instant | null,
  account: Pick<ManagedAccount, 'verification' | 'failure' | 'own' | 'retirement'>,
  by: { readonly open: readonly GrantInForce[]; readonly now: Instant },
): Times => {
  if (until === null) return nextTimes(account, by.open, by.now);
  const { verification } = account;
  const put = verification === null || verification.nextAt > by.now ? verification : null;
  const { dueAt, takeAt } = nextTimes({ ...account, verification: put }, by.open, by.now);
  return { dueAt: earliest(dueAt, until), takeAt };
};

const restOf = ({ account, takingOnly, now, stop }: Resting, times: Times, left: number): Instant | null => {
  const rest = restUntil(times, { now, left, stop });
  // Whoever only takes away leaves the rest to those who do it all: earlier it may become, later never.
  return takingOnly ? earliest(account.dueAt, rest) : rest;
};

const restUntil = (
  { dueAt, takeAt }: Times,
  by: { readonly now: Instant; readonly left: number; readonly stop: boolean },
): Instant | null => {
  if (by.left > 0) return by.stop ? by.now : by.now + LONGEST_REST_MS;
  // Whatever else is or isn't known: an end that is owed is looked at again. (I5)
  const rest = dueAt ?? (takeAt === null ? null : by.now + LONGEST_REST_MS);
  return rest === null || rest > by.now ? rest : by.now + REST_MS;
};
