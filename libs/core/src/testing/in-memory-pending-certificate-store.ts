import { accessErrors } from '#core/access';
import type { CertificateId, CustomerId } from '#core/shared';
import type { PendingCertificate, PendingCertificateStore } from '#core/tenancy';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryPendingCertificateStore implements PendingCertificateStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  ofCustomer(customerId: CustomerId): Promise<PendingCertificate | null> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => database.pendingCertificates.get(organizationId, customerId) ?? null);
  }

  insert(pending: PendingCertificate): Promise<boolean> {
    return this.tx.run(() => {
      this.tx.own(pending);
      const { customers, pendingCertificates } = this.tx.database;
      this.tx.mustExist(customers, pending.customerId, accessErrors.refuse('customer.not_found'));
      if (pendingCertificates.get(this.tx.organizationId, pending.customerId) !== undefined) return false;
      pendingCertificates.put(this.tx.organizationId, pending.customerId, pending);
      return true;
    });
  }

  remove(id: CertificateId): Promise<boolean> {
    return this.tx.run(() => {
      const { pendingCertificates } = this.tx.database;
      const row = pendingCertificates.of(this.tx.organizationId).find((each) => each.id === id);
      if (row === undefined) return false;
      pendingCertificates.delete(this.tx.organizationId, row.customerId);
      return true;
    });
  }
}
