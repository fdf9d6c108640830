import { accessErrors } from '#core/access';
import type { CustomerId } from '#core/shared';
import type { Validation, ValidationStore } from '#core/tenancy';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryValidationStore implements ValidationStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  ofCustomer(customerId: CustomerId): Promise<Validation | null> {
    return this.tx.run(() => this.tx.database.validations.get(this.tx.organizationId, customerId) ?? null);
  }

  save(validation: Validation): Promise<void> {
    return this.tx.run(() => {
      this.tx.own(validation);
      const { customers, validations } = this.tx.database;
      const { customerId, at } = validation;
      this.tx.mustExist(customers, customerId, accessErrors.refuse('customer.not_found'));
      const known = validations.get(this.tx.organizationId, customerId);
      if (known === undefined || known.at <= at)
        validations.put(this.tx.organizationId, customerId, validation);
    });
  }
}
