import {
  CANARY_MS,
  directoryErrors,
  endingBy,
  isGone,
  ownLive,
  type Failure,
  type ManagedAccount,
  type OwnEntitlement,
} from '#core/accounts';
import { MINUTE, SECOND, type AccountId, type ErrorDefinition, type Instant } from '#core/shared';
import { provingErrors } from './proving.errors.js';
import type { CanaryRun, TakeBackCause, TakeBackOrder } from './take-back.js';

/** How long a take-away may be refused before that is believed: a role that the app was just assigned takes a moment. */
const BELIEVED_MS = 20 * SECOND;
/** After its time: until the reading that shows it gone. */
const GRACE_MS = MINUTE;

/** What comes next of a run: what its canaries are entitled to from now on, and what came of it. */
export interface CanaryStep {
  readonly entitle: readonly { readonly id: AccountId; readonly own: OwnEntitlement }[];
  readonly outcome: CanaryOutcome | null;
}

/** `not_given`: it never came to what was to be proven, for a reason that passes; that says nothing of the tier. */
export type CanaryOutcome =
  | { readonly what: 'proven' }
  | { readonly what: 'failed'; readonly cause: TakeBackCause }
  | { readonly what: 'not_given'; readonly cause: TakeBackCause };

interface Canary {
  readonly order: TakeBackOrder;
  readonly account: ManagedAccount;
  readonly own: OwnEntitlement;
}

/**
 * The next step of a run, by the rows alone. Each canary is given the role and enabled; then, by its order, disabled with the
 * role in hand, or rid of the role while enabled; then ended, and read back as gone. Whatever doesn't come to pass within five
 * minutes fails the tier, and an end is never moved later.
 */
export const decideCanary = (
  run: CanaryRun,
  accounts: readonly ManagedAccount[],
  now: Instant,
): CanaryStep => {
  const canaries = canariesOf(run, accounts);
  const outcome = outcomeOf(run, canaries, now);
  if (outcome !== null) return { entitle: endAll(canaries, now), outcome };
  return { entitle: canaries.flatMap((canary) => moved(run, canary, now)), outcome: null };
};

const canariesOf = ({ canaries }: CanaryRun, accounts: readonly ManagedAccount[]): readonly Canary[] =>
  canaries.flatMap(({ id, order }) => {
    const account = accounts.find((each) => each.id === id);
    return account?.own == null ? [] : [{ order, account, own: account.own }];
  });

const endAll = (canaries: readonly Canary[], now: Instant): CanaryStep['entitle'] =>
  canaries
    .filter(({ account }) => ownLive(account, now) !== null)
    .map(({ account, own }) => ({ id: account.id, own: endingBy(own, now) }));

const moved = (run: CanaryRun, canary: Canary, now: Instant): CanaryStep['entitle'] => {
  const { account, order, own } = canary;
  if (ownLive(account, now) === null) return [];
  if (isBeingGiven(canary))
    return isGiven(run, account) ? [{ id: account.id, own: without(own, order) }] : [];
  return isTaken(run, canary) ? [{ id: account.id, own: endingBy(own, now) }] : [];
};

/** What is left to a canary for the time in which its order is proven. */
const without = (own: OwnEntitlement, order: TakeBackOrder): OwnEntitlement =>
  order === 'disable_first' ? { ...own, enabled: false } : { ...own, roles: [] };

const isBeingGiven = ({ own }: Canary): boolean => own.enabled && own.roles.length > 0;

const isGiven = ({ role }: CanaryRun, { mayHold }: ManagedAccount): boolean =>
  mayHold.enabled === 'held' && mayHold.roles[role]?.certainty === 'held';

/** Graph has accepted what its order takes first, and the other is still there. */
const isTaken = ({ role }: CanaryRun, { account: { mayHold }, order }: Canary): boolean =>
  order === 'disable_first' ? mayHold.enabled === null : !(role in mayHold.roles);

/** It was taken in its order, and nothing of it is left. */
const isProven = (canary: Canary): boolean =>
  !isBeingGiven(canary) &&
  canary.account.removal !== null &&
  isGone(canary.account) &&
  canary.own.expiresAt < canary.own.startsAt + CANARY_MS;

const outcomeOf = (run: CanaryRun, canaries: readonly Canary[], now: Instant): CanaryOutcome | null => {
  if (canaries.length < run.canaries.length) return { what: 'not_given', cause: NOT_GIVEN };
  if (canaries.every(isProven)) return { what: 'proven' };
  for (const canary of canaries) {
    const refused = refusedOf(canary, now);
    if (refused !== null) return { what: 'failed', cause: causeOf(refused) };
  }
  return isOverdue(run, canaries, now) ? lateOutcome(canaries) : null;
};

/** A refusal that no waiting mends: of giving at once, of taking away when it has stood for a while. */
const refusedOf = (canary: Canary, now: Instant): Failure | null => {
  const { failure } = canary.account;
  if (failure === null || !FINAL.has(failure.reason)) return null;
  if (isBeingGiven(canary)) return failure;
  // What an end waits for by Entra's lag is waited for until the time is over.
  return ownLive(canary.account, now) !== null && now - failure.sinceAt >= BELIEVED_MS ? failure : null;
};

const isOverdue = (run: CanaryRun, canaries: readonly Canary[], now: Instant): boolean => {
  const over = run.startedAt + CANARY_MS;
  const isOnlyUnread = canaries.every(({ account }) => account.mayHold.object === null);
  return now >= (isOnlyUnread ? over + GRACE_MS : over);
};

const lateOutcome = (canaries: readonly Canary[]): CanaryOutcome => {
  const failure = canaries.map(({ account }) => account.failure).find((each) => each !== null) ?? null;
  const wasGiven = canaries.some(
    (canary) => !isBeingGiven(canary) || canary.account.mayHold.enabled !== null,
  );
  if (wasGiven) return { what: 'failed', cause: failure === null ? NOT_IN_TIME : causeOf(failure) };
  return { what: 'not_given', cause: failure === null ? NOT_GIVEN : causeOf(failure) };
};

const FINAL: ReadonlySet<string> = new Set([
  'consent_missing',
  'directory_role_missing',
  'forbidden_by_policy',
  'invalid',
  'licence_missing',
  'not_manageable',
  'quota',
]);

const KNOWN: Readonly<Record<string, ErrorDefinition>> = directoryErrors.definitions;

const causeOf = ({ message, reason }: Failure): TakeBackCause => {
  const code = `directory.${reason}` in KNOWN ? `directory.${reason}` : 'directory.unavailable';
  return { code, says: message, mend: KNOWN[code]?.remedy ?? NOT_IN_TIME.mend };
};

const ownCause = (code: keyof typeof provingErrors.definitions): TakeBackCause => {
  const { remedy, title } = provingErrors.definitions[code];
  return { code, says: title, mend: remedy };
};
const NOT_IN_TIME = ownCause('canary.not_in_time');
const NOT_GIVEN = ownCause('canary.not_given');
