import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { IdentityStores } from '#core/identity';
import {
  idOf,
  type Clock,
  type CustomerId,
  type IdempotencyStores,
  type Ids,
  type JobQueue,
  type OrganizationId,
  type PolicyId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey, type TenancyStores } from '#core/tenancy';
import { narrowGrants } from './narrow-grants.js';
import { requireCustomer } from './require-customer.js';
import { requireGroups } from './require-groups.js';
import { requireUnderCeiling } from './require-under-ceiling.js';
import { factsOf, type AccessPolicy, type PolicyTerms } from './access-policy.js';
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

type CreatePolicyStores = AccessStores &
  AccountStores &
  AuditStores &
  GrantStores &
  IdempotencyStores &
  IdentityStores &
  TenancyStores;

interface Made {
  readonly policy: AccessPolicy;
  /** Where something that runs changed hands. */
  readonly customers: ReadonlySet<CustomerId>;
}

/**
 * Makes a new access policy. Repeated under the same key it answers the same one. One of a customer's own that has the name of an
 * organization-wide one takes its place there, and what runs under that: see `narrowGrants`.
 */
export class CreateAccessPolicy {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<CreatePolicyStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `access_policy.…`, `customer.not_found`, `idempotency.key_reused`. */
  async execute(command: CreateAccessPolicyCommand): Promise<AccessPolicy> {
    const terms = usableTerms(command.terms, command.customerId);
    const newId = this.ports.ids.uuid();
    const { organizationId } = command;
    const { unitOfWork, queue } = this.ports;
    const { policy, customers } = await unitOfWork.inOrganization(organizationId, async (stores) => {
      const create = { operation: 'access_policy.create', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      const id: PolicyId = idOf(resourceId);
      const known = first ? null : await stores.policies.get(id);
      if (known !== null) return { policy: known, customers: new Set<CustomerId>() };
      return this.insert(stores, command, { ...terms, id });
    });
    for (const customerId of customers) {
      await queue.ring({ name: 'customer.converge', organizationId, customerId });
    }
    return policy;
  }

  private async insert(
    stores: CreatePolicyStores,
    { organizationId, customerId, actor }: CreateAccessPolicyCommand,
    made: PolicyTerms & { readonly id: PolicyId },
  ): Promise<Made> {
    await stores.holds.excludeGiving();
    await requireCustomer(stores, customerId);
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
    const customers = await narrowGrants(stores, policy, { actor, now: createdAt });
    return { policy, customers };
  }
}
