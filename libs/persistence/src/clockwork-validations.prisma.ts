import { idOf, VALIDATION_CLAIM_MS, type Instant, type ValidationClaim } from '#core/shared';
import type { PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';

interface LineRow {
  readonly organizationId: string;
  readonly runId: string;
  readonly customerId: string;
  readonly epoch: number;
}

/**
 * One statement over a partial index that is empty while no run is under way; in turns between organizations: whoever has the
 * fewest lines under way is next. Of those that have equally many it is anybody, lest the oldest always win where there are
 * more organizations than places.
 */
export const claimValidations = async (
  prisma: PrismaClient,
  now: Instant,
  limit: number,
): Promise<readonly ValidationClaim[]> => {
  const [at, claimedUntil] = [isoOf(now), now + VALIDATION_CLAIM_MS];
  const rows = await prisma.$queryRaw<LineRow[]>`
    WITH line AS (
      SELECT l.organization_id, l.run_id, l.customer_id, l.epoch,
             l.claimed_until IS NOT NULL AND l.claimed_until > ${at}::timestamptz AS is_held
        FROM validation_line l
       WHERE l.state = 'waiting'
    ), waiting AS (
      SELECT l.*,
             count(*) FILTER (WHERE l.is_held) OVER (PARTITION BY l.organization_id)
             + row_number() OVER (PARTITION BY l.organization_id, l.is_held ORDER BY l.epoch, l.customer_id) AS turn
        FROM line l
    ), free AS (
      SELECT l.organization_id, l.run_id, l.customer_id
        FROM validation_line l
        JOIN waiting w ON w.organization_id = l.organization_id AND w.run_id = l.run_id AND w.customer_id = l.customer_id
       WHERE l.state = 'waiting' AND (l.claimed_until IS NULL OR l.claimed_until <= ${at}::timestamptz)
       ORDER BY w.turn, random()
       LIMIT ${limit}
       FOR NO KEY UPDATE OF l SKIP LOCKED
    )
    UPDATE validation_line l SET epoch = l.epoch + 1, claimed_until = ${isoOf(claimedUntil)}::timestamptz
      FROM free
     WHERE l.organization_id = free.organization_id AND l.run_id = free.run_id AND l.customer_id = free.customer_id
    RETURNING l.organization_id AS "organizationId", l.run_id AS "runId", l.customer_id AS "customerId", l.epoch`;
  return rows.map(({ organizationId, runId, customerId, epoch }) => ({
    organizationId: idOf(organizationId),
    runId: idOf(runId),
    customerId: idOf(customerId),
    epoch,
    claimedUntil,
  }));
};
