import type { AuditActor, AuditStores } from '#core/audit';
import {
  idOf,
  type Clock,
  type CustomerId,
  type Ids,
  type IdempotencyStores,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey } from './begin-create.js';
import type { Customer } from './customer.js';
import type { TenancyStores } from './stores.js';

export interface CreateCustomerCommand {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

/** Adds a company to those that the organization looks after. Repeated under the same key it answers the same one. */
export class CreateCustomer {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<TenancyStores & AuditStores & IdempotencyStores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `idempotency.key_reused`, `organization.not_found`. */
  async execute(command: CreateCustomerCommand): Promise<Customer> {
    const { organizationId, name, actor } = command;
    const newId = this.ports.ids.uuid();
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const create = { operation: 'customer.create', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      const id: CustomerId = idOf(resourceId);
      const known = first ? null : await stores.customers.get(id);
      if (known !== null) return known;
      const customer: Customer = {
        id,
        organizationId,
        name,
        state: 'active',
        createdAt: this.ports.clock.now(),
      };
      await newCustomer(stores, customer, { actor, imported: false });
      return customer;
    });
  }
}

/** Writes a customer that was not there, and says so in the audit log. */
export const newCustomer = async (
  { customers, audit }: TenancyStores & AuditStores,
  customer: Customer,
  { actor, imported }: { readonly actor: AuditActor; readonly imported: boolean },
): Promise<void> => {
  const { id, organizationId, name, createdAt, expected } = customer;
  await customers.insert(customer);
  await audit.append([
    {
      organizationId,
      at: createdAt,
      actor,
      action: 'customer.created',
      subject: { kind: 'customer', id },
      customerId: id,
      details: { name, ...(imported ? { imported, expectedTenantId: expected?.tenantId ?? null } : {}) },
    },
  ]);
};
