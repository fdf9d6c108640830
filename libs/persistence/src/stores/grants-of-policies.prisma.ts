import { common, type GrantStore, type LiveFilter, type LiveGrant, type MovedGrant } from '#core/grants';
import { idOf, type PolicyId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import { instantOf, isoOf } from '../reading.js';
import type { Session } from '../session.js';
import { entitlement, entitlementJson } from './entitlement.js';

/** Locked in the order of their ids, as `saveAll` does. */
export const movedTo = (
  session: Session,
  { policyId, customerId, gives }: Parameters<GrantStore['move']>[0],
  to: PolicyId,
): Promise<readonly MovedGrant[]> => {
  const { organizationId } = session;
  return session.run(async (tx) => {
    const found = await tx.$queryRaw<{ readonly id: string; readonly approved: unknown }[]>`
      SELECT g.id, g.approved FROM access_grant g
       WHERE g.organization_id = ${organizationId}::uuid AND g.customer_id = ${customerId}::uuid
         AND g.policy_id = ${policyId}::uuid AND g.state IN ('scheduled', 'starting', 'active', 'failed')
       ORDER BY g.id FOR NO KEY UPDATE`;
    const moved = found.map(({ id, approved }) => ({
      id: idOf<'grant'>(id),
      organizationId,
      customerId,
      approved: common(entitlement(approved, 'access_grant.approved'), gives),
    }));
    const rows = JSON.stringify(
      moved.map(({ id, approved }) => ({ id, approved: entitlementJson(approved) })),
    );
    await tx.$executeRaw`
      UPDATE access_grant g SET policy_id = ${to}::uuid, approved = m.approved, version = g.version + 1
        FROM jsonb_to_recordset(${rows}::jsonb) AS m(id uuid, approved jsonb)
       WHERE g.organization_id = ${organizationId}::uuid AND g.id = m.id`;
    return moved;
  });
};

interface LiveRow {
  readonly id: string;
  readonly customerId: string;
  readonly technicianId: string;
  readonly policyId: string;
  readonly approved: unknown;
  readonly startsAt: Date;
  readonly expiresAt: Date;
}

/** Live ones that nothing forbids. */
export const liveGrants = (
  session: Session,
  { of, now, limit }: LiveFilter,
): Promise<readonly LiveGrant[]> => {
  const wanted =
    'policyId' in of
      ? Prisma.sql`g.policy_id = ${of.policyId}::uuid`
      : Prisma.sql`g.customer_id = ${of.customerId}::uuid`;
  return session.run(async (tx) => {
    const rows = await tx.$queryRaw<LiveRow[]>`
      SELECT g.id, g.customer_id AS "customerId", g.technician_id AS "technicianId", g.policy_id AS "policyId",
             g.approved, g.starts_at AS "startsAt", g.expires_at AS "expiresAt"
        FROM access_grant g
       WHERE g.organization_id = ${session.organizationId}::uuid AND ${wanted}
         AND g.state IN ('scheduled', 'starting', 'active') AND g.expires_at > ${isoOf(now)}::timestamptz
         AND g.forbidden IS NULL
       ORDER BY g.id LIMIT ${limit}`;
    return rows.map((row) => ({
      id: idOf(row.id),
      customerId: idOf(row.customerId),
      technicianId: idOf(row.technicianId),
      policyId: idOf(row.policyId),
      approved: entitlement(row.approved, 'access_grant.approved'),
      startsAt: instantOf(row.startsAt),
      expiresAt: instantOf(row.expiresAt),
    }));
  });
};
