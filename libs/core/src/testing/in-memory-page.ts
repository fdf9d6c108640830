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
