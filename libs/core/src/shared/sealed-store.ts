import type { SealedPlace } from './secret-box.js';

/** Every column with sealed values: a spec holds it against the tables. */
export const SEALED_COLUMNS = [
  'entra_connection',
  'entra_pending_certificate',
  'entra_revoker_credential',
  'managed_account',
  'organization_app',
] as const;

/** Named by its table: each has one such column at the most. */
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

/** A sealed value as it stands in its row. */
export interface SealedValue {
  readonly place: SealedPlace;
  readonly text: string;
}

/** The same value sealed anew: put into its place only while `before` still stands there. */
export interface Resealed {
  readonly rowId: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The sealed values of one organization, whatever they mean. Promised: `replace` changes the sealed text and nothing else of a
 * row, only where it is still the expected one, and waits for no row that somebody holds.
 */
export interface SealedStore {
  /** In the order of their row ids, after one of them. */
  page(
    column: SealedColumn,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly SealedValue[]>;
  /** How many values name each key. */
  countByKey(column: SealedColumn): Promise<ReadonlyMap<string, number>>;
  /** Answers how many were replaced. */
  replace(column: SealedColumn, values: readonly Resealed[]): Promise<number>;
}

export interface SealedStores {
  readonly sealed: SealedStore;
}
