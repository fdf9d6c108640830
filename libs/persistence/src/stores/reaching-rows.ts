import {
  CLOCKS_DIFFER_MS,
  type AccountPage,
  type GrantedAccount,
  type HoldScope,
  type HoldToReach,
  type Reach,
  type Reached,
  type ToReach,
} from '#core/grants';
import { idOf, type AccountId, type Instant } from '#core/shared';
import { Prisma } from '../generated/client.js';
import { isoOf } from '../reading.js';
import type { Session } from '../session.js';
import { inScope, isYetToBeFound } from './closing-account-rows.js';

/** Whoever pulls a switch waits no longer to be told how much it finds. */
export const COUNT_MS = 3_000;
/** What one row may take that is written, and each of many: a hundred times of what they do. */
const FIRST_ROW_MS = 2_000;
const EACH_ROW_MS = 2;

/** What the hold has yet to make due and owed, of `managed_account a`. */
const wanted = (hold: HoldToReach, at: Instant): Prisma.Sql => {
  const stands = hold.liftedAt === null;
  return Prisma.sql`${inScope(hold.organizationId, hold.scope)}
    AND (${isYetToBeFound(hold)} OR (${stands} AND (a.take_at IS NULL OR a.take_at > ${isoOf(at)}::timestamptz)))`;
};

/** How many accounts of which customers the hold would reach. */
export const inReach = (session: Session, hold: HoldToReach, at: Instant): Promise<Reach | 'unknown'> =>
  session.attempt(COUNT_MS, async (tx) => {
    const rows = await tx.$queryRaw<ReachRow[]>`
      SELECT a.customer_id AS "customerId", count(*)::int AS accounts FROM managed_account a
       WHERE ${wanted(hold, at)} GROUP BY 1 ORDER BY 1`;
    return reachOf(rows);
  });

/** Which accounts the hold has yet to reach. */
export const wantedBy = (
  session: Session,
  hold: HoldToReach,
  { at, after, limit }: AccountPage & { readonly at: Instant },
): Promise<readonly AccountId[]> =>
  session.run(async (tx) => {
    const rows = await tx.$queryRaw<{ readonly id: string }[]>`
      SELECT a.id FROM managed_account a
       WHERE ${wanted(hold, at)} AND (${after}::uuid IS NULL OR a.id > ${after}::uuid)
       ORDER BY a.id LIMIT ${limit}`;
    return rows.map(({ id }) => idOf(id));
  });

/** Which accounts have a grant that is not closed. */
export const grantedIn = (
  session: Session,
  scope: HoldScope,
  { after, limit }: AccountPage,
): Promise<readonly GrantedAccount[]> => {
  const technicianId = scope.kind === 'technician' ? scope.technicianId : null;
  const customerId = scope.kind === 'customer' ? scope.customerId : null;
  return session.run(async (tx) => {
    const rows = await tx.$queryRaw<{ readonly accountId: string; readonly customerId: string }[]>`
      SELECT DISTINCT g.account_id AS "accountId", g.customer_id AS "customerId" FROM access_grant g
       WHERE g.organization_id = ${session.organizationId}::uuid
         AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL
         AND (${technicianId}::uuid IS NULL OR g.technician_id = ${technicianId}::uuid)
         AND (${customerId}::uuid IS NULL OR g.customer_id = ${customerId}::uuid)
         AND (${after}::uuid IS NULL OR g.account_id > ${after}::uuid)
       ORDER BY g.account_id LIMIT ${limit}`;
    return rows.map((row) => ({ accountId: idOf(row.accountId), customerId: idOf(row.customerId) }));
  });
};

/**
 * Rows are locked in the order of their ids, as everybody does who locks several; those that are held are not waited for. Nor
 * is the hold's own, which each row of `hold_account` needs. No row is read but those that are asked for, and none may take long:
 * one that can't be read, or is slow, is known by being asked for alone.
 */
