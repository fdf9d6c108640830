import {
  accountMarked,
  isMarkerLike,
  ownAccountMarked,
  type ManagedAccount,
  type MarkedIn,
  type StrayUser,
  type UserChange,
} from '#core/accounts';
import type { AccountId, CustomerId, Instant, ObjectId, SecretBox } from '#core/shared';
import { objectOf } from './observation.js';

/** What a tenant told of its users, as far as it concerns us. */
export interface Hints {
  /** Accounts that are told otherwise than the row has them: to be looked at. */
  readonly ask: readonly AccountId[];
  /** Users with a marker like ours that are the object of no account that is looked after: new, or told otherwise than they are known. */
  readonly strays: readonly StrayUser[];
  /** Accounts that were never made as far as the row knows, and are there: the row is older than they are. */
  readonly unknown: readonly AccountId[];
}

/** What hints are judged by. */
export interface HintCircumstances extends MarkedIn {
  readonly customerId: CustomerId;
  /** Every account with one of the objects or markers that were told. */
  readonly accounts: readonly ManagedAccount[];
  /** What is known already of the users that were told. */
  readonly known: readonly StrayUser[];
  readonly now: Instant;
  readonly box: SecretBox;
}

/** Which objects and markers to look up before the changes can be judged. */
export const mentioned = (changes: readonly UserChange[]) => ({
  objectIds: changes.map(({ objectId }) => objectId),
  markers: changes.flatMap(({ marker }) => (marker != null && isMarkerLike(marker) ? [marker] : [])),
});

/**
 * A change is a hint, and an old one at times: it never proves anything. What it may mean is found out by looking at the
 * account itself.
 */
export const judgeHints = (changes: readonly UserChange[], by: HintCircumstances): Hints => {
  const byObject = new Map(by.accounts.map((account) => [account.objectId, account]));
  const ask: AccountId[] = [];
  const strays: StrayUser[] = [];
  const unknown: AccountId[] = [];
  for (const change of changes) {
    const account = byObject.get(change.objectId);
    if (account !== undefined) {
      const back = account.closedAt === null ? null : backFromHistory(change, account, by);
      if (account.closedAt === null && isOtherwise(change, account)) ask.push(account.id);
      if (back !== null) strays.push(back);
      continue;
    }
    unknown.push(...neverMade(change, by));
    const stray = isMarkerLike(change.marker ?? '') ? strayIn(change, by) : null;
    if (stray !== null) strays.push(stray);
  }
  return { ask, strays, unknown };
};

/** The account whose marker and name it bears, when nothing of it was ever made as far as we know. */
const neverMade = ({ marker, removed, upn }: UserChange, by: HintCircumstances): readonly AccountId[] =>
  by.accounts
    .filter(
      ({ closedAt, mayHold, objectId }) => closedAt === null && objectId === null && mayHold.object === null,
    )
    .filter((account) => removed === null && account.marker === marker && isCalled(account, upn))
    .map(({ id }) => id);

const isCalled = (account: ManagedAccount, upn: string | undefined): boolean =>
  account.upn.toLowerCase() === upn?.toLowerCase();

const isOtherwise = (change: UserChange, account: ManagedAccount): boolean => {
  const { mayHold: held, drift } = account;
  const { enabled, upn, marker } = change;
  if (change.removed !== null) return held.object !== null;
  return (
    held.object === null ||
    (enabled !== undefined && enabled !== (held.enabled !== null)) ||
    (upn !== undefined &&
      upn.toLowerCase() !== account.upn.toLowerCase() &&
      !drift.standing.includes(`renamed ${upn}`)) ||
    (marker !== undefined && marker !== account.marker && !drift.standing.includes('marker changed'))
  );
};

/**
 * The object of a closed account is there: it was left behind, or somebody has restored it. Its row is history and nobody
 * works on it any more, so that it is what a user of ours is that no row knows. What was not told is as we had made it.
 */
const backFromHistory = (
  change: UserChange,
  account: ManagedAccount,
  by: HintCircumstances,
): StrayUser | null => {
  const { customerId, organizationId, tenantId, now, box } = by;
  const { objectId, removed, marker = account.marker } = change;
  if (removed !== null) return null;
  const known = by.known.find((stray) => stray.objectId === objectId);
  const upn = change.upn ?? known?.upn ?? account.upn;
  const names = [upn, account.upn];
  const isOurs = marker !== null && bearsOwnMarker(box, { organizationId, tenantId, marker, names });
  const found = { customerId, objectId, upn, foundAt: now, containedAt: null, triedAt: null };
  const stray: StrayUser = isOurs
    ? { ...found, verdict: 'orphan', accountId: account.id }
    : { ...found, verdict: 'unproven', accountId: null };
  return known !== undefined && isNoNews(change, stray, known) ? null : stray;
};

/** Under any of these names, of a user that a row of ours has for its object. */
export const bearsOwnMarker = (
  box: SecretBox,
  of: MarkedIn & { readonly marker: string; readonly names: readonly string[] },
): boolean => of.names.some((upn) => ownAccountMarked(box, { ...of, upn }) !== null);

const strayIn = (change: UserChange, by: HintCircumstances): StrayUser | null => {
  const { marker, objectId } = change;
  const known = by.known.find((stray) => stray.objectId === objectId);
  const upn = change.upn ?? known?.upn;
  if (change.removed !== null || marker == null || upn === undefined) return null;
  const bearer = by.accounts.find((account) => account.marker === marker);
  if (bearer !== undefined && isLookedFor(bearer, upn)) return null;
  const stray = verdictOn({ objectId, upn, marker }, bearer, by);
  return known !== undefined && isNoNews(change, stray, known) ? null : stray;
};

/** An account that looks for its object finds it by name: a create whose answer was lost. */
const isLookedFor = (account: ManagedAccount, upn: string): boolean =>
  objectOf(account) === null && account.upn.toLowerCase() === upn.toLowerCase();

/** Known and told already; but an orphan that is enabled again, or of which that wasn't told, is contained again. */
const isNoNews = (change: UserChange, stray: StrayUser, known: StrayUser): boolean =>
  known.verdict === stray.verdict &&
  known.upn === stray.upn &&
  (stray.verdict !== 'orphan' || known.containedAt === null || change.enabled === false);

const verdictOn = (
  user: { readonly objectId: ObjectId; readonly upn: string; readonly marker: string },
  bearer: ManagedAccount | undefined,
  { customerId, organizationId, tenantId, now, box }: HintCircumstances,
): StrayUser => {
  const { objectId, upn, marker } = user;
  const found = { customerId, objectId, upn, foundAt: now, containedAt: null, triedAt: null };
  if (bearer !== undefined) return { ...found, verdict: 'second_bearer', accountId: bearer.id };
  const accountId = accountMarked(box, { organizationId, tenantId, marker, upn });
  return { ...found, verdict: accountId === null ? 'unproven' : 'orphan', accountId };
};
