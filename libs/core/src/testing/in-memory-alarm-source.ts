import type { ManagedAccount } from '#core/accounts';
import {
  BLOCKING_REASONS,
  CLOCK_DIFFERENCE_MS,
  MOST_FACTS,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type Beats,
  type FactsAsked,
  type FailingCustomer,
  type OverdueEnd,
} from '#core/alarms';
import { endsAt, isRunning, owesEnd, type Grant } from '#core/grants';
import { earliest, MINUTE, type Instant, type OrganizationId } from '#core/shared';
import type { InMemoryDatabase } from './in-memory-database.js';
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

  #isLast({ layer, at }: Beat): boolean {
    return ![...this.#beats.values()].some((other) => other.layer === layer && other.at > at);
  }

  #facts({ now, credentialsUntil, clocksSince }: FactsAsked, isOurs: (row: Ours) => boolean): AlarmFacts {
    const accounts = this.database.accounts.everything().filter(isOurs);
    const grants = this.database.grants.everything().filter(isOurs);
    const overdue = accounts.filter((row) => row.takeAt !== null && row.takeAt < now);
    const enabled = accounts.filter((row) => row.kind === 'jit' && row.mayHold.enabled !== null);
    const runs = (row: ManagedAccount) =>
      grants.some((grant) => grant.accountId === row.id && isRunning(grant, now));
    return {
      overdue: overdue
        .map((row) => this.#overdueEnd(row, grants, now))
        .sort((a, b) => a.takeAt - b.takeAt || compare(a.accountId, b.accountId))
        .slice(0, MOST_FACTS),
      overdueCount: overdue.length,
      failing: failingOf(accounts, now).slice(0, MOST_FACTS),
      withoutEnd: withoutEndOf(enabled, now).slice(0, MOST_FACTS),
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
      restoringSince: this.database.deployment.restoringSince,
      beats: [...this.#beats.values()].sort(
        (a, b) => compare(a.layer, b.layer) || compare(a.instance, b.instance),
      ),
    };
  }

  #clocks(since: Instant, isOurs: (row: Ours) => boolean): AlarmFacts['clocks'] {
    return this.database.clocks
      .everything()
      .filter((row) => isOurs(row) && row.measuredAt >= since)
      .filter(({ aheadMs }) => Math.abs(aheadMs) > CLOCK_DIFFERENCE_MS)
      .sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs))
      .slice(0, MOST_FACTS);
  }

  #credentialEnds(until: Instant, isOurs: (row: Ours) => boolean): AlarmFacts['credentialEnds'] {
    return this.database.connections
      .everything()
      .filter(isOurs)
      .flatMap(({ organizationId, customerId, credentialEndsAt: endsOn }) =>
        endsOn === null || endsOn >= until ? [] : [{ organizationId, customerId, endsAt: endsOn }],
      )
      .sort((a, b) => a.endsAt - b.endsAt)
      .slice(0, MOST_FACTS);
  }

  #overdueEnd(row: ManagedAccount, grants: readonly Grant[], now: Instant): OverdueEnd {
    const owed = grants.filter(
      (grant) => grant.accountId === row.id && owesEnd(grant) && endsAt(grant) <= now,
    );
    return {
      organizationId: row.organizationId,
      customerId: row.customerId,
      accountId: row.id,
      takeAt: row.takeAt ?? now,
      grantIds: owed
        .map(({ id }) => id)
        .sort(compare)
        .slice(0, 10),
      failureReason: row.failure?.reason ?? null,
      throttledBy: this.#throttledBy(row, now),
      claimed: row.claimedUntil !== null && row.claimedUntil > now,
    };
  }

  #throttledBy({ organizationId, customerId }: ManagedAccount, now: Instant): OverdueEnd['throttledBy'] {
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

const withoutEndOf = (enabled: readonly ManagedAccount[], now: Instant): AlarmFacts['withoutEnd'] =>
  enabled
    .filter((row) => row.takeAt === null && (row.dueAt === null || row.dueAt < now))
    .map(({ organizationId, customerId, id, dueAt }) => ({
      organizationId,
      customerId,
      accountId: id,
      dueAt,
    }))
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || compare(a.accountId, b.accountId));

const failingOf = (accounts: readonly ManagedAccount[], now: Instant): readonly FailingCustomer[] => {
  const found = new Map<string, FailingCustomer>();
  for (const account of accounts.filter((row) => isTried(row, now))) {
    const { organizationId, customerId, failure, takeAt } = account;
    if (failure === null || !isBlocking(failure.reason)) continue;
    const key = `${customerId} ${failure.reason}`;
    const known = found.get(key) ?? { sinceAt: failure.sinceAt, accounts: 0, owed: 0 };
    found.set(key, {
      organizationId,
      customerId,
      reason: failure.reason,
      sinceAt: Math.min(failure.sinceAt, known.sinceAt),
      accounts: known.accounts + 1,
      owed: known.owed + Number(takeAt !== null && takeAt < now),
    });
  }
  return [...found.values()].sort((a, b) => a.sinceAt - b.sinceAt || compare(a.customerId, b.customerId));
};

const isTried = ({ dueAt }: ManagedAccount, now: Instant): boolean =>
  dueAt !== null && dueAt < now + 2 * MINUTE;

const isBlocking = (reason: string): boolean => BLOCKING_REASONS.some((each) => each === reason);
