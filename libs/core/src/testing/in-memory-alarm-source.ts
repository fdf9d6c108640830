import type { ManagedAccount } from '#core/accounts';
import {
  BLOCKING_REASONS,
  CLOCK_DIFFERENCE_MS,
  MOST_FACTS,
  MOST_NAMED,
  type AccountsTogether,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type Beats,
  type FactsAsked,
  type FailingCustomer,
  type OverdueEnds,
} from '#core/alarms';
import { endsAt, isRunning, owesEnd, type Grant } from '#core/grants';
import { earliest, MINUTE, type CustomerRef, type Instant, type OrganizationId } from '#core/shared';
import type { InMemoryDatabase } from './in-memory-database.js';
import { asRead } from './in-memory-organization-app-store.js';
import { lostIn } from './in-memory-take-back-store.js';
import { compare } from './in-memory-page.js';

type Serially = <T>(work: () => T) => Promise<T>;

/** Facts derived from the fake's rows as from the database's, and beats that are kept beside them. */
export class InMemoryAlarmSource implements AlarmSource {
  readonly #beats = new Map<string, Beat>();

  constructor(
    private readonly database: InMemoryDatabase,
    private readonly serially: Serially,
  ) {}

  ofOrganization(organizationId: OrganizationId, asked: FactsAsked): Promise<AlarmFacts> {
    return this.serially(() => this.#facts(asked, (row) => row.organizationId === organizationId));
  }

  ofDeployment(asked: FactsAsked): Promise<AlarmFacts> {
    return this.serially(() => this.#facts(asked, () => true));
  }

  beat({ instance, layers, databaseDifferenceMs, forgetBefore }: Beats): Promise<Instant> {
    return this.serially(() => {
      for (const { layer, at } of layers) {
        const firstAt = this.#beats.get(`${layer} ${instance}`)?.firstAt ?? at;
        const measured = { databaseDifferenceMs, ended: false };
        this.#beats.set(`${layer} ${instance}`, { layer, instance, firstAt, at, ...measured });
      }
      for (const [key, beat] of this.#beats) {
        if (beat.at < forgetBefore && !this.#isLast(beat)) this.#beats.delete(key);
      }
      // Its own clock is the one that all beats follow.
      return Math.max(0, ...layers.map(({ at }) => at));
    });
  }

  farewell(instance: string): Promise<void> {
    return this.serially(() => {
      for (const [key, beat] of this.#beats) {
        if (beat.instance === instance) this.#beats.set(key, { ...beat, ended: true });
      }
    });
  }

  /** Its memory is never full. */
  unwritableSince(): Instant | null {
    return null;
  }

  #isLast({ layer, at }: Beat): boolean {
    return ![...this.#beats.values()].some((other) => other.layer === layer && other.at > at);
  }

  #facts(asked: FactsAsked, isOurs: (row: Ours) => boolean): AlarmFacts {
    const { now, lateBefore, enabledSince, credentialsUntil, clocksSince } = asked;
    const accounts = this.database.accounts.everything().filter(isOurs);
    const grants = this.database.grants.everything().filter(isOurs);
    const overdue = accounts.filter(isOwedBefore(now));
    const enabled = accounts.filter((row) => row.kind !== 'laps' && row.mayHold.enabled !== null);
    const runs = (row: ManagedAccount) =>
      (row.kind === 'canary' && row.takeAt !== null && row.takeAt > now) ||
      grants.some((grant) => grant.accountId === row.id && isRunning(grant, now));
    return {
      overdue: this.#overdueEnds(overdue.filter(isOwedBefore(lateBefore)), grants, now),
      overdueCount: overdue.length,
      overdueSince: earliest(...overdue.map(({ takeAt }) => takeAt)),
      failing: failingOf(accounts, now),
      withoutEnd: withoutEndOf(enabled, lateBefore),
      enabledAgain: enabledAgainOf(accounts, enabledSince),
      enabledWithoutGrant: enabled.filter((row) => !runs(row)).length,
      readBackOwedAt: earliest(
        ...accounts.map((row) =>
          row.failure === null && this.#throttledBy(row, now) === null && (row.dueAt ?? now) < now
            ? pastOf(row.verification?.nextAt, now)
            : null,
        ),
      ),
      credentialEnds: this.#credentialEnds(credentialsUntil, isOurs),
      clocks: this.#clocks(clocksSince, isOurs),
      uncompared: this.#uncompared(asked, isOurs),
      flooded: this.#flooded(asked, isOurs),
      lost: lostIn(this.database, isOurs),
      unreached: this.#unreached(asked, isOurs),
      restoringSince: this.database.deployment.restoringSince,
      beats: [...this.#beats.values()].sort(
        (a, b) => compare(a.layer, b.layer) || compare(a.instance, b.instance),
      ),
    };
  }

  #uncompared(
    { passesBefore, comparedBefore }: FactsAsked,
    isOurs: (row: Ours) => boolean,
  ): AlarmFacts['uncompared'] {
    const { drifts, connections } = this.database;
    return drifts
      .everything()
      .filter((row) => isOurs(row) && connections.get(row.organizationId, row.customerId) !== undefined)
      .filter(({ dueAt, comparedAt }) => dueAt < passesBefore || comparedAt < comparedBefore)
      .sort((a, b) => a.dueAt - b.dueAt || compare(a.customerId, b.customerId))
      .slice(0, MOST_FACTS)
      .map(({ organizationId, customerId, dueAt, comparedAt }) => ({
        organizationId,
        customerId,
        dueAt,
        comparedAt,
      }));
  }

  #flooded({ markersSince }: FactsAsked, isOurs: (row: Ours) => boolean): AlarmFacts['flooded'] {
    return this.database.drifts
      .everything()
      .filter(isOurs)
      .flatMap(({ organizationId, customerId, unkept, unkeptAt: at }) =>
        at === null || at < markersSince ? [] : [{ organizationId, customerId, unkept, at }],
      )
      .sort((a, b) => b.at - a.at || compare(a.customerId, b.customerId))
      .slice(0, MOST_FACTS);
  }

