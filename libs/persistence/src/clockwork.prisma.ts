import type { RefusedWrites } from '#core/alarms';
import {
  CLAIM_MS,
  DRIFT_CLAIM_MS,
  LOOK_KEEPS_CLEAR_MS,
  idOf,
  type AccountId,
  type BellWindow,
  type Claim,
  type Clockwork,
  type CustomerId,
  type CustomerRef,
  type DeploymentLedger,
  type DriftClaim,
  type HoldId,
  type HoldRef,
  type Instant,
  type KeyHolders,
  type OrganizationId,
  type UpcomingBell,
  type ValidationClaim,
} from '#core/shared';
import { claimValidations } from './clockwork-validations.prisma.js';
import { claimOf, PrismaEnds, refOf, type ClaimRow, type CustomerRow } from './clockwork-ends.prisma.js';
import { PrismaDeployment } from './deployment.prisma.js';
import { PrismaKeyHolders } from './key-holders.prisma.js';
import { Prisma, type PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import type { Probe } from './refusals.js';

interface DueRow extends CustomerRow, ClaimRow {
  readonly owesEnd: boolean;
}

/** As long as a claim for many customers may take. */
const FOR_MANY = '2s';

/**
 * Sweeps and claims, on connections of their own (a busy API can't starve them) and as a role that sees ids and clockwork
 * columns only. One statement each: nothing is held between statements. When nothing is due, each reads a few pages of a
 * partial index, however many accounts are stored.
 */
export class PrismaClockwork extends PrismaEnds implements Clockwork {
  readonly deployment: DeploymentLedger;
  readonly keyHolders: KeyHolders;

  constructor(prisma: PrismaClient, answers: Probe, writes: RefusedWrites) {
    super(prisma, answers, writes);
    this.deployment = new PrismaDeployment(prisma, answers);
    this.keyHolders = new PrismaKeyHolders(prisma, answers);
  }

  organizations(limit: number, after: OrganizationId | null = null): Promise<readonly OrganizationId[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<{ readonly id: string }[]>`
        SELECT DISTINCT organization_id AS id FROM customer
         WHERE ${after}::uuid IS NULL OR organization_id > ${after}::uuid ORDER BY 1 LIMIT ${limit}`;
      return rows.map(({ id }) => idOf(id));
    });
  }

  /**
   * Fair over customers: those that owe an end come before all others; of either, those on which nobody works come first,
   * then those on which somebody does; within each, the longest-waiting first. A throttle on the directory or on sign-in
   * keeps a customer out.
   */
  dueCustomers(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    const at = isoOf(now);
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<CustomerRow[]>`
        SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId"
          FROM managed_account a
         WHERE a.due_at <= ${at}::timestamptz
           AND NOT EXISTS (
             SELECT FROM customer_throttle t
              WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
                AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz)
         GROUP BY a.organization_id, a.customer_id
        HAVING bool_or(a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
         ORDER BY bool_or(a.take_at <= ${at}::timestamptz
                          AND (a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)) IS TRUE DESC,
                  bool_or(a.claimed_until > ${at}::timestamptz) IS TRUE,
                  min(a.due_at) FILTER (WHERE a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
         LIMIT ${limit}`;
      return rows.map(refOf);
    });
  }

  /** Of a customer that is throttled as above, nothing: that is asked once, by primary key, not for each account. */
  claimDue(customers: readonly CustomerRef[], now: Instant, limit: number): Promise<readonly Claim[]> {
    const [at, claimedUntil] = [isoOf(now), now + CLAIM_MS];
    const claiming = Prisma.sql`
      WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(${customers.map((each) => each.organizationId)}::uuid[],
                             ${customers.map((each) => each.customerId)}::uuid[]) AS asked(organization_id, customer_id)
      ), due AS MATERIALIZED (
        SELECT own.* FROM asked CROSS JOIN LATERAL (
          SELECT a.organization_id, a.id FROM managed_account a
           WHERE a.organization_id = asked.organization_id AND a.customer_id = asked.customer_id
             AND a.due_at <= ${at}::timestamptz
             AND (a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
             AND NOT EXISTS (
               SELECT FROM customer_throttle t
                WHERE t.organization_id = asked.organization_id AND t.customer_id = asked.customer_id
                  AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz)
           ORDER BY coalesce(a.take_at <= ${at}::timestamptz, false) DESC, a.due_at, a.id
           LIMIT ${limit}
           FOR NO KEY UPDATE SKIP LOCKED) own
      ), claimed AS (
        UPDATE managed_account a SET epoch = a.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
          FROM due WHERE a.organization_id = due.organization_id AND a.id = due.id
        RETURNING a.organization_id, a.customer_id, a.id, a.epoch, a.due_at, a.take_at
      )
      SELECT organization_id AS "organizationId", customer_id AS "customerId", id, epoch,
             coalesce(take_at <= ${at}::timestamptz, false) AS "owesEnd" FROM claimed
       ORDER BY coalesce(take_at <= ${at}::timestamptz, false) DESC, due_at, id`;
    return this.answered(async () => {
      const rows = await this.#claim(claiming, customers.length > 1);
      return rows.map((row) => ({ ...claimOf(refOf(row), row, claimedUntil), owesEnd: row.owesEnd }));
    });
  }

  /** Nobody waits long for another's row. */
  async #claim(claiming: Prisma.Sql, forMany: boolean): Promise<readonly DueRow[]> {
    const claimed = this.prisma.$queryRaw<DueRow[]>(claiming);
    if (!forMany) return claimed;
    const limited = this.prisma.$queryRaw`SELECT set_config('statement_timeout', ${FOR_MANY}, true)`;
    const [, rows] = await this.prisma.$transaction([limited, claimed]);
    return rows;
  }

  claimAccount(customer: CustomerRef, accountId: AccountId, now: Instant): Promise<Claim | null> {
    const [at, claimedUntil] = [isoOf(now), now + CLAIM_MS];
    return this.answered(async () => {
      const [row] = await this.prisma.$queryRaw<ClaimRow[]>`
        WITH free AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${customer.organizationId}::uuid AND a.customer_id = ${customer.customerId}::uuid
             AND a.id = ${accountId}::uuid
             AND (a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
           FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE managed_account a SET epoch = a.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
          FROM free WHERE a.organization_id = ${customer.organizationId}::uuid AND a.id = free.id
        RETURNING a.id, a.epoch`;
      return row === undefined ? null : claimOf(customer, row, claimedUntil);
    });
  }

  giveBack(claims: readonly Claim[]): Promise<readonly AccountId[]> {
    const ids = claims.map(({ accountId }) => accountId);
    const epochs = claims.map(({ epoch }) => epoch);
    const organizations = [...new Set(claims.map(({ organizationId }) => organizationId))];
    return this.answered(async () => {
      const held = await this.prisma.$queryRaw<{ readonly id: string }[]>`
        WITH claim AS MATERIALIZED (
          SELECT claimed.id, claimed.epoch FROM unnest(${ids}::uuid[], ${epochs}::int[]) AS claimed(id, epoch)
        ), free AS (
          SELECT a.organization_id, a.id FROM managed_account a
            JOIN claim ON claim.id = a.id AND claim.epoch = a.epoch
           WHERE a.organization_id = ANY(${organizations}::uuid[])
           FOR NO KEY UPDATE OF a SKIP LOCKED
        ), back AS (
          UPDATE managed_account a SET claimed_until = NULL
            FROM free WHERE a.organization_id = free.organization_id AND a.id = free.id
          RETURNING a.id
        )
        SELECT a.id FROM managed_account a
          JOIN claim ON claim.id = a.id AND claim.epoch = a.epoch
         WHERE a.organization_id = ANY(${organizations}::uuid[]) AND a.id NOT IN (SELECT id FROM back)`;
      return held.map(({ id }) => idOf<'account'>(id));
    });
  }

  unreachedHolds(after: HoldId | null, limit: number): Promise<readonly HoldRef[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<{ readonly organizationId: string; readonly id: string }[]>`
        SELECT h.organization_id AS "organizationId", h.id FROM hold h
         WHERE h.reached_at IS NULL AND (${after}::uuid IS NULL OR h.id > ${after}::uuid)
         ORDER BY h.id
         LIMIT ${limit}`;
      return rows.map(({ organizationId, id }) => ({
        organizationId: idOf(organizationId),
        holdId: idOf(id),
      }));
    });
  }

  removals(after: CustomerId | null, limit: number): Promise<readonly CustomerRef[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<CustomerRow[]>`
        SELECT e.organization_id AS "organizationId", e.customer_id AS "customerId"
          FROM entra_connection e
         WHERE e.state = 'removing' AND (${after}::uuid IS NULL OR e.customer_id > ${after}::uuid)
         ORDER BY e.customer_id
         LIMIT ${limit}`;
      return rows.map(refOf);
    });
  }

  dueConsents(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<CustomerRow[]>`
        SELECT c.organization_id AS "organizationId", c.customer_id AS "customerId"
          FROM customer_consent c
         WHERE c.due_at <= ${isoOf(now)}::timestamptz
         ORDER BY c.due_at, c.customer_id
         LIMIT ${limit}`;
      return rows.map(refOf);
    });
  }

  claimDrift(now: Instant, limit: number): Promise<readonly DriftClaim[]> {
    const [at, claimedUntil] = [isoOf(now), now + DRIFT_CLAIM_MS];
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<(CustomerRow & { readonly epoch: number })[]>`
        WITH due AS (
          SELECT d.organization_id, d.customer_id FROM customer_drift d
           WHERE (d.due_at <= ${at}::timestamptz
              OR d.reread_for IS DISTINCT FROM coalesce((SELECT restoring_since FROM deployment), d.reread_for))
             AND (d.claimed_until IS NULL OR d.claimed_until <= ${at}::timestamptz)
             AND NOT EXISTS (
               SELECT FROM customer_throttle t
                WHERE t.organization_id = d.organization_id AND t.customer_id = d.customer_id
                  AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz)
           ORDER BY d.due_at, d.customer_id
           LIMIT ${limit}
           FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE customer_drift d SET epoch = d.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
          FROM due WHERE d.organization_id = due.organization_id AND d.customer_id = due.customer_id
        RETURNING d.organization_id AS "organizationId", d.customer_id AS "customerId", d.epoch`;
      return rows.map((row) => ({ ...refOf(row), epoch: row.epoch, claimedUntil }));
    });
  }

  dueCanaries(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<CustomerRow[]>`
        SELECT p.organization_id AS "organizationId", p.customer_id AS "customerId"
          FROM take_back_proof p WHERE p.due_at <= ${isoOf(now)}::timestamptz
         GROUP BY p.organization_id, p.customer_id
         ORDER BY min(p.due_at), p.customer_id LIMIT ${limit}`;
      return rows.map(refOf);
    });
  }

  claimLooks(customer: CustomerRef, now: Instant, limit: number): Promise<readonly Claim[]> {
    const [at, claimedUntil] = [isoOf(now), now + CLAIM_MS];
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<ClaimRow[]>`
        WITH due AS (
          SELECT a.id FROM managed_account a
           WHERE a.organization_id = ${customer.organizationId}::uuid AND a.customer_id = ${customer.customerId}::uuid
             AND a.look_at <= ${at}::timestamptz AND a.closed_at IS NULL
             AND (a.claimed_until IS NULL OR a.claimed_until <= ${at}::timestamptz)
             AND (a.take_at IS NULL OR a.take_at > ${isoOf(now + LOOK_KEEPS_CLEAR_MS)}::timestamptz)
             AND NOT EXISTS (
               SELECT FROM customer_throttle t
                WHERE t.organization_id = ${customer.organizationId}::uuid AND t.customer_id = ${customer.customerId}::uuid
                  AND t.workload IN ('directory', 'sign-in') AND t.until > ${at}::timestamptz)
           ORDER BY a.look_at, a.id
           LIMIT ${limit}
           FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE managed_account a SET epoch = a.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
          FROM due WHERE a.organization_id = ${customer.organizationId}::uuid AND a.id = due.id
        RETURNING a.id, a.epoch`;
      return rows.map((row) => claimOf(customer, row, claimedUntil));
    });
  }

  claimValidations(now: Instant, limit: number): Promise<readonly ValidationClaim[]> {
    return this.answered(() => claimValidations(this.prisma, now, limit));
  }

  /** `at` is the first instant of its second at which something falls due: pages are told apart by it and the customer. */
  upcoming({ from, until, after }: BellWindow, limit: number): Promise<readonly UpcomingBell[]> {
    const [lastAt, lastId] = [isoOf(after?.at ?? from), after?.customerId ?? null];
    return this.answered(async () => {
      const rows = await this.prisma.$queryRaw<(CustomerRow & { readonly at: number })[]>`
        SELECT a.organization_id AS "organizationId", a.customer_id AS "customerId",
               (extract(epoch FROM min(a.due_at)) * 1000)::float8 AS at
          FROM managed_account a
         WHERE a.due_at >= ${isoOf(from)}::timestamptz AND a.due_at < ${isoOf(until)}::timestamptz
         GROUP BY a.organization_id, a.customer_id, date_trunc('second', a.due_at)
        HAVING ${lastId}::uuid IS NULL OR (min(a.due_at), a.customer_id) > (${lastAt}::timestamptz, ${lastId}::uuid)
         ORDER BY min(a.due_at), a.customer_id
         LIMIT ${limit}`;
      return rows.map((row) => ({ ...refOf(row), at: row.at }));
    });
  }

  nextDue(customer: CustomerRef, after: Instant, before: Instant): Promise<Instant | null> {
    return this.answered(async () => {
      const [row] = await this.prisma.$queryRaw<{ readonly at: number | null }[]>`
        SELECT (extract(epoch FROM min(a.due_at)) * 1000)::float8 AS at
          FROM managed_account a
         WHERE a.organization_id = ${customer.organizationId}::uuid AND a.customer_id = ${customer.customerId}::uuid
           AND a.due_at > ${isoOf(after)}::timestamptz AND a.due_at < ${isoOf(before)}::timestamptz`;
      return row?.at ?? null;
    });
  }
}
