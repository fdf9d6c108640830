import { FakeIds } from './fake-ids.js';

describe('FakeIds', () => {
  it('makes ids in the shape of uuid version 7 that sort in the order in which they were made', () => {
    const ids = new FakeIds();
    const made = Array.from({ length: 100 }, () => ids.uuid());

    expect(made.every((id) => /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/.test(id))).toBe(
      true,
    );
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(100);
  });

  it('says the same for the same seed and something else for another', () => {
    expect(new FakeIds(7).randomBytes(16)).toEqual(new FakeIds(7).randomBytes(16));
    expect(new FakeIds(7).randomBytes(16)).not.toEqual(new FakeIds(8).randomBytes(16));
    expect(new FakeIds(7).uuid()).toBe(new FakeIds(7).uuid());
  });
});
