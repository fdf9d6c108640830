import { FakeIds } from '#core/testing';
import { generateToken, isTokenText, prefixOf } from './token-text.js';

describe('The text of an API token', () => {
  it('is curfew_, 30 random characters and 6 that check them', () => {
    expect(generateToken(new FakeIds()).expose()).toMatch(/^curfew_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
  });

  it('is another one each time', () => {
    const ids = new FakeIds();

    expect(new Set(Array.from({ length: 500 }, () => generateToken(ids).expose())).size).toBe(500);
  });

  it('uses every character', () => {
    const ids = new FakeIds();
    const used = new Set(
      Array.from({ length: 100 }, () => generateToken(ids).expose().slice(7, 37)).join(''),
    );

    expect(used.size).toBe(62);
  });

  it('is known again', () => {
    const ids = new FakeIds();
    for (let count = 0; count < 100; count += 1) expect(isTokenText(generateToken(ids).expose())).toBe(true);
  });

  it('is checked by the CRC-32 that everybody computes', () => {
    expect(isTokenText('curfew_000000000000000000000000000000_2bcwe9')).toBe(true);
  });

  it.each([
    ['a changed character', (text: string) => text.replace(/.(?=_\w{6}$)/, (c) => (c === 'x' ? 'y' : 'x'))],
    ['a changed check', (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')],
    ['a missing character', (text: string) => text.slice(0, -1)],
    ['something after it', (text: string) => `${text}\n`],
    ['another product', (text: string) => text.replace('curfew', 'github')],
  ])('is refused for %s', (_what, bend) => {
    expect(isTokenText(bend(generateToken(new FakeIds()).expose()))).toBe(false);
  });

  it('shows no more of itself than tells it from others', () => {
    const token = generateToken(new FakeIds());

    expect(prefixOf(token)).toBe(token.expose().slice(0, 13));
  });
});