export const reach = async (
  session: Session,
  hold: HoldToReach,
  { at, accounts }: ToReach,
): Promise<Reached> => {
  const { organizationId } = session;
  await inLittleTime(session, accounts.length);
  return session.run(async (tx) => {
    const rows = await tx.$queryRaw<ReachedRow[]>`
      WITH wanted AS MATERIALIZED (
        SELECT a.id FROM managed_account a
         WHERE a.id = ANY(${[...accounts]}::uuid[]) AND ${wanted(hold, at)}
      ), itself AS MATERIALIZED (
        SELECT h.id FROM hold h WHERE h.organization_id = ${organizationId}::uuid AND h.id = ${hold.id}::uuid
           FOR KEY SHARE SKIP LOCKED
      ), free AS (
        SELECT a.id FROM managed_account a
         WHERE a.organization_id = ${organizationId}::uuid AND a.id = ANY(${[...accounts]}::uuid[])
           AND a.id IN (SELECT id FROM wanted) AND EXISTS (SELECT FROM itself)
         ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
      ), found AS (
        UPDATE managed_account reached SET
          version = reached.version + 1,
          due_at = LEAST(reached.due_at, ${isoOf(at)}::timestamptz),
          take_at = LEAST(reached.take_at, ${isoOf(at)}::timestamptz)
        FROM free WHERE reached.organization_id = ${organizationId}::uuid AND reached.id = free.id
          AND reached.id = ANY(${[...accounts]}::uuid[])
        RETURNING reached.id, reached.customer_id
      ), kept AS (
        INSERT INTO hold_account (organization_id, hold_id, account_id)
        SELECT ${organizationId}::uuid, ${hold.id}::uuid, found.id FROM found
        ON CONFLICT DO NOTHING
      ), every AS (
        SELECT (SELECT count(*) FROM wanted) - (SELECT count(*) FROM found) AS skipped
      )
      SELECT f.customer_id AS "customerId", count(f.id)::int AS accounts, e.skipped::int AS skipped
        FROM every e LEFT JOIN found f ON true GROUP BY f.customer_id, e.skipped ORDER BY 1`;
    return { ...reachOf(rows), skipped: rows[0]?.skipped ?? 0 };
  });
};

const inLittleTime = async (session: Session, rows: number): Promise<void> => {
  await session.loseNoTime();
  await session.takeAtMost(FIRST_ROW_MS + EACH_ROW_MS * rows);
  await session.readNothingElse();
};

/** Keeps on record that all is reached, where nothing is left. */
export const settle = (session: Session, hold: HoldToReach, at: Instant): Promise<boolean> =>
  session.run(async (tx) => {
    const rows = await tx.$queryRaw<{ readonly id: string }[]>`
      WITH itself AS MATERIALIZED (
        SELECT h.id, h.reached_at FROM hold h
         WHERE h.organization_id = ${session.organizationId}::uuid AND h.id = ${hold.id}::uuid
           AND NOT EXISTS (SELECT FROM managed_account a WHERE ${wanted(hold, at)})
           FOR NO KEY UPDATE OF h SKIP LOCKED
      ), settled AS (
        UPDATE hold SET reached_at = ${isoOf(at)}::timestamptz FROM itself
         WHERE hold.organization_id = ${session.organizationId}::uuid AND hold.id = itself.id
           AND itself.reached_at IS NULL
      )
      SELECT id FROM itself`;
    return rows.length === 1;
  });

/** One statement sees either both, that all was reached and that something is not owed, or neither. */
export const reachAgain = (session: Session, hold: HoldToReach, at: Instant): Promise<boolean | 'unknown'> =>
  session.attempt(COUNT_MS, async (tx) => {
    const count = await tx.$executeRaw`
      UPDATE hold SET reached_at = NULL, reach_since = ${isoOf(at)}::timestamptz
       WHERE organization_id = ${session.organizationId}::uuid AND id = ${hold.id}::uuid
         AND lifted_at IS NULL AND reached_at IS NOT NULL
         AND EXISTS (SELECT FROM managed_account a WHERE ${wanted(hold, at + CLOCKS_DIFFER_MS)})`;
    return count === 1;
  });

interface ReachRow {
  readonly customerId: string | null;
  readonly accounts: number;
}

interface ReachedRow extends ReachRow {
  readonly skipped: number;
}

const reachOf = (rows: readonly ReachRow[]): Reach => ({
  accounts: rows.reduce((sum, { accounts }) => sum + accounts, 0),
  customers: rows.flatMap(({ customerId }) => (customerId === null ? [] : [idOf<'customer'>(customerId)])),
});
