import type { AccountScope, ManagedAccount } from '#core/accounts';
import { isFinal, type Grant } from '#core/grants';
import type { InMemoryTransaction } from './in-memory-transaction.js';

/** Of an account, those that are not final. */
export const openGrants = (tx: InMemoryTransaction, { id }: ManagedAccount): readonly Grant[] =>
  tx.database.grants.of(tx.organizationId).filter((grant) => grant.accountId === id && !isFinal(grant));

export const isWithin = (tx: InMemoryTransaction, scope: AccountScope, row: ManagedAccount): boolean => {
  switch (scope.kind) {
    case 'technician':
      return row.technicianId === scope.technicianId;
    case 'customer':
      return row.customerId === scope.customerId;
    case 'organization':
      return true;
    case 'policy':
      return openGrants(tx, row).some(({ policyId }) => policyId === scope.policyId);
    case 'policies':
      return (
        row.customerId === scope.customerId &&
        openGrants(tx, row).some(({ policyId }) => scope.policyIds.includes(policyId))
      );
    case 'group':
      return openGrants(tx, row).some(
        (grant) =>
          (scope.technicianIds?.includes(grant.technicianId) ?? true) &&
          tx.database.policies
            .get(tx.organizationId, grant.policyId)
            ?.technicianGroups.includes(scope.groupId) === true,
      );
  }
};
