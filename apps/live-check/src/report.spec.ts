import { scrubber } from './report.js';

describe('What a report says', () => {
  const scrub = scrubber(['Fabrikam', 'fabrikam.onmicrosoft.com', 'IT', 'a(b', '']);

  it.each<[string, string, string]>([
    ['a name in any case', 'The domain FABRIKAM.OnMicrosoft.com of fabrikam', 'The domain <name> of <name>'],
    ['a short name as a word only', 'it is its own: IT', '<name> is its own: <name>'],
    ['a name with signs', 'of a(b.', 'of <name>.'],
    [
      'a token',
      'Bearer eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwczov.c2lnbmF0dXJl was refused',
      'Bearer <token> was refused',
    ],
    ['what a terminal would obey', 'code:\u001b[2J\u0007\u0000and\nmore', 'code: [2J and more'],
  ])('has no %s', (_what, text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it('has a bound', () => {
    expect(scrub('x'.repeat(1_000_000))).toHaveLength(4_000);
  });
});
