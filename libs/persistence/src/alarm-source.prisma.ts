import {
  BLOCKING_REASONS,
  CLOCK_DIFFERENCE_MS,
  MOST_FACTS,
  type AlarmFacts,
  type AlarmSource,
  type Beat,
  type Beats,
  type FactsAsked,
} from '#core/alarms';
import { MINUTE, type Instant, type OrganizationId } from '#core/shared';
import {
  accountWithoutEndOf,
  beatOf,
  credentialEndOf,
  failingCustomerOf,
  measuredClockOf,
  overdueEndOf,
  type BeatRow,
  type ClockRow,
  type CountsRow,
  type CredentialRow,
  type FailingRow,
  type OverdueRow,
  type WithoutEndRow,
} from './alarm-rows.js';
import { Prisma, type PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import { refusalOf } from './refusals.js';

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
    private readonly app: PrismaClient,
    private readonly clockwork: PrismaClient,
  ) {}

  ofOrganization(organizationId: OrganizationId, asked: FactsAsked): Promise<AlarmFacts> {
    return answered(async () => {
      const beats = await beatsIn(this.clockwork);
      return this.app.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT set_config('app.org_id', ${organizationId}, true)`;
        const ours = Prisma.sql`AND a.organization_id = ${organizationId}::uuid`;
        return { ...(await factsIn(tx, ours, asked)), beats };
      });
    });
  }

  ofDeployment(asked: FactsAsked): Promise<AlarmFacts> {
    return answered(async () => ({
      ...(await factsIn(this.clockwork, Prisma.empty, asked)),
      beats: await beatsIn(this.clockwork),
    }));
  }

  beat({ instance, layers, databaseDifferenceMs, forgetBefore }: Beats): Promise<Instant> {
    const names = layers.map(({ layer }) => layer);
    const times = layers.map(({ at }) => isoOf(at));
    return answered(async () => {
      await this.clockwork.$executeRaw`
        INSERT INTO heartbeat AS h (layer, instance, first_at, at, ended, database_difference_ms)
        SELECT layer, ${instance}, at, at, false, ${databaseDifferenceMs}::int
          FROM unnest(${names}::text[], ${times}::timestamptz[]) AS b (layer, at)
        ON CONFLICT (layer, instance) DO UPDATE SET at = greatest(h.at, excluded.at), ended = false,
          database_difference_ms = excluded.database_difference_ms`;
      // Somebody else may forget the same ones at the same time: whoever is faster does it.
      await this.clockwork.$executeRaw`
        DELETE FROM heartbeat h USING (
          SELECT layer, instance FROM heartbeat old
           WHERE at < ${isoOf(forgetBefore)}::timestamptz
             AND EXISTS (SELECT FROM heartbeat o WHERE o.layer = old.layer AND o.at > old.at)
             FOR UPDATE SKIP LOCKED) gone
         WHERE h.layer = gone.layer AND h.instance = gone.instance`;
      const [row] = await this.clockwork.$queryRaw<{ now: number }[]>`
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`;
      return row?.now ?? 0;
    });
  }

  async farewell(instance: string): Promise<void> {
    await answered(
      () => this.clockwork.$executeRaw`UPDATE heartbeat SET ended = true WHERE instance = ${instance}`,
    );
  }
}

const answered = async <T>(query: () => Promise<T>): Promise<T> => {
  try {
    return await query();
  } catch (error) {
    throw refusalOf(error);
  }
};

/** Milliseconds since 1970 of a column. */
const ms = (column: string): Prisma.Sql => Prisma.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);

const beatsIn = async (asker: Asker): Promise<readonly Beat[]> => {
  const rows = await asker.$queryRaw<BeatRow[]>`
    SELECT layer, instance, ${ms('first_at')} AS "firstAt", ${ms('at')} AS at, ended,
           database_difference_ms AS "databaseDifferenceMs"
      FROM heartbeat ORDER BY layer COLLATE "C", instance COLLATE "C" LIMIT ${MOST_FACTS}`;
  return rows.map(beatOf);
};

const factsIn = async (
  asker: Asker,
  ours: Prisma.Sql,
  { now, credentialsUntil, clocksSince }: FactsAsked,
): Promise<Omit<AlarmFacts, 'beats'>> => {
  const at = isoOf(now);
  // One after the other: a transaction has one connection.
  const overdue = await asker.$queryRaw<OverdueRow[]>(overdueEnds(at, ours));
  const failing = await asker.$queryRaw<FailingRow[]>(
    failingCustomers(at, isoOf(now + TRIED_WITHIN_MS), ours),
  );
  const withoutEnd = await asker.$queryRaw<WithoutEndRow[]>(accountsWithoutEnd(at, ours));
  const [counts] = await asker.$queryRaw<CountsRow[]>(countsOf(at, ours));
  const credentials = await asker.$queryRaw<CredentialRow[]>(credentialEnds(isoOf(credentialsUntil), ours));
  const clocks = await asker.$queryRaw<ClockRow[]>(measuredClocks(isoOf(clocksSince), ours));
  const [deployment] = await asker.$queryRaw<{ restoringSince: number | null }[]>`
    SELECT ${ms('restoring_since')} AS "restoringSince" FROM deployment`;
  return {
    overdue: overdue.map(overdueEndOf),
    failing: failing.map(failingCustomerOf),
    withoutEnd: withoutEnd.map(accountWithoutEndOf),
    overdueCount: counts?.overdue ?? 0,
    enabledWithoutGrant: counts?.enabledWithoutGrant ?? 0,
    readBackOwedAt: counts?.readBackOwedAt ?? null,
    credentialEnds: credentials.map(credentialEndOf),
    clocks: clocks.map(measuredClockOf),
    restoringSince: deployment?.restoringSince ?? null,
  };
};

const overdueEnds = (at: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId", a.id AS "accountId",
         ${ms('a.take_at')} AS "takeAt", a.failure_reason AS "failureReason",
         coalesce(a.claimed_until > ${at}::timestamptz, false) AS claimed,
         (SELECT t.workload FROM customer_throttle t
           WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
             AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz
           ORDER BY t.workload DESC LIMIT 1) AS "throttledBy",
         ARRAY(SELECT g.id::text FROM access_grant g
                WHERE g.organization_id = a.organization_id AND g.account_id = a.id
                  AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL
                  AND least(g.ending_at, g.expires_at) <= ${at}::timestamptz
                ORDER BY g.id LIMIT 10) AS "grantIds"
    FROM managed_account a
   WHERE a.take_at < ${at}::timestamptz ${ours}
   ORDER BY a.take_at, a.id
   LIMIT ${MOST_FACTS}`;

const failingCustomers = (at: string, triedBefore: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId", a.failure_reason AS reason,
         ${ms('min(a.failure_since_at)')} AS "sinceAt", count(*)::int AS accounts,
         count(*) FILTER (WHERE a.take_at < ${at}::timestamptz)::int AS owed
    FROM managed_account a
   WHERE a.failure_reason = ANY (${[...BLOCKING_REASONS]}) AND a.failure_since_at IS NOT NULL
     AND a.due_at < ${triedBefore}::timestamptz ${ours}
   GROUP BY a.organization_id, a.customer_id, a.failure_reason
   ORDER BY min(a.failure_since_at), a.customer_id
   LIMIT ${MOST_FACTS}`;

const accountsWithoutEnd = (at: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId", a.id AS "accountId",
         ${ms('a.due_at')} AS "dueAt"
    FROM managed_account a
   WHERE a.may_be_enabled AND a.kind = 'jit' AND a.take_at IS NULL
     AND (a.due_at IS NULL OR a.due_at < ${at}::timestamptz) ${ours}
   ORDER BY a.due_at NULLS FIRST, a.id
   LIMIT ${MOST_FACTS}`;

const countsOf = (at: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT (SELECT count(*)::int FROM managed_account a WHERE a.take_at < ${at}::timestamptz ${ours}) AS overdue,
         (SELECT count(*)::int FROM managed_account a
           WHERE a.may_be_enabled AND a.kind = 'jit' ${ours}
             AND NOT EXISTS (
               SELECT FROM access_grant g
                WHERE g.organization_id = a.organization_id AND g.account_id = a.id
                  AND g.state IN ('scheduled', 'starting', 'active')
                  AND g.starts_at <= ${at}::timestamptz AND g.expires_at > ${at}::timestamptz))
           AS "enabledWithoutGrant",
         (SELECT ${ms('min(a.read_back_at)')} FROM managed_account a
           WHERE a.due_at < ${at}::timestamptz AND a.read_back_at < ${at}::timestamptz
             AND a.failure_reason IS NULL ${ours}
             AND NOT EXISTS (
               SELECT FROM customer_throttle t
                WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
                  AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz))
           AS "readBackOwedAt"`;

const credentialEnds = (until: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         ${ms('a.credential_ends_at')} AS "endsAt"
    FROM entra_connection a
   WHERE a.credential_ends_at < ${until}::timestamptz ${ours}
   ORDER BY a.credential_ends_at
   LIMIT ${MOST_FACTS}`;

const measuredClocks = (since: string, ours: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         a.ahead_ms AS "aheadMs", ${ms('a.measured_at')} AS "measuredAt"
    FROM tenant_clock a
   WHERE abs(a.ahead_ms) > ${CLOCK_DIFFERENCE_MS} AND a.measured_at >= ${since}::timestamptz ${ours}
   ORDER BY abs(a.ahead_ms) DESC
   LIMIT ${MOST_FACTS}`;
