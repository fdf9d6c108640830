import { barOf, type Grant, type GrantFilter, type GrantInForce, type GrantStore } from '#core/grants';
import { idOf, type AccountId, type GrantId, type PolicyId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { AccessGrantModel } from '../generated/models.js';
import { orNull } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { customerState } from './customer-store.prisma.js';
import { connectionState } from './entra-connection-store.prisma.js';
import { entitlement } from './entitlement.js';
import { changeableColumns, fixedColumns, grantFromRow, lifeColumns } from './grant-row.js';
import { technicianState } from './technician-store.prisma.js';

interface Around {
  readonly policyGives: unknown;
  readonly isKilled: boolean;
  readonly technicianState: string;
  readonly customerState: string;
  readonly connectionState: string | null;
}
type GrantWithAround = AccessGrantModel & Around;
const columns = columnsOf('g', Prisma.AccessGrantScalarFieldEnum);

export class PrismaGrantStore implements GrantStore {
  constructor(private readonly session: Session) {}

  insert(grant: Grant): Promise<void> {
    const { version } = grant;
    return this.session.run(async (tx) => {
      await tx.accessGrant.create({
        data: { ...fixedColumns(grant), ...changeableColumns(grant), version },
      });
    });
  }

  get(id: GrantId): Promise<Grant | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.accessGrant.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : grantFromRow(row);
    });
  }

  list(filter: GrantFilter): Promise<readonly Grant[]> {
    const { technicianId, customerId, state, after } = filter;
    return this.session.run(async (tx) => {
      const rows = await tx.accessGrant.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(technicianId === undefined ? {} : { technicianId }),
          ...(customerId === undefined ? {} : { customerId }),
          ...(state === undefined ? {} : { state }),
          ...(after === null ? {} : { id: { lt: after } }),
        },
        orderBy: { id: 'desc' },
        take: filter.limit,
      });
      return rows.map(grantFromRow);
    });
  }

  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<GrantWithAround[]>`
        SELECT ${columns}, p.gives AS "policyGives",
               t.state AS "technicianState", c.state AS "customerState", e.state AS "connectionState",
               EXISTS (
                 SELECT FROM hold h
                  WHERE h.organization_id = g.organization_id
                    AND (h.lifted_at IS NULL OR h.placed_at >= g.created_at)
                    AND (h.technician_id IS NULL OR h.technician_id = g.technician_id)
                    AND (h.customer_id IS NULL OR h.customer_id = g.customer_id)) AS "isKilled"
          FROM access_grant g
          JOIN technician t ON t.organization_id = g.organization_id AND t.id = g.technician_id
          JOIN customer c ON c.organization_id = g.organization_id AND c.id = g.customer_id
          LEFT JOIN entra_connection e
            ON e.organization_id = g.organization_id AND e.customer_id = g.customer_id
          LEFT JOIN access_policy p
            ON p.organization_id = g.organization_id AND p.id = g.policy_id AND p.state = 'active'
         WHERE g.organization_id = ${this.session.organizationId}::uuid
           AND g.account_id = ANY(${[...accountIds]}::uuid[]) AND g.state <> 'ended'
         ORDER BY g.id`;
      return rows.map(inForce);
    });
  }

  accountsUnder(policyId: PolicyId): Promise<readonly AccountId[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.accessGrant.findMany({
        where: { organizationId: this.session.organizationId, policyId, state: { not: 'ended' } },
        distinct: ['accountId'],
        select: { accountId: true },
      });
      return rows.map((row) => idOf(row.accountId));
    });
  }

  save(grant: Grant): Promise<boolean> {
    const { organizationId } = this.session;
    const { id, version } = grant;
    const changed = this.session.rights === 'taking' ? lifeColumns(grant) : changeableColumns(grant);
    return this.session.run(async (tx) => {
      const { count } = await tx.accessGrant.updateMany({
        where: { organizationId, id, version },
        data: { ...changed, version: version + 1 },
      });
      return count === 1;
    });
  }
}

const inForce = (row: GrantWithAround): GrantInForce => ({
  grant: grantFromRow(row),
  policyGives: row.policyGives === null ? null : entitlement(row.policyGives, 'access_policy.gives'),
  bar: barOf({
    isKilled: row.isKilled,
    technician: technicianState(row.technicianState, 'technician.state'),
    customer: customerState(row.customerState, 'customer.state'),
    connection: orNull(connectionState)(row.connectionState, 'entra_connection.state'),
  }),
});
