import {
  credentialPlace,
  organizationAppPlace,
  pendingCertificatePlace,
  revokerCredentialPlace,
} from '#core/tenancy';
import { passwordPlace } from '#core/accounts';
import type {
  Instant,
  KeyHolder,
  KeyHolders,
  Resealed,
  SealedColumn,
  SealedStore,
  SealedValue,
} from '#core/shared';
import { compare } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

/** The sealed values of the fake's rows. */
export class InMemorySealedStore implements SealedStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  page(
    column: SealedColumn,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly SealedValue[]> {
    return this.tx.run(() =>
      this.#values(column)
        .filter(({ place }) => after === null || place.rowId > after)
        .sort((a, b) => compare(a.place.rowId, b.place.rowId))
        .slice(0, limit),
    );
  }

  countByKey(column: SealedColumn): Promise<ReadonlyMap<string, number>> {
    return this.tx.run(() => {
      const counts = new Map<string, number>();
      for (const { text } of this.#values(column)) {
        const key = text.split('.')[1] ?? '';
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return counts;
    });
  }

  replace(column: SealedColumn, values: readonly Resealed[]): Promise<number> {
    return this.tx.run(() => {
      const known = new Map(this.#values(column).map(({ place, text }) => [place.rowId, text]));
      const fitting = values.filter(({ rowId, before }) => known.get(rowId) === before);
      for (const value of fitting) this.#put(column, value);
      return fitting.length;
    });
  }

  #values(column: SealedColumn): SealedValue[] {
    const { organizationId, database } = this.tx;
    switch (column) {
      case 'entra_connection':
        return database.connections
          .of(organizationId)
          .filter(({ organizationApp }) => organizationApp === undefined)
          .map((row) => ({ place: credentialPlace(row), text: row.sealedCredential }));
      case 'entra_revoker_credential':
        return database.revokerCredentials
          .of(organizationId)
          .flatMap((row) =>
            row.sealed === null ? [] : [{ place: revokerCredentialPlace(row), text: row.sealed }],
          );
      case 'managed_account':
        return database.accounts
          .of(organizationId)
          .flatMap((row) =>
            row.password === null
              ? []
              : [{ place: passwordPlace(row, row.password.generation), text: row.password.sealed }],
          );
      case 'entra_pending_certificate':
        return database.pendingCertificates
          .of(organizationId)
          .map((row) => ({ place: pendingCertificatePlace(row), text: row.sealedCredential }));
      case 'organization_app':
        return this.#organizationApps();
    }
  }

  #organizationApps(): SealedValue[] {
    return this.tx.database.organizationApps
      .of(this.tx.organizationId)
      .flatMap((row) =>
        row.sealed === null ? [] : [{ place: organizationAppPlace(row), text: row.sealed }],
      );
  }

  #put(column: SealedColumn, { rowId, after }: Resealed): void {
    const { organizationId, database } = this.tx;
    switch (column) {
      case 'entra_connection': {
        const row = database.connections.of(organizationId).find(({ id }) => id === rowId);
        if (row !== undefined)
          database.connections.put(organizationId, row.customerId, { ...row, sealedCredential: after });
        return;
      }
      case 'entra_revoker_credential': {
        const row = database.revokerCredentials.get(organizationId, rowId);
        if (row !== undefined)
          database.revokerCredentials.put(organizationId, rowId, { ...row, sealed: after });
        return;
      }
      case 'managed_account': {
        const row = database.accounts.get(organizationId, rowId);
        if (row?.password != null)
          database.accounts.put(organizationId, rowId, {
            ...row,
            password: { ...row.password, sealed: after },
          });
        return;
      }
      case 'entra_pending_certificate': {
        const row = database.pendingCertificates.of(organizationId).find(({ id }) => id === rowId);
        if (row !== undefined)
          database.pendingCertificates.put(organizationId, row.customerId, {
            ...row,
            sealedCredential: after,
          });
        return;
      }
      case 'organization_app': {
        const row = database.organizationApps.of(organizationId).find(({ id }) => id === rowId);
        if (row !== undefined)
          database.organizationApps.put(organizationId, row.cloud, { ...row, sealed: after });
      }
    }
  }
}

/** What processes say of their keys, in memory. */
export class InMemoryKeyHolders implements KeyHolders {
  readonly #holders = new Map<string, KeyHolder>();

  constructor(private readonly serially: <T>(work: () => T) => Promise<T>) {}

  report(holder: KeyHolder): Promise<void> {
    return this.serially(() => void this.#holders.set(holder.instance, holder));
  }

  farewell(instance: string): Promise<void> {
    return this.serially(() => void this.#holders.delete(instance));
  }

  since(at: Instant): Promise<readonly KeyHolder[]> {
    return this.serially(() =>
      [...this.#holders.values()]
        .filter((holder) => holder.at >= at)
        .sort((a, b) => compare(a.instance, b.instance)),
    );
  }
}
