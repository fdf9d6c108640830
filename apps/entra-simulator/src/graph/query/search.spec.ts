import { searchPredicate } from './search.js';

const searchable = ['displayName', 'mail'];
const finds = (search: string, row: Record<string, unknown>): boolean =>
  searchPredicate(search, searchable)((name) => row[name]);

describe('$search', () => {
  const row = { displayName: 'OneVideo Tier0-Admins', mail: 'tier0@x.example' };

  it.each([
    ['"displayName:video"', true],
    ['"displayName:onevid"', true],
    ['"displayName:admin"', true],
    ['"displayName:dmins"', false],
    ['"displayName:one admins"', true],
    ['"mail:tier"', true],
    ['"mail:x.example"', false],
    ['"displayName:nothing" OR "mail:tier0"', true],
    ['"displayName:nothing" AND "mail:tier0"', false],
    ['"displayName:nothing" AND "mail:tier0" OR "displayName:one"', true],
  ])('S061: %s finds it: %s', (search, expected) => {
    expect(finds(search, row)).toBe(expected);
  });

  it.each(['displayName:adm', '"displayName"', '"displayName:a" and "mail:b"', '"displayName:a" AND'])(
    'S061: %s is no search',
    (search) => {
      expect(() => searchPredicate(search, searchable)).toThrow('Syntax error');
    },
  );

  it('S061: only some properties can be searched', () => {
    expect(() => searchPredicate('"jobTitle:x"', searchable)).toThrow('Unsupported Query.');
  });
});
