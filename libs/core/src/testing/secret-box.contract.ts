import { DomainError, Secret, type SealedPlace, type SecretBox } from '../shared/index.js';

const place: SealedPlace = {
  organizationId: '0190a000-0000-7000-8000-000000000001',
  table: 'managed_account',
  column: 'password',
  rowId: '0190a000-0000-7000-8000-000000000002',
  version: 1,
};
const elsewhere: readonly SealedPlace[] = [
  { ...place, organizationId: '0190a000-0000-7000-8000-000000000009' },
  { ...place, table: 'entra_connection' },
  { ...place, column: 'pending_password' },
  { ...place, rowId: '0190a000-0000-7000-8000-000000000009' },
  { ...place, version: 2 },
  // The same characters, cut at another point.
  { ...place, table: `${place.table}p`, column: place.column.slice(1) },
];

const refusalOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

/** What every SecretBox promises: run by the spec of each implementation. */
export const describeSecretBox = (name: string, create: () => SecretBox): void => {
  describe(`${name} keeps the contract of SecretBox`, () => {
    const box = create();

    it.each(['correct horse battery staple', '', 'Zürich 東京 🔐', 'a\u0000b\nc'])(
      'opens what it sealed: %j',
      (value) => {
        expect(box.open(box.seal(new Secret(value), place), place).expose()).toBe(value);
      },
    );

    it('does not show the value in the sealed form', () => {
      expect(box.seal(new Secret('correct-horse'), place)).not.toContain('correct-horse');
    });

    it.each(elsewhere)('refuses to open a value in another place: %j', (other) => {
      const sealed = box.seal(new Secret('value'), place);

      const refusal = refusalOf(() => box.open(sealed, other));

      expect(refusal).toBeInstanceOf(DomainError);
      expect(refusal).toMatchObject({ code: 'secret.unreadable' });
    });

    it('refuses whatever it did not seal, always with the same words', () => {
      const sealed = box.seal(new Secret('value'), place);
      const bent = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}`;

      const refusals = ['', 'value', sealed.slice(0, -1), `${sealed}A`, bent, sealed.slice(1)].map((text) =>
        refusalOf(() => box.open(text, place)),
      );

      expect(refusals.map((refusal) => (refusal as DomainError).code)).toEqual(
        refusals.map(() => 'secret.unreadable'),
      );
      expect(new Set(refusals.map((refusal) => (refusal as DomainError).message)).size).toBe(1);
    });

    it('tells of each value which key it names', () => {
      expect(box.keyOf(box.seal(new Secret('value'), place))).toBe(box.sealingKey);
      expect(['', 'value', 'v2.k1.a.b'].map((text) => box.keyOf(text))).toEqual([null, null, null]);
    });

    it('marks the same parts the same way, and other parts or another cut differently', () => {
      expect(box.mark(['tenant', 'account'])).toMatch(/^[\w-]{43}$/);
      expect(box.mark(['tenant', 'account'])).toBe(box.mark(['tenant', 'account']));
      expect(
        new Set([['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], []].map((parts) => box.mark(parts))).size,
      ).toBe(5);
    });

    it('digests to 64 hex characters that depend on nothing but the value', () => {
      expect(box.digest('token')).toMatch(/^[\da-f]{64}$/);
      expect(box.digest('token')).toBe(create().digest('token'));
      expect(box.digest('token')).not.toBe(box.digest('tokem'));
    });
  });
};
