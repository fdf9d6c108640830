import {
  MOST_FACTS,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type Beats,
  type FactsAsked,
  type RefusedWrites,
} from '#core/alarms';
import { MINUTE, type Instant, type OrganizationId } from '#core/shared';
import {
  accountsWithoutEnd,
  countsOf,
  credentialEnds,
  enabledAgain,
  failingCustomers,
  floodedCustomers,
  lostCustomers,
  measuredClocks,
  ms,
  overdueEnds,
  uncomparedCustomers,
  unreachedHolds,
} from './alarm-questions.js';
import {
  accountsWithoutEndOf,
  beatOf,
  credentialEndOf,
  enabledAgainOf,
  failingCustomerOf,
  floodedCustomerOf,
  lostTakeBackOf,
  measuredClockOf,
  overdueEndsOf,
  uncomparedCustomerOf,
  unreachedHoldOf,
  type BeatRow,
  type ClockRow,
  type CountsRow,
  type CredentialRow,
  type EnabledAgainRow,
  type FailingRow,
  type FloodedRow,
  type LostRow,
  type OverdueRow,
  type UncomparedRow,
  type UnreachedRow,
  type WithoutEndRow,
} from './alarm-rows.js';
import { Prisma, type PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import { answered, type Probe } from './refusals.js';

/** One of the two ways in: whatever asks, the questions are the same. */
type Asker = Pick<Prisma.TransactionClient, '$queryRaw'>;

/** Tries that are further away than this are no tries: the failure is an old story. */
const TRIED_WITHIN_MS = 2 * MINUTE;

/**
 * The same questions in two ways: of one organization as the application, inside a transaction that row-level security
 * binds; of all of them as the clockwork, which sees ids, times and reasons. Partial indexes hold what is asked for, so that
 * the answer costs what is alarming and not what is stored.
 */
export class PrismaAlarmSource implements AlarmSource {
  constructor(
    private readonly clients: Readonly<Record<'app' | 'clockwork', PrismaClient>>,
    private readonly answers: Probe,
    private readonly writes: RefusedWrites,
  ) {}

  unwritableSince(): Instant | null {
    return this.writes.since;
  }

  ofOrganization(organizationId: OrganizationId, asked: FactsAsked): Promise<AlarmFacts> {
    return this.#answered(async () => {
      const beats = await beatsIn(this.clients.clockwork);
      return this.clients.app.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT set_config('app.org_id', ${organizationId}, true)`;
        const ours = Prisma.sql`AND a.organization_id = ${organizationId}::uuid`;
        return { ...(await factsIn(tx, ours, asked)), beats };
      });
    });
  }

  ofDeployment(asked: FactsAsked): Promise<AlarmFacts> {
    return this.#answered(async () => ({
      ...(await factsIn(this.clients.clockwork, Prisma.empty, asked)),
      beats: await beatsIn(this.clients.clockwork),
    }));
  }

  async beat(beats: Beats): Promise<Instant> {
    try {
      const at = await this.#beat(beats);
      this.writes.taken('beat');
      return at;
    } catch (error) {
      this.writes.met(error, 'beat');
      throw error;
    }
  }

  #beat({ instance, layers, databaseDifferenceMs, forgetBefore }: Beats): Promise<Instant> {
    const names = layers.map(({ layer }) => layer);
    const times = layers.map(({ at }) => isoOf(at));
    return this.#answered(async () => {
      await this.clients.clockwork.$executeRaw`
        INSERT INTO heartbeat AS h (layer, instance, first_at, at, ended, database_difference_ms)
        SELECT layer, ${instance}, at, at, false, ${databaseDifferenceMs}::int
          FROM unnest(${names}::text[], ${times}::timestamptz[]) AS b (layer, at)
        ON CONFLICT (layer, instance) DO UPDATE SET at = greatest(h.at, excluded.at), ended = false,
          database_difference_ms = excluded.database_difference_ms`;
      // Somebody else may forget the same ones at the same time: whoever is faster does it.
      await this.clients.clockwork.$executeRaw`
        DELETE FROM heartbeat h USING (
          SELECT layer, instance FROM heartbeat old
           WHERE at < ${isoOf(forgetBefore)}::timestamptz
             AND EXISTS (SELECT FROM heartbeat o WHERE o.layer = old.layer AND o.at > old.at)
             FOR UPDATE SKIP LOCKED) gone
         WHERE h.layer = gone.layer AND h.instance = gone.instance`;
      const [row] = await this.clients.clockwork.$queryRaw<{ now: number }[]>`
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`;
      return row?.now ?? 0;
    });
  }

  async farewell(instance: string): Promise<void> {
    await this.#answered(
      () =>
        this.clients.clockwork.$executeRaw`UPDATE heartbeat SET ended = true WHERE instance = ${instance}`,
    );
  }

  #answered<T>(query: () => Promise<T>): Promise<T> {
    return answered(query, this.answers);
  }
}

const beatsIn = async (asker: Asker): Promise<readonly Beat[]> => {
  const rows = await asker.$queryRaw<BeatRow[]>`
    SELECT layer, instance, ${ms('first_at')} AS "firstAt", ${ms('at')} AS at, ended,
           database_difference_ms AS "databaseDifferenceMs"
      FROM heartbeat ORDER BY layer COLLATE "C", instance COLLATE "C" LIMIT ${MOST_FACTS}`;
  return rows.map(beatOf);
};

const NO_COUNTS: CountsRow = { overdue: 0, overdueSince: null, enabledWithoutGrant: 0, readBackOwedAt: null };

const factsIn = async (
  asker: Asker,
  ours: Prisma.Sql,
  asked: FactsAsked,
): Promise<Omit<AlarmFacts, 'beats'>> => {
  const { now, lateBefore, enabledSince, credentialsUntil, clocksSince } = asked;
  // One after the other: a transaction has one connection.
  const overdue = await asker.$queryRaw<OverdueRow[]>(overdueEnds(now, lateBefore, ours));
  const failing = await asker.$queryRaw<FailingRow[]>(failingCustomers(now, now + TRIED_WITHIN_MS, ours));
  const withoutEnd = await asker.$queryRaw<WithoutEndRow[]>(accountsWithoutEnd(lateBefore, ours));
  const again = await asker.$queryRaw<EnabledAgainRow[]>(enabledAgain(enabledSince, ours));
  const [counts = NO_COUNTS] = await asker.$queryRaw<CountsRow[]>(countsOf(now, ours));
  const credentials = await asker.$queryRaw<CredentialRow[]>(credentialEnds(credentialsUntil, ours));
  const clocks = await asker.$queryRaw<ClockRow[]>(measuredClocks(clocksSince, ours));
  const uncompared = await asker.$queryRaw<UncomparedRow[]>(uncomparedCustomers(asked, ours));
  const flooded = await asker.$queryRaw<FloodedRow[]>(floodedCustomers(asked, ours));
  const lost = await asker.$queryRaw<LostRow[]>(lostCustomers(ours));
  const unreached = await asker.$queryRaw<UnreachedRow[]>(unreachedHolds(asked, ours));
  const [deployment] = await asker.$queryRaw<{ restoringSince: number | null }[]>`
    SELECT ${ms('restoring_since')} AS "restoringSince" FROM deployment`;
  return {
    overdue: overdue.map(overdueEndsOf),
    failing: failing.map(failingCustomerOf),
    withoutEnd: withoutEnd.map(accountsWithoutEndOf),
    enabledAgain: again.map(enabledAgainOf),
    overdueCount: counts.overdue,
    overdueSince: counts.overdueSince,
    enabledWithoutGrant: counts.enabledWithoutGrant,
    readBackOwedAt: counts.readBackOwedAt,
    credentialEnds: credentials.map(credentialEndOf),
    clocks: clocks.map(measuredClockOf),
    uncompared: uncompared.map(uncomparedCustomerOf),
    flooded: flooded.map(floodedCustomerOf),
    lost: lost.map(lostTakeBackOf),
    unreached: unreached.map(unreachedHoldOf),
    restoringSince: deployment?.restoringSince ?? null,
  };
};
