import type { Grant, GrantFilter, GrantInForce, GrantStore } from '#core/grants';
import { idOf, type AccountId, type GrantId, type PolicyId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { AccessGrantModel } from '../generated/models.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { entitlement } from './entitlement.js';
import { changeableColumns, fixedColumns, grantFromRow } from './grant-row.js';

type GrantUnderPolicy = AccessGrantModel & { readonly policyGives: unknown };
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
      const rows = await tx.$queryRaw<GrantUnderPolicy[]>`
        SELECT ${columns}, p.gives AS "policyGives"
          FROM access_grant g
          LEFT JOIN access_policy p
            ON p.organization_id = g.organization_id AND p.id = g.policy_id AND p.state = 'active'
         WHERE g.organization_id = ${this.session.organizationId}::uuid
           AND g.account_id = ANY(${[...accountIds]}::uuid[]) AND g.state <> 'ended'
         ORDER BY g.id`;
      return rows.map(({ policyGives, ...row }) => ({
        grant: grantFromRow(row),
        policyGives: policyGives === null ? null : entitlement(policyGives, 'access_policy.gives'),
      }));
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
    return this.session.run(async (tx) => {
      const { count } = await tx.accessGrant.updateMany({
        where: { organizationId, id, version },
        data: { ...changeableColumns(grant), version: version + 1 },
      });
      return count === 1;
    });
  }
}
