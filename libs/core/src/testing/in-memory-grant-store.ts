import { accessErrors } from '#core/access';
import {
  barOf,
  isFinal,
  kills,
  type Bar,
  type Grant,
  type GrantFilter,
  type GrantInForce,
  type GrantStore,
} from '#core/grants';
import { identityErrors } from '#core/identity';
import type { AccountId, GrantId, PolicyId } from '#core/shared';
import { pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryGrantStore implements GrantStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(grant: Grant): Promise<void> {
    return this.tx.run(() => {
      requireSound(grant);
      const { customers, technicians, accounts, policies, requests, grants } = this.tx.database;
      this.tx.insert(grants, grant);
      this.tx.mustExist(customers, grant.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.mustExist(technicians, grant.technicianId, identityErrors.refuse('technician.not_found'));
      this.tx.mustExist(policies, grant.policyId, accessErrors.refuse('access_policy.not_found'));
      this.tx.mustExist(accounts, grant.accountId, new Error('There is no such account.'));
      const missing = accessErrors.refuse('access_request.not_found');
      this.tx.atCommit(() => {
        this.tx.mustExist(requests, grant.requestId, missing);
      });
    });
  }

  get(id: GrantId): Promise<Grant | null> {
    return this.tx.run(() => this.tx.database.grants.get(this.tx.organizationId, id) ?? null);
  }

  list(filter: GrantFilter): Promise<readonly Grant[]> {
    const wanted = (row: Grant): boolean =>
      (filter.technicianId === undefined || row.technicianId === filter.technicianId) &&
      (filter.customerId === undefined || row.customerId === filter.customerId) &&
      (filter.state === undefined || row.state === filter.state);
    return this.tx.run(() => pageOf(this.#rows().filter(wanted), filter, 'newest'));
  }

  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]> {
    return this.tx.run(() => {
      const wanted = new Set(accountIds);
      return this.#rows()
        .filter((grant) => !isFinal(grant) && wanted.has(grant.accountId))
        .map((grant) => ({ grant, policyGives: this.#policyGives(grant.policyId), bar: this.#barOf(grant) }));
    });
  }

  accountsUnder(policyId: PolicyId): Promise<readonly AccountId[]> {
    return this.tx.run(() => {
      const open = this.#rows().filter((grant) => !isFinal(grant) && grant.policyId === policyId);
      return [...new Set(open.map((grant) => grant.accountId))];
    });
  }

  save(grant: Grant): Promise<boolean> {
    return this.tx.run(() => {
      requireSound(grant);
      const known = this.tx.database.grants.get(this.tx.organizationId, grant.id);
      if (known?.version !== grant.version) return false;
      const { id, organizationId, customerId, technicianId, accountId, requestId, policyId, createdAt } =
        known;
      const fixed = {
        id,
        organizationId,
        customerId,
        technicianId,
        accountId,
        requestId,
        policyId,
        createdAt,
      };
      const version = known.version + 1;
      this.tx.database.grants.put(organizationId, id, { ...grant, ...fixed, version });
      return true;
    });
  }

  #rows(): readonly Grant[] {
    return this.tx.database.grants.of(this.tx.organizationId);
  }

  #barOf(grant: Grant): Bar | null {
    const { organizationId, database } = this.tx;
    return barOf({
      isKilled: database.holds.of(organizationId).some((hold) => kills(hold, grant)),
      technician: database.technicians.get(organizationId, grant.technicianId)?.state ?? 'left',
      customer: database.customers.get(organizationId, grant.customerId)?.state ?? 'removed',
      connection: database.connections.get(organizationId, grant.customerId)?.state ?? null,
    });
  }

  #policyGives(policyId: PolicyId): GrantInForce['policyGives'] {
    const policy = this.tx.database.policies.get(this.tx.organizationId, policyId);
    return policy?.state === 'active' ? policy.gives : null;
  }
}

/** What the database checks too: a grant has a time, and once it is closed, the evidence. */
const requireSound = (grant: Grant): void => {
  if (grant.expiresAt <= grant.startsAt) throw new Error('A grant ends after its start.');
  if (grant.expiresAt > grant.latestExpiresAt) throw new Error('A grant ends at its latest end or before.');
  const proven = grant.endedAt !== null && grant.takenAt !== null && grant.proofs.length > 0;
  if (grant.state === 'ended' && !proven) throw new Error('A grant is closed with its evidence.');
};
