import { BLOCKING_REASONS, CLOCK_DIFFERENCE_MS, MOST_FACTS, MOST_NAMED, type FactsAsked } from '#core/alarms';
import type { Instant } from '#core/shared';
import { Prisma } from './generated/client.js';
import { isoOf } from './reading.js';

/** Milliseconds since 1970 of a column. */
export const ms = (column: string): Prisma.Sql =>
  Prisma.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);

/** Narrows `a` to what the asker may see. */
type Ours = Prisma.Sql;

const instant = (at: Instant): Prisma.Sql => Prisma.sql`${isoOf(at)}::timestamptz`;

/**
 * A bounded number of groups, each with `organization_id`, `customer_id`, `since` (null before all) and `why`: each
 * customer's longest standing first, before any customer's next one.
 */
const fairly = (groups: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT found.*, row_number() OVER (
           PARTITION BY organization_id, customer_id ORDER BY since NULLS FIRST, why COLLATE "C") AS turn
    FROM (${groups}) found
   ORDER BY turn, since NULLS FIRST, customer_id
   LIMIT ${MOST_FACTS}`;

const IN_TURN = Prisma.sql`ORDER BY turn, since NULLS FIRST, f.customer_id`;

/** How many accounts of `a` there are in a group, and the first few of them in this order. */
const together = (order: string): Prisma.Sql => Prisma.sql`
  count(*)::int AS accounts, (array_agg(a.id ORDER BY ${Prisma.raw(order)}))[1:${MOST_NAMED}] AS ids`;

const OF_GROUP = Prisma.sql`
  f.organization_id AS "organizationId", f.customer_id AS "customerId", f.accounts, f.ids::text[] AS "accountIds"`;

export const overdueEnds = (now: Instant, lateBefore: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT ${OF_GROUP}, ${ms('f.since')} AS "takeAt", f.failure_reason AS "failureReason", f.claimed,
         (SELECT t.workload FROM customer_throttle t
           WHERE t.organization_id = f.organization_id AND t.customer_id = f.customer_id
             AND t.workload IN ('directory', 'sign-in') AND t.until > ${instant(now)}
           ORDER BY t.workload DESC LIMIT 1) AS "throttledBy",
         ARRAY(SELECT g.id::text FROM access_grant g
                WHERE g.organization_id = f.organization_id AND g.account_id = ANY (f.ids)
                  AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL
                  AND least(g.ending_at, g.expires_at) <= ${instant(now)}
                ORDER BY g.id LIMIT ${MOST_NAMED}) AS "grantIds"
    FROM (${fairly(Prisma.sql`
      SELECT a.organization_id, a.customer_id, a.failure_reason, min(a.take_at) AS since,
             coalesce(a.failure_reason, '') AS why, ${together('a.take_at, a.id')},
             coalesce(bool_or(a.claimed_until > ${instant(now)}), false) AS claimed
        FROM managed_account a
       WHERE a.take_at < ${instant(lateBefore)} ${ours}
       GROUP BY a.organization_id, a.customer_id, a.failure_reason`)}) f
   ${IN_TURN}`;

/** What is owed is tried for ever; anything else that isn't tried soon is an old story. */
export const failingCustomers = (now: Instant, triedBefore: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT f.organization_id AS "organizationId", f.customer_id AS "customerId", f.why AS reason,
         ${ms('f.since')} AS "sinceAt", f.accounts, f.owed, ${ms('f.owed_since')} AS "owedSince"
    FROM (${fairly(Prisma.sql`
      SELECT a.organization_id, a.customer_id, a.failure_reason AS why, min(a.failure_since_at) AS since,
             count(*)::int AS accounts, count(*) FILTER (WHERE a.take_at < ${instant(now)})::int AS owed,
             min(a.take_at) FILTER (WHERE a.take_at < ${instant(now)}) AS owed_since
        FROM managed_account a
       WHERE a.failure_reason = ANY (${[...BLOCKING_REASONS]}) AND a.failure_since_at IS NOT NULL
         AND (a.due_at < ${instant(triedBefore)} OR a.take_at < ${instant(now)}) ${ours}
       GROUP BY a.organization_id, a.customer_id, a.failure_reason`)}) f
   ${IN_TURN}`;

export const accountsWithoutEnd = (lateBefore: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT ${OF_GROUP}, ${ms('f.since')} AS "dueAt"
    FROM (${fairly(Prisma.sql`
      SELECT a.organization_id, a.customer_id, min(a.due_at) AS since, '' AS why, ${together('a.due_at, a.id')}
        FROM managed_account a
       WHERE a.may_be_enabled AND a.kind <> 'laps' AND a.take_at IS NULL
         AND (a.due_at IS NULL OR a.due_at < ${instant(lateBefore)}) ${ours}
       GROUP BY a.organization_id, a.customer_id, a.due_at IS NULL`)}) f
   ${IN_TURN}`;

export const enabledAgain = (enabledSince: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT ${OF_GROUP}, ${ms('f.since')} AS "sinceAt", ${ms('f.last_at')} AS "lastAt"
    FROM (${fairly(Prisma.sql`
      SELECT a.organization_id, a.customer_id, min(a.enabled_again_at) AS since, '' AS why,
             ${together('a.enabled_again_at, a.id')}, max(a.enabled_again_at) AS last_at
        FROM managed_account a
       WHERE a.enabled_again_at > ${instant(enabledSince)} ${ours}
       GROUP BY a.organization_id, a.customer_id`)}) f
   ${IN_TURN}`;

export const countsOf = (now: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT (SELECT count(*)::int FROM managed_account a WHERE a.take_at < ${instant(now)} ${ours}) AS overdue,
         (SELECT ${ms('min(a.take_at)')} FROM managed_account a WHERE a.take_at < ${instant(now)} ${ours})
           AS "overdueSince",
         (SELECT count(*)::int FROM managed_account a
           WHERE a.may_be_enabled AND a.kind <> 'laps' ${ours}
             AND NOT (a.kind = 'canary' AND coalesce(a.take_at > ${instant(now)}, false))
             AND NOT EXISTS (
               SELECT FROM access_grant g
                WHERE g.organization_id = a.organization_id AND g.account_id = a.id
                  AND g.state IN ('scheduled', 'starting', 'active')
                  AND g.starts_at <= ${instant(now)} AND g.expires_at > ${instant(now)}))
           AS "enabledWithoutGrant",
         (SELECT ${ms('min(a.read_back_at)')} FROM managed_account a
           WHERE a.due_at < ${instant(now)} AND a.read_back_at < ${instant(now)}
             AND a.failure_reason IS NULL ${ours}
             AND NOT EXISTS (
               SELECT FROM customer_throttle t
                WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
                  AND t.workload IN ('directory', 'sign-in') AND t.until > ${instant(now)}))
           AS "readBackOwedAt"`;

export const credentialEnds = (until: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT f.organization_id AS "organizationId", f.customer_id AS "customerId",
         ${ms('f.ends_at')} AS "endsAt", f.whose
    FROM (SELECT a.organization_id, a.customer_id, a.credential_ends_at AS ends_at, 'own' AS whose
            FROM entra_connection a
           WHERE a.credential_ends_at < ${instant(until)} ${ours}
          UNION ALL
          SELECT a.organization_id, c.customer_id, a.credential_ends_at, 'app'
            FROM organization_app a
            JOIN entra_connection c ON c.organization_id = a.organization_id AND c.organization_app_id = a.id
           WHERE a.credential_ends_at < ${instant(until)} ${ours}
          UNION ALL
          SELECT a.organization_id, a.customer_id, a.credential_ends_at, 'revoker'
            FROM entra_revoker_credential a
           WHERE a.credential_ends_at < ${instant(until)} ${ours}) f
   ORDER BY f.ends_at, f.customer_id
   LIMIT ${MOST_FACTS}`;

export const measuredClocks = (since: Instant, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         a.ahead_ms AS "aheadMs", ${ms('a.measured_at')} AS "measuredAt"
    FROM tenant_clock a
   WHERE abs(a.ahead_ms) > ${CLOCK_DIFFERENCE_MS} AND a.measured_at >= ${instant(since)} ${ours}
   ORDER BY abs(a.ahead_ms) DESC
   LIMIT ${MOST_FACTS}`;

/** Connected customers whose drift pass is late, or leaves something undone. */
export const uncomparedCustomers = (
  { passesBefore, comparedBefore }: FactsAsked,
  ours: Ours,
): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         ${ms('a.due_at')} AS "dueAt", ${ms('a.compared_at')} AS "comparedAt"
    FROM customer_drift a
   WHERE (a.due_at < ${instant(passesBefore)} OR a.compared_at < ${instant(comparedBefore)}) ${ours}
     AND EXISTS (SELECT FROM entra_connection c
                  WHERE c.organization_id = a.organization_id AND c.customer_id = a.customer_id)
   ORDER BY a.due_at, a.customer_id
   LIMIT ${MOST_FACTS}`;

/** Customers with more markers like ours than are kept. */
export const floodedCustomers = ({ markersSince }: FactsAsked, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         a.unkept, ${ms('a.unkept_at')} AS at
    FROM customer_drift a
   WHERE a.unkept_at >= ${instant(markersSince)} ${ours}
   ORDER BY a.unkept_at DESC, a.customer_id
   LIMIT ${MOST_FACTS}`;

/** Connected customers at which tiers are lost. */
export const lostCustomers = (ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
         array_agg(a.tier ORDER BY a.tier) AS tiers, ${ms('min(a.at)')} AS "sinceAt"
    FROM take_back_proof a
   WHERE a.verdict = 'lost' ${ours}
     AND EXISTS (SELECT FROM entra_connection c
                  WHERE c.organization_id = a.organization_id AND c.customer_id = a.customer_id)
   GROUP BY a.organization_id, a.customer_id
   ORDER BY min(a.at), a.customer_id
   LIMIT ${MOST_FACTS}`;

/** Kill switches that have had something left to reach for long. */
export const unreachedHolds = ({ unreachedBefore }: FactsAsked, ours: Ours): Prisma.Sql => Prisma.sql`
  SELECT a.organization_id AS "organizationId", a.id AS "holdId",
         ${ms('coalesce(a.reach_since, a.placed_at)')} AS "sinceAt", a.lifted_at IS NOT NULL AS "isLifted"
    FROM hold a
   WHERE a.reached_at IS NULL AND coalesce(a.reach_since, a.placed_at) < ${instant(unreachedBefore)} ${ours}
   ORDER BY coalesce(a.reach_since, a.placed_at), a.id
   LIMIT ${MOST_FACTS}`;
