import { errorTablePage } from './error-table-page.js';
import { ERROR_TABLE } from './error-table.js';

describe('the page of errors', () => {
  const rows = errorTablePage()
    .split('\n')
    .filter((line) => line.startsWith('| '));

  it('has a row for each row of the table, in its order', () => {
    expect(rows.slice(2).map((row) => row.split(' | ').at(-1))).toEqual(
      ERROR_TABLE.map(({ evidence }) => `${evidence} |`),
    );
  });

  it('tells status, calls, words, meaning, why and evidence', () => {
    expect(rows.find((row) => row.includes('ActiveDurationTooShort'))).toBe(
      '| 400, 403, 404, 409 | `endTimedRole`, `endEligibility` | `ActiveDurationTooShort\\|active duration is too short` | ' +
        '`too_soon`, later | A role can’t be taken through PIM in the first five minutes. Disabling the account is not ' +
        'affected. | I: measured by others |',
    );
  });

  it('tells in words what is no word of Graph', () => {
    expect(rows.some((row) => row.includes('| any | any | a page of HTML | `unanswered`, later |'))).toBe(
      true,
    );
    expect(rows.some((row) => row.startsWith('| no answer | any |'))).toBe(true);
  });
});
