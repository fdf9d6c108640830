import { accessErrors } from '#core/access';
import type { CustomerDrift, DriftStore, PassEnd, StrayUser } from '#core/accounts';
import type { CustomerId, DriftClaim, Instant, ObjectId } from '#core/shared';
import type { DriftRow } from './in-memory-database.js';
import { compare } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryDriftStore implements DriftStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  ofCustomer(customerId: CustomerId): Promise<CustomerDrift | null> {
    return this.tx.run(() => {
      const row = this.#row(customerId);
      if (row === undefined) return null;
      const { tenantId, cursor, toldAt, unkept, unkeptAt } = row;
      return { customerId, tenantId, cursor, toldAt, unkept, unkeptAt };
    });
  }

  advance(
    claim: DriftClaim,
    { tenantId, cursor, toldAt, unkept, unkeptAt }: Omit<CustomerDrift, 'customerId'>,
  ): Promise<boolean> {
    return this.tx.run(() => {
      const row = this.#row(claim.customerId);
      if (row === undefined || row.epoch !== claim.epoch) return false;
      this.#put({ ...row, tenantId, cursor, toldAt, unkept, unkeptAt });
      return true;
    });
  }

  finish(claim: DriftClaim, { dueAt, comparedAt }: PassEnd): Promise<void> {
    return this.tx.run(() => {
      const row = this.#row(claim.customerId);
      if (row?.epoch !== claim.epoch) return;
      this.#put({ ...row, dueAt, comparedAt: comparedAt ?? row.comparedAt, claimedUntil: null });
    });
  }

  rereadFor(customerId: CustomerId): Promise<Instant | null> {
    return this.tx.run(() => this.#row(customerId)?.rereadFor ?? null);
  }

  beginAgain(claim: DriftClaim, since: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const row = this.#row(claim.customerId);
      if (row === undefined || row.epoch !== claim.epoch) return false;
      this.#put({ ...row, cursor: null, rereadFor: since });
      return true;
    });
  }

  closeRestoration(customerId: CustomerId, since: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const row = this.#row(customerId);
      if (row === undefined || row.wholeFor === since) return false;
      this.#put({ ...row, rereadFor: since, wholeFor: since });
      return true;
    });
  }

  strays(customerId: CustomerId, objectIds: readonly ObjectId[]): Promise<readonly StrayUser[]> {
    return this.tx.run(() => this.#strays(customerId).filter(({ objectId }) => objectIds.includes(objectId)));
  }

  othersKept(customerId: CustomerId, atMost: number): Promise<number> {
    return this.tx.run(() =>
      Math.min(atMost, this.#strays(customerId).filter(({ verdict }) => verdict !== 'orphan').length),
    );
  }

  openOrphans(customerId: CustomerId, limit: number): Promise<readonly StrayUser[]> {
    return this.tx.run(() =>
      this.#strays(customerId)
        .filter(({ verdict, containedAt }) => verdict === 'orphan' && containedAt === null)
        .sort(
          (a, b) =>
            (a.triedAt ?? 0) - (b.triedAt ?? 0) || a.foundAt - b.foundAt || compare(a.objectId, b.objectId),
        )
        .slice(0, limit),
    );
  }

  keepStrays(strays: readonly StrayUser[]): Promise<void> {
    return this.tx.run(() => {
      for (const stray of strays) {
        const { customers } = this.tx.database;
        this.tx.mustExist(customers, stray.customerId, accessErrors.refuse('customer.not_found'));
        const key = `${stray.customerId} ${stray.objectId}`;
        this.tx.database.strays.put(this.tx.organizationId, key, stray);
      }
    });
  }

  #row(customerId: CustomerId): DriftRow | undefined {
    return this.tx.database.drifts.get(this.tx.organizationId, customerId);
  }

  #put(row: DriftRow): void {
    this.tx.database.drifts.put(this.tx.organizationId, row.customerId, row);
  }

  #strays(customerId: CustomerId): StrayUser[] {
    return this.tx.database.strays
      .of(this.tx.organizationId)
      .filter((stray) => stray.customerId === customerId);
  }
}
