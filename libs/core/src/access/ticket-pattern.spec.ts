import fc from 'fast-check';
import { fitsTicket, usablePatterns } from './ticket-pattern.js';

describe('A ticket pattern', () => {
  it.each([
    ['INC-#######', 'INC-0012345', true],
    ['INC-#######', 'inc-0012345', true],
    ['INC-#######', 'INC-001234', false],
    ['INC-#######', 'INC-00123456', false],
    ['INC-#######', ' INC-0012345 ', true],
    ['INC-#######', 'see INC-0012345', false],
    ['T########.####', 'T20260314.0001', true],
    ['T########.####', 'T20260314x0001', false],
    ['#+', '7', true],
    ['#+', '123456', true],
    ['#+', '', false],
    ['#+', '12a', false],
    ['@+-#+', 'CHG-7', true],
    ['@@-??', 'ab-1c', true],
    ['@', 'é', false],
    ['#', '٣', false],
    ['\\#-#', '#-5', true],
    ['\\#-#', '1-5', false],
    ['\\*#', '*5', true],
    ['ÄB-#', 'äb-1', true],
    ['😀#', '😀1', true],
  ])('%s and %j: %s', (pattern, ticket, fits) => {
    expect(usablePatterns([pattern])).toEqual([pattern]);
    expect(fitsTicket(ticket, [pattern])).toBe(fits);
  });

  it('is one of several, of which any will do; without any every ticket does', () => {
    expect(fitsTicket('CHG-1', ['INC-#', 'CHG-#'])).toBe(true);
    expect(fitsTicket('PRB-1', ['INC-#', 'CHG-#'])).toBe(false);
    expect(fitsTicket('anything', [])).toBe(true);
  });

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['\\ #', 'blank_at_the_beginning'],
    ['INC', 'nothing_open'],
    ['\\#', 'nothing_open'],
    ['INC-#\\', 'ends_with_backslash'],
    ['+#', 'plus_without_sign'],
    ['A+#', 'plus_without_sign'],
    ['#++', 'plus_without_sign'],
    ['INC-*', 'sign_of_another_language'],
    ['^INC-[0-9]{7}$', 'sign_of_another_language'],
    ['(a|b)#', 'sign_of_another_language'],
  ])('%j is refused: %s', (pattern, reason) => {
    expect(() => usablePatterns([pattern])).toThrow(
      expect.objectContaining({
        code: 'access_policy.ticket_pattern_invalid',
        details: { pattern: pattern.trim(), reason },
      }) as Error,
    );
  });

  it('is named once, and no more than ten are', () => {
    expect(usablePatterns(['#', ' # '])).toEqual(['#']);
    expect(() => usablePatterns(Array.from({ length: 11 }, (_, index) => `${index}#`))).toThrow(
      expect.objectContaining({ code: 'access_policy.ticket_patterns_too_many' }) as Error,
    );
  });

  /** A pattern and what it means as a regular expression. */
  const piece = fc.oneof(
    fc.constantFrom(
      ['#', '[0-9]'],
      ['@', '[A-Za-z]'],
      ['?', '[A-Za-z0-9]'],
      ['#+', '[0-9]+'],
      ['?+', '[A-Za-z0-9]+'],
    ),
    fc.constantFrom(['A', '[Aa]'], ['-', '-'], ['.', '\\.'], ['7', '7'], ['\\+', '\\+']),
  );

  it('means what the regular expression would that it stands for', () => {
    const ticket = fc.string({ unit: fc.constantFrom(...'Aab17-.+ '), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), ticket, (pieces, text) => {
        const pattern = [...pieces.map(([sign]) => sign), '#'].join('');
        const expected = new RegExp(`^${[...pieces.map(([, meaning]) => meaning), '[0-9]'].join('')}$`);
        expect(fitsTicket(text, [pattern])).toBe(expected.test(text.trim()));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for a ticket that nearly fits in many ways', () => {
    const pattern = `${'?+'.repeat(30)}`;

    const fits = Array.from({ length: 200 }, () => fitsTicket(`${'1'.repeat(99)}-`, [pattern]));

    expect(new Set(fits)).toEqual(new Set([false]));
  });
});
