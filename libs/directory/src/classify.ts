import { later, type ErrorRow, type FailureFacts, type Verdict } from './error-row.js';
import { ERROR_TABLE } from './error-table.js';

const FLAGS = ['permitted', 'namesTarget', 'inBatch', 'isPage'] as const;

const reads = (row: ErrorRow, { text, code }: FailureFacts): boolean =>
  row.code?.test(code ?? '') !== false &&
  row.text?.test(text) !== false &&
  row.words?.test(`${code ?? ''} ${text}`) !== false;

const fits = (row: ErrorRow, facts: FailureFacts): boolean =>
  row.status?.includes(facts.status) !== false &&
  row.calls?.includes(facts.call) !== false &&
  reads(row, facts) &&
  FLAGS.every((flag) => row[flag] === undefined || row[flag] === facts[flag]);

/** What a failure means, and the row that says so. */
export interface Classified {
  readonly verdict: Verdict;
  /** False when no row fits: then it is `unknown`, to be tried again and reported. */
  readonly known: boolean;
  readonly row: ErrorRow | undefined;
}

/** The first row of the table that fits decides. */
export const classify = (facts: FailureFacts): Classified => {
  const row = ERROR_TABLE.find((candidate) => fits(candidate, facts));
  return { verdict: row?.means ?? later('unknown'), known: row !== undefined, row };
};
