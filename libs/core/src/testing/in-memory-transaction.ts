import type { OrganizationId } from '#core/shared';
import type { InMemoryDatabase, Table } from './in-memory-database.js';

/** One running transaction: which organization's rows it sees, and what must hold before it commits. */
export class InMemoryTransaction {
  /** Accounts locked by it: only these may be released. */
  readonly locked = new Set<string>();
  readonly #atCommit: (() => void)[] = [];
  #open = true;
  #refusal: { readonly error: unknown } | null = null;

  constructor(
    readonly database: InMemoryDatabase,
    readonly organizationId: OrganizationId,
  ) {}

  /**
   * Runs at once and answers as a promise, so that a refusal is a rejection. As in PostgreSQL a refused statement ends the
   * transaction: nothing after it is carried out, and it can't commit even when the refusal was swallowed.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (!this.#open) throw new Error('This store belongs to a transaction that is over.');
      this.#requireUnbroken();
      try {
        resolve(work());
      } catch (error) {
        this.#refusal = { error };
        throw error;
      }
    });
  }

  /** Refuses a row of another organization, as row-level security does. */
  own<Row extends { readonly organizationId: OrganizationId }>(row: Row): Row {
    if (row.organizationId !== this.organizationId) {
      throw new Error('The row belongs to another organization than this transaction.');
    }
    return row;
  }

  /** A new row under a key that must be free. */
  insert<Row extends { readonly id: string; readonly organizationId: OrganizationId }>(
    table: Table<Row>,
    row: Row,
  ): void {
    this.own(row);
    if (table.get(this.organizationId, row.id) !== undefined) throw new Error('This id is taken.');
    table.put(this.organizationId, row.id, row);
  }

  /** What a foreign key asks for; null points nowhere. */
  mustExist(table: Table<object>, key: string | null, missing: Error): void {
    if (key !== null && table.get(this.organizationId, key) === undefined) throw missing;
  }

  /** A check that the database too makes only at the end, because two rows refer to each other. */
  atCommit(check: () => void): void {
    this.#atCommit.push(check);
  }

  commit(): void {
    this.#requireUnbroken();
    for (const check of this.#atCommit) check();
    this.database.journal.commit();
    this.#open = false;
  }

  rollBack(): void {
    this.database.journal.rollBack();
    this.#open = false;
  }

  #requireUnbroken(): void {
    if (this.#refusal !== null) throw this.#refusal.error;
  }
}