  #unreached({ unreachedBefore }: FactsAsked, isOurs: (row: Ours) => boolean): AlarmFacts['unreached'] {
    const { holds, reachedHolds, reachSince } = this.database;
    return holds
      .everything()
      .filter((row) => isOurs(row) && reachedHolds.get(row.organizationId, row.id) === undefined)
      .map(({ organizationId, id, placedAt, liftedAt }) => ({
        organizationId,
        holdId: id,
        sinceAt: reachSince.get(organizationId, id)?.at ?? placedAt,
        isLifted: liftedAt !== null,
      }))
      .filter(({ sinceAt }) => sinceAt < unreachedBefore)
      .sort((a, b) => a.sinceAt - b.sinceAt || compare(a.holdId, b.holdId))
      .slice(0, MOST_FACTS);
  }

  #clocks(since: Instant, isOurs: (row: Ours) => boolean): AlarmFacts['clocks'] {
    return this.database.clocks
      .everything()
      .filter((row) => isOurs(row) && row.measuredAt >= since)
      .filter(({ aheadMs }) => Math.abs(aheadMs) > CLOCK_DIFFERENCE_MS)
      .map(({ organizationId, customerId, aheadMs, measuredAt }) => ({
        organizationId,
        customerId,
        aheadMs,
        measuredAt,
      }))
      .sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs))
      .slice(0, MOST_FACTS);
  }

  #credentialEnds(until: Instant, isOurs: (row: Ours) => boolean): AlarmFacts['credentialEnds'] {
    const first = this.database.connections
      .everything()
      .map((row) => asRead(row, this.database))
      .map(({ organizationApp, ...row }) => ({
        ...row,
        of: organizationApp === undefined ? {} : { ofOrganizationApp: true as const },
      }));
    const second = this.database.revokerCredentials
      .everything()
      .map((row) => ({ ...row, of: { ofRevoker: true as const } }));
    return [...first, ...second]
      .filter(isOurs)
      .flatMap(({ organizationId, customerId, credentialEndsAt: endsAt, of }) =>
        endsAt === null || endsAt >= until ? [] : [{ organizationId, customerId, endsAt, ...of }],
      )
      .sort((a, b) => a.endsAt - b.endsAt)
      .slice(0, MOST_FACTS);
  }

  #overdueEnds(
    late: readonly ManagedAccount[],
    grants: readonly Grant[],
    now: Instant,
  ): readonly OverdueEnds[] {
    const groups = fairly(late, {
      why: ({ failure }) => failure?.reason ?? '',
      since: ({ takeAt }) => takeAt,
    });
    return groups.flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const named = togetherOf(group);
      const owed = grants.filter(
        (grant) =>
          named.accountIds.some((id) => id === grant.accountId) && owesEnd(grant) && endsAt(grant) <= now,
      );
      return {
        ...named,
        takeAt: first.takeAt ?? now,
        grantIds: owed
          .map(({ id }) => id)
          .sort(compare)
          .slice(0, MOST_NAMED),
        failureReason: first.failure?.reason ?? null,
        throttledBy: this.#throttledBy(first, now),
        claimed: group.some(({ claimedUntil }) => claimedUntil !== null && claimedUntil > now),
      };
    });
  }

  #throttledBy({ organizationId, customerId }: ManagedAccount, now: Instant): OverdueEnds['throttledBy'] {
    const found = (['sign-in', 'directory'] as const).find((workload) => {
      const row = this.database.throttles.get(organizationId, `${customerId} ${workload}`);
      return row !== undefined && row.until > now;
    });
    return found ?? null;
  }
}

