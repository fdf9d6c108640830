import { common, type GrantStore, type MovedGrant } from '#core/grants';
import { idOf, type PolicyId } from '#core/shared';
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
