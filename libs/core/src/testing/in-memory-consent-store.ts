import { accessErrors } from '#core/access';
import type { CustomerId, Instant } from '#core/shared';
import type { Consent, ConsentStore } from '#core/tenancy';
import type { InMemoryDatabase } from './in-memory-database.js';
import { compare } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryConsentStore implements ConsentStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  ofCustomer(customerId: CustomerId): Promise<Consent | null> {
    return this.tx.run(() => this.tx.database.consents.get(this.tx.organizationId, customerId) ?? null);
  }

  byState(digest: string): Promise<Consent | null> {
    return this.tx.run(
      () =>
        this.tx.database.consents
          .of(this.tx.organizationId)
          .find(({ stateDigest }) => stateDigest === digest) ?? null,
    );
  }

  save(consent: Consent, expectedVersion: number | null): Promise<boolean> {
    return this.tx.run(() => {
      this.tx.own(consent);
      const { customers, consents } = this.tx.database;
      this.tx.mustExist(customers, consent.customerId, accessErrors.refuse('customer.not_found'));
      const known = consents.get(this.tx.organizationId, consent.customerId);
      if ((known?.version ?? null) !== expectedVersion) return false;
      consents.put(this.tx.organizationId, consent.customerId, consent);
      return true;
    });
  }
}

/** Of all organizations, the longest-waiting first. */
export const consentsDue = (database: InMemoryDatabase, now: Instant): readonly Consent[] =>
  database.consents
    .everything()
    .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || compare(a.customerId, b.customerId));
