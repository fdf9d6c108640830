import type { Instant } from '#core/shared';

/** An instant as the API writes it. */
export const iso = (at: Instant): string => new Date(at).toISOString();

export const isoOrNull = (at: Instant | null): string | null => (at === null ? null : iso(at));

/** An instant as it was sent; the contract has made sure that it is one. */
export const instantOf = (text: string): Instant => Date.parse(text);

/** One page of a list: it goes on when it is full. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  page: {
    readonly limit: number;
    readonly present: (row: Row) => Item;
    readonly cursor: (row: Row) => string;
  },
): { readonly items: Item[]; readonly nextCursor: string | null } => {
  const last = rows.length === page.limit ? rows.at(-1) : undefined;
  return { items: rows.map(page.present), nextCursor: last === undefined ? null : page.cursor(last) };
};
