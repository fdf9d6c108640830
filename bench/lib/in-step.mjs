/** The work on each item, so many at a time; results in the order of the items. */
export const inStep = async (items, hands, work) => {
  const results = new Array(items.length);
  let next = 0;
  const hand = async () => {
    while (next < items.length) {
      const place = next;
      next += 1;
      results[place] = await work(items[place], place);
    }
  };
  await Promise.all(Array.from({ length: Math.min(hands, items.length) }, hand));
  return results;
};
