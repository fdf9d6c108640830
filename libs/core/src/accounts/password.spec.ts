import fc from 'fast-check';
import type { Ids } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { generatePassword } from './password.js';

const CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/];

/** Random bytes that are all of use, after the given ones. */
const bytesAfter = (first: readonly number[]): Ids => {
  const source = new FakeIds(7);
  const waiting = [...first];
  const next = (): number => waiting.shift() ?? (source.randomBytes(1)[0] ?? 0) % 128;
  return {
    uuid: () => source.uuid(),
    randomBytes: (count) => Uint8Array.from({ length: count }, next),
  };
};

const generate = (ids: Ids): string => generatePassword(ids).expose();

describe('a generated password', () => {
  it('is long, of four classes, and of characters that nobody mistakes for others', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const password = generate(new FakeIds(seed));
        expect(password).toHaveLength(28);
        for (const characters of CLASSES) expect(password).toMatch(characters);
        expect(password).toMatch(/^[A-HJ-NP-Za-km-z2-9!#$%*+\-=?@_~]+$/);
      }),
    );
  });

  it('is another each time', () => {
    const ids = new FakeIds();
    const passwords = Array.from({ length: 500 }, () => generate(ids));
    expect(new Set(passwords).size).toBe(500);
  });

  it('has every character about equally often', () => {
    const ids = new FakeIds(3);
    const counts = new Map<string, number>();
    for (let made = 0; made < 1_500; made += 1) {
      for (const char of generate(ids)) counts.set(char, (counts.get(char) ?? 0) + 1);
    }
    const usual = (1_500 * 28) / counts.size;
    // Taking every byte modulo the alphabet would make the early characters a third more likely.
    for (const count of counts.values()) expect(Math.abs(count - usual)).toBeLessThan(usual / 5);
  });

  it('throws away the bytes that would favour some characters', () => {
    const surplus = Array.from({ length: 40 }, (_, index) => 216 + index);
    expect(generate(bytesAfter(surplus))).toBe(generate(bytesAfter([])));
  });

  it('is made anew until no class is missing', () => {
    const source = new FakeIds(5);
    let calls = 0;
    // Zeros alone spell one capital letter, over and over.
    const password = generate({
      uuid: () => source.uuid(),
      randomBytes: (count) => ((calls += 1) <= 3 ? new Uint8Array(count) : source.randomBytes(count)),
    });
    expect(calls).toBeGreaterThan(3);
    for (const characters of CLASSES) expect(password).toMatch(characters);
  });
});