interface Ours {
  readonly organizationId: OrganizationId;
}

const pastOf = (at: Instant | undefined, now: Instant): Instant | null =>
  at === undefined || at >= now ? null : at;

const isOwedBefore =
  (at: Instant) =>
  ({ takeAt }: ManagedAccount): boolean =>
    takeAt !== null && takeAt < at;

interface Grouping {
  /** Accounts of one customer with the same are told of together. */
  readonly why: (row: ManagedAccount) => string;
  /** Null before all. */
  readonly since: (row: ManagedAccount) => Instant | null;
}

/** Groups, each with its longest standing first: each customer's longest standing one before any customer's next. */
const fairly = (
  rows: readonly ManagedAccount[],
  { why, since }: Grouping,
): readonly (readonly ManagedAccount[])[] => {
  const order = (a: ManagedAccount, b: ManagedAccount): number => (since(a) ?? 0) - (since(b) ?? 0);
  const groups = new Map<string, ManagedAccount[]>();
  for (const row of [...rows].sort((a, b) => order(a, b) || compare(a.id, b.id))) {
    const key = `${row.customerId} ${why(row)}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const turns = new Map<string, number>();
  return [...groups.values()]
    .map((group) => ({ group, first: group[0] as ManagedAccount }))
    .sort((a, b) => order(a.first, b.first) || compare(why(a.first), why(b.first)))
    .map(({ group, first }) => {
      const turn = turns.get(first.customerId) ?? 0;
      turns.set(first.customerId, turn + 1);
      return { group, first, turn };
    })
    .sort(
      (a, b) => a.turn - b.turn || order(a.first, b.first) || compare(a.first.customerId, b.first.customerId),
    )
    .slice(0, MOST_FACTS)
    .map(({ group }) => group);
};

const refOf = ({ organizationId, customerId }: CustomerRef): CustomerRef => ({ organizationId, customerId });

const togetherOf = (group: readonly ManagedAccount[]): AccountsTogether => ({
  ...refOf(group[0] as ManagedAccount),
  accounts: group.length,
  accountIds: group.slice(0, MOST_NAMED).map(({ id }) => id),
});

const withoutEndOf = (enabled: readonly ManagedAccount[], lateBefore: Instant): AlarmFacts['withoutEnd'] =>
  fairly(
    enabled.filter((row) => row.takeAt === null && (row.dueAt === null || row.dueAt < lateBefore)),
    { why: ({ dueAt }) => (dueAt === null ? 'never' : 'late'), since: ({ dueAt }) => dueAt },
  ).map((group) => ({ ...togetherOf(group), dueAt: group[0]?.dueAt ?? null }));

const enabledAgainAt = ({ drift: { enabledAt } }: ManagedAccount): Instant | null =>
  enabledAt.length > 1 ? (enabledAt.at(-1) ?? null) : null;

const enabledAgainOf = (
  accounts: readonly ManagedAccount[],
  enabledSince: Instant,
): AlarmFacts['enabledAgain'] =>
  fairly(
    accounts.filter((row) => (enabledAgainAt(row) ?? 0) > enabledSince),
    { why: () => '', since: enabledAgainAt },
  ).map((group) => {
    const times = group.map((row) => enabledAgainAt(row) ?? 0);
    return { ...togetherOf(group), sinceAt: Math.min(...times), lastAt: Math.max(...times) };
  });

const failingOf = (accounts: readonly ManagedAccount[], now: Instant): readonly FailingCustomer[] =>
  fairly(
    accounts.filter((row) => isTried(row, now) && isBlocking(row.failure?.reason ?? '')),
    { why: ({ failure }) => failure?.reason ?? '', since: ({ failure }) => failure?.sinceAt ?? null },
  ).flatMap((group) => {
    const [first] = group;
    const owed = group.filter(isOwedBefore(now));
    if (first?.failure == null) return [];
    return {
      ...refOf(first),
      reason: first.failure.reason,
      sinceAt: first.failure.sinceAt,
      accounts: group.length,
      owed: owed.length,
      owedSince: earliest(...owed.map(({ takeAt }) => takeAt)),
    };
  });

/** What is owed is tried for ever; anything else that isn't tried soon is an old story. */
const isTried = (row: ManagedAccount, now: Instant): boolean =>
  (row.dueAt !== null && row.dueAt < now + 2 * MINUTE) || isOwedBefore(now)(row);

const isBlocking = (reason: string): boolean => BLOCKING_REASONS.some((each) => each === reason);
