import type { ErrorRow, Verdict } from './error-row.js';
import { ERROR_TABLE } from './error-table.js';

/** docs/reference/graph-errors.md: the table of errors for people on call, in the order in which it is looked through. */
export const errorTablePage = (): string =>
  [
    '# Graph errors',
    '',
    'Made by `npm run gen` from `libs/directory/src/error-table.ts`; change the code, not this page.',
    '',
    'What an answer of Microsoft Graph that is no success is taken for. The rows are looked through from the first; the',
    'first that fits decides. `already`: it is so already, which counts as done. `later`: the same may succeed another',
    'time, and is sent again. `never`: only a change by people helps; an end is tried by the minute all the same. What fits',
    'no row is `unknown`, tried again later, and logged: it is worth a row.',
    '',
    'Evidence: **D** a Microsoft document, **C** the source of a client that lives with Graph, **I** an issue thread or',
    'measured by others, **?** our choice where nothing is known.',
    '',
    line(['status', 'calls', 'code or words', 'taken for', 'why', 'evidence']),
    line(['---', '---', '---', '---', '---', '---']),
    ...ERROR_TABLE.map((row) =>
      line([statusOf(row), callsOf(row), conditionsOf(row), meaningOf(row.means), row.why, row.evidence]),
    ),
    '',
  ].join('\n');

const statusOf = ({ status }: ErrorRow): string =>
  status === undefined ? 'any' : status.map((each) => (each === 0 ? 'no answer' : String(each))).join(', ');

const callsOf = ({ calls }: ErrorRow): string =>
  calls === undefined ? 'any' : calls.map((call) => `\`${call}\``).join(', ');

const conditionsOf = (row: ErrorRow): string => {
  const expressions = [row.code, row.text, row.words].flatMap((each) =>
    each === undefined ? [] : [`\`${each.source}\``],
  );
  const flags = [
    row.permitted === false ? 'our token lacks every permission for it' : null,
    row.namesTarget === true ? 'the text names the group or unit' : null,
    row.inBatch === true ? 'as part of a batch' : null,
    row.isPage === true ? 'a page of HTML' : null,
  ];
  return [...expressions, ...flags].filter((each) => each !== null).join('; ');
};

const meaningOf = (means: Verdict): string =>
  means === 'already' ? '`already`' : `\`${means.reason}\`, ${means.retry}`;

/** A bar would end the cell. */
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
