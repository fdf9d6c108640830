import type { AuditActor, AuditStores } from '#core/audit';
import type { IdentityStores } from '#core/identity';
import {
  idOf,
  type Clock,
  type CustomerId,
  type IdempotencyStores,
  type Ids,
  type OrganizationId,
  type PolicyId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey, type TenancyStores } from '#core/tenancy';
import { requireGroups } from './require-groups.js';
import { requireUnderCeiling } from './require-under-ceiling.js';
import { factsOf, type AccessPolicy, type PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import type { AccessStores } from './stores.js';
import { usableTerms } from './usable-terms.js';

export interface CreateAccessPolicyCommand {
  readonly organizationId: OrganizationId;
  /** Null: for all customers. */
  readonly customerId: CustomerId | null;
  readonly terms: PolicyTerms;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

type CreatePolicyStores = AccessStores & AuditStores & IdempotencyStores & IdentityStores & TenancyStores;

/** Makes a new access policy. Repeated under the same key it answers the same one. */
export class CreateAccessPolicy {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<CreatePolicyStores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `access_policy.…`, `customer.not_found`, `idempotency.key_reused`. */
  async execute(command: CreateAccessPolicyCommand): Promise<AccessPolicy> {
    const terms = usableTerms(command.terms, command.customerId);
    const newId = this.ports.ids.uuid();
    return this.ports.unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const create = { operation: 'access_policy.create', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      const id: PolicyId = idOf(resourceId);
      const known = first ? null : await stores.policies.get(id);
      return known ?? this.insert(stores, command, { ...terms, id });
    });
  }

  private async insert(
    stores: CreatePolicyStores,
    { organizationId, customerId, actor }: CreateAccessPolicyCommand,
    made: PolicyTerms & { readonly id: PolicyId },
  ): Promise<AccessPolicy> {
    if (customerId !== null) await requireCustomer(stores, customerId);
    await requireGroups(stores, made.technicianGroups);
    await requireUnderCeiling(stores, made);
    const createdAt = this.ports.clock.now();
    const policy: AccessPolicy = {
      ...made,
      organizationId,
      customerId,
      state: 'active',
      version: 1,
      createdAt,
    };
    await stores.policies.insert(policy);
    await stores.audit.append([
      {
        organizationId,
        at: createdAt,
        actor,
        action: 'access_policy.created',
        subject: { kind: 'access_policy', id: policy.id },
        customerId,
        details: factsOf(policy),
      },
    ]);
    return policy;
  }
}

const requireCustomer = async ({ customers }: TenancyStores, id: CustomerId): Promise<void> => {
  const customer = await customers.get(id);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
};
