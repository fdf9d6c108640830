import type { Failure, ManagedAccount, StepOutcome } from '#core/accounts';
import type { Grant, GrantInForce } from '#core/grants';
import { SECOND, type Instant } from '#core/shared';
import type { TenantClock } from '#core/tenancy';
import type { DesiredAccount } from './desired-account.js';
import { objectOf } from './observation.js';
import { isGiving, planned, type PlannedStep } from './planned-step.js';

/** Graph tells whole seconds. */
const GRAIN_MS = SECOND;
/** Two clocks that are both right differ by less. */
const TOLERATED_MS = 2 * SECOND;
/** Two answers say the same where they differ by less: a call may take so long that its answer is as much too old. */
const AGREED_MS = 10 * SECOND;
/** What differs by more gives nothing: nobody knows when it would end. */
const STOPS_GIVING_MS = 30 * SECOND;
/** No grant lasts longer, so that more of a difference changes nothing. */
const MOST_MS = 7 * 24 * 3_600 * SECOND;
const LOOK_AGAIN_MS = 10 * SECOND;
/** Of a failure that is about no call of Graph's. */
export const CLOCKS_DIFFER = 'clock_difference';

/**
 * By how much Graph's clock is ahead of ours (negative: behind) at the least, by its answers to calls that left and came
 * back at these instants. Null: it told no time.
 */
export const differenceIn = (
  outcomes: readonly Pick<StepOutcome, 'at'>[],
  by: { readonly sentAt: Instant; readonly now: Instant },
): number | null => {
  const differences = outcomes.flatMap(({ at }) => (at === null ? [] : [between(at, by)]));
  const [first, ...others] = differences;
  if (first === undefined) return null;
  return others.reduce((least, each) => (Math.abs(each) < Math.abs(least) ? each : least), first);
};

const between = (at: Instant, by: { readonly sentAt: Instant; readonly now: Instant }): number => {
  const ahead = at - by.now;
  const behind = by.sentAt - (at + GRAIN_MS);
  const difference = ahead > 0 ? ahead : behind > 0 ? -behind : 0;
  return Math.max(-MOST_MS, Math.min(MOST_MS, difference));
};

/** What is known of a tenant's clock, whenever it was measured. */
export interface KnownClock extends Pick<TenantClock, 'aheadMs' | 'leadMs' | 'unreached'> {
  /** With an answer that could not be noted, so that nobody else knows of it. */
  readonly isUnnoted?: true;
}

/** Of a customer at which no difference was ever measured. */
export const NO_DIFFERENCE: KnownClock = { aheadMs: 0, leadMs: 0 };

/**
 * What is known after one more answer. Its difference counts at once for what is given; ends come sooner, or less soon, only
 * by what the answer before it said too: one that lies alone ends nothing.
 */
export const afterAnswer = (known: KnownClock, aheadMs: number): KnownClock => {
  const agrees = Math.abs(aheadMs - known.aheadMs) <= AGREED_MS;
  const agreed = agrees ? median(known.leadMs, leadOf(known.aheadMs), leadOf(aheadMs)) : known.leadMs;
  const leadMs = differs(agreed, known.leadMs) ? agreed : known.leadMs;
  return { aheadMs: differs(aheadMs, known.aheadMs) ? aheadMs : known.aheadMs, leadMs };
};

/**
 * The last answer says something else of ends than what counts: another one must say which of both is so. Or not every account
 * could be told what counts, or the answer itself not be noted: the next one is the occasion to do so.
 */
export const isDoubted = ({ aheadMs, leadMs, unreached = [], isUnnoted }: KnownClock): boolean =>
  differs(leadOf(aheadMs), leadMs) || unreached.length > 0 || isUnnoted === true;

const differs = (one: number, other: number): boolean => Math.abs(one - other) > TOLERATED_MS;

const median = (...values: readonly [number, number, number]): number =>
  [...values].sort((a, b) => a - b)[1] ?? values[0];

/**
 * How much sooner than by our clock a customer's grants end: where Graph's clock is ahead, the later of the two counts. It
 * is the customer's own: whoever speaks for one tenant can end the grants of no other.
 */
const leadOf = (aheadMs: number): number => (aheadMs > TOLERATED_MS ? aheadMs : 0);

/** Nothing is given while the clocks differ by so much. */
export const stopsGiving = (aheadMs: number): boolean => Math.abs(aheadMs) > STOPS_GIVING_MS;

/** The grants in our own time, where their ends come so much sooner. */
export const sooner = (open: readonly GrantInForce[], leadMs: number): readonly GrantInForce[] =>
  leadMs === 0
    ? open
    : open.map((each) => ({
        ...each,
        grant: { ...each.grant, expiresAt: each.grant.expiresAt - leadMs },
      }));

/** As they stand in their rows: nothing but a person moves an end. */
export const asMeant = (grants: readonly Grant[], open: readonly GrantInForce[]): readonly Grant[] =>
  grants.map((grant) => ({
    ...grant,
    expiresAt: open.find((each) => each.grant.id === grant.id)?.grant.expiresAt ?? grant.expiresAt,
  }));

/** Ends that Entra keeps itself are told to it in its own time. */
export const untilByGraph = (desired: DesiredAccount, leadMs: number): DesiredAccount =>
  leadMs === 0
    ? desired
    : { ...desired, roles: new Map([...desired.roles].map(([id, until]) => [id, until + leadMs])) };

/** When a doubt is looked into again that this claim could not settle. */
export const askAgainAt = (clock: KnownClock, now: Instant): Instant | null =>
  isDoubted(clock) ? now + LOOK_AGAIN_MS : null;

/** Asked of an account only for the date of the answer, where nothing else is to be sent: once a claim. */
export const secondLook = (account: ManagedAccount): PlannedStep | null => {
  const user = objectOf(account);
  return user === null ? null : planned('then', { do: 'readUser', user });
};

/** What brings another date, instead of a plan to give beside a clock that may have been set right meanwhile. */
export const glanceFor = (account: ManagedAccount): PlannedStep => {
  const user = objectOf(account);
  return user === null || account.mayHold.object === null
    ? planned('then', { do: 'findUser', upn: account.upn })
    : planned('then', { do: 'readUser', user });
};

/** Kept on the row for as long as the clocks differ: what is to be given waits, and looks again. */
export const heldByClock = (
  account: ManagedAccount,
  plan: readonly PlannedStep[],
  by: { readonly aheadMs: number; readonly now: Instant },
): Failure => {
  const before = account.failure?.reason === CLOCKS_DIFFER ? account.failure : null;
  const retryAt = by.now + LOOK_AGAIN_MS;
  const seconds = Math.round(Math.abs(by.aheadMs) / SECOND);
  const direction = by.aheadMs > 0 ? 'ahead of' : 'behind';
  return {
    reason: CLOCKS_DIFFER,
    message: `Microsoft Graph's clock is ${seconds} s ${direction} Curfew's: nothing is given until they agree.`,
    sinceAt: before?.sinceAt ?? by.now,
    attempts: (before?.attempts ?? 0) + 1,
    retryAt,
    steps: Object.fromEntries(plan.filter(isGiving).map(({ key }) => [key, retryAt])),
    version: account.version,
  };
};
