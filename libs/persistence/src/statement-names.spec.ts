import { statementNames } from './statement-names.js';

describe('names of statements', () => {
  it('are the same for the same text and differ for any other, in whatever order they came', () => {
    const [one, other] = [statementNames(), statementNames()];

    const name = one({ sql: 'SELECT $1' });

    expect(one({ sql: 'SELECT $1 ' })).not.toBe(name);
    expect(one({ sql: 'SELECT $1' })).toBe(name);
    other({ sql: 'SELECT 2' });
    expect(other({ sql: 'SELECT $1' })).toBe(name);
  });

  it('are no longer than PostgreSQL keeps of a name', () => {
    expect(statementNames()({ sql: 'x'.repeat(10_000) }).length).toBeLessThan(64);
  });

  it('are given to no list, of which there would be one for each length', () => {
    const nameOf = statementNames();
    const list = (length: number): string =>
      `SELECT ${Array.from({ length }, (_, index) => `$${index + 1}`).join(', ')}`;

    for (let length = 31; length <= 1_000; length += 1) expect(nameOf({ sql: list(length) })).toBe('');

    expect(nameOf({ sql: list(30) })).not.toBe('');
  });

  it('are given to a bounded number of texts, and those that have one keep it', () => {
    const nameOf = statementNames();
    const first = nameOf({ sql: 'SELECT 0' });

    for (let count = 1; count <= 1_000; count += 1) nameOf({ sql: `SELECT ${count}` });

    expect(nameOf({ sql: 'one more' })).toBe('');
    expect(nameOf({ sql: 'SELECT 0' })).toBe(first);
  });
});
