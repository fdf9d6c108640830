import { classify } from './classify.js';
import type { ErrorRow } from './error-row.js';
import { ERROR_TABLE } from './error-table.js';
import type { KnownError } from './testing/known-error.js';
import { DIRECTORY_ERRORS } from './testing/known-errors-directory.js';
import { WORKLOAD_ERRORS } from './testing/known-errors-workloads.js';

/** Every refusal whose words are known. */
const KNOWN_ERRORS: readonly KnownError[] = [...DIRECTORY_ERRORS, ...WORKLOAD_ERRORS];

const factsOf = ({ call, status, code, text, facts }: KnownError): Parameters<typeof classify>[0] => ({
  call,
  status,
  code,
  text,
  permitted: true,
  namesTarget: false,
  inBatch: false,
  isPage: false,
  ...facts,
});

describe('the table of errors', () => {
  it.each(KNOWN_ERRORS)('takes $status $code for $means, said to $call: $text', (error) => {
    const { verdict, known } = classify(factsOf(error));

    expect(known).toBe(true);
    expect(verdict === 'already' ? verdict : `${verdict.reason} ${verdict.retry}`).toBe(error.means);
  });

  it('has no row that no known error comes to', () => {
    const used = new Set<ErrorRow | undefined>(KNOWN_ERRORS.map((error) => classify(factsOf(error)).row));

    expect(ERROR_TABLE.filter((row) => !used.has(row)).map(({ why }) => why)).toEqual([]);
  });

  it('says of each row where it is known from, and what is behind it', () => {
    for (const { evidence, why } of ERROR_TABLE) {
      expect(evidence).toMatch(/^[DCI?]: \S/);
      expect(why).toMatch(/^[A-Z][^|]+\.$/);
    }
  });

  it('never takes a refusal to disable, enable, set a password or create for done', () => {
    const already = new Set(KNOWN_ERRORS.filter(({ means }) => means === 'already').map(({ call }) => call));

    for (const call of ['disable', 'enable', 'setPassword', 'createUser', 'revokeSessions'] as const) {
      expect(already.has(call)).toBe(false);
    }
  });
});
