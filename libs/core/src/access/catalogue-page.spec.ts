import fc from 'fast-check';
import { inOrder, partAfter, placeOf, type CataloguePlace } from './catalogue-page.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

const placed = ({ id, name }: Named): CataloguePlace => placeOf(name, id);
const named = (...names: readonly string[]): readonly Named[] => names.map((name) => ({ id: name, name }));

const walk = (lists: readonly (readonly Named[])[], limit: number): readonly Named[] => {
  const seen: Named[] = [];
  let after: CataloguePlace | null = null;
  for (let page = 0; page < 1_000; page += 1) {
    const list = inOrder(lists[Math.min(page, lists.length - 1)] ?? [], placed);
    const part: ReturnType<typeof partAfter<Named>> = partAfter(list, placed, { after, limit });
    seen.push(...part.items);
    if (part.next === null) return seen;
    after = part.next;
  }
  throw new Error('It never ends.');
};

describe('A page of a catalogue', () => {
  it('is in the order of names, whatever their case', () => {
    expect(inOrder(named('b', 'C', 'a', 'B'), placed).map(({ id }) => id)).toEqual(['a', 'B', 'b', 'C']);
  });

  it('says that it is the last one when it is full and the list ends with it', () => {
    const list = named('a', 'b');

    expect(partAfter(list, placed, { after: null, limit: 2 }).next).toBeNull();
    expect(partAfter(list, placed, { after: null, limit: 1 }).next).toEqual({ name: 'a', id: 'a' });
    expect(partAfter([], placed, { after: null, limit: 1 })).toEqual({ items: [], next: null });
  });

  it('goes on from a place where nothing stands any more', () => {
    const { items } = partAfter(named('a', 'c'), placed, { after: placeOf('b', 'b'), limit: 5 });

    expect(items).toEqual(named('c'));
  });

  const things = fc.uniqueArray(
    fc.record({
      id: fc.uuid(),
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'Same', 'same')),
    }),
    { selector: ({ id }) => id, maxLength: 40 },
  );

  it('is one of those that together show each thing once', () => {
    fc.assert(
      fc.property(things, fc.integer({ min: 1, max: 7 }), (list, limit) => {
        expect(walk([list], limit)).toEqual(inOrder(list, placed));
      }),
    );
  });

  it('loses and doubles nothing that is there before and after the list was read again', () => {
    fc.assert(
      fc.property(things, things, things, (stays, went, came) => {
        const before = [...stays, ...went];
        const after = [...came, ...stays].filter(
          ({ id }, at, all) => all.findIndex((other) => other.id === id) === at,
        );
        const ids = walk([before, before, after], 3).map(({ id }) => id);

        for (const { id } of stays) {
          const isElsewhere = [...went, ...came].some((other) => other.id === id);
          if (!isElsewhere) expect(ids.filter((seen) => seen === id)).toHaveLength(1);
        }
      }),
    );
  });
});
