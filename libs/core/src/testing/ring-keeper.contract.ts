import type { RingKeeper } from '../keys/index.js';
import { Secret, type SealedPlace, type SecretBox } from '../shared/index.js';

const place: SealedPlace = { organizationId: 'o', table: 't', column: 'c', rowId: 'r', version: 1 };

/** What every RingKeeper promises, and the box over its keys: run by the spec of each implementation. */
export const describeRingKeeper = (
  name: string,
  create: () => Promise<{ readonly ring: RingKeeper; readonly box: SecretBox }>,
): void => {
  describe(`${name} keeps the contract of RingKeeper`, () => {
    it('adds a key that opens, then has it seal, then is without the old one; marks stay', async () => {
      const { ring, box } = await create();
      const [old] = await ring.keys();
      const [sealed, mark] = [box.seal(new Secret('value'), place), box.mark(['a'])];

      const id = await ring.add(0);
      expect(await ring.keys()).toEqual([
        { ...old, seals: true },
        { id, createdAt: '1970-01-01T00:00:00.000Z', seals: false },
      ]);
      expect([box.sealingKey, box.keyOf(sealed)]).toEqual([old?.id, old?.id]);

      await ring.use(id);
      expect(box.sealingKey).toBe(id);
      expect(box.keyOf(box.seal(new Secret('value'), place))).toBe(id);
      expect(box.open(sealed, place).expose()).toBe('value');

      await ring.retire(old?.id ?? '');
      expect((await ring.keys()).map((key) => key.id)).toEqual([id]);
      expect(box.mark(['a'])).toBe(mark);
    });

    it('refuses what it does not know, and to be without the key that seals', async () => {
      const { ring } = await create();
      const [only] = await ring.keys();

      await expect(ring.use('k0')).rejects.toThrow('no such');
      await expect(ring.retire('k0')).rejects.toThrow('no such');
      await expect(ring.retire(only?.id ?? '')).rejects.toThrow('seals');
      expect(await ring.keys()).toEqual([only]);
    });
  });
};
