import { MINUTE, SECOND, type AccountId } from '#core/shared';
import type { Span } from './disturbances.js';
import type { Oracle } from './oracle.js';
import { endOf, type Right } from './promises.js';
import type { EnabledSpan, WatchedObject } from './tenant-watch.js';

/** The published bound, and where nothing at all was disturbed. */
const BOUND_MS = 60 * SECOND;
const HEALTHY_MS = 15 * SECOND;
/** What nobody could know of is found by comparing. */
const FOUND_MS = 10 * MINUTE;
/** Undisturbed from so long before an end on. */
const CALM_MS = 90 * SECOND;
/** Where the disable of a role holder follows our own removal only after Entra's lag. */
const ROLE_LAG_MS = 150 * SECOND;
/** What the mirror has to have read before the database went away. */
const MIRRORED_MS = 130 * SECOND;
const HORIZON_MS = 15 * MINUTE;

/** I1 and I7: how long each account was enabled although nothing that was promised ran. */
export const judgeSpans = (oracle: Oracle): void => {
  for (const object of oracle.world.watch.objects.values()) {
    const rights = [...oracle.promises.rights.values()].filter((each) => each.accountId === object.accountId);
    for (const span of oracle.world.watch.spansOf(object))
      for (const excess of beyond(span, rights)) judge(oracle, object, { span, excess, rights });
  }
};

interface Excess {
  readonly span: EnabledSpan;
  readonly excess: Span;
  readonly rights: readonly Right[];
}

const judge = (oracle: Oracle, object: WatchedObject, found: Excess): void => {
  const { span, excess, rights } = found;
  const isOrdinary = span.from < excess.from || span.by === 'call';
  const ownMs = object.tenant.mayTouchRoleHolders ? 0 : ROLE_LAG_MS;
  const boundMs = (isOrdinary ? BOUND_MS : FOUND_MS) + ownMs;
  const of = { customerId: object.customerId, mirrored: isMirrored(oracle, excess, rights) };
  const longest = Math.max(0, ...oracle.disturbances.quiet(excess, of).map(({ from, to }) => to - from));
  const lasted = `${(excess.to - excess.from) / SECOND} s beyond what was promised`;
  const words = `account ${nameOf(oracle, object.accountId)} was enabled for ${lasted}`;
  if (longest > boundMs)
    oracle.accuse(isOrdinary ? 'I1' : 'I7', `${words} (enabled by a ${span.by})`, excess.to);
  if (isOrdinary && ownMs === 0 && isLateInCalm(oracle, object, excess))
    oracle.accuse('I1', `${words}, and nothing was disturbed`, excess.to);
};

/** Where nothing is wrong nobody waits for a minute. */
const isLateInCalm = (oracle: Oracle, { customerId, tenant }: WatchedObject, { from, to }: Span): boolean =>
  to - from > HEALTHY_MS &&
  tenant.lagMs === 0 &&
  oracle.disturbances.isQuiet({ from: from - CALM_MS, to: from + HEALTHY_MS }, customerId);

/** The revoker knew of this end when the database went away, and nothing was changed since. */
const isMirrored = (oracle: Oracle, { from }: Span, rights: readonly Right[]): boolean => {
  const [away] = oracle.disturbances.databaseAway({ from, to: from + BOUND_MS });
  const ending = rights.filter((right) => endOf(right) === from);
  if (away === undefined || ending.length === 0) return false;
  const sinceAt = away.from - MIRRORED_MS;
  return (
    !oracle.revokerAway.some((span) => span.from <= from + BOUND_MS && span.to >= sinceAt) &&
    from - away.from < HORIZON_MS &&
    rights.every(({ changedAt }) => changedAt < sinceAt || changedAt > from)
  );
};

/** What of a span no right covers. */
const beyond = (span: Span, rights: readonly Right[]): readonly Span[] => {
  const pieces: Span[] = [];
  let from = span.from;
  const inOrder = [...rights].sort((a, b) => a.startsAt - b.startsAt);
  for (const right of inOrder) {
    const to = endOf(right);
    if (to <= from) continue;
    if (right.startsAt >= span.to) break;
    if (right.startsAt > from) pieces.push({ from, to: right.startsAt });
    from = Math.max(from, to);
  }
  if (from < span.to) pieces.push({ from, to: span.to });
  return pieces;
};

export const nameOf = (oracle: Oracle, id: AccountId): string =>
  oracle.world.database.rows().accounts.find((row) => row.id === id)?.upn ?? id;
