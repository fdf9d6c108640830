import {
  accessErrors,
  type AccessPolicy,
  type AccessPolicyStore,
  type AccessRequest,
  type AccessRequestState,
  type AccessRequestStore,
  type Rivalry,
} from '#core/access';
import { grantErrors, isFinal, type Grant } from '#core/grants';
import { identityErrors } from '#core/identity';
import type { CustomerId, PolicyId, RequestId, TechnicianId } from '#core/shared';
import { compare, pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryAccessPolicyStore implements AccessPolicyStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(policy: AccessPolicy): Promise<void> {
    return this.tx.run(() => {
      const { organizations, customers, policies } = this.tx.database;
      this.tx.insert(policies, policy);
      const missing = identityErrors.refuse('organization.not_found');
      this.tx.mustExist(organizations, policy.organizationId, missing);
      this.tx.mustExist(customers, policy.customerId, accessErrors.refuse('customer.not_found'));
    });
  }

  get(id: PolicyId): Promise<AccessPolicy | null> {
    return this.tx.run(() => this.tx.database.policies.get(this.tx.organizationId, id) ?? null);
  }

  steady(id: PolicyId): Promise<AccessPolicy | null> {
    return this.get(id);
  }

  list(filter: {
    readonly customerId: CustomerId | null;
    readonly after: PolicyId | null;
    readonly limit: number;
  }): Promise<readonly AccessPolicy[]> {
    const wanted = (row: AccessPolicy): boolean =>
      filter.customerId === null || row.customerId === null || row.customerId === filter.customerId;
    return this.tx.run(() => {
      const rows = this.tx.database.policies.of(this.tx.organizationId);
      return pageOf(rows.filter(wanted), filter, 'oldest');
    });
  }

  inUse(customerId: CustomerId | null, limit: number): Promise<readonly AccessPolicy[]> {
    const counts = (policy: AccessPolicy): boolean =>
      customerId === null || policy.customerId === null || policy.customerId === customerId;
    return this.tx.run(() => this.#active().filter(counts).slice(0, limit));
  }

  inUseAt(customerId: CustomerId): Promise<readonly AccessPolicy[]> {
    return this.tx.run(() => this.#active().filter((policy) => policy.customerId === customerId));
  }

  rivalries({ id, customerId }: Pick<AccessPolicy, 'id' | 'customerId'>): Promise<readonly Rivalry[]> {
    return this.tx.run(() => {
      const grants = this.tx.database.grants.of(this.tx.organizationId).filter(isOpen);
      const active = this.#active();
      return active
        .filter((from) => from.customerId === null && (customerId !== null || from.id === id))
        .flatMap((from) => {
          const places = grants.filter(({ policyId }) => policyId === from.id);
          const rivals = active.filter(
            (own) =>
              places.some((grant) => grant.customerId === own.customerId) &&
              (customerId === null || own.customerId === customerId),
          );
          return rivals.flatMap((own) =>
            own.customerId === null
              ? []
              : [{ from: named(from), own: { ...named(own), customerId: own.customerId } }],
          );
        });
    });
  }

  #active(): readonly AccessPolicy[] {
    const rows = this.tx.database.policies
      .of(this.tx.organizationId)
      .filter(({ state }) => state === 'active');
    return [...rows].sort((one, other) => compare(one.id, other.id));
  }

  save(policy: AccessPolicy): Promise<boolean> {
    return this.tx.run(() => {
      const { policies } = this.tx.database;
      const known = policies.get(this.tx.organizationId, policy.id);
      if (known?.version !== policy.version) return false;
      const { id, organizationId, customerId, createdAt } = known;
      const version = known.version + 1;
      policies.put(organizationId, id, { ...policy, id, organizationId, customerId, createdAt, version });
      return true;
    });
  }
}

const isOpen = (grant: Grant): boolean => !isFinal(grant) && grant.state !== 'ending';

const named = ({ id, name, gives, customerId }: AccessPolicy) => ({ id, name, gives, customerId });

export class InMemoryAccessRequestStore implements AccessRequestStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(request: AccessRequest): Promise<void> {
    return this.tx.run(() => {
      const { customers, technicians, policies, grants, requests } = this.tx.database;
      this.tx.insert(requests, request);
      this.tx.mustExist(customers, request.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.mustExist(technicians, request.technicianId, identityErrors.refuse('technician.not_found'));
      this.tx.mustExist(policies, request.policyId, accessErrors.refuse('access_policy.not_found'));
      const missing = grantErrors.refuse('grant.not_found');
      this.tx.atCommit(() => {
        this.tx.mustExist(grants, request.grantId, missing);
      });
    });
  }

  get(id: RequestId): Promise<AccessRequest | null> {
    return this.tx.run(() => this.tx.database.requests.get(this.tx.organizationId, id) ?? null);
  }

  list(filter: {
    readonly technicianId?: TechnicianId;
    readonly after: RequestId | null;
    readonly limit: number;
  }): Promise<readonly AccessRequest[]> {
    const wanted = (row: AccessRequest): boolean =>
      filter.technicianId === undefined || row.technicianId === filter.technicianId;
    return this.tx.run(() => {
      const rows = this.tx.database.requests.of(this.tx.organizationId);
      return pageOf(rows.filter(wanted), filter, 'newest');
    });
  }

  setState(id: RequestId, from: AccessRequestState, to: AccessRequestState): Promise<boolean> {
    return this.tx.run(() => {
      const { requests } = this.tx.database;
      const known = requests.get(this.tx.organizationId, id);
      if (known?.state !== from) return false;
      requests.put(this.tx.organizationId, id, { ...known, state: to });
      return true;
    });
  }
}
