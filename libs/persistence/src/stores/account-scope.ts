import type { AccountScope } from '#core/accounts';
import type { OrganizationId } from '#core/shared';
import { Prisma } from '../generated/client.js';

/** Proven closed, as a condition on `managed_account a`: no open grant, and an object that was never made or is seen to be gone. */
export const PROVEN = Prisma.sql`(
  a.may_hold->>'object' IS NULL AND (a.object_id IS NULL OR a.removal IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM access_grant g
     WHERE g.organization_id = a.organization_id AND g.account_id = a.id
       AND g.state NOT IN ('ended', 'left_behind')))`;

/** The accounts of a scope, as a condition on `managed_account a`. */
export const within = (scope: AccountScope, organizationId: OrganizationId): Prisma.Sql => {
  switch (scope.kind) {
    case 'technician':
      return Prisma.sql`a.technician_id = ${scope.technicianId}::uuid`;
    case 'customer':
      return Prisma.sql`a.customer_id = ${scope.customerId}::uuid`;
    case 'organization':
      return Prisma.sql`true`;
    case 'policy':
      return standingOn(organizationId, Prisma.sql`g.policy_id = ${scope.policyId}::uuid`);
    case 'policies':
      return Prisma.sql`a.customer_id = ${scope.customerId}::uuid AND ${standingOn(
        organizationId,
        Prisma.sql`g.customer_id = ${scope.customerId}::uuid AND g.policy_id = ANY(${[...scope.policyIds]}::uuid[])`,
      )}`;
    case 'group':
      return standingOn(
        organizationId,
        Prisma.sql`(${scope.technicianIds === null} OR g.technician_id = ANY(${[...(scope.technicianIds ?? [])]}::uuid[]))
          AND g.policy_id IN (
            SELECT p.id FROM access_policy p
             WHERE p.organization_id = ${organizationId}::uuid AND ${scope.groupId}::uuid = ANY(p.technician_groups))`,
      );
  }
};

const standingOn = (organizationId: OrganizationId, condition: Prisma.Sql): Prisma.Sql => Prisma.sql`a.id IN (
  SELECT g.account_id FROM access_grant g
   WHERE g.organization_id = ${organizationId}::uuid AND g.state NOT IN ('ended', 'left_behind') AND ${condition})`;
