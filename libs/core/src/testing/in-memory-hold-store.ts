import { accessErrors } from '#core/access';
import type { AuditActor } from '#core/audit';
import type { Hold, HoldStore } from '#core/grants';
import { identityErrors } from '#core/identity';
import type { HoldId, Instant } from '#core/shared';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryHoldStore implements HoldStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(hold: Hold): Promise<void> {
    return this.tx.run(() => {
      const { customers, technicians, holds } = this.tx.database;
      const { scope } = hold;
      if (scope.kind === 'technician')
        this.tx.mustExist(technicians, scope.technicianId, identityErrors.refuse('technician.not_found'));
      if (scope.kind === 'customer')
        this.tx.mustExist(customers, scope.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.insert(holds, hold);
    });
  }

  get(id: HoldId): Promise<Hold | null> {
    return this.tx.run(() => this.tx.database.holds.get(this.tx.organizationId, id) ?? null);
  }

  standing(): Promise<readonly Hold[]> {
    return this.tx.run(() =>
      this.tx.database.holds
        .of(this.tx.organizationId)
        .filter(({ liftedAt }) => liftedAt === null)
        .sort((a, b) => b.placedAt - a.placedAt),
    );
  }

  lift(id: HoldId, by: { readonly at: Instant; readonly actor: AuditActor }): Promise<boolean> {
    return this.tx.run(() => {
      const hold = this.tx.database.holds.get(this.tx.organizationId, id);
      if (hold === undefined || hold.liftedAt !== null) return false;
      this.tx.database.holds.put(this.tx.organizationId, id, {
        ...hold,
        liftedAt: by.at,
        liftedBy: by.actor,
      });
      return true;
    });
  }
}
