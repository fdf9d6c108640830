import type { CustomerRef } from '#core/shared';

/** A page by id: ids are ordered by time, so `newest` is downwards and `after` means older than. */
export const pageOf = <Row extends { readonly id: string }>(
  rows: readonly Row[],
  page: { readonly after: string | null; readonly limit: number },
  first: 'oldest' | 'newest',
): readonly Row[] => {
  const sign = first === 'oldest' ? 1 : -1;
  const { after } = page;
  return rows
    .filter((row) => after === null || compare(row.id, after) * sign > 0)
    .sort((a, b) => compare(a.id, b.id) * sign)
    .slice(0, page.limit);
};

/** By code unit, as the database compares uuids; never by locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Rows by customer, in the order in which each customer is met first. */
export const grouped = <Row extends CustomerRef>(
  rows: readonly Row[],
): readonly (readonly [Row, ...Row[]])[] => {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const group = groups.get(row.customerId);
    if (group === undefined) groups.set(row.customerId, [row]);
    else group.push(row);
  }
  return [...groups.values()];
};
