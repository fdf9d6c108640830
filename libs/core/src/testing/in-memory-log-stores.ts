import type { AuditEvent, AuditLog, RecordedAuditEvent } from '#core/audit';
import { identityErrors } from '#core/identity';
import { sharedErrors, type IdempotencyStore, type IdempotentCreate } from '#core/shared';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryAuditLog implements AuditLog {
  constructor(private readonly tx: InMemoryTransaction) {}

  append(events: readonly AuditEvent[]): Promise<void> {
    return this.tx.run(() => {
      const { organizations, audit } = this.tx.database;
      const { organizationId } = this.tx;
      let sequence = audit.of(organizationId).length;
      for (const event of events) {
        this.tx.mustExist(organizations, organizationId, identityErrors.refuse('organization.not_found'));
        sequence += 1;
        const id = `${organizationId}/${sequence}`;
        audit.put(organizationId, String(sequence), { ...this.tx.own(event), id, sequence });
      }
    });
  }

  list(page: {
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly RecordedAuditEvent[]> {
    const before = page.before ?? Infinity;
    return this.tx.run(() =>
      this.tx.database.audit
        .of(this.tx.organizationId)
        .filter((event) => event.sequence < before)
        .sort((a, b) => b.sequence - a.sequence)
        .slice(0, page.limit),
    );
  }
}

export class InMemoryIdempotencyStore implements IdempotencyStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  begin(create: IdempotentCreate): Promise<{ readonly first: boolean; readonly resourceId: string }> {
    return this.tx.run(() => {
      const { organizations, creates } = this.tx.database;
      const { organizationId } = this.tx;
      const key = JSON.stringify([create.actorId, create.key]);
      const known = creates.get(organizationId, key);
      if (known === undefined) {
        this.tx.mustExist(organizations, organizationId, identityErrors.refuse('organization.not_found'));
        creates.put(organizationId, key, create);
        return { first: true, resourceId: create.resourceId };
      }
      if (known.operation !== create.operation || known.bodyDigest !== create.bodyDigest) {
        throw sharedErrors.refuse('idempotency.key_reused');
      }
      return { first: false, resourceId: known.resourceId };
    });
  }
}
