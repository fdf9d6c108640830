import fc from 'fast-check';
import { Secret, sharedErrors, type SealedPlace } from '#core/shared';
import { describeSecretBox } from '#core/testing';
import { keyRingOf, newKeyFile, sealingWith, withReadableKey, type KeyFile } from './key-ring.js';
import { LocalSecretBox } from './local-secret-box.js';

const aDay = new Date('2026-01-05');
const aBox = (): LocalSecretBox => new LocalSecretBox(keyRingOf(newKeyFile(aDay)));
const rotated = (file: KeyFile): KeyFile => {
  const added = withReadableKey(file, aDay);
  return sealingWith(added, added.encryption.at(-1)?.id ?? '');
};
const place: SealedPlace = { organizationId: 'msp', table: 'grant', column: 'pass', rowId: '7', version: 1 };
const places = fc.record({
  organizationId: fc.string(),
  table: fc.string(),
  column: fc.string(),
  rowId: fc.string(),
  version: fc.nat(),
});
const UNREADABLE = sharedErrors.refuse('secret.unreadable');
const values = fc.string({ unit: 'grapheme', maxLength: 200 });

const opens = (box: LocalSecretBox, sealed: string, where: SealedPlace): boolean => {
  try {
    box.open(sealed, where);
    return true;
  } catch {
    return false;
  }
};

describeSecretBox('LocalSecretBox', aBox);

describe('LocalSecretBox', () => {
  const box = aBox();

  it('opens every value that it sealed, in every place', () => {
    fc.assert(
      fc.property(values, places, (value, where) => {
        expect(box.open(box.seal(new Secret(value), where), where).expose()).toBe(value);
      }),
    );
  });

  it('refuses a sealed value in which any one character was changed', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ';
    fc.assert(
      fc.property(values, fc.nat(), fc.constantFrom(...alphabet), (value, position, char) => {
        const sealed = box.seal(new Secret(value), place);
        const at = position % sealed.length;
        fc.pre(sealed[at] !== char);

        expect(opens(box, sealed.slice(0, at) + char + sealed.slice(at + 1), place)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['organizationId', 'table', 'column', 'rowId', 'version'] as const)(
    'refuses a value that was moved to another %s, with the one generic error',
    (part) => {
      fc.assert(
        fc.property(values, places, places, (value, where, other) => {
          fc.pre(where[part] !== other[part]);
          const sealed = box.seal(new Secret(value), where);

          expect(() => box.open(sealed, { ...where, [part]: other[part] })).toThrow(UNREADABLE);
        }),
      );
    },
  );

  it('refuses what was cut anywhere, with the one generic error', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, length) => {
        const sealed = box.seal(new Secret(value), place);

        expect(() => box.open(sealed.slice(0, length % sealed.length), place)).toThrow(UNREADABLE);
      }),
    );
  });

  it('refuses every other place', () => {
    fc.assert(
      fc.property(values, places, places, (value, where, other) => {
        fc.pre(JSON.stringify(where) !== JSON.stringify(other));

        expect(opens(box, box.seal(new Secret(value), where), other)).toBe(false);
      }),
    );
  });

  it('never uses an IV twice, so the same value never looks the same', () => {
    const sealed = Array.from({ length: 1_000 }, () => box.seal(new Secret('same'), place));

    expect(new Set(sealed.map((text) => text.split('.')[2])).size).toBe(1_000);
    expect(new Set(sealed.map((text) => text.split('.')[3])).size).toBe(1_000);
  });

  it('writes v1, the key id, a 96-bit IV and the ciphertext with its full tag', () => {
    const [format, keyId, iv = '', body = ''] = box.seal(new Secret('four'), place).split('.');

    expect([format, keyId]).toEqual(['v1', expect.stringMatching(/^k[\da-f]{8}$/)]);
    expect(Buffer.from(iv, 'base64url')).toHaveLength(12);
    expect(Buffer.from(body, 'base64url')).toHaveLength(4 + 16);
  });

  it('opens what an older key sealed, and seals with the one that was made the sealing one', () => {
    const oldFile = newKeyFile(aDay);
    const old = new LocalSecretBox(keyRingOf(oldFile));
    const next = new LocalSecretBox(keyRingOf(rotated(oldFile)));
    const sealed = old.seal(new Secret('value'), place);

    expect(next.open(sealed, place).expose()).toBe('value');
    expect(opens(old, next.seal(new Secret('value'), place), place)).toBe(false);
    expect(next.mark(['tenant'])).toBe(old.mark(['tenant']));
  });

  it('goes on sealing with the key before while a newer one is only added', () => {
    const file = newKeyFile(aDay);
    const old = new LocalSecretBox(keyRingOf(file));
    const added = new LocalSecretBox(keyRingOf(withReadableKey(file, aDay)));

    expect(added.readableKeys).toHaveLength(2);
    expect(opens(old, added.seal(new Secret('value'), place), place)).toBe(true);
  });

  it('follows a changed ring, and still opens what a retired key has sealed', () => {
    const file = newKeyFile(aDay);
    const follower = new LocalSecretBox(keyRingOf(file));
    const sealed = follower.seal(new Secret('value'), place);
    const next = rotated(file);

    follower.replace(keyRingOf({ ...next, encryption: next.encryption.slice(1) }));

    expect(follower.sealingKey).toBe(next.encryption[1]?.id);
    expect(follower.open(sealed, place).expose()).toBe('value');
  });

  it.each([
    ['another installation', () => newKeyFile(aDay)],
    ['another marker key', (file: KeyFile) => ({ ...file, mark: newKeyFile(aDay).mark })],
    [
      'another key under a known id',
      (file: KeyFile) => ({
        ...file,
        encryption: file.encryption.map((entry) => ({ ...entry, key: newKeyFile(aDay).mark })),
      }),
    ],
  ])('does not follow a ring of %s', (_, changed) => {
    const file = newKeyFile(aDay);
    const follower = new LocalSecretBox(keyRingOf(file));
    const sealed = follower.seal(new Secret('value'), place);

    expect(() => follower.replace(keyRingOf(changed(file)))).toThrow('another installation');
    expect(follower.open(sealed, place).expose()).toBe('value');
  });

  it('opens and marks nothing of another installation', () => {
    const other = aBox();

    expect(opens(other, box.seal(new Secret('value'), place), place)).toBe(false);
    expect(other.mark(['tenant'])).not.toBe(box.mark(['tenant']));
  });

  it('digests with SHA-256', () => {
    expect(box.digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('refuses text that UTF-8 cannot hold, rather than bring back another', () => {
    expect(() => box.seal(new Secret('\ud800'), place)).toThrow('well-formed');
  });
});
