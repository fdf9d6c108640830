import fc from 'fast-check';
import { judgeMark, type RestoreMark } from './restore-mark.js';

const database = { mark: 100, generation: 2, hasAccounts: true };

describe('A database', () => {
  it.each([
    ['whose mark is as it was kept', { mark: 100, generation: 2 }, 'goes_on'],
    ['that has gone on since', { mark: 90, generation: 2 }, 'goes_on'],
    ['that is older than what was kept', { mark: 101, generation: 2 }, 'restored'],
    ['that has not come through as many restorations', { mark: 10, generation: 3 }, 'restored'],
    ['that has come through one of which the file does not know', { mark: 500, generation: 1 }, 'goes_on'],
    ['with accounts, of which nothing was kept', 'absent', 'restored'],
    ['beside which nothing can be kept', 'unkept', 'unguarded'],
  ] as const)('%s: %j is judged %s', (_, kept, verdict) => {
    expect(judgeMark(database, kept)).toBe(verdict);
  });

  it('without accounts is new, and goes on without a mark', () => {
    expect(judgeMark({ mark: 3, generation: 0, hasAccounts: false }, 'absent')).toBe('goes_on');
  });

  it('is never judged restored by its own mark, nor by that of what it was before', () => {
    const count = fc.nat();
    fc.assert(
      fc.property(count, count, count, (mark, generation, since) => {
        const kept: RestoreMark = { mark, generation };
        expect(judgeMark({ mark: mark + since, generation, hasAccounts: true }, kept)).toBe('goes_on');
        if (since > 0)
          expect(judgeMark({ mark, generation, hasAccounts: true }, { ...kept, mark: mark + since })).toBe(
            'restored',
          );
      }),
    );
  });
});
