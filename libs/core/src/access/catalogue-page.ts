/** Where something stands in a list that is ordered for people: by its name, whatever its case, then by its id. */
export interface CataloguePlace {
  readonly name: string;
  readonly id: string;
}

/** So many letters put a list in order; a place stays short with them. */
const LETTERS = 100;

export const placeOf = (name: string, id: string): CataloguePlace => ({
  name: name.toLowerCase().slice(0, LETTERS),
  id,
});

/** By code units: the same in every process, whatever its language. */
const compare = (one: CataloguePlace, other: CataloguePlace): number =>
  compareText(one.name, other.name) || compareText(one.id, other.id);

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const inOrder = <Item>(
  items: readonly Item[],
  placed: (item: Item) => CataloguePlace,
): readonly Item[] =>
  items
    .map((item) => ({ item, place: placed(item) }))
    .sort((one, other) => compare(one.place, other.place))
    .map(({ item }) => item);

/**
 * The part of an ordered list that follows a place, whether or not something still stands there: a list that was read
 * again goes on without losing or doubling what is in both.
 */
export const partAfter = <Item>(
  ordered: readonly Item[],
  placed: (item: Item) => CataloguePlace,
  { after, limit }: { readonly after: CataloguePlace | null; readonly limit: number },
): { readonly items: readonly Item[]; readonly next: CataloguePlace | null } => {
  const found = after === null ? 0 : ordered.findIndex((item) => compare(placed(item), after) > 0);
  const from = found === -1 ? ordered.length : found;
  const items = ordered.slice(from, from + limit);
  const last = items.at(-1);
  const goesOn = last !== undefined && from + limit < ordered.length;
  return { items, next: goesOn ? placed(last) : null };
};
